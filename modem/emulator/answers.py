"""How a make of modem writes its lines, and what faults do to them on the way out."""

from __future__ import annotations

from modem.emulator.faults import Troubles
from modem.emulator.output import TimedOutput
from modem.emulator.personalities import Personality

_GARBAGE = b"\x00\xff\x80\x15\xfe"
_LINE_FORMS = {
    "crlf": ("\r\n", "\r\n"),
    "tight": ("", "\r\n"),
    "lf": ("\n", "\n"),
    "doubled": ("\r\r\n", "\r\r\n"),
}
"""What stands before and after a line."""


class AnswerWriter:
    """Gathers the lines of one answer and sends them: in the make's form, at its pace, with its chatter in between."""

    def __init__(self, make: Personality, troubles: Troubles, output: TimedOutput) -> None:
        self._make, self._troubles, self._output = make, troubles, output
        self._pieces: list[bytes] = []
        self._lines = 0
        self._chatter = 0

    def say(self, line: str) -> None:
        """Send an unsolicited line now; below CR LF it may have a second one."""
        self._output.put(self._octets(line))

    def add(self, lines: list[str]) -> None:
        """Lines of information; below CR LF each may have a second one, the PDU of a message."""
        every = self._make.noise_every
        for block in lines:
            for place, line in enumerate(block.split("\r\n")):
                self._pieces.append(self._octets(line, below=place > 0))
                self._lines += 1
                if every and self._lines % every == 0:
                    self._pieces.append(self._octets(self.chatter()))

    def prompt(self) -> None:
        """The answer ends with the prompt for a body."""
        self._pieces.append(self._make.prompt.encode("latin-1"))
        self._send()

    def end(self, result: str) -> None:
        """The answer ends with this result."""
        self._pieces.append(self._octets(result))
        self._send()

    def forget(self) -> None:
        """The answer is not given."""
        self._pieces.clear()

    def chatter(self) -> str:
        """The next vendor line."""
        self._chatter += 1
        return self._make.noise[self._chatter % len(self._make.noise)]

    def _octets(self, lines: str, below: bool = False) -> bytes:
        before, after = _LINE_FORMS[self._make.line_form]
        return (("" if below else before) + lines.replace("\r\n", after) + after).encode("latin-1", "replace")

    def _send(self) -> None:
        pieces, self._pieces = self._pieces, []
        late = self._troubles.strikes("late_answers")
        delay = self._make.answer_seconds + (float(late["by"]) if late else 0.0)
        if self._troubles.strikes("garbage") is not None:
            pieces = [octets for piece in pieces for octets in (_GARBAGE, piece)]
        if self._troubles.strikes("half_answers") is not None:
            whole = b"".join(pieces)
            pieces = [whole[: len(whole) // 2]]
        for piece in pieces:
            self._output.put(piece, delay)
            delay += self._make.line_seconds
