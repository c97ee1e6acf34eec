"""A modem that is a script: what it answers to each command, over TCP, so that the driver and its line are the real ones."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from modem.serial_modem import SerialModem

OK = b"\r\nOK\r\n"
ERROR = b"\r\nERROR\r\n"
Say = Callable[[str], bytes]
Answers = Mapping[str, bytes | Iterable[bytes]]
"""By the beginning of a command: its answer, or one answer after the other of which the last stays."""
Scripted = Callable[..., tuple[SerialModem, "ScriptedModem"]]
"""`scripted(say_or_answers, **options_of_the_driver)`."""


def lines(*texts: str) -> bytes:
    """Information lines and OK."""
    return "".join(f"\r\n{text}\r\n" for text in texts).encode() + OK


def final(text: str) -> bytes:
    """Another final line than OK."""
    return f"\r\n{text}\r\n".encode()


def saying(answers: Answers, otherwise: bytes = OK) -> Say:
    """A script by the beginnings of commands, the longest that fits; the rest is answered with `otherwise`."""
    left = {start: [given] if isinstance(given, bytes) else list(given) for start, given in answers.items()}

    def say(command: str) -> bytes:
        start = max((start for start in left if command.startswith(start)), key=len, default=None)
        if start is None:
            return otherwise
        return left[start].pop(0) if len(left[start]) > 1 else left[start][0]

    return say


def prompting(bodies: Answers, otherwise: bytes = OK) -> Say:
    """A script that asks for a body after AT+CMGS, and answers bodies as told."""
    return saying({**bodies, "AT+CMGS": b"\r\n> "}, otherwise)


class ScriptedModem:
    """A modem on TCP that answers each command with what `say` returns; b'' is silence. `said`: what it was told."""

    def __init__(self, say: Say) -> None:
        self.said: list[str] = []
        self.say = say
        self._line: socket.socket | None = None
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = f"socket://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def announce(self, *texts: str) -> None:
        """Say something unasked."""
        assert self._line is not None
        self._line.sendall("".join(f"\r\n{text}\r\n" for text in texts).encode())

    def said_since(self, count: int) -> list[str]:
        """What it was told after the first `count`."""
        return self.said[count:]

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def _serve(self) -> None:
        with self._server, suppress(OSError):
            while True:
                line, _ = self._server.accept()
                with line, suppress(OSError):
                    self._line = line
                    self._answer(line)

    def _answer(self, line: socket.socket) -> None:
        heard = b""
        while octets := line.recv(4096):
            heard += octets.replace(b"\x1b", b"")
            while (ended := re.match(rb"([^\r\x1a]*)[\r\x1a]", heard)) is not None:
                heard = heard[ended.end() :]
                if command := ended[1].decode():
                    self.said.append(command)
                    line.sendall(self.say(command))
