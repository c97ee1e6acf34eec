"""Which ports there are: what the system lists, what patterns fit, what is left out, who has one open."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from modem.ports import PortFacts, candidates, exists, facts_of, holders, known_ports, natural


@dataclass
class Listed:
    """A port as pyserial lists it."""

    device: str
    description: str | None = "n/a"
    hwid: str | None = "n/a"
    vid: int | None = None
    pid: int | None = None
    serial_number: str | None = None
    location: str | None = None
    interface: str | None = None


STICK = [
    Listed(f"/dev/ttyUSB{n}", "HUAWEI Mobile", "USB VID:PID=12D1:1506", 0x12D1, 0x1506, None, f"1-1.4:1.{n}")
    for n in (2, 0, 1)
]


def test_a_sticks_ports_come_in_order_with_their_interface_and_device(tmp_path: Path) -> None:
    found = candidates(system_ports=lambda: STICK, by_id=tmp_path)
    assert [facts.device for facts in found] == ["/dev/ttyUSB0", "/dev/ttyUSB1", "/dev/ttyUSB2"]
    assert [facts.interface for facts in found] == [0, 1, 2]
    assert {facts.usb_device for facts in found} == {"1-1.4"}


def test_the_lasting_name_is_found(tmp_path: Path) -> None:
    device = tmp_path / "ttyUSB0"
    device.touch()
    folder = tmp_path / "by-id"
    folder.mkdir()
    (folder / "usb-HUAWEI-if00").symlink_to(device)
    (found,) = candidates(system_ports=lambda: [Listed(str(device), vid=0x12D1)], by_id=folder)
    assert found.by_id == str(folder / "usb-HUAWEI-if00")


@pytest.mark.parametrize(
    ("port", "reason"),
    [
        (Listed("/dev/ttyS4"), "hardware"),
        (Listed("/dev/rfcomm0"), "Bluetooth"),
        (Listed("COM7", "Standard Serial over Bluetooth link (COM7)", "BTHENUM\\{0000"), "Bluetooth"),
        (Listed("COM9", "USB Printer Port", "USBPRINT"), "printer"),
        (Listed("COM3", "Intel(R) Active Management Technology - SOL (COM3)", "PCI\\VEN"), "computer itself"),
        (Listed("/dev/ttyACM0", "Arduino Uno", "USB VID:PID=2341:0043", 0x2341, 0x43), "Arduino"),
        (Listed("/dev/ttyACM1", "u-blox 7", "USB VID:PID=1546:01A7", 0x1546, 0x1A7), "GPS"),
    ],
    ids=lambda value: value.device if isinstance(value, Listed) else value,
)
def test_what_is_no_modem_is_left_out_with_a_reason(port: Listed, reason: str, tmp_path: Path) -> None:
    (facts,) = known_ports(system_ports=lambda: [port], by_id=tmp_path)
    assert reason in facts.left_out
    assert candidates(system_ports=lambda: [port], by_id=tmp_path) == []


@pytest.mark.parametrize(
    "port",
    [
        Listed("/dev/ttyS0", "ttyS0", "PNP0501"),
        Listed("/dev/ttyUSB0", "FT232R", "USB VID:PID=0403:6001", 0x0403, 0x6001, None, "1-2"),
        Listed("COM5", "HUAWEI Mobile Connect - 3G PC UI Interface (COM5)", "USB VID:PID=12D1:1001", 0x12D1, 0x1001),
        Listed("/dev/ttyAMA0", "ttyAMA0", "3f201000.serial"),
        Listed("/dev/ttyACM2", "u-blox SARA", "USB VID:PID=1546:1102", 0x1546, 0x1102),
    ],
    ids=lambda port: port.device,
)
def test_what_may_be_a_modem_is_a_candidate(port: Listed, tmp_path: Path) -> None:
    assert [facts.device for facts in candidates(system_ports=lambda: [port], by_id=tmp_path)] == [port.device]


def test_patterns_choose_and_what_was_named_is_never_left_out(tmp_path: Path) -> None:
    link = tmp_path / "modem-one"
    (tmp_path / "target").touch()
    link.symlink_to(tmp_path / "target")
    listed = [*STICK, Listed("/dev/ttyS4"), Listed("COM5")]
    patterns = ["/dev/ttyS4", "COM*", f"{tmp_path}/modem-*", "socket://127.0.0.1:1", str(tmp_path / "none")]
    found = candidates(patterns, system_ports=lambda: listed, by_id=tmp_path)
    assert {facts.device for facts in found} == {"/dev/ttyS4", "COM5", str(link), "socket://127.0.0.1:1"}


def test_a_port_named_twice_is_one_port(tmp_path: Path) -> None:
    (tmp_path / "port").touch()
    (tmp_path / "link").symlink_to(tmp_path / "port")
    patterns = [str(tmp_path / "port"), str(tmp_path / "link"), f"{tmp_path}/p*"]
    assert len(candidates(patterns, system_ports=list, by_id=tmp_path)) == 1


def test_a_port_the_system_does_not_list_has_only_its_name(tmp_path: Path) -> None:
    assert facts_of("/dev/ttyNONE7", system_ports=list, by_id=tmp_path) == PortFacts("/dev/ttyNONE7")


def test_names_are_ordered_as_people_count() -> None:
    names = ["/dev/ttyUSB10", "/dev/ttyUSB9", "COM5", "/dev/ttyACM0"]
    assert sorted(names, key=natural) == ["/dev/ttyACM0", "/dev/ttyUSB9", "/dev/ttyUSB10", "COM5"]


def test_a_port_is_there_when_it_is_listed_or_a_file_or_an_address(tmp_path: Path) -> None:
    assert exists("COM5", {"COM5"})
    assert exists(str(tmp_path), set())
    assert exists("socket://127.0.0.1:9", set())
    assert not exists(str(tmp_path / "none"), {"COM5"})


def test_programs_that_have_a_port_open_are_named(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    process = tmp_path / "proc" / "812"
    (process / "fd").mkdir(parents=True)
    (process / "comm").write_text("ModemManager\n")
    (process / "fd" / "9").symlink_to(port)
    (process / "fd" / "10").symlink_to("socket:[4711]")
    ourselves = tmp_path / "proc" / str(os.getpid())
    (ourselves / "fd").mkdir(parents=True)
    (ourselves / "fd" / "3").symlink_to(port)
    link = tmp_path / "link"
    link.symlink_to(port)
    found = holders([str(link), str(tmp_path / "ttyUSB1"), "socket://127.0.0.1:1"], tmp_path / "proc")
    assert found == {str(link): ("ModemManager (812)",)}
