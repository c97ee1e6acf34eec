"""A transcript served as a modem: it answers a client that goes the recorded way, and cuts off one that does not."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from modem.discovery import ask
from modem.emulator.at_server import AtServer
from modem.emulator.lines import TcpLine
from modem.emulator.network import Network
from modem.emulator.subscribers import Sim
from modem.ports import PortFacts
from modem.replay import Replay
from modem.serial_line import SerialLine
from modem.transcript import HEADER, Passed, Recorder, TranscriptError

EXCHANGE = [Passed(0.1, ">", b"AT\r", 2), Passed(0.2, "<", b"\r\nOK\r\n", 3), Passed(9.9, ">", b"ATI\r", 4)]


def talk(replay: Replay, *pieces: bytes) -> bytes:
    """Send pieces as a client; returns everything that came until the line was cut or nothing more comes."""
    host, _, port = replay.address.removeprefix("socket://").rpartition(":")
    came = b""
    with socket.create_connection((host, int(port)), timeout=5) as client:
        for piece in pieces:
            client.sendall(piece)
        client.shutdown(socket.SHUT_WR)
        while chunk := client.recv(4096):
            came += chunk
    return came


def test_it_answers_what_was_recorded_without_the_pauses() -> None:
    began = time.monotonic()
    with Replay(EXCHANGE) as replay:
        assert talk(replay, b"AT\r", b"ATI\r") == b"\r\nOK\r\n"
        assert replay.wait(5)
        replay.finish()
    assert time.monotonic() - began < 5


def test_how_the_client_cuts_its_octets_does_not_matter() -> None:
    with Replay(EXCHANGE) as replay:
        talk(replay, b"A", b"T\rA", b"T", b"I\r")
        replay.finish()


@pytest.mark.parametrize(
    ("pieces", "line", "says"),
    [
        ([b"AT\r", b"ATZ\r"], "line 4", "expected b'ATI\\r', but the client sent b'ATZ\\r'"),
        ([b"ATI\r"], "line 2", "expected b'AT\\r'"),
        ([b"AT\r"], "line 4", "never reached"),
        ([], "line 2", "never reached"),
        ([b"AT\rATI\rAT\r"], "behind the end", "sent b'AT\\r'"),
    ],
)
def test_the_first_difference_is_named(pieces: Sequence[bytes], line: str, says: str) -> None:
    with Replay(EXCHANGE) as replay:
        talk(replay, *pieces)
        assert replay.wait(5)
        with pytest.raises(TranscriptError) as caught:
            replay.finish()
    assert line in str(caught.value)
    assert says in str(caught.value)


def test_at_a_difference_the_line_is_cut_and_nothing_more_is_answered() -> None:
    with Replay([*EXCHANGE, Passed(10, "<", b"never", 5)]) as replay:
        assert talk(replay, b"AT\r", b"XX\r") == b"\r\nOK\r\n"


def test_nobody_came() -> None:
    with Replay(EXCHANGE) as replay:
        assert not replay.wait(0.01)
        with pytest.raises(TranscriptError, match="line 2"):
            replay.finish()


def test_a_port_in_use_is_said() -> None:
    with Replay(EXCHANGE) as replay, pytest.raises(TranscriptError, match="choose another port"):
        Replay(EXCHANGE, port=int(replay.address.rpartition(":")[2]))


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_text("hello")
    with pytest.raises(TranscriptError, match="no transcript"):
        Replay(tmp_path / "x.log")


def test_what_the_scan_asked_can_be_replayed_from_a_masked_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = Network()
    sim = network.add_sim(Sim("+6281274000001", capacity=20))
    line = TcpLine(AtServer(sim, network), "127.0.0.1", 0)
    read, write = SerialLine.read, SerialLine.write
    with line, Recorder(tmp_path / "modem.log", masked=True) as recorder:

        def recorded_read(self: SerialLine, seconds: float, **options: bool) -> bytes:
            octets = read(self, seconds, **options)
            recorder("<", octets)
            return octets

        def recorded_write(self: SerialLine, octets: bytes) -> None:
            recorder(">", octets)
            write(self, octets)

        monkeypatch.setattr(SerialLine, "read", recorded_read)
        monkeypatch.setattr(SerialLine, "write", recorded_write)
        lived = ask(PortFacts(line.address))
        monkeypatch.undo()
    assert (tmp_path / "modem.log").read_text().startswith(HEADER)
    with Replay(tmp_path / "modem.log") as replay:
        played = ask(PortFacts(replay.address))
        replay.finish()
    assert played.sms
    assert (played.signal_percent, played.operator, played.sim_capacity) == (
        lived.signal_percent, lived.operator, lived.sim_capacity,
    )  # fmt: skip
    assert played.imei == "0" * 15
    assert lived.imei not in (tmp_path / "modem.log").read_text()
