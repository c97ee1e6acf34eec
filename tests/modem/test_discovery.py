"""Asking ports what they are, choosing the right one of a stick, and finding a modem again after it was renamed."""

from __future__ import annotations

import dataclasses
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from modem.discovery import PortFinder, PortReport, Trouble, ask, best, scan
from modem.emulator.at_server import AtServer
from modem.emulator.lines import Line, PtyLine, TcpLine
from modem.emulator.network import Network
from modem.emulator.personalities import CLEAN, PERSONALITIES, Personality
from modem.emulator.subscribers import Sim
from modem.ports import PortFacts
from modem.types import ModemState

posix = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")
OWN = "+628117400000"


class Emulated:
    """Emulated modems on lines that end with the test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.network = Network()

    def modem(self, personality: Personality = CLEAN, *, link: Path | None = None, pin: str | None = None) -> Line:
        sim = self.network.add_sim(Sim(f"{OWN}{len(self.network.sims)}", capacity=20, pin=pin))
        server = AtServer(sim, self.network, personality)
        line = PtyLine(server, link) if link is not None else TcpLine(server, "127.0.0.1", 0)
        line.plug()
        self._stack.callback(line.unplug)
        return line


@pytest.fixture
def emulated() -> Iterator[Emulated]:
    with ExitStack() as stack:
        yield Emulated(stack)


@pytest.fixture
def silent_port() -> Iterator[str]:
    """A pseudo-terminal on which nobody answers."""
    if os.name != "posix":
        pytest.skip("pseudo-terminals")
    import pty
    import tty

    controller, device = pty.openpty()
    tty.setraw(device)
    yield os.ttyname(device)
    os.close(device)
    os.close(controller)


def test_a_modem_says_what_it_is(emulated: Emulated) -> None:
    report = ask(PortFacts(emulated.modem().address))
    assert (report.trouble, report.remark) == (Trouble.NONE, "")
    assert report.answers
    assert report.sms
    assert report.announces
    assert report.manufacturer
    assert report.model
    assert report.imei == CLEAN.imei
    assert report.imsi
    assert report.sim == "READY"
    assert report.registration is ModemState.READY
    assert report.operator == CLEAN.operator
    assert report.signal_percent
    assert (report.sim_used, report.sim_capacity) == (0, 20)


@pytest.mark.parametrize("name", PERSONALITIES)
def test_every_personality_is_recognised_as_a_modem(name: str, emulated: Emulated) -> None:
    report = ask(PortFacts(emulated.modem(PERSONALITIES[name]).address))
    assert report.sms
    assert report.imei


def test_a_locked_sim_is_told_and_no_pin_is_tried(emulated: Emulated) -> None:
    line = emulated.modem(pin="1234")
    tries = line.server.sim.pin_tries
    report = ask(PortFacts(line.address))
    assert (report.sms, report.sim) == (True, "SIM PIN")
    assert "modem.pin_file" in report.remark
    assert line.server.sim.pin_tries == tries


def test_asking_reads_no_message(emulated: Emulated) -> None:
    line = emulated.modem()
    sim = line.server.sim
    emulated.network.phone("+6281274000099").send("NIHIL LAMBUR II", sim.number)
    assert emulated.network.wait_for(lambda: bool(sim.slots), timeout=5)
    assert ask(PortFacts(line.address)).sim_used == 1
    assert [slot.status for slot in sim.slots.values()] == [0]  # 27.005 3.1: 0 is received and unread


@posix
def test_a_silent_port_is_given_up_within_four_seconds(silent_port: str) -> None:
    began = time.monotonic()
    report = ask(PortFacts(silent_port))
    assert time.monotonic() - began < 4
    assert (report.trouble, report.answers, report.sms) == (Trouble.SILENT, False, False)


@posix
def test_a_silent_port_holds_up_no_other(emulated: Emulated, silent_port: str, tmp_path: Path) -> None:
    modem = emulated.modem(link=tmp_path / "modem")
    silent, answering = scan([PortFacts(silent_port), PortFacts(modem.address)])
    assert silent.trouble is Trouble.SILENT
    assert answering.sms


def test_a_prompt_left_open_by_another_program_is_given_up_not_filled(emulated: Emulated) -> None:
    line = emulated.modem()
    line.server.feed(b"AT+CMGS=20\r")
    assert ask(PortFacts(line.address)).sms


def test_a_modem_that_dies_while_it_is_asked_is_left_soon(emulated: Emulated, monkeypatch: pytest.MonkeyPatch) -> None:
    line = emulated.modem()
    feed, dead = line.server.feed, threading.Event()

    def dying(received: bytes) -> bytes:
        if b"AT+CPMS?" in received:
            dead.set()
        return b"" if dead.is_set() else feed(received)

    monkeypatch.setattr(line.server, "feed", dying)
    began = time.monotonic()
    report = ask(PortFacts(line.address))
    assert time.monotonic() - began < 6
    assert (report.trouble, report.sms) == (Trouble.SILENT, False)
    assert "AT+CPMS?" in report.remark


def test_a_port_the_system_hangs_on_is_left_behind() -> None:
    release = threading.Event()

    def hang(port: PortFacts) -> PortReport:
        if port.device == "dead":
            release.wait(30)
        return PortReport(port, sms=True)

    try:
        dead, alive = scan([PortFacts("dead"), PortFacts("alive")], ask=hang, seconds=0.1)
    finally:
        release.set()
    assert dead.trouble is Trouble.STUCK
    assert alive.sms


def test_a_port_another_program_has_open_is_not_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = PortFacts(f"socket://127.0.0.1:{listener.getsockname()[1]}")
        report = ask(port, held_by=("ModemManager (812)",))
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()
    assert report.trouble is Trouble.BUSY
    assert "ModemManager (812)" in report.remark
    assert "60-waspada-modem.rules" in report.remark


@posix
def test_a_locked_port_is_busy(emulated: Emulated, tmp_path: Path) -> None:
    from modem.serial_line import SerialLine

    modem = emulated.modem(link=tmp_path / "modem")
    holder = SerialLine(modem.address, 115_200, 1)
    try:
        assert ask(PortFacts(modem.address)).trouble is Trouble.BUSY
    finally:
        holder.close()


def test_a_port_that_is_not_there_is_said(tmp_path: Path) -> None:
    report = ask(PortFacts(str(tmp_path / "ttyUSB7")))
    assert (report.trouble, report.remark) == (Trouble.GONE, "there is no such port")


def test_a_forbidden_port_says_who_may(monkeypatch: pytest.MonkeyPatch) -> None:
    import serial

    def refuse(*_: object, **__: object) -> None:
        raise serial.SerialException(13, "could not open port /dev/ttyUSB0: [Errno 13] Permission denied")

    monkeypatch.setattr(serial, "serial_for_url", refuse)
    report = ask(PortFacts("/dev/ttyUSB0"))
    assert report.trouble is Trouble.FORBIDDEN
    assert "dialout" in report.remark


# -- the choice ------------------------------------------------------------------------------------------------------


def stick(
    vid: int, usable: Sequence[int], *, names: dict[int, str] | None = None, chatters: Sequence[int] = (),
    announces: Sequence[int] | None = None, at: str = "1-1", first: int = 0, imei: str = "1" * 15, interfaces: int = 5,
) -> list[PortReport]:  # fmt: skip
    """The reports of a stick whose interfaces in `usable` speak SMS."""
    return [
        PortReport(
            PortFacts(
                f"/dev/ttyUSB{first + n}", vid=vid, location=f"{at}:1.{n}", interface_name=(names or {}).get(n, "")
            ),
            trouble=Trouble.NONE if n in usable else Trouble.SILENT,
            answers=n in usable,
            sms=n in usable,
            announces=n in (usable if announces is None else announces),
            chatters=n in chatters,
            imei=imei if n in usable else None,
        )
        for n in range(interfaces)
    ]


HUAWEI, QUECTEL, SIMCOM, ZTE = 0x12D1, 0x2C7C, 0x1E0E, 0x19D2


@pytest.mark.parametrize(
    ("what", "reports", "interface"),
    [
        ("Huawei: the last", stick(HUAWEI, [0, 2]), 2),
        ("Huawei E1750: the last", stick(HUAWEI, [0, 3, 4]), 4),
        ("Quectel: interface 2, not the one for dialling", stick(QUECTEL, [2, 3]), 2),
        ("SIMCom: interface 2", stick(SIMCOM, [2, 3, 4]), 2),
        ("another maker: the lowest", stick(ZTE, [1, 3]), 1),
        ("what was seen counts more than the rule", stick(HUAWEI, [0, 2], chatters=[0]), 0),
        ("one that announces before one that chatters", stick(ZTE, [1, 3], announces=[3], chatters=[1]), 3),
        ("by name: PCUI", stick(HUAWEI, [0, 2], names={0: "HUAWEI Mobile PCUI", 2: "HUAWEI Mobile Modem"}), 0),
        ("by name: not the one for dialling", stick(ZTE, [1, 3], names={1: "ZTE Modem"}), 3),
        ("by name: not the GPS", stick(ZTE, [1, 3], names={1: "NMEA Device"}), 3),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_right_port_of_a_stick_is_chosen(what: str, reports: list[PortReport], interface: int) -> None:
    for order in (reports, reports[::-1]):
        chosen = best(order)
        assert chosen is not None
        assert chosen.port.interface == interface


def test_windows_names_tell_the_command_port() -> None:
    names = {
        "COM6": "HUAWEI Mobile Connect - 3G Modem",
        "COM5": "HUAWEI Mobile Connect - 3G PC UI Interface (COM5)",
        "COM4": "HUAWEI Mobile Connect - 3G Application Interface (COM4)",
    }
    reports = [PortReport(PortFacts(name, description=told), sms=True) for name, told in names.items()]
    chosen = best(reports)
    assert chosen is not None
    assert chosen.port.device == "COM5"


def test_no_port_that_speaks_no_sms_is_chosen() -> None:
    assert best(stick(HUAWEI, [])) is None
    assert best([]) is None


def test_a_modem_is_told_from_another_by_its_imei() -> None:
    both = stick(HUAWEI, [0, 2]) + stick(HUAWEI, [0, 2], at="1-2", first=5, imei="2" * 15)
    chosen = best(both, "2" * 15)
    assert chosen is not None
    assert chosen.port.device == "/dev/ttyUSB7"
    assert best(both, "3" * 15) is None


def test_a_port_that_tells_no_imei_belongs_to_its_stick() -> None:
    reports = [dataclasses.replace(report, imei=None) if report.port.interface == 2 else report
               for report in stick(HUAWEI, [0, 2])]  # fmt: skip
    chosen = best(reports, "1" * 15)
    assert chosen is not None
    assert chosen.port.interface == 2


# -- finding it again --------------------------------------------------------------------------------------------------


class World:
    """Ports that come and go, and how often each was asked."""

    def __init__(self, reports: Sequence[PortReport]) -> None:
        self.reports = list(reports)
        self.asked: list[str] = []
        self.coming: list[list[PortReport]] = []
        """What the next looks at the list find, after which it stays."""

    def finder(self, port: str = "auto") -> PortFinder:
        return PortFinder(
            port,
            list_ports=self.list_ports,
            ask_all=self.ask_all,
            is_there=lambda name, devices: name in devices,
            sleep=lambda seconds: None,
        )

    def list_ports(self, patterns: Sequence[str]) -> list[PortFacts]:
        if self.coming:
            self.reports = self.coming.pop(0)
        return [report.port for report in self.reports]

    def ask_all(self, ports: Sequence[PortFacts]) -> list[PortReport]:
        self.asked += [port.device for port in ports]
        return [report for report in self.reports if report.port in ports]


def test_auto_finds_the_best_port_and_asks_nothing_twice() -> None:
    world = World(stick(HUAWEI, [0, 2], interfaces=3))
    finder = world.finder()
    assert [finder.find(now) for now in (0.0, 30.0, 90.0)] == ["/dev/ttyUSB2"] * 3
    assert sorted(world.asked) == ["/dev/ttyUSB0", "/dev/ttyUSB1", "/dev/ttyUSB1", "/dev/ttyUSB2"]  # the mute one anew


def test_a_silent_port_is_asked_again_after_a_minute_only() -> None:
    world = World(stick(HUAWEI, [], interfaces=1))
    finder = world.finder()
    assert [finder.find(now) for now in (0.0, 1.0, 59.0)] == [None] * 3
    assert world.asked == ["/dev/ttyUSB0"]
    finder.find(60.0)
    assert world.asked == ["/dev/ttyUSB0"] * 2


def test_a_list_that_changed_is_asked_at_once() -> None:
    world = World(stick(HUAWEI, [], interfaces=1))
    finder = world.finder()
    finder.find(0.0)
    world.reports += stick(HUAWEI, [0, 2], at="1-2", first=5)
    assert finder.find(1.0) == "/dev/ttyUSB7"


def test_ports_that_are_still_appearing_are_waited_for() -> None:
    late = stick(HUAWEI, [0, 2], interfaces=3)
    world = World([])
    finder = world.finder()
    assert finder.find(0.0) is None
    world.coming = [late[:1], late[:2], late, late]
    assert finder.find(1.0) == "/dev/ttyUSB2"


def test_a_named_port_is_used_as_long_as_it_is_there_and_nothing_is_asked() -> None:
    world = World(stick(HUAWEI, [0, 2]))
    assert world.finder("/dev/ttyUSB1").find(0.0, imei="1" * 15) == "/dev/ttyUSB1"
    assert world.asked == []


def test_a_renamed_modem_is_found_by_its_imei() -> None:
    world = World(stick(HUAWEI, [0, 2], first=4) + stick(ZTE, [1], at="1-3", first=9, imei="2" * 15))
    assert world.finder("/dev/ttyUSB2").find(0.0, imei="1" * 15) == "/dev/ttyUSB6"
    assert world.finder("/dev/ttyUSB2").find(0.0, imei="3" * 15) is None


def test_a_named_port_that_is_gone_is_replaced_by_no_stranger() -> None:
    world = World(stick(HUAWEI, [0, 2], first=4))
    assert world.finder("/dev/ttyUSB2").find(0.0) is None
    assert world.asked == []


def test_auto_prefers_the_modem_it_knows_and_takes_another_where_that_is_gone() -> None:
    ours = stick(HUAWEI, [0, 2], at="1-2", first=5, imei="2" * 15)
    world = World(stick(HUAWEI, [0, 2]) + ours)
    finder = world.finder()
    assert finder.find(0.0, imei="2" * 15) == "/dev/ttyUSB7"
    world.reports = stick(HUAWEI, [0, 2])
    assert finder.find(1.0, imei="2" * 15) == "/dev/ttyUSB2"


def test_another_modems_imei_and_ports_are_left_alone() -> None:
    world = World(stick(HUAWEI, [0, 2]) + stick(HUAWEI, [0, 2], at="1-2", first=5, imei="2" * 15))
    assert world.finder().find(0.0, taken=["1" * 15]) == "/dev/ttyUSB7"
    world.asked.clear()
    assert world.finder().find(0.0, in_use=[f"/dev/ttyUSB{n}" for n in range(5, 10)]) == "/dev/ttyUSB2"
    assert not {"/dev/ttyUSB5", "/dev/ttyUSB7"} & set(world.asked)


def test_a_second_modem_is_not_the_first_ones_other_port() -> None:
    world = World(stick(HUAWEI, [0, 2]))
    assert world.finder().find(0.0, in_use=["/dev/ttyUSB2"]) is None
    assert world.finder().find(0.0, in_use=["/dev/ttyUSB2"], taken=["1" * 15]) is None


def test_of_several_modems_behind_one_usb_device_those_of_other_imeis_are_free() -> None:
    first, second = stick(HUAWEI, [0, 1], interfaces=2)
    world = World([first, dataclasses.replace(second, imei="2" * 15)])
    assert world.finder().find(0.0, in_use=["/dev/ttyUSB0"], taken=["1" * 15]) == "/dev/ttyUSB1"


def test_a_port_that_tells_no_imei_is_no_free_modem_where_its_stick_is_taken() -> None:
    mute, telling = stick(HUAWEI, [0, 1], interfaces=2)
    world = World([dataclasses.replace(mute, imei=None), telling])
    assert world.finder().find(0.0, taken=["1" * 15]) is None


def test_a_port_in_use_is_known_by_its_lasting_name_too() -> None:
    (report,) = stick(HUAWEI, [0], interfaces=1)
    world = World([dataclasses.replace(report, port=dataclasses.replace(report.port, by_id="/dev/serial/by-id/stick"))])
    assert world.finder().find(0.0, in_use=["/dev/serial/by-id/stick"]) is None
    assert world.asked == []


def test_a_device_that_goes_while_it_is_looked_at_is_no_error() -> None:
    def vanish(patterns: Sequence[str]) -> list[PortFacts]:
        raise FileNotFoundError("/sys/class/tty/ttyUSB0")

    assert PortFinder("auto", list_ports=vanish).find(0.0) is None


def test_an_unplugged_modem_is_found_again_on_the_line_it_comes_back_on(emulated: Emulated, tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("pseudo-terminals")
    first = emulated.modem(link=tmp_path / "tty0")
    finder = PortFinder(str(tmp_path / "tty0"), [f"{tmp_path}/tty*"], sleep=lambda seconds: None)
    assert finder.find(0.0) == str(tmp_path / "tty0")
    first.unplug()
    assert finder.find(1.0, imei=CLEAN.imei) is None
    again = emulated.modem(link=tmp_path / "tty5")
    assert finder.find(2.0, imei=CLEAN.imei) == again.address


def test_a_line_that_came_unasked_is_noticed(emulated: Emulated, monkeypatch: pytest.MonkeyPatch) -> None:
    line = emulated.modem()
    feed = line.server.feed

    def chatty(received: bytes) -> bytes:
        if b"AT+CGMI" in received:
            line.server.announce("^RSSI:21")
        return feed(received)

    monkeypatch.setattr(line.server, "feed", chatty)
    assert ask(PortFacts(line.address)).chatters
