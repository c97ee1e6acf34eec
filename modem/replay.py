"""A transcript served as a modem: expects what the client sent when it was recorded, answers what the modem answered.

What lives here: comparing and answering on a TCP port. What does not: the file (`transcript.py`).
"""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Sequence
from pathlib import Path

from .masking import hide_secrets
from .transcript import FROM_MODEM, TO_MODEM, Passed, TranscriptError, load

_CHUNK = 4096
_SLICE_SECONDS = 0.1
"""How late `close` may be noticed."""


class Replay:
    """Serves one client from the beginning to the end of a transcript, then takes nothing more.

    Answers leave as soon as everything before them was sent; the recorded pauses are not kept. At the first octet that
    differs the line is cut, and `finish` raises. A context manager; a thread of its own serves.
    """

    def __init__(self, transcript: Path | Sequence[Passed], host: str = "127.0.0.1", port: int = 0) -> None:
        """Raises TranscriptError for a file that is none, or where the port cannot be opened."""
        self._records = _joined(load(transcript) if isinstance(transcript, Path) else transcript)
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._listener = socket.create_server((host, port), family=family)
        except OSError as error:
            raise TranscriptError(f"{host}:{port} cannot be opened ({error.strerror}); choose another port.") from None
        shown = f"[{host}]" if ":" in host else host
        self.address = f"socket://{shown}:{self._listener.getsockname()[1]}"
        """What a client opens, as pyserial writes it."""
        self.difference = ""
        """Where the client went another way; '' as long as it did not."""
        self._reached = 0
        self._closing = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="replay", daemon=True)
        self._thread.start()

    def __enter__(self) -> Replay:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it; never raises."""
        self._closing.set()
        self._thread.join()

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the client went, or went another way, within `timeout` seconds."""
        return self._ended.wait(timeout)

    def finish(self) -> None:
        """End it. Raises TranscriptError where the client sent something else, or less, than was recorded."""
        self.close()
        if not self.difference and self._reached < len(self._records):
            record = self._records[self._reached]
            self.difference = f"line {record.line}: {record.octets!r} was never reached"
        if self.difference:
            raise TranscriptError(self.difference)

    def _serve(self) -> None:
        try:
            with self._listener:
                client = self._accept()
            if client is not None:
                with client:
                    self._play(client)
        finally:
            self._ended.set()

    def _accept(self) -> socket.socket | None:
        while not self._closing.is_set():
            if select.select([self._listener], [], [], _SLICE_SECONDS)[0]:
                return self._listener.accept()[0]
        return None

    def _play(self, client: socket.socket) -> None:
        came = b""
        for record in self._records:
            if record.direction == FROM_MODEM:
                if not self._send(client, record.octets):
                    return
            else:
                while len(came) < len(record.octets) and _is_beginning(came, record.octets):
                    more = self._receive(client)
                    if not more:
                        return
                    came += more
                expected, sent = record.octets, came[: len(record.octets)]
                if _without_pin(sent) != _without_pin(expected):
                    self.difference = f"line {record.line}: expected {expected!r}, but the client sent {sent!r}"
                    return
                came = came[len(expected) :]
            self._reached += 1
        extra = came or self._receive(client)
        if extra:
            self.difference = f"behind the end of the transcript the client sent {extra!r}"

    def _receive(self, client: socket.socket) -> bytes:
        """What the client sends next; b'' when it went or `close` was called."""
        while not self._closing.is_set():
            if select.select([client], [], [], _SLICE_SECONDS)[0]:
                try:
                    return client.recv(_CHUNK)
                except OSError:
                    return b""
        return b""

    def _send(self, client: socket.socket, octets: bytes) -> bool:
        try:
            client.sendall(octets)
        except OSError:
            return False
        return True


def _is_beginning(came: bytes, expected: bytes) -> bool:
    return _without_pin(expected[: len(came)]) == _without_pin(came[: len(expected)])


def _without_pin(octets: bytes) -> str:
    """A PIN is in no transcript, so that any of its length will do."""
    return hide_secrets(octets.decode("latin-1"))


def _joined(records: Sequence[Passed]) -> list[Passed]:
    """Neighbours of one direction as one record: how octets were cut in a recording says nothing."""
    joined: list[Passed] = []
    for record in records:
        if joined and joined[-1].direction == record.direction == TO_MODEM:
            last = joined[-1]
            joined[-1] = Passed(last.at, last.direction, last.octets + record.octets, last.line)
        else:
            joined.append(record)
    return joined
