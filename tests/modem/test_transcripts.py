"""Recorded dialogues, masked, replayed against the driver: it must still ask the same and understand the same.

Where the driver was changed on purpose: `python -m tests.modem.journey` records them anew; read what changed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from modem import pdu
from modem.emulator import tpdu
from modem.emulator.personalities import PERSONALITIES
from modem.replay import Replay
from modem.serial_modem import SerialModem
from modem.transcript import load
from modem.types import ModemState, OutgoingPdu
from tests.modem.journey import FOLDER, LONG, OWN, VILLAGER, journey

SMSC = "+6281100000"
TRANSCRIPTS = sorted(FOLDER.glob("*.log"))


def submitted(file: Path) -> OutgoingPdu:
    """The PDU that was sent when this was recorded, masked as it is now."""
    sent = [record.octets for record in load(file) if record.direction == ">"]
    (body,) = [octets[:-1].decode() for octets in sent if octets.endswith(b"\x1a")]
    return OutgoingPdu(body, len(body) // 2 - 1 - int(body[:2], 16))


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda file: file.stem)
def test_the_driver_goes_the_recorded_way(file: Path) -> None:
    with Replay(file) as replay:
        seen = journey(SerialModem(replay.address, answer_seconds=5, send_seconds=5), submitted(file))
        replay.finish()
    assert seen.status.state is ModemState.READY
    first, second = (pdu.decode(stored.hex) for stored in seen.found)
    assert first.text + second.text == "x" * len(LONG)
    assert (first.part, second.part, first.parts, first.reference) == (1, 2, 2, second.reference)
    assert [pdu.decode(stored.hex).text for stored in seen.arrived] == ["x" * len("NIHIL LAMBUR II")]
    assert seen.left == []


@pytest.mark.parametrize("file", TRANSCRIPTS, ids=lambda file: file.stem)
def test_no_transcript_here_names_anybody(file: Path) -> None:
    text = file.read_text()
    numbers = [OWN[1:], VILLAGER[1:], SMSC[1:], *(make.imei for make in PERSONALITIES.values())]
    for number in numbers:
        digits = number + "F" * (len(number) % 2)
        assert number not in text
        assert "".join(digits[at + 1] + digits[at] for at in range(0, len(digits), 2)) not in text
    for content in tpdu.split_text(LONG) + tpdu.split_text("NIHIL LAMBUR II"):
        assert content.octets[content.header_octets + 2 :].hex().upper() not in text


def test_every_personality_has_one() -> None:
    assert {file.stem for file in TRANSCRIPTS} == set(PERSONALITIES)
