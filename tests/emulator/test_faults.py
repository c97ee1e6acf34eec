"""Faults on command: what each does to the modem, and that it ends as it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modem.emulator import tpdu
from modem.emulator.at_server import AtServer
from modem.emulator.faults import FAULTS, FaultError
from modem.emulator.lines import TcpLine
from modem.emulator.network import Network
from modem.emulator.personalities import CLEAN, Personality
from modem.emulator.subscribers import Sim

OWN, VILLAGER = "+6281215070001", "+6281272000101"
DOCS = Path(__file__).parents[2] / "docs" / "emulator.md"


class Rig:
    """A modem with its echo off, on a clock that stands until it is told."""

    def __init__(self, personality: Personality = CLEAN, pin: str | None = None) -> None:
        self.seconds = 1000.0
        self.network = Network(clock=lambda: self.seconds)
        sim = self.network.add_sim(Sim(OWN, pin=pin))
        self.server = AtServer(sim, self.network, personality, clock=lambda: self.seconds)
        self.server.feed(b"ATE0\r")
        self.faults = self.server.faults

    def ask(self, command: str) -> list[str]:
        heard = self.server.feed(command.encode() + b"\r")
        return [line for line in heard.decode("latin-1").split("\r\n") if line]

    def receive(self, text: str = "halo") -> str:
        return self.network.phone(VILLAGER).send(text, OWN).state

    def submit(self, report: bool = False) -> str:
        octets = tpdu.encode_submit(tpdu.Submit(VILLAGER, tpdu.split_text("jawab")[0], report_wanted=report))
        self.server.feed(b"AT+CMGS=%d\r" % len(octets))
        return self.server.feed(octets.hex().encode() + b"\x1a").decode().split("\r\n")[-2]


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_hung_modem_says_nothing_and_restarts_when_told(rig: Rig) -> None:
    rig.faults.start("hang")
    assert rig.ask("AT") == []
    assert rig.receive() == "waiting"
    assert rig.ask("AT+CFUN=1,1") == []
    assert rig.ask("AT") == ["AT\r", "OK"]  # the echo is back
    assert len(rig.server.sim.slots) == 1


def test_a_deep_hang_is_deaf_to_the_restart_and_ended_by_power(rig: Rig) -> None:
    rig.faults.start("deep_hang")
    assert rig.ask("AT+CFUN=1,1") == rig.ask("AT") == []
    rig.server.power(False)
    rig.server.power(True)
    assert rig.ask("ATE0")[-1] == "OK"


def test_a_hang_may_end_by_itself_and_what_waited_arrives(rig: Rig) -> None:
    rig.ask("AT+CNMI=2,1")
    rig.faults.start("hang", seconds=5)
    assert rig.receive() == "waiting"
    assert rig.server.seconds_to_next() == pytest.approx(5)
    rig.seconds += 5
    assert rig.server.take_output() == b'\r\n+CMTI: "SM",1\r\n'
    assert rig.ask("AT") == ["OK"]


def test_answers_break_off_so_often_as_told(rig: Rig) -> None:
    rig.faults.start("half_answers", count=2)
    assert [rig.server.feed(b"AT\r") for _ in range(3)] == [b"\r\nO", b"\r\nO", b"\r\nOK\r\n"]
    assert rig.faults.active() == []


def test_garbage_stands_between_the_lines(rig: Rig) -> None:
    rig.faults.start("garbage", count=1)
    heard = rig.server.feed(b"AT+CSQ\r")
    assert b"\xff" in heard
    assert heard.replace(b"\x00\xff\x80\x15\xfe", b"") == b"\r\n+CSQ: 21,99\r\n\r\nOK\r\n"


def test_answers_may_be_late(rig: Rig) -> None:
    rig.faults.start("late_answers", by="3", count=1)
    assert rig.server.feed(b"AT\r") == b""
    rig.seconds += 3
    assert rig.server.take_output() == b"\r\nOK\r\n"
    assert rig.server.feed(b"AT\r") == b"\r\nOK\r\n"


def test_lengths_are_wrong_so_often_as_told(rig: Rig) -> None:
    rig.receive()
    (right,) = rig.ask("AT+CMGL=4")[:1]
    rig.faults.start("wrong_lengths", count=1)
    wrong, again = rig.ask("AT+CMGL=4")[0], rig.ask("AT+CMGL=4")[0]
    assert int(wrong.rpartition(",")[2]) == int(right.rpartition(",")[2]) + 3
    assert again.rpartition(",")[2] == right.rpartition(",")[2]


def test_deleting_is_refused_and_deletes_nothing(rig: Rig) -> None:
    rig.receive()
    rig.faults.start("refuse_delete", count=1, code=500)
    assert rig.ask("AT+CMGD=1") == ["+CMS ERROR: 500"]
    assert len(rig.server.sim.slots) == 1
    assert rig.ask("AT+CMGD=1") == ["OK"]
    assert len(rig.server.sim.slots) == 0


def test_a_brown_out_forgets_settings_and_asks_for_the_pin_while_the_line_stays() -> None:
    rig = Rig(Personality(greeting=("RDY",)), pin="1507")
    rig.ask("AT+CPIN=1507;+CNMI=2,1")
    rig.faults.start("brown_out")
    assert rig.server.take_output() == b"\r\nRDY\r\n"
    assert rig.server.connected
    assert rig.ask("AT+CPIN?")[1:] == ["+CPIN: SIM PIN", "OK"]
    assert rig.ask("AT+CNMI?")[1] == "+CNMI: 0,0,0,0,0"


def test_settings_may_be_lost_without_a_word(rig: Rig) -> None:
    rig.ask("AT+CNMI=2,1")
    rig.faults.start("lost_settings")
    assert rig.server.take_output() == b""
    assert rig.ask("AT+CNMI?")[1] == "+CNMI: 0,0,0,0,0"


def test_restarting_on_command_answers_first_and_greets_then() -> None:
    rig = Rig(Personality(greeting=("RDY",)))
    assert rig.ask("AT+CFUN=1,1") == ["OK", "RDY"]


@pytest.mark.parametrize(("fault", "stat"), [("no_network", 2), ("denied", 3)])
def test_without_network_nothing_passes_and_it_is_announced(rig: Rig, fault: str, stat: int) -> None:
    rig.ask("AT+CREG=1;+CNMI=2,1")
    rig.faults.start(fault, seconds=9)
    assert rig.server.take_output().decode().strip() == f"+CREG: {stat}"
    assert rig.ask("AT+CREG?;+CSQ;+COPS?") == [f"+CREG: 1,{stat}", "+CSQ: 99,99", "+COPS: 0", "OK"]
    assert (rig.submit(), rig.receive()) == ("+CMS ERROR: 331", "waiting")
    rig.seconds += 9
    assert rig.server.take_output().decode().split("\r\n")[1::2] == ["+CREG: 1", '+CMTI: "SM",1']
    assert rig.submit() == "OK"


def test_without_a_sim_it_says_so(rig: Rig) -> None:
    rig.faults.start("sim_out")
    rig.ask("AT+CMEE=1")
    assert rig.ask("AT+CPIN?") == ["+CME ERROR: 10"]
    assert rig.ask("AT+CMGL=4") == ["+CMS ERROR: 310"]
    assert rig.ask("AT+CREG?") == ["+CREG: 0,0", "OK"]
    rig.ask("AT+CMEE=2")
    assert rig.ask("AT+CIMI") == ["+CME ERROR: SIM not inserted"]
    rig.faults.clear("sim_out")
    assert rig.ask("AT+CPIN?") == ["+CPIN: READY", "OK"]


def test_a_busy_sim_refuses_or_is_silent(rig: Rig) -> None:
    rig.ask("AT+CMEE=1")
    rig.faults.start("sim_busy", count=2)
    assert rig.ask("AT+CPIN?") == ["+CME ERROR: 14"]
    assert rig.ask("AT+CMGL=4") == ["+CMS ERROR: 314"]
    assert rig.ask("AT+CMGL=4") == ["OK"]
    rig.faults.start("sim_busy", silent="yes")
    assert rig.ask("AT+CPIN?") == []
    assert rig.ask("AT") == ["OK"]


def test_another_sim_has_another_identity_and_what_was_sent_to_the_old_one_waits(rig: Rig) -> None:
    rig.faults.start("swap_sim", imsi="510019000000003", number="+628150000003")
    assert rig.ask("AT+CIMI") == ["510019000000003", "OK"]
    assert rig.receive() == "waiting"
    assert rig.network.phone(VILLAGER).send("baru", "+628150000003").state == "slot"
    rig.faults.start("swap_sim", number=OWN)
    assert rig.ask("AT+CIMI") == ["510101507000001", "OK"]
    assert len(rig.server.sim.slots) == 1


def test_a_swapped_sim_may_ask_for_a_pin(rig: Rig) -> None:
    rig.faults.start("swap_sim", pin="1234")
    assert rig.ask("AT+CPIN?") == ["+CPIN: SIM PIN", "OK"]


def test_without_credit_sending_gets_the_code_of_the_make() -> None:
    rig = Rig(Personality(no_credit=21))
    rig.faults.start("no_credit", count=1)
    assert [rig.submit(), rig.submit()] == ["+CMS ERROR: 21", "OK"]


def test_without_a_service_centre_only_a_pdu_that_names_one_is_sent(rig: Rig) -> None:
    rig.faults.start("no_smsc")
    assert rig.ask("AT+CSCA?") == ['+CSCA: "",129', "OK"]
    assert rig.submit() == "+CMS ERROR: 330"
    octets = tpdu.encode_submit(tpdu.Submit(VILLAGER, tpdu.split_text("halo")[0]))
    rig.server.feed(b"AT+CMGS=%d\r" % len(octets))
    assert b"OK" in rig.server.feed(tpdu.encode_smsc("+6281100000").hex().encode() + octets.hex().encode() + b"\x1a")
    assert rig.ask('AT+CSCA="+6281100000",145') == ["OK"]
    assert rig.submit() == "OK"


@pytest.mark.parametrize(
    ("fault", "options", "slots"), [("lost_parts", {}, 2), ("duplicates", {}, 4), ("lost_parts", {"share": 0}, 3)]
)
def test_parts_are_lost_and_doubled_so_often_as_told(rig: Rig, fault: str, options: dict[str, Any], slots: int) -> None:
    rig.faults.start(fault, count=1, **options)
    for _ in range(3):
        rig.receive()
    assert len(rig.server.sim.slots) == slots


def test_parts_are_delayed_and_arrive_by_themselves(rig: Rig) -> None:
    rig.ask("AT+CNMI=2,1")
    rig.faults.start("delay", low=2, high=2)
    assert rig.receive() == "waiting"
    assert rig.server.seconds_to_next() == pytest.approx(2)
    rig.seconds += 2
    assert rig.server.take_output() == b'\r\n+CMTI: "SM",1\r\n'


def test_parts_are_overtaken(rig: Rig) -> None:
    rig.faults.start("reordering", count=1)
    first, second = rig.receive("satu"), rig.receive("dua")
    assert (first, second) == ("waiting", "slot")
    texts = [tpdu.decode_deliver(slot.part.pdu[7:]).content.text for slot in rig.server.sim.slots.values()]
    assert texts == ["dua", "satu"]


def test_a_pulled_cable_comes_back_in_time_or_under_another_name() -> None:
    rig = Rig()
    with TcpLine(rig.server, "127.0.0.1", 0) as line:
        rig.faults.start("unplug", seconds=0.05)
        assert rig.network.wait_for(lambda: rig.server.powered, 10)
        rig.faults.start("unplug")
        assert not line.plugged
        options = {"as": "127.0.0.1:0"}
        rig.faults.start("plug", **options)  # type: ignore[arg-type]
        assert line.plugged


@pytest.mark.parametrize(
    ("start", "told"),
    [
        (lambda faults: faults.start("nix"), "There is no fault 'nix'; there are: hang,"),
        (lambda faults: faults.clear("nix"), "There is no fault 'nix'"),
        (lambda faults: faults.start("hang", depth=3), "hang has no option 'depth'; it has: none"),
        (lambda faults: faults.start("delay", low="x"), "low wants a value like 2.0"),
        (lambda faults: faults.start("sim_busy", silent="perhaps"), "silent wants a value like False"),
        (lambda faults: faults.start("hang", seconds=0), "more than 0 seconds"),
        (lambda faults: faults.start("no_network", count=2), "takes no count"),
        (lambda faults: faults.start("hang", count=0), "at least once"),
        (lambda faults: faults.start("brown_out", seconds=3), "happens once"),
        (lambda faults: faults.start("unplug"), "no cable"),
    ],
)
def test_what_cannot_be_had_is_refused_in_a_sentence(rig: Rig, start: Callable[[Any], None], told: str) -> None:
    with pytest.raises(FaultError, match=re.escape(told)):
        start(rig.faults)


def test_active_faults_are_told_with_what_is_left_and_cleared_together(rig: Rig) -> None:
    rig.faults.start("delay", seconds=10)
    rig.faults.start("refuse_delete", count=3)
    rig.seconds += 4
    assert rig.faults.active() == [
        {"name": "refuse_delete", "seconds": None, "count": 3, "options": {"code": 320}},
        {"name": "delay", "seconds": 6.0, "count": None, "options": {"low": 2.0, "high": 5.0}},
    ]
    rig.faults.clear()
    assert rig.faults.active() == []


def test_every_fault_stands_in_the_documentation_with_how_it_ends() -> None:
    rows = [row.split("|")[1].strip().strip("`") for row in DOCS.read_text().splitlines() if row.startswith("| `")]
    assert set(FAULTS) <= set(rows)
