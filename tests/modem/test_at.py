"""The AT dialogue as scripts: what the program sends, what the modem sends back, what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.at import CTRL_Z, LINE_LIMIT, Answer, Dialogue, Event, Prompt, Stray, Unsolicited

PDU = "07912618010000F0040D91268121436587F900006211320215858205C8309BFD06"
OK = "OK"

# label, command, octets from the modem, events
SCRIPTS: list[tuple[str, str, bytes, list[Event]]] = [
    ("plain OK", "AT", b"\r\nOK\r\n", [Answer("AT", (), OK)]),
    ("echo on", "AT", b"AT\r\r\nOK\r\n", [Answer("AT", (), OK)]),
    ("bare line feeds", "AT", b"\nOK\n", [Answer("AT", (), OK)]),
    ("blank lines", "AT", b"\r\n\r\n\r\nOK\r\n\r\n", [Answer("AT", (), OK)]),
    ("NULs of a booting modem", "AT", b"\x00\x00\r\nOK\r\n", [Answer("AT", (), OK)]),
    ("information", "AT+CGSN", b"\r\n356938035643809\r\n\r\nOK\r\n", [Answer("AT+CGSN", ("356938035643809",), OK)]),
    ("plain error", "AT+X", b"\r\nERROR\r\n", [Answer("AT+X", (), "ERROR")]),
    ("CMS error", "AT+CMGR=9", b"\r\n+CMS ERROR: 321\r\n", [Answer("AT+CMGR=9", (), "+CMS ERROR: 321", 321)]),
    (
        "CME error in words",
        "AT+CPIN?",
        b"\r\n+CME ERROR: SIM busy\r\n",
        [Answer("AT+CPIN?", (), "+CME ERROR: SIM busy")],
    ),
    (
        "a listing",
        "AT+CMGL=4",
        f"\r\n+CMGL: 1,0,,24\r\n{PDU}\r\n\r\nOK\r\n".encode(),
        [Answer("AT+CMGL=4", ("+CMGL: 1,0,,24", PDU), OK)],
    ),
    (
        "an announcement inside a listing",
        "AT+CMGL=4",
        f'\r\n+CMGL: 1,0,,24\r\n+CMTI: "SM",2\r\n{PDU}\r\nOK\r\n'.encode(),
        [Unsolicited("+CMTI", '"SM",2'), Answer("AT+CMGL=4", ("+CMGL: 1,0,,24", PDU), OK)],
    ),
    (
        "an announcement right after the answer",
        "AT",
        b'\r\nOK\r\n\r\n+CMTI: "SM",7\r\n',
        [Answer("AT", (), OK), Unsolicited("+CMTI", '"SM",7')],
    ),
    ("a vendor's chatter", "AT", b"\r\n^RSSI:18\r\n\r\nOK\r\n", [Unsolicited("^RSSI", "18"), Answer("AT", (), OK)]),
    ("the answer to AT+CREG?", "AT+CREG?", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n", [Answer("AT+CREG?", ("+CREG: 0,1",), OK)]),
    (
        "the network changing while AT+CREG? is asked",
        "AT+CREG?",
        b"\r\n+CREG: 2\r\n\r\n+CREG: 0,2\r\n\r\nOK\r\n",
        [Unsolicited("+CREG", "2"), Answer("AT+CREG?", ("+CREG: 0,2",), OK)],
    ),
    (
        "a message delivered directly, PDU on its own line",
        "AT",
        f"\r\n+CMT: ,24\r\n{PDU}\r\n\r\nOK\r\n".encode(),
        [Unsolicited("+CMT", ",24", PDU), Answer("AT", (), OK)],
    ),
    ("garbage before the answer", "AT", b"\xff\xfe~\r\nOK\r\n", [Answer("AT", ("\ufffd\ufffd~",), OK)]),
    ("Huawei's own refusal", "AT^X", b"\r\nCOMMAND NOT SUPPORT\r\n", [Answer("AT^X", (), "COMMAND NOT SUPPORT")]),
]


@pytest.mark.parametrize(("label", "command", "octets", "events"), SCRIPTS, ids=[row[0] for row in SCRIPTS])
def test_dialogue_script(label: str, command: str, octets: bytes, events: list[Event]) -> None:
    dialogue = Dialogue()
    assert dialogue.command(command) == command.encode() + b"\r"
    assert dialogue.feed(octets) == events


@given(st.sampled_from(SCRIPTS), st.data())
def test_the_same_events_come_out_wherever_the_stream_is_cut(
    script: tuple[str, str, bytes, list[Event]], data: st.DataObject
) -> None:
    _, command, octets, events = script
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))
    dialogue = Dialogue()
    dialogue.command(command)
    found: list[Event] = []
    for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True):
        found += dialogue.feed(octets[start:end])
    assert found == events


@given(st.binary(max_size=300))
def test_noise_never_raises(noise: bytes) -> None:
    dialogue = Dialogue()
    dialogue.feed(noise)
    dialogue.command("AT")
    dialogue.feed(noise)
    dialogue.abandon()
    dialogue.command("AT")
    assert Answer("AT", (), OK) in [
        Answer(e.command, (), e.final) for e in dialogue.feed(b"\r\nOK\r\n") if isinstance(e, Answer)
    ]


@pytest.mark.parametrize("prompt", [b"\r\n> ", b"\r\n>", b"AT+CMGS=15\r\r\n> "])
def test_a_submit_waits_for_the_prompt_then_for_its_answer(prompt: bytes) -> None:
    dialogue = Dialogue()
    dialogue.command("AT+CMGS=15", body=True)
    assert dialogue.feed(prompt) == [Prompt()]
    assert dialogue.body(PDU) == PDU.encode() + CTRL_Z
    events = dialogue.feed(PDU.encode() + b"\x1a\r\n\r\n+CMGS: 42\r\n\r\nOK\r\n")
    assert events == [Answer("AT+CMGS=15", ("+CMGS: 42",), OK)]
    answer = events[0]
    assert isinstance(answer, Answer)
    assert answer.values("+CMGS") == ["42"]


def test_a_refused_submit_ends_before_the_prompt() -> None:
    dialogue = Dialogue()
    dialogue.command("AT+CMGS=15", body=True)
    assert dialogue.feed(b"\r\n+CMS ERROR: 310\r\n") == [Answer("AT+CMGS=15", (), "+CMS ERROR: 310", 310)]


def test_the_late_answer_of_an_abandoned_command_belongs_to_nobody() -> None:
    dialogue = Dialogue()
    dialogue.command("AT+CSQ")
    dialogue.feed(b"\r\n+CS")
    dialogue.abandon()
    assert dialogue.feed(b"\r\nOK\r\n") == [Stray("OK")]


def test_a_line_without_end_does_not_grow() -> None:
    dialogue = Dialogue()
    dialogue.feed(b"x" * (LINE_LIMIT * 3))
    (event,) = dialogue.feed(b"\r\n")
    assert isinstance(event, Stray)
    assert len(event.line) == LINE_LIMIT


def test_two_commands_at_once_are_a_programming_error() -> None:
    dialogue = Dialogue()
    dialogue.command("AT")
    with pytest.raises(RuntimeError, match="AT is not answered"):
        dialogue.command("AT+CSQ")
