"""What the tests of the modem layer share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from modem.serial_modem import SerialModem

from .scripted import Answers, Say, Scripted, ScriptedModem, saying


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """Makes a scripted modem and the driver on its line; both are closed at the end."""
    monkeypatch.setattr("modem.at_line.SETTLE_SECONDS", 0.02)
    with ExitStack() as stack:

        def made(say: Say | Answers, **options: Any) -> tuple[SerialModem, ScriptedModem]:
            other_end = ScriptedModem(saying(say) if isinstance(say, Mapping) else say)
            stack.callback(other_end.close)
            modem = SerialModem(other_end.port, **{"answer_seconds": 2, "send_seconds": 2, **options})
            stack.callback(modem.close)
            return modem, other_end

        yield made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is waited for in vain is waited for briefly."""
    monkeypatch.setattr("modem.at_line.OPTIONAL_SECONDS", 0.1)
    monkeypatch.setattr("modem.at_line.PROBE_SECONDS", 0.3)
    monkeypatch.setattr("modem.setup.OPTIONAL_SECONDS", 0.1)
    monkeypatch.setattr("modem.setup.SIM_POLL_SECONDS", 0.02)
