"""Hostile PDUs never stop the drain: a short run of `tests.fuzz_pdu`, and whether it would notice a breach."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gateway.store import inbox
from modem.types import PduError, ReceivedSms
from tests import fuzz_pdu


def test_hostile_pdus_stop_nothing(tmp_path: Path) -> None:
    figures = fuzz_pdu.run(2000, 3, tmp_path)
    assert figures.good >= 200
    assert set(figures.states) == {"decoded", "filed", "undecodable"}, "every kind of outcome is in it"


def test_a_lost_message_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decode = inbox.pdu.decode

    def deaf(hex_: str) -> ReceivedSms:
        sms = decode(hex_)
        if sms.text == "NIHIL nomor 7":
            raise PduError("a surprise")
        return sms

    monkeypatch.setattr(inbox.pdu, "decode", deaf)
    with pytest.raises(fuzz_pdu.Broken, match="NIHIL nomor 7"):
        fuzz_pdu.run(100, 1, tmp_path)


def test_an_error_nobody_expected_is_noticed_with_its_pdu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decode = inbox.pdu.decode

    def stumble(hex_: str) -> ReceivedSms:
        sms = decode(hex_)
        if sms.kind == "status_report":
            raise RuntimeError("a surprise")
        return sms

    monkeypatch.setattr(inbox.pdu, "decode", stumble)
    with pytest.raises(fuzz_pdu.Broken, match=r"RuntimeError while it was decoded: .* '0"):
        fuzz_pdu.run(200, 1, tmp_path)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os; os._exit(9)", "exit code 9"),
        ("import time; time.sleep(60)", "took longer"),
        ("raise SystemExit(0)", ""),
    ],
)
def test_the_end_of_the_process_keeps_its_last_batch(tmp_path: Path, code: str, said: str) -> None:
    (tmp_path / "batch.txt").write_text("SM '00'\n")
    trouble = fuzz_pdu.supervise([sys.executable, "-c", code], tmp_path, silent_seconds=0.5)
    assert said in trouble
    assert bool(trouble) == bool(said)
    assert (str(tmp_path / "batch.txt") in trouble) == bool(said)
    assert (tmp_path / "batch.txt").read_text() == "SM '00'\n"
