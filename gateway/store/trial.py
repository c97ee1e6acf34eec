"""Decode PDUs from stdin, one a line, in a process that may die of it; see `inbox.recover`."""

from __future__ import annotations

import contextlib
import sys

from modem import pdu
from modem.types import PduError

if __name__ == "__main__":
    for index, line in enumerate(sys.stdin):
        print(index, flush=True)
        with contextlib.suppress(PduError):
            pdu.decode(line)
