"""Recording what passes between a driver and its modem: for the technician who looks for a fault, and to be replayed.

    # waspada transcript 1 masked
    0.012 > 'AT+CSQ\\r'
    0.015 < '\\r\\n+CSQ: 21,99\\r\\n\\r\\nOK\\r\\n'

Seconds since the recording began, `>` to the modem or `<` from it, and the octets as a Python string of Latin-1. A file
may hold several recordings, each under its own first line. Lines are recorded whole: a number that came in two pieces
is masked as one. What is masked, and how: `masking.py`.
"""

from __future__ import annotations

import ast
import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .masking import Masker, hide, hide_secrets

HEADER = "# waspada transcript 1"
TO_MODEM, FROM_MODEM = ">", "<"
LINE_LIMIT = 4096
"""A line that has no end after so many octets is none: it is recorded with every letter and digit masked."""
_ENDS = {FROM_MODEM: b"\r\n", TO_MODEM: b"\r\n\x1a\x1b"}
_LINE = re.compile(r"([^\r\n\x1a\x1b]*)([\r\n\x1a\x1b]*)")
_CTRL_Z = "\x1a"
_CLOSED = -1
_AS_IS = getattr(os, "O_BINARY", 0)
"""Windows would write two octets for a line's end."""


class TranscriptError(Exception):
    """A file that is no transcript, or a replay that went another way. The text is complete."""


@dataclass(frozen=True)
class Passed:
    """One record: what passed, and when (seconds since the recording began). `line` is its place in the file."""

    at: float
    direction: str
    octets: bytes
    line: int = 0


class Recorder:
    """Writes a transcript; give it to a driver as its `tap`. One thread uses it; a context manager.

    `masked`: without numbers and texts. PINs are masked always. Beyond `limit_octets` the file becomes `<name>.old`, which
    is replaced, and a new one begins. Files are readable by their owner only. A disk that takes no more ends the
    recording, never the modem's work: then `trouble` says why.
    """

    def __init__(
        self,
        path: Path,
        *,
        masked: bool,
        limit_octets: int = 512_000,
        clock: Callable[[], float] = time.monotonic,
        about: str = "",
    ) -> None:
        self.trouble = ""
        self._path, self._masked, self._limit, self._clock = path, masked, limit_octets, clock
        self._began = clock()
        self._header = f"{HEADER} {'masked' if masked else 'full'} {about}".strip() + "\n"
        self._masker = Masker()
        self._halves = {FROM_MODEM: bytearray(), TO_MODEM: bytearray()}
        self._file = _CLOSED
        self._size = 0
        self._guarded(self._open)

    def __call__(self, direction: str, octets: bytes) -> None:
        """Take what passed: `>` to the modem, `<` from it. Whole lines are written at once, the rest waits for its end."""
        half = self._halves[direction]
        half += octets
        end = max(half.rfind(sign) for sign in _ENDS[direction]) + 1
        if direction == FROM_MODEM and bytes(half[end:]) in (b">", b"> "):
            end = len(half)  # a prompt is a line without an end
        if end:
            whole = half[:end].decode("latin-1")
            del half[:end]
            self._record(direction, "".join(self._shown(direction, *pair) for pair in _LINE.findall(whole)))
        if len(half) > LINE_LIMIT:
            self._record_half(direction)

    def close(self) -> None:
        """Write the halves of lines that never ended, and close the file; never raises."""
        for direction in self._halves:
            self._record_half(direction)
        self._close_file()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _shown(self, direction: str, line: str, end: str) -> str:
        if not line:
            return end
        if not self._masked:
            return hide_secrets(line) + end
        if direction == FROM_MODEM:
            return self._masker.received(line) + end
        return self._masker.sent(line, body=end[:1] == _CTRL_Z) + end

    def _record_half(self, direction: str) -> None:
        half = self._halves[direction]
        if half:
            self._record(direction, hide(half.decode("latin-1")))
            half.clear()

    def _record(self, direction: str, text: str) -> None:
        line = f"{self._clock() - self._began:.3f} {direction} {text!a}\n"
        if self._file != _CLOSED:
            self._guarded(lambda: self._write(line))

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError as error:
            self.trouble = f"the transcript {self._path} cannot be written ({error.strerror})"
            self._close_file()

    def _close_file(self) -> None:
        file, self._file = self._file, _CLOSED
        if file != _CLOSED:
            with contextlib.suppress(OSError):
                os.close(file)

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _AS_IS, 0o600)
        os.chmod(self._path, 0o600)  # one that was there already may have been open to others
        self._size = os.fstat(self._file).st_size
        self._write(self._header)

    def _write(self, line: str) -> None:
        if self._size and self._size + len(line) > self._limit:
            self._close_file()
            self._path.replace(old_file(self._path))
            self._open()
        octets = line.encode("ascii", "backslashreplace")
        self._size += os.write(self._file, octets)


def transcript_file(folder: Path, key: str) -> Path:
    """Where the gateway records the modem `key` (`ModemRecord.key`), below its data folder."""
    return folder / f"modem-{key}.log"


def old_file(path: Path) -> Path:
    """Where the file before this one is kept."""
    return path.with_name(path.name + ".old")


def load(path: Path) -> list[Passed]:
    """The last recording in a file. Raises TranscriptError, in one sentence, where it is none."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TranscriptError(f"{path} cannot be read as a transcript ({error}).") from None
    starts = [number for number, line in enumerate(lines) if line.startswith(HEADER)]
    if not starts:
        raise TranscriptError(f"{path} is no transcript: no line in it begins with {HEADER!r}.")
    return list(_records(path, lines, starts[-1] + 1))


def _records(path: Path, lines: list[str], start: int) -> Iterator[Passed]:
    for number, line in enumerate(lines[start:], start=start + 1):
        if not line.strip() or line.startswith("#"):
            continue
        at, _, rest = line.partition(" ")
        direction, _, text = rest.partition(" ")
        try:
            said = ast.literal_eval(text)
            if direction not in (TO_MODEM, FROM_MODEM) or not isinstance(said, str):
                raise ValueError("neither > nor <")
            yield Passed(float(at), direction, said.encode("latin-1"), number)
        except (ValueError, SyntaxError):
            raise TranscriptError(f"{path}, line {number} is no record such as 0.012 > 'AT\\r'.") from None
