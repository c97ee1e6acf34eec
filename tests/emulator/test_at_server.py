"""AT dialogues: what goes in, what comes out, byte by byte where it matters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.emulator import tpdu
from modem.emulator.at_server import AtServer
from modem.emulator.network import Network
from modem.emulator.personalities import PERSONALITIES, Personality
from modem.emulator.subscribers import Sim

OWN = "+6281215070001"


def modem(capacity: int = 40, pin: str | None = None, personality: Personality | None = None) -> AtServer:
    network = Network(clock=lambda: 1_732_330_000.0)
    return AtServer(network.add_sim(Sim(OWN, capacity=capacity, pin=pin)), network, personality or Personality())


def quiet(**more: object) -> AtServer:
    server = modem(**more)  # type: ignore[arg-type]
    server.feed(b"ATE0\r")
    return server


def ask(server: AtServer, command: str) -> list[str]:
    return [line for line in server.feed(command.encode() + b"\r").decode().split("\r\n") if line]


def send(server: AtServer, text: str = "x") -> None:
    server.network.phone("+6281272000101").send(text, OWN)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT", ["OK"]),
        ("at", ["OK"]),
        ("  AT  ", ["OK"]),
        ("ATZ", ["OK"]),
        ("AT&F", ["OK"]),
        ("ATV1Q0S0=0", ["OK"]),
        ("ATI", ["Waspada", "Emulated GSM modem", "OK"]),
        ("AT+GMM", ["Emulated GSM modem", "OK"]),
        ("AT+CGMI", ["Waspada", "OK"]),
        ("AT+CGMR", ["1.0", "OK"]),
        ("AT+CGSN", ["356938035643809", "OK"]),
        ("AT+CIMI", ["510101507000001", "OK"]),
        ("AT+CNUM", [f'+CNUM: ,"{OWN}",145', "OK"]),
        ("AT+CSCS=?", ['+CSCS: ("GSM","IRA")', "OK"]),
        ("AT+CSCS?", ['+CSCS: "GSM"', "OK"]),
        ('AT+CSCS="UCS2"', ["ERROR"]),
        ("AT+CPIN?", ["+CPIN: READY", "OK"]),
        ("AT+CREG?", ["+CREG: 0,1", "OK"]),
        ("AT+CREG=2;+CREG?", ['+CREG: 2,1,"1507","0A3F"', "OK"]),
        ("AT+CGREG?", ["+CGREG: 0,1", "OK"]),
        ("AT+CGATT?", ["+CGATT: 1", "OK"]),
        ("AT+COPS?", ['+COPS: 0,0,"TELKOMSEL"', "OK"]),
        ("AT+COPS=3,2;+COPS?", ['+COPS: 0,2,"51010"', "OK"]),
        ("AT+CSQ", ["+CSQ: 21,99", "OK"]),
        ("AT+CBC", ["+CBC: 0,100", "OK"]),
        ("AT+CSMS=?", ["+CSMS: (0,1)", "OK"]),
        ("AT+CSCA?", ['+CSCA: "+6281100000",145', "OK"]),
        ("AT+CMGF?", ["+CMGF: 0", "OK"]),
        ("AT+CMGF=1;+CMGF?", ["+CMGF: 1", "OK"]),
        ("AT+CPMS=?", ['+CPMS: ("SM"),("SM"),("SM")', "OK"]),
        ("AT+CPMS?", ['+CPMS: "SM",0,40,"SM",0,40,"SM",0,40', "OK"]),
        ('AT+CPMS="SM","SM"', ["+CPMS: 0,40,0,40,0,40", "OK"]),
        ('AT+CPMS="ME"', ["+CMS ERROR: 302"]),
        ("AT+CNMI=?", ["+CNMI: (0-2),(0-3),(0-3),(0-2),(0,1)", "OK"]),
        ("AT+CNMI=2,1,0,2,0;+CNMI?", ["+CNMI: 2,1,0,2,0", "OK"]),
        ("AT+CNMI=1,2,0,1,0", ["OK"]),
        ("AT+CNMI=9", ["ERROR"]),
        ("AT+CUSD=1", ["OK"]),
        ("AT+CMMS=2", ["OK"]),
        ("AT+CFUN=1", ["OK"]),
        ("AT+CFUN?", ["+CFUN: 1", "OK"]),
        ("AT+CREG=2", ["OK"]),
        ("AT+IFC=2,2", ["OK"]),
        ("AT+CHUP=?", ["ERROR"]),
        ("AT+SYNCML=?", ["ERROR"]),
        ('AT+CPMS="SM"', ["+CPMS: 0,40,0,40,0,40", "OK"]),
        ("AT+CMGL=4", ["OK"]),
        ("AT+CMGR=1", ["+CMS ERROR: 321"]),
        ("AT+CMGD=1", ["OK"]),
        ("AT+CMGD=41", ["+CMS ERROR: 321"]),
        ("AT+CMGS=0", ["ERROR"]),
        ("AT+CMEE=1;+CREG=2", ["OK"]),
        ("AT+MODE=2", ["ERROR"]),
        ("AT$TSSPCSW=?", ["ERROR"]),
        ("AT^SYSINFO", ["ERROR"]),
        ("AT+CSQ;+NIX;+CBC", ["+CSQ: 21,99", "ERROR"]),
        ("ATD123;", ["ERROR"]),
        ("AT!", ["ERROR"]),
        ("garbage", []),
        ("", []),
    ],
)
def test_commands_and_their_answers(command: str, answer: list[str]) -> None:
    assert ask(quiet(), command) == answer


def test_echo_comes_back_until_it_is_switched_off() -> None:
    server = modem()
    assert server.feed(b"AT\r") == b"AT\r\r\nOK\r\n"
    assert server.feed(b"ATE0\r") == b"ATE0\r\r\nOK\r\n"
    assert server.feed(b"AT\r\n") == b"\r\nOK\r\n"
    assert server.feed(b"ATE1\r") == b"\r\nOK\r\n"
    assert server.feed(b"AT\r") == b"AT\r\r\nOK\r\n"


def test_escape_discards_the_line() -> None:
    assert quiet().feed(b"AT+CMGD=1,4\x1bAT\r") == b"\r\nOK\r\n"


def test_stored_messages_are_listed_read_and_deleted() -> None:
    server = quiet()
    send(server, "satu")
    send(server, "dua")
    listed = ask(server, "AT+CMGL=4")
    assert [line.split(",")[:2] for line in listed[::2][:-1]] == [["+CMGL: 1", "0"], ["+CMGL: 2", "0"]]
    pdu = bytes.fromhex(listed[1])
    assert tpdu.decode_deliver(pdu[1 + pdu[0] :]).content.text == "satu"
    assert listed[0] == f"+CMGL: 1,0,,{len(pdu) - 1 - pdu[0]}"
    assert ask(server, "AT+CMGL=0") == ["OK"]
    assert ask(server, "AT+CMGR=2") == [listed[2].replace("+CMGL: 2,0", "+CMGR: 1"), listed[3], "OK"]
    assert ask(server, "AT+CMGD=1") == ["OK"]
    assert ask(server, "AT+CPMS?")[0].startswith('+CPMS: "SM",1,40')
    assert ask(server, "AT+CMGD=1,4") == ["OK"]
    assert ask(server, "AT+CMGL=4") == ["OK"]


def test_delflag_1_deletes_only_what_was_read() -> None:
    server = quiet()
    send(server)
    ask(server, "AT+CMGR=1")
    send(server)
    ask(server, "AT+CMGD=1,1")
    assert list(server.sim.slots) == [2]


def test_arrivals_are_announced_once_cnmi_says_so() -> None:
    server = quiet()
    send(server)
    assert server.take_output() == b""
    woken: list[bool] = []
    server.on_output = lambda: woken.append(True)
    ask(server, "AT+CNMI=2,1")
    send(server)
    assert server.take_output() == b'\r\n+CMTI: "SM",2\r\n'
    assert woken


def test_a_waiting_message_is_announced_after_the_answer_to_the_delete_that_made_room() -> None:
    server = quiet(capacity=1)
    ask(server, "AT+CNMI=2,1")
    send(server)
    send(server)
    server.take_output()
    assert server.feed(b"AT+CMGD=1\r") == b'\r\nOK\r\n\r\n+CMTI: "SM",1\r\n'


def test_direct_delivery_is_not_stored() -> None:
    server = quiet()
    ask(server, "AT+CNMI=1,2,0,1,0")
    send(server, "langsung")
    lines = server.take_output().decode().split("\r\n")
    pdu = bytes.fromhex(lines[2])
    assert lines[1] == f"+CMT: ,{len(pdu) - 1 - pdu[0]}"
    assert tpdu.decode_deliver(pdu[1 + pdu[0] :]).content.text == "langsung"
    assert server.sim.slots == {}


def test_direct_delivery_is_stored_while_nobody_has_the_line_open() -> None:
    server = quiet()
    ask(server, "AT+CNMI=1,2")
    server.hang_up()
    send(server)
    assert (list(server.sim.slots), server.take_output()) == ([1], b"")


@pytest.mark.parametrize("smsc", ["00", "0691261801", "07912618010000F0", ""])
def test_a_pdu_is_taken_with_and_without_service_centre_octets(smsc: str) -> None:
    server = quiet()
    if smsc == "0691261801":
        smsc = "0491261801"
    octets = tpdu.encode_submit(tpdu.Submit("+6281272000101", tpdu.split_text("halo")[0]))
    assert server.feed(b"AT+CMGS=%d\r" % len(octets)) == b"\r\n> "
    assert server.feed(smsc.encode() + octets.hex().encode() + b"\x1a") == b"\r\n+CMGS: 0\r\n\r\nOK\r\n"
    assert [row["text"] for row in server.network.received()] == ["halo"]


@pytest.mark.parametrize("body", [b"zz", b"00", b"", b"0011"])
def test_a_pdu_of_another_length_or_no_hex_is_a_cms_error(body: bytes) -> None:
    server = quiet()
    server.feed(b"AT+CMGS=20\r")
    assert server.feed(body + b"\x1a") == b"\r\n+CMS ERROR: 304\r\n"
    assert ask(server, "AT") == ["OK"]


def test_escape_ends_the_prompt_and_sends_nothing() -> None:
    server = quiet()
    octets = tpdu.encode_submit(tpdu.Submit("+6281272000101", tpdu.split_text("halo")[0]))
    server.feed(b"AT+CMGS=%d\r00" % len(octets) + octets.hex().encode())
    assert server.feed(b"\x1b") == b"\r\nOK\r\n"
    assert server.network.sent == []
    assert ask(server, "AT") == ["OK"]


def test_an_arrival_during_the_prompt_is_announced_after_it() -> None:
    server = quiet()
    ask(server, "AT+CNMI=2,1")
    server.feed(b"AT+CMGS=10\r")
    send(server)
    assert server.take_output() == b""
    assert server.feed(b"\x1b") == b'\r\nOK\r\n\r\n+CMTI: "SM",1\r\n'


def test_closing_the_line_during_the_prompt_frees_it() -> None:
    server = quiet()
    server.feed(b"AT+CMGS=10\r00")
    server.hang_up()
    server.open_line()
    assert ask(server, "AT") == ["OK"]


def test_the_pin_is_asked_for_and_three_wrong_ones_block() -> None:
    server = quiet(pin="1507")
    ask(server, "AT+CMEE=1")
    send(server)
    assert server.sim.slots == {}
    assert ask(server, "AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]
    assert ask(server, "AT+CMGL=4") == ["+CMS ERROR: 311"]
    assert ask(server, "AT+CIMI") == ["+CME ERROR: 11"]
    assert ask(server, "AT+CREG?") == ["+CREG: 0,0", "OK"]
    assert ask(server, 'AT+CPIN="0000"') == ["+CME ERROR: 16"]
    assert ask(server, 'AT+CPIN="1507"') == ["OK"]
    assert list(server.sim.slots) == [1]
    ask(server, "AT+CFUN=1,1")
    ask(server, "ATE0")
    for _ in range(3):
        ask(server, "AT+CPIN=9")
    assert ask(server, "AT+CPIN?") == ["+CPIN: SIM PUK", "OK"]
    assert ask(server, "AT+CPIN=1507") == ["ERROR"]


def test_a_modem_without_radio_neither_sends_nor_receives() -> None:
    server = quiet()
    ask(server, "AT+CFUN=4")
    send(server)
    assert server.sim.slots == {}
    assert ask(server, "AT+CSQ") == ["+CSQ: 99,99", "OK"]
    server.feed(b"AT+CMGS=9\r")
    assert server.feed(b"00\x1a") == b"\r\n+CMS ERROR: 331\r\n"
    ask(server, "AT+CFUN=1")
    assert list(server.sim.slots) == [1]


def test_without_power_nothing_is_answered_and_messages_wait() -> None:
    server = modem(personality=Personality(greeting=("^BOOT:1",)))
    server.feed(b"ATE0;+CNMI=2,1\r")
    server.power(False)
    assert server.feed(b"AT\r") == b""
    send(server)
    assert server.sim.slots == {}
    server.power(True)
    assert server.take_output() == b"\r\n^BOOT:1\r\n"
    assert list(server.sim.slots) == [1]
    assert server.feed(b"AT\r") == b"AT\r\r\nOK\r\n"


def test_the_balance_comes_after_ok() -> None:
    server = quiet()
    server.sim.ussd["*123#"] = "Pulsa Rp7.500"
    assert server.feed(b'AT+CUSD=1,"*123#",15\r') == b'\r\nOK\r\n\r\n+CUSD: 0,"Pulsa Rp7.500",15\r\n'
    assert ask(server, 'AT+CUSD=1,"*0#",15') == ["OK", "+CUSD: 4"]
    assert ask(server, "AT+CUSD=1") == ["OK"]


@pytest.mark.parametrize(("setting", "answer"), [(2, '+CDSI: "SM",1'), (1, "+CDS: 23"), (0, None)])
def test_status_reports_go_where_cnmi_says(setting: int, answer: str | None) -> None:
    server = quiet()
    ask(server, f"AT+CNMI=2,1,0,{setting}")
    octets = tpdu.encode_submit(tpdu.Submit("+62812720", tpdu.split_text("halo")[0], report_wanted=True))
    server.feed(b"AT+CMGS=%d\r" % len(octets))
    lines = [line for line in server.feed(octets.hex().encode() + b"\x1a").decode().split("\r\n") if line]
    assert lines[:3] == ["+CMGS: 0", "OK", *([answer] if answer else [])]
    assert len(server.sim.slots) == (setting == 2)


def test_a_personality_is_data() -> None:
    odd = Personality(
        echo=False,
        notifies=False,
        storages=("ME", "SM"),
        unknown=frozenset({"+CPIN"}),
        answers={"+CSQ": "+CSQ: 5,0"},
    )
    server = modem(personality=odd)
    assert ask(server, "AT+CPIN?") == ["ERROR"]
    assert ask(server, "AT+CSQ") == ["+CSQ: 5,0", "OK"]
    assert ask(server, "AT+CNMI=2,1") == ["ERROR"]
    assert ask(server, "AT+CPMS=?")[0] == '+CPMS: ("ME","SM"),("ME","SM"),("ME","SM")'


class Client:
    """Talks to any make of modem: waits on a clock of its own, and passes over chatter and odd line ends."""

    def __init__(self, personality: Personality) -> None:
        self.seconds = 0.0
        network = Network(clock=lambda: 1_732_330_000.0 + self.seconds)
        sim = network.add_sim(Sim(OWN, capacity=5))
        self.server = AtServer(sim, network, personality, clock=lambda: self.seconds)
        self.server.power(True)
        self.pass_time(20)
        self.ask("ATE0")

    def pass_time(self, seconds: float) -> bytes:
        heard = b""
        for _ in range(int(seconds * 10)):
            self.seconds += 0.1
            heard += self.server.take_output()
        return heard

    def ask(self, command: str, end: str = "\r") -> list[str]:
        """What the modem says, without blank lines and vendor lines."""
        heard = self.server.feed((command + end).encode()) + self.pass_time(1)
        lines = [line.strip() for line in heard.decode("latin-1").splitlines()]
        return [line for line in lines if line and not line.startswith("^")]


@pytest.mark.parametrize("name", PERSONALITIES)
def test_every_personality_lists_deletes_and_sends_by_pdu(name: str) -> None:
    client = Client(PERSONALITIES[name])
    send(client.server, "halo")
    assert client.ask("AT+CMGF=0") == ["OK"]
    head, pdu, final = client.ask("AT+CMGL=4")
    assert tpdu.decode_deliver(bytes.fromhex(pdu)[1 + int(pdu[:2], 16) :]).content.text == "halo"
    assert final == "OK"
    slot = head.removeprefix("+CMGL: ").partition(",")[0]
    assert client.ask(f"AT+CMGD={slot}") == ["OK"]
    assert client.ask("AT+CMGL=4") == ([client.server.personality.empty_list or "OK"])
    octets = tpdu.encode_submit(tpdu.Submit("+62812720", tpdu.split_text("jawab")[0]))
    assert client.ask(f"AT+CMGS={len(octets)}") == [">"]
    told = client.ask(octets.hex(), "\x1a")
    assert told == (["+CMGS: 0", "OK"] if client.server.personality.reference else ["OK"])
    assert [row["text"] for row in client.server.network.received()] == ["jawab"]


def test_the_minimal_modem_answers_error_to_everything_one_can_do_without() -> None:
    server = modem(personality=PERSONALITIES["minimal"])
    for command in ("AT+CMEE=1", "AT+CPMS?", "AT+CNMI=2,1", "AT+CREG?", "AT+CPIN?", "AT+CSQ", "AT+COPS?", "AT+CSCA?"):
        assert ask(server, command) == ["ERROR"]


@given(st.binary(max_size=200))
def test_any_octets_leave_a_modem_that_answers(octets: bytes) -> None:
    server = modem()
    server.feed(octets + b"\x1b\r\x1bATE0\r")
    assert server.feed(b"AT\r") == b"\r\nOK\r\n"


@given(st.data())
def test_the_answer_does_not_depend_on_how_the_line_is_cut(data: st.DataObject) -> None:
    octets = tpdu.encode_submit(tpdu.Submit("+62812720", tpdu.split_text("halo")[0]))
    script = b"AT\rATE0;+CMEE=1\rAT+CMGS=%d\r00" % len(octets) + octets.hex().encode() + b"\x1aAT+CPMS?\r"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(script)), max_size=6)))
    whole, pieces = modem(), modem()
    cut = b"".join(pieces.feed(script[a:b]) for a, b in zip([0, *cuts], [*cuts, len(script)], strict=True))
    assert cut == whole.feed(script)
