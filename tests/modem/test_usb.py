"""Taking a stick off the USB and putting it back, on a folder that looks like the kernel's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modem.usb import AWAY_SECONDS, reauthorize

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sysfs is Linux's")


@pytest.fixture
def sysfs(tmp_path: Path) -> Path:
    """A stick 1-1.4 with the port ttyUSB0 on interface 1-1.4:1.2, and a serial port ttyS0 that is no USB port."""
    usb = tmp_path / "devices" / "pci0000:00" / "usb1" / "1-1" / "1-1.4"
    port = usb / "1-1.4:1.2" / "ttyUSB0"
    port.mkdir(parents=True)
    for folder, vendor in ((usb, True), (usb / "1-1.4:1.2", False), (usb.parent, True), (usb.parent.parent, True)):
        (folder / "authorized").write_text("1")
        if vendor:
            (folder / "idVendor").write_text("12d1")
    plain = tmp_path / "devices" / "pnp0" / "00:04"
    plain.mkdir(parents=True)
    for name, device in (("ttyUSB0", port), ("ttyS0", plain)):
        (tmp_path / "class" / "tty" / name).mkdir(parents=True)
        (tmp_path / "class" / "tty" / name / "device").symlink_to(device)
    return tmp_path


def switch(sysfs: Path) -> Path:
    return sysfs / "devices" / "pci0000:00" / "usb1" / "1-1" / "1-1.4" / "authorized"


def values(sysfs: Path) -> dict[str, str]:
    return {str(file.relative_to(sysfs)): file.read_text() for file in sysfs.rglob("authorized")}


def test_the_stick_is_off_for_a_moment_and_nothing_else_is_touched(sysfs: Path) -> None:
    before = values(sysfs)
    seen: list[tuple[float, dict[str, str]]] = []
    done = reauthorize("/dev/ttyUSB0", sysfs, sleep=lambda seconds: seen.append((seconds, values(sysfs))))
    assert done
    assert done.reason == ""
    meanwhile = before | {str(switch(sysfs).relative_to(sysfs)): "0"}
    assert seen == [(AWAY_SECONDS, meanwhile)]
    assert values(sysfs) == before


def test_a_link_leads_to_the_same_stick(sysfs: Path, tmp_path: Path) -> None:
    link = tmp_path / "usb-HUAWEI-if02"
    link.symlink_to("/dev/ttyUSB0")
    seen: list[str] = []
    assert reauthorize(str(link), sysfs, sleep=lambda seconds: seen.append(switch(sysfs).read_text()))
    assert seen == ["0"]


@pytest.mark.parametrize("port", ["/dev/ttyS0", "/dev/ttyUSB9", "socket://127.0.0.1:1"])
def test_what_is_no_usb_port_is_refused(sysfs: Path, port: str) -> None:
    def never(seconds: float) -> None:
        raise AssertionError("nothing was switched off")

    done = reauthorize(port, sysfs, sleep=never)
    assert not done
    assert port in done.reason


def test_a_switch_that_may_not_be_written_is_said(sysfs: Path) -> None:
    switch(sysfs).unlink()
    switch(sysfs).mkdir()  # a folder cannot be written, not even by root
    done = reauthorize("/dev/ttyUSB0", sysfs, sleep=lambda seconds: None)
    assert not done
    assert "docs/modem.md" in done.reason


def test_the_stick_is_put_back_when_the_wait_is_interrupted(sysfs: Path) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reauthorize("/dev/ttyUSB0", sysfs, sleep=interrupt)
    assert switch(sysfs).read_text() == "1"


def test_a_stick_that_was_pulled_out_meanwhile_is_said(sysfs: Path) -> None:
    def pull(seconds: float) -> None:
        switch(sysfs).unlink()
        switch(sysfs).mkdir()

    done = reauthorize("/dev/ttyUSB0", sysfs, sleep=pull)
    assert not done
    assert "unplug" in done.reason
