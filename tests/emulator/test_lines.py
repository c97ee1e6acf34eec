"""The emulated modem on real lines: pyserial on a PTY and on TCP, closing, killing, unplugging."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from modem.emulator import lines
from modem.emulator.at_server import AtServer
from modem.emulator.lines import Line, LineError, PtyLine, TcpLine
from modem.emulator.network import Network
from modem.emulator.subscribers import Sim

OWN = "+6281215070001"
posix = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX")


def modem(capacity: int = 40) -> AtServer:
    network = Network()
    return AtServer(network.add_sim(Sim(OWN, capacity=capacity)), network)


def pty_line(folder: Path) -> Line:
    return PtyLine(modem(), folder / "modem")


def tcp_line(folder: Path) -> Line:
    return TcpLine(modem(), "127.0.0.1", 0)


@pytest.fixture(params=[pytest.param(pty_line, marks=posix), tcp_line])
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    make: Callable[[Path], Line] = request.param
    with make(tmp_path) as plugged:
        yield plugged


def ask(port: serial.SerialBase, command: str, end: bytes = b"OK\r\n") -> bytes:
    port.write(command.encode() + b"\r")
    return port.read_until(end)


def opened(line: Line) -> serial.SerialBase:
    return serial.serial_for_url(line.address, timeout=5)


def forget(port: serial.SerialBase) -> None:
    """Close a port whose other end is gone: pyserial leaves such a socket open."""
    if isinstance(end := getattr(port, "_socket", None), socket.socket):
        end.close()
    port.close()


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something of the kernel's that announces itself to nobody."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.005)


def test_commands_are_answered(line: Line) -> None:
    with opened(line) as port:
        assert ask(port, "ATE0") == b"ATE0\r\r\nOK\r\n"
        assert ask(port, "AT+CSQ") == b"\r\n+CSQ: 21,99\r\n\r\nOK\r\n"


def test_an_arrival_is_announced_by_itself(line: Line) -> None:
    with opened(line) as port:
        ask(port, "ATE0;+CNMI=2,1")
        line.server.network.phone("0812").send("halo", OWN)
        assert port.read_until(b",1\r\n") == b'\r\n+CMTI: "SM",1\r\n'


def test_a_listing_longer_than_every_buffer_comes_whole(line: Line) -> None:
    phone = line.server.network.phone("0812")
    for _ in range(40):
        phone.send("x" * 160, OWN)
    with opened(line) as port:
        ask(port, "ATE0")
        listing = ask(port, "AT+CMGL=4")
    assert listing.count(b"+CMGL: ") == 40
    assert len(listing) > 12_000


def test_it_may_be_closed_and_opened_again_and_keeps_its_settings(line: Line) -> None:
    for turn in range(4):
        with opened(line) as port:
            if turn == 0:
                ask(port, "ATE0")
            assert ask(port, "AT") == b"\r\nOK\r\n"
            port.write(b"AT+CMGS=20\r")
            port.read_until(b"> ")
        until(lambda: not line.server.connected, "the line was closed")


def test_what_nobody_read_is_gone_when_the_line_is_opened_again(line: Line) -> None:
    with opened(line) as port:
        ask(port, "ATE0;+CNMI=2,1")
    until(lambda: not line.server.connected, "the line was closed")
    line.server.network.phone("0812").send("halo", OWN)
    with opened(line) as port:
        assert ask(port, "AT") == b"\r\nOK\r\n"


def test_a_killed_client_leaves_a_modem_that_answers(line: Line) -> None:
    code = f"import serial; p=serial.serial_for_url({line.address!r}, timeout=5); p.write(b'AT+CMGS=20\\r');"
    code += "p.read_until(b'> '); print('open', flush=True); p.read(1000)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"open\n"
        client.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    until(lambda: not line.server.connected, "the client was killed")
    with opened(line) as port:
        assert ask(port, "ATE0").endswith(b"OK\r\n")


def test_unplugging_hangs_up_and_messages_wait_until_it_is_plugged_in(line: Line) -> None:
    port = opened(line)
    ask(port, "ATE0;+CNMI=2,1")
    line.unplug()
    line.unplug()
    assert not line.plugged
    with pytest.raises((serial.SerialException, OSError)):  # noqa: PT012
        port.write(b"AT\r")
        while True:
            port.read(1)
    forget(port)
    sms = line.server.network.phone("0812").send("halo", OWN)
    assert sms.state == "waiting"
    with pytest.raises(serial.SerialException):
        opened(line)
    line.plug()
    assert sms.state == "slot"
    with opened(line) as again:
        assert ask(again, "AT") == b"AT\r\r\nOK\r\n"


@posix
def test_the_link_replaces_a_stale_one_and_goes_at_the_end(tmp_path: Path) -> None:
    link = tmp_path / "modem"
    link.symlink_to("/dev/pts/nowhere")
    with PtyLine(modem(), link):
        assert os.readlink(link).startswith("/dev/")
        with serial.Serial(str(link), timeout=5) as port:
            assert ask(port, "AT")
    assert not link.is_symlink()
    assert list(tmp_path.iterdir()) == []


@posix
def test_a_file_that_is_no_link_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "precious"
    file.write_text("keep")
    line = PtyLine(modem(), file)
    with pytest.raises(LineError, match="is no link"):
        line.plug()
    assert file.read_text() == "keep"


@posix
def test_a_link_of_another_emulator_is_left_alone_at_the_end(tmp_path: Path) -> None:
    link = tmp_path / "modem"
    with PtyLine(modem(), link) as first, PtyLine(modem(), link):
        device = os.readlink(link)
        first.unplug()
        assert os.readlink(link) == device
    assert not link.is_symlink()


@posix
def test_an_answer_nobody_read_is_not_left_for_the_next_client(tmp_path: Path) -> None:
    with pty_line(tmp_path) as line:
        client = os.open(line.address, os.O_RDWR | os.O_NOCTTY)
        os.write(client, b"ATE0\r")
        assert select.select([client], [], [], 10)[0]
        os.close(client)
        until(lambda: not line.server.connected, "the line was closed")
        client = os.open(line.address, os.O_RDWR | os.O_NOCTTY)
        os.write(client, b"AT+CSQ\r")
        answer = b""
        while not answer.endswith(b"OK\r\n"):
            answer += os.read(client, 1000)
        os.close(client)
    assert answer == b"\r\n+CSQ: 21,99\r\n\r\nOK\r\n"


@posix
def test_a_folder_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    line = PtyLine(modem(), tmp_path / "nowhere" / "modem")
    with pytest.raises(LineError, match="cannot be made"):
        line.plug()


def test_without_pseudo_terminals_tcp_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "pty", None)
    with pytest.raises(LineError, match="use --tcp"):
        PtyLine(modem(), tmp_path / "modem")


def test_a_port_in_use_is_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = TcpLine(modem(), "127.0.0.1", taken.getsockname()[1])
        with pytest.raises(LineError, match="choose another port"):
            line.plug()


def test_a_new_tcp_client_replaces_the_old(tmp_path: Path) -> None:
    with tcp_line(tmp_path) as line, opened(line) as old:
        ask(old, "ATE0")
        with opened(line) as new:
            assert ask(new, "AT") == b"\r\nOK\r\n"
            with pytest.raises(serial.SerialException):
                old.read(1)
            forget(old)


def test_replugged_tcp_keeps_its_port(tmp_path: Path) -> None:
    with tcp_line(tmp_path) as line:
        before = line.address
        line.unplug()
        line.plug()
        assert line.address == before


def test_a_name_that_cannot_be_had_leaves_the_modem_where_it_was(line: Line, tmp_path: Path) -> None:
    before = line.address
    impossible = str(tmp_path / "no-such-folder" / "modem") if isinstance(line, PtyLine) else "127.0.0.1:nonsense"
    with pytest.raises(LineError):
        line.plug_as(impossible)
    assert (line.address, line.plugged) == (before, True)
    with opened(line) as port:
        assert b"OK" in ask(port, "AT")
