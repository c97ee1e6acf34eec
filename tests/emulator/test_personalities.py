"""Makes of modem as data: what a file may say, how a wrong one is refused, and what each shipped make does otherwise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from modem.emulator import tpdu, ussd
from modem.emulator.at_server import AtServer
from modem.emulator.network import Network
from modem.emulator.personalities import (
    CLEAN,
    PERSONALITIES,
    Personality,
    PersonalityError,
    load_personality,
)
from modem.emulator.subscribers import Sim

OWN, VILLAGER = "+6281215070001", "+6281272000101"
PDU = "07911826010000F0040B917238880900F100006211323241028202C834"


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def modem(personality: Personality, **sim: int) -> tuple[AtServer, Clock]:
    clock = Clock()
    network = Network(clock=clock)
    server = AtServer(network.add_sim(Sim(OWN, **sim)), network, personality, clock=clock)
    server.feed(b"ATE0\r")
    return server, clock


def ask(server: AtServer, command: str) -> list[str]:
    return [line for line in server.feed(command.encode() + b"\r").decode("latin-1").split("\r\n") if line]


def send(server: AtServer, text: str = "halo") -> None:
    server.network.phone(VILLAGER).send(text, OWN)


def submit_hex(text: str = "halo") -> tuple[int, str]:
    octets = tpdu.encode_submit(tpdu.Submit(VILLAGER, tpdu.split_text(text)[0]))
    return len(octets), octets.hex()


def test_the_clean_file_is_the_default_in_every_field() -> None:
    assert PERSONALITIES["clean"] == CLEAN == Personality()
    assert next(iter(PERSONALITIES)) == "clean"
    assert {"clean", "chatty", "slow", "minimal", "me", "direct", "huawei"} <= set(PERSONALITIES)


def test_a_users_own_file_is_a_personality(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('model = "Mine"\nunknown = ["+CSQ"]\nanswers = { "+CGSN" = "123" }\n')
    made = load_personality(str(file))
    assert (made.model, made.unknown, made.answers["+CGSN"], made.echo) == ("Mine", {"+CSQ"}, "123", True)


@pytest.mark.parametrize(
    ("content", "key", "reason"),
    [
        ("signal = 200", "signal", "<= 99"),
        ('signal = "strong"', "signal", "got `str`"),
        ("strength = 5", "strength", "is no key"),
        ("signal =", "", "is no TOML"),
        ('storages = ["XX"]', "storages", "'XX'"),
        ("storages = []", "storages", "at least one"),
        ('imei = "12"', "imei", "matching"),
        ("[capacities]\nSM = 0", "capacities", ">= 1"),
    ],
)
def test_a_wrong_file_is_refused_naming_file_and_key(tmp_path: Path, content: str, key: str, reason: str) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text(content)
    with pytest.raises(PersonalityError) as refused:
        load_personality(str(file))
    assert str(file) in str(refused.value)
    assert f"{file}: {key}" in str(refused.value) if key else True
    assert reason in str(refused.value)


def test_a_name_nobody_knows_and_a_file_that_is_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(PersonalityError, match=r"there are: clean, .* or name a \.toml file"):
        load_personality("cleen")
    with pytest.raises(PersonalityError, match=r"nowhere\.toml cannot be read"):
        load_personality(str(tmp_path / "nowhere.toml"))


@pytest.mark.parametrize(
    ("form", "octets"),
    [
        ("crlf", b"\r\n+CSQ: 21,99\r\n\r\nOK\r\n"),
        ("tight", b"+CSQ: 21,99\r\nOK\r\n"),
        ("lf", b"\n+CSQ: 21,99\n\nOK\n"),
        ("doubled", b"\r\r\n+CSQ: 21,99\r\r\n\r\r\nOK\r\r\n"),
    ],
)
def test_lines_end_as_the_make_ends_them(form: str, octets: bytes) -> None:
    server, _ = modem(Personality(line_form=form))  # type: ignore[arg-type]
    assert server.feed(b"AT+CSQ\r") == octets


def test_a_prompt_may_look_otherwise_and_a_reference_may_be_missing() -> None:
    server, _ = modem(Personality(prompt="\r\n>", reference=False))
    size, hexadecimal = submit_hex()
    assert server.feed(f"AT+CMGS={size}\r".encode()) == b"\r\n>"
    assert server.feed(hexadecimal.encode() + b"\x1a") == b"\r\nOK\r\n"


def test_slots_are_numbered_as_the_make_numbers_them() -> None:
    server, _ = modem(Personality(first_slot=0, slot_step=5, slot_digits=3), capacity=3)
    ask(server, "AT+CNMI=2,1")
    for _ in range(3):
        send(server)
    assert server.take_output().decode().split() == [
        word for slot in ("000", "005", "010") for word in ("+CMTI:", f'"SM",{slot}')
    ]
    assert [line.split(",")[0] for line in ask(server, "AT+CMGL=4")[:-1:2]] == [
        "+CMGL: 000",
        "+CMGL: 005",
        "+CMGL: 010",
    ]
    assert ask(server, "AT+CMGD=?") == ["+CMGD: (000,005,010),(0-4)", "OK"]
    assert ask(server, "AT+CMGD=3") == ["+CMS ERROR: 321"]
    assert ask(server, "AT+CMGD=005") == ["OK"]
    assert list(server.sim.slots) == [0, 10]
    assert server.sim.full is False


def test_lengths_bare_errors_and_an_imei_behind_a_prefix() -> None:
    server, _ = modem(Personality(length_error=4, error_codes=False, imei_prefix="+CGSN: "))
    send(server)
    head, pdu, _ = ask(server, "AT+CMGL=4")
    assert int(head.rpartition(",")[2]) == len(pdu) // 2 - 7 + 4
    assert ask(server, "AT+CMEE=1;+CMGR=9") == ["ERROR"]
    assert ask(server, "AT+CGSN") == ["+CGSN: 356938035643809", "OK"]


def test_an_empty_store_may_be_an_error_and_unknown_may_have_another_word() -> None:
    server, _ = modem(Personality(empty_list="+CMS ERROR: 321", unknown_answer="COMMAND NOT SUPPORT"))
    assert ask(server, "AT+CMGL=4") == ["+CMS ERROR: 321"]
    assert ask(server, "AT+NIX") == ["COMMAND NOT SUPPORT"]
    send(server)
    assert ask(server, "AT+CMGL=4")[-1] == "OK"


def test_a_chatty_modem_talks_between_lines_and_by_itself() -> None:
    server, clock = modem(replace(CLEAN, noise=("^RSSI:21", "^MODE:5"), noise_every=1, noise_seconds=3.0))
    send(server)
    assert [line.split(":")[0] for line in ask(server, "AT+CMGL=4")] == [
        "+CMGL",
        "^MODE",
        pdu_of(server),
        "^RSSI",
        "OK",
    ]
    clock.seconds += 2.9
    assert server.take_output() == b""
    clock.seconds += 0.2
    assert server.take_output() == b"\r\n^MODE:5\r\n"
    assert server.seconds_to_next() == pytest.approx(3.0)


def pdu_of(server: AtServer) -> str:
    (slot,) = server.sim.slots.values()
    return slot.part.pdu.hex().upper()


def test_a_slow_modem_boots_waits_for_its_sim_and_trickles() -> None:
    made = Personality(boot_seconds=1, sim_ready_seconds=2, answer_seconds=0.5, line_seconds=0.1, greeting=("RDY",))
    server, clock = modem(made)
    server.power(True)
    send(server)
    assert server.feed(b"AT\r") == b""
    clock.seconds += 1
    assert server.take_output() == b"\r\nRDY\r\n"
    server.feed(b"ATE0;+CMEE=1;+CPIN?\r")
    clock.seconds += 0.6
    assert b"+CME ERROR: 14" in server.take_output()
    assert server.sim.slots == {}
    clock.seconds += 2
    server.take_output()
    assert len(server.sim.slots) == 1
    assert server.feed(b"AT+CMGL=4\r") == b""
    clock.seconds += 0.5
    assert server.take_output().startswith(b"\r\n+CMGL: 1,0,,")
    clock.seconds += 0.1
    assert server.take_output().endswith(b"\r\n")
    clock.seconds += 0.1
    assert server.take_output() == b"\r\nOK\r\n"


def test_a_busy_sim_may_be_silent() -> None:
    server, clock = modem(Personality(sim_ready_seconds=2, sim_busy_silent=True))
    server.power(True)
    server.feed(b"ATE0\r")
    assert server.feed(b"AT+CPIN?\r") == b""
    assert ask(server, "AT") == ["OK"]
    clock.seconds += 2
    assert ask(server, "AT+CPIN?") == ["+CPIN: READY", "OK"]


def test_a_phone_that_stores_in_itself_has_a_sim_beside_it() -> None:
    server, _ = modem(PERSONALITIES["me"], capacity=7)
    ask(server, "AT+CNMI=2,1")
    send(server)
    assert server.take_output() == b'\r\n+CMTI: "ME",1\r\n'
    server.place("SM", PDU)
    assert list(server.sim.slots) == [1]
    assert ask(server, "AT+CPMS?")[0] == '+CPMS: "ME",1,7,"ME",1,7,"ME",1,7'
    assert ask(server, 'AT+CPMS="SM"') == ["+CPMS: 1,20,1,7,1,7", "OK"]
    assert ask(server, "AT+CMGL=4")[1] == PDU
    assert ask(server, "AT+CMGD=1") == ["OK"]
    assert ask(server, "AT+CPMS?")[0] == '+CPMS: "SM",0,20,"ME",1,7,"ME",1,7'


def test_mem3_says_where_arrivals_are_stored() -> None:
    server, _ = modem(PERSONALITIES["me"])
    ask(server, 'AT+CNMI=2,1;+CPMS="ME","ME","SM"')
    send(server)
    assert server.take_output() == b'\r\n+CMTI: "SM",1\r\n'
    assert ask(server, "AT+CMGL=4") == ["OK"]
    assert list(server.sim.store.slots) == [1]


def direct_modem() -> tuple[AtServer, Clock]:
    server, clock = modem(PERSONALITIES["direct"])
    assert ask(server, "AT+CSMS=1") == ["+CSMS: 1,1,1", "OK"]
    assert ask(server, "AT+CNMI=2,2,0,1") == ["OK"]
    return server, clock


def test_direct_takes_no_announcement_by_slot() -> None:
    server, _ = modem(PERSONALITIES["direct"])
    assert ask(server, "AT+CNMI=2,1") == ["+CMS ERROR: 302"]
    assert ask(server, "AT+CNMI=?") == ["+CNMI: (0-2),(0,2,3),(0-3),(0,1),(0,1)", "OK"]


def test_a_direct_delivery_is_done_when_it_is_acknowledged_and_the_next_follows() -> None:
    server, _ = direct_modem()
    first, second = (server.network.phone(VILLAGER).send(text, OWN) for text in ("satu", "dua"))
    assert server.take_output().count(b"+CMT: ") == 1
    assert (first.state, second.state) == ("offered", "waiting")
    told = ask(server, "AT+CNMA")
    assert (told[0], told[1].split(",")[0]) == ("OK", "+CMT: ")
    assert (first.state, second.state) == ("direct", "offered")
    assert ask(server, "AT+CNMA=1") == ["OK"]
    assert ask(server, "AT+CNMA") == ["+CMS ERROR: 340"]


def test_without_an_acknowledgement_routing_ends_and_the_message_is_stored() -> None:
    server, clock = direct_modem()
    sms = server.network.phone(VILLAGER).send("halo", OWN)
    server.take_output()
    assert server.seconds_to_next() == pytest.approx(15)
    clock.seconds += 15
    assert server.take_output() == b""
    assert ask(server, "AT+CNMI?") == ["+CNMI: 2,0,0,0,0", "OK"]
    assert (sms.state, len(server.sim.slots)) == ("slot", 1)


def test_a_line_that_is_closed_gives_the_message_back() -> None:
    server, _ = direct_modem()
    sms = server.network.phone(VILLAGER).send("halo", OWN)
    server.hang_up()
    assert (sms.state, len(server.sim.slots)) == ("slot", 1)


def test_a_refused_delivery_is_tried_again_later() -> None:
    server, clock = direct_modem()
    sms = server.network.phone(VILLAGER).send("halo", OWN)
    server.take_output()
    assert ask(server, "AT+CNMA=2") == ["OK"]
    assert sms.state == "waiting"
    clock.seconds += 30
    assert server.take_output().startswith(b"\r\n+CMT: ,")
    assert ask(server, "AT+CNMA=1") == ["OK"]
    assert sms.state == "direct"


def test_without_power_an_offered_message_waits_at_the_network() -> None:
    server, _ = direct_modem()
    sms = server.network.phone(VILLAGER).send("halo", OWN)
    server.power(False)
    assert sms.state == "waiting"


def test_reports_come_directly_too() -> None:
    server, _ = modem(PERSONALITIES["direct"])
    ask(server, "AT+CNMI=2,2,0,1")
    octets = tpdu.encode_submit(tpdu.Submit(VILLAGER, tpdu.split_text("halo")[0], report_wanted=True))
    server.feed(b"AT+CMGS=%d\r" % len(octets))
    lines = server.feed(octets.hex().encode() + b"\x1a").decode().split("\r\n")
    assert "+CDS: 26" in lines
    assert server.sim.slots == {}


def test_huawei_speaks_packed_ussd_only() -> None:
    server, clock = modem(PERSONALITIES["huawei"])
    assert ask(server, 'AT+CUSD=1,"*888#",15') == ["ERROR"]
    assert ask(server, f'AT+CUSD=1,"{ussd.pack("*888#").hex().upper()}",15') == ["OK"]
    clock.seconds += 0.3
    line = server.take_output().decode().strip()
    assert line.startswith('+CUSD: 0,"')
    assert line.endswith('",15')
    assert ussd.unpack(bytes.fromhex(line.split('"')[1])) == "Sisa Pulsa Rp25.000. Aktif s.d. 31-12-2035. Info: *888*1#"
    assert ask(server, "AT+CGREG?") == ["COMMAND NOT SUPPORT"]
    assert ask(server, "AT^CURC=0") == ["OK"]


def test_ussd_as_ucs2() -> None:
    server, _ = modem(PERSONALITIES["me"])
    line = ask(server, 'AT+CUSD=1,"*888#",15')[1]
    assert bytes.fromhex(line.split('"')[1]).decode("utf-16-be").startswith("Sisa Pulsa Rp25.000")
    assert line.endswith(",72")
