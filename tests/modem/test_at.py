"""The AT dialogue as scripts: what the program sends, what the modem sends back, what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.at import (
    CTRL_Z,
    LINE_LIMIT,
    TABLE,
    TEXT_LIMIT,
    Answer,
    Dialogue,
    Event,
    Kind,
    Prompt,
    State,
    Stray,
    Unsolicited,
)

PDU = "07912618010000F0040D91268121436587F900006211320215858205C8309BFD06"
OTHER = "07912618010000F0040D91268121436587F90000621132021585820AE8329BFD4697D9EC37"
TPDU_OCTETS = len(PDU) // 2 - 8
OTHER_OCTETS = len(OTHER) // 2 - 8
PAGE = "0010DD001133DAED46ABD56AB5186CD668341A8D46A3D168341A8D46A3D1683497"
OK = "OK"
CMGL = "AT+CMGL=4"
HEADER = f"+CMGL: 1,0,,{TPDU_OCTETS}"
LISTING = Answer(CMGL, (HEADER, PDU), OK)
CMTI = Unsolicited("+CMTI", '"SM",2')
CMT = Unsolicited("+CMT", f",{OTHER_OCTETS}", OTHER)

# label, command, octets from the modem, events
SCRIPTS: list[tuple[str, str, bytes, list[Event]]] = [
    # how lines end, and echoes
    ("plain OK", "AT", b"\r\nOK\r\n", [Answer("AT", (), OK)]),
    ("echo on", "AT", b"AT\r\r\nOK\r\n", [Answer("AT", (), OK)]),
    ("carriage returns only", "AT+CSQ", b"AT+CSQ\r\r+CSQ: 9,99\r\rOK\r", [Answer("AT+CSQ", ("+CSQ: 9,99",), OK)]),
    ("line feeds only", "AT+CSQ", b"AT+CSQ\n+CSQ: 9,99\nOK\n", [Answer("AT+CSQ", ("+CSQ: 9,99",), OK)]),
    ("doubled carriage returns", "AT+CSQ", b"\r\r\n+CSQ: 9,99\r\r\n\r\r\nOK\r\r\n", [Answer("AT+CSQ", ("+CSQ: 9,99",), OK)]),
    ("blank lines", "AT", b"\r\n\r\n\r\nOK\r\n\r\n", [Answer("AT", (), OK)]),
    ("no line end before the answer", "AT+CSQ", b"+CSQ: 9,99\r\nOK\r\n", [Answer("AT+CSQ", ("+CSQ: 9,99",), OK)]),
    ("blanks around a line", "AT", b"\r\n OK \r\n", [Answer("AT", (), OK)]),
    ("an echo although ATE0 was said", "ATE0", b"ATE0\r\r\nOK\r\n", [Answer("ATE0", (), OK)]),
    (
        "an echo cut in two by an announcement",
        CMGL,
        f'AT+CM\r\n+CMTI: "SM",2\r\nGL=4\r\r\n{HEADER}\r\n{PDU}\r\n\r\nOK\r\n'.encode(),
        [CMTI, LISTING],
    ),
    (
        "an echo cut without a line end, by what begins like it",
        CMGL,
        f'AT+CMTI: "SM",2\r\n+CMGL=4\r\r\n{HEADER}\r\n{PDU}\r\n\r\nOK\r\n'.encode(),
        [CMTI, LISTING],
    ),
    (
        "an announcement without a line end before the echo",
        CMGL,
        f'+CMTI: "SM",2AT+CMGL=4\r\r\n{HEADER}\r\n{PDU}\r\nOK\r\n'.encode(),
        [CMTI, LISTING],
    ),
    ("half a line of another answer before the echo", "AT+CSQ", b"OK AT+CSQ\r\r\n+CSQ: 9,99\r\nOK\r\n",
     [Answer("AT+CSQ", ("+CSQ: 9,99",), OK)]),
    ("the echo of a command given up", "AT", b"AT+COPS?\r\r\nOK\r\n", [Answer("AT", (), OK)]),
    # answers
    ("information", "AT+CGSN", b"\r\n356938035643809\r\n\r\nOK\r\n", [Answer("AT+CGSN", ("356938035643809",), OK)]),
    ("a listing", CMGL, f"\r\n{HEADER}\r\n{PDU}\r\n\r\nOK\r\n".encode(), [LISTING]),
    ("lines that begin like our names, not like the question", "ATI", b"\r\nhuawei\r\n+GCAP: +CGSM\r\n\r\nOK\r\n",
     [Answer("ATI", ("huawei", "+GCAP: +CGSM"), OK)]),
    ("an answer under another sign", "AT+CIMI", b"\r\n*CIMI: 510101234567890\r\nOK\r\n",
     [Answer("AT+CIMI", ("*CIMI: 510101234567890",), OK)]),
    ("a vendor's answer to a vendor's question", "AT^SYSINFO", b"\r\n^SYSINFO:2,3,0,5,1\r\n\r\nOK\r\n",
     [Answer("AT^SYSINFO", ("^SYSINFO:2,3,0,5,1",), OK)]),
    ("a list of command names", "AT+CLAC", b"\r\n+CMGL\r\n+CMT\r\n\r\nOK\r\n", [Answer("AT+CLAC", ("+CMGL", "+CMT"), OK)]),
    # refusals
    ("plain error", "AT+X", b"\r\nERROR\r\n", [Answer("AT+X", (), "ERROR")]),
    ("CMS error", "AT+CMGR=9", b"\r\n+CMS ERROR: 321\r\n", [Answer("AT+CMGR=9", (), "+CMS ERROR: 321", 321)]),
    ("CMS error without a blank", "AT+CMGR=9", b"\r\n+CMS ERROR:321\r\n", [Answer("AT+CMGR=9", (), "+CMS ERROR:321", 321)]),
    ("CME error in words", "AT+CPIN?", b"\r\n+CME ERROR: SIM busy\r\n",
     [Answer("AT+CPIN?", (), "+CME ERROR: SIM busy", 14)]),
    ("CMS error in words", "AT+CMGR=1", b"\r\n+CMS ERROR: invalid memory index\r\n",
     [Answer("AT+CMGR=1", (), "+CMS ERROR: invalid memory index", 321)]),
    ("the newer standard's words", "AT+CMGR=1", b"\r\n+CMS ERROR: (U)SIM not inserted\r\n",
     [Answer("AT+CMGR=1", (), "+CMS ERROR: (U)SIM not inserted", 310)]),
    ("words of no standard", "AT+X", b"\r\n+CME ERROR: bad mood\r\n", [Answer("AT+X", (), "+CME ERROR: bad mood")]),
    ("Huawei's own refusal", "AT^X", b"\r\nCOMMAND NOT SUPPORT\r\n", [Answer("AT^X", (), "COMMAND NOT SUPPORT")]),
    ("a dialled call that fails", "ATD123", b"\r\nNO CARRIER\r\n", [Answer("ATD123", (), "NO CARRIER")]),
    # what comes unasked
    (
        "an announcement between a header and its PDU",
        CMGL,
        f'\r\n{HEADER}\r\n+CMTI: "SM",2\r\n{PDU}\r\nOK\r\n'.encode(),
        [CMTI, LISTING],
    ),
    ("an announcement right after the answer", "AT", b'\r\nOK\r\n\r\n+CMTI: "SM",2\r\n', [Answer("AT", (), OK), CMTI]),
    ("an announcement right before the answer", "AT", b'\r\n+CMTI: "SM",2\r\nOK\r\n', [CMTI, Answer("AT", (), OK)]),
    ("a vendor's chatter", "AT", b"\r\n^RSSI:18\r\n\r\nOK\r\n", [Unsolicited("^RSSI", "18"), Answer("AT", (), OK)]),
    (
        "chatter inside a listing",
        CMGL,
        f"\r\n{HEADER}\r\n^DSFLOWRPT:0000001E,00000000\r\n{PDU}\r\n+ZUSIMR:2\r\nOK\r\n".encode(),
        [Unsolicited("^DSFLOWRPT", "0000001E,00000000"), Unsolicited("+ZUSIMR", "2"), LISTING],
    ),
    ("a ring", "AT", b"\r\nRING\r\n\r\nOK\r\n", [Unsolicited("RING", ""), Answer("AT", (), OK)]),
    ("a caller hanging up ends no command of ours", "AT", b"\r\nNO CARRIER\r\n\r\nOK\r\n",
     [Unsolicited("NO CARRIER", ""), Answer("AT", (), OK)]),
    ("the banners of a start", "AT", b"\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nCall Ready\r\n\r\n^SYSSTART\r\nOK\r\n",
     [Unsolicited("RDY", ""), Unsolicited("+CFUN", "1"), Unsolicited("+CPIN", "READY"), Unsolicited("Call Ready", ""),
      Unsolicited("^SYSSTART", ""), Answer("AT", (), OK)]),
    ("the network's clock", "AT", b"\r\n*PSUTTZ: 2026,11,23,16,0,0,\"+28\",0\r\nOK\r\n",
     [Unsolicited("*PSUTTZ", '2026,11,23,16,0,0,"+28",0'), Answer("AT", (), OK)]),
    ("the answer to AT+CREG?", "AT+CREG?", b"\r\n+CREG: 0,1\r\n\r\nOK\r\n", [Answer("AT+CREG?", ("+CREG: 0,1",), OK)]),
    (
        "the network changing while AT+CREG? is asked",
        "AT+CREG?",
        b'\r\n+CREG: 2\r\n\r\n+CREG: 1,"1507","0A3F"\r\n+CREG: 1,1507,0A3F\r\n+CREG: 2,1,"1507","0A3F"\r\n\r\nOK\r\n',
        [
            Unsolicited("+CREG", "2"),
            Unsolicited("+CREG", '1,"1507","0A3F"'),
            Unsolicited("+CREG", "1,1507,0A3F"),
            Answer("AT+CREG?", ('+CREG: 2,1,"1507","0A3F"',), OK),
        ],
    ),
    ("the answer to AT+CPIN?", "AT+CPIN?", b"\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n", [Answer("AT+CPIN?", ("+CPIN: SIM PIN",), OK)]),
    ("the SIM taken away while another is asked", "AT+CSQ", b"\r\n+CPIN: NOT READY\r\n+CSQ: 9,99\r\nOK\r\n",
     [Unsolicited("+CPIN", "NOT READY"), Answer("AT+CSQ", ("+CSQ: 9,99",), OK)]),
    # messages handed over
    (
        "a message delivered directly",
        "AT",
        f"\r\n+CMT: ,{TPDU_OCTETS}\r\n{PDU}\r\n\r\nOK\r\n".encode(),
        [Unsolicited("+CMT", f",{TPDU_OCTETS}", PDU), Answer("AT", (), OK)],
    ),
    (
        "one delivered between a header and its PDU",
        CMGL,
        f"\r\n{HEADER}\r\n+CMT: ,{OTHER_OCTETS}\r\n{OTHER}\r\n{PDU}\r\nOK\r\n".encode(),
        [CMT, LISTING],
    ),
    (
        "one delivered there whose PDU never comes",
        CMGL,
        f"\r\n{HEADER}\r\n+CMT: ,{OTHER_OCTETS}\r\n{PDU}\r\nOK\r\n".encode(),
        [Unsolicited("+CMT", f",{OTHER_OCTETS}"), LISTING],
    ),
    (
        "chatter between a delivery and its PDU",
        "AT",
        f"\r\n+CMT: ,{OTHER_OCTETS}\r\n^RSSI:9\r\n{OTHER}\r\nOK\r\n".encode(),
        [Unsolicited("^RSSI", "9"), CMT, Answer("AT", (), OK)],
    ),
    (
        "a delivery of another length than announced",
        "AT",
        f"\r\n+CMT: ,99\r\n{OTHER.lower()}\r\nOK\r\n".encode(),
        [Unsolicited("+CMT", ",99", OTHER), Answer("AT", (), OK)],
    ),
    (
        "an identity is not the PDU that never came",
        "AT+CGSN",
        b"\r\n+CMT: ,24\r\n356938035643809\r\nOK\r\n",
        [Unsolicited("+CMT", ",24"), Answer("AT+CGSN", ("356938035643809",), OK)],
    ),
    (
        "two deliveries, the first without PDU",
        "AT",
        f"\r\n+CMT: ,24\r\n+CMT: ,{OTHER_OCTETS}\r\n{OTHER}\r\nOK\r\n".encode(),
        [Unsolicited("+CMT", ",24"), CMT, Answer("AT", (), OK)],
    ),
    (
        "a status report",
        "AT",
        f"\r\n+CDS: {TPDU_OCTETS}\r\n{PDU}\r\nOK\r\n".encode(),
        [Unsolicited("+CDS", f"{TPDU_OCTETS}", PDU), Answer("AT", (), OK)],
    ),
    (
        "a cell broadcast, which has no service centre",
        "AT",
        f"\r\n+CBM: {len(PAGE) // 2}\r\n{PAGE}\r\nOK\r\n".encode(),
        [Unsolicited("+CBM", f"{len(PAGE) // 2}", PAGE), Answer("AT", (), OK)],
    ),
    (
        "a message in text mode whose text looks like an answer",
        "AT",
        b'\r\n+CMT: "+628121",,"26/11/23,16:00:00+28"\r\nOK\r\n\r\nOK\r\n',
        [Unsolicited("+CMT", '"+628121",,"26/11/23,16:00:00+28"', "OK"), Answer("AT", (), OK)],
    ),
    # texts over several lines
    (
        "a USSD text with a line OK",
        "AT+CUSD=1,\"*888#\",15",
        b'\r\nOK\r\n\r\n+CUSD: 0,"Pulsa Rp5000\r\nOK\r\nERROR\r\nTerima kasih",15\r\n',
        [Answer('AT+CUSD=1,"*888#",15', (), OK), Unsolicited("+CUSD", '0,"Pulsa Rp5000\nOK\nERROR\nTerima kasih",15')],
    ),
    (
        "the same before the command's own OK",
        "AT+CUSD=1,\"*888#\",15",
        b'\r\n+CUSD: 1,"1. Ya\nOK\n2. Tidak",15\r\n\r\nOK\r\n',
        [Unsolicited("+CUSD", '1,"1. Ya\nOK\n2. Tidak",15'), Answer('AT+CUSD=1,"*888#",15', (), OK)],
    ),
    (
        "quotes inside a USSD text",
        "AT",
        b'\r\n+CUSD: 0,"Ketik "INFO"\r\nOK\r\nke 123"\r\n\r\nOK\r\n',
        [Unsolicited("+CUSD", '0,"Ketik "INFO"\nOK\nke 123"'), Answer("AT", (), OK)],
    ),
    ("a USSD result without a text", "AT", b"\r\n+CUSD: 2\r\nOK\r\n", [Unsolicited("+CUSD", "2"), Answer("AT", (), OK)]),
    # noise
    ("garbage before the answer", "AT", b"\xff\xfe~\r\nOK\r\n", [Answer("AT", ("\ufffd\ufffd~",), OK)]),
    ("NULs of a booting modem", "AT", b"\x00\x00\r\nO\x00K\r\n", [Answer("AT", (), OK)]),
    ("a lone prompt", "AT", b"\r\n> \r\nOK\r\n", [Answer("AT", (), OK)]),
]  # fmt: skip


def fed(command: str, pieces: list[bytes]) -> list[Event]:
    dialogue = Dialogue()
    assert dialogue.command(command) == command.encode() + b"\r"
    return [event for piece in pieces for event in dialogue.feed(piece)]


@pytest.mark.parametrize(("label", "command", "octets", "events"), SCRIPTS, ids=[row[0] for row in SCRIPTS])
def test_dialogue_script(label: str, command: str, octets: bytes, events: list[Event]) -> None:
    assert fed(command, [octets]) == events


@given(st.sampled_from(SCRIPTS), st.data())
def test_the_same_events_come_out_wherever_the_stream_is_cut(
    script: tuple[str, str, bytes, list[Event]], data: st.DataObject
) -> None:
    _, command, octets, _ = script
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))
    pieces = [octets[start:end] for start, end in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    assert fed(command, pieces) == fed(command, [octets])


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_noise_never_raises_and_the_next_command_is_answered(before: bytes, during: bytes) -> None:
    dialogue = Dialogue()
    dialogue.feed(before)
    dialogue.command("AT+CMGS=20", body=True)
    if dialogue.feed(during) == [Prompt()]:
        dialogue.body(PDU)
    dialogue.abandon()
    # What a delivery that began in the noise still waits for is not the answer.
    dialogue.feed(b"\r\nstray\r\n")
    dialogue.command("AT")
    events = dialogue.feed(b"\r\nOK\r\n")
    assert [(e.command, e.final) for e in events if isinstance(e, Answer)] == [("AT", OK)]


CHATTER = st.lists(
    st.sampled_from(
        [b"\r\n^RSSI:18\r\n", b"\r\n", b"\r\n+CREG: 1\r\n", b"\r\n^BOOT:1,0,0,0,6\r\n", b"\r\n*PSUTTZ: 1\r\n"]
    ),
    min_size=5,
    max_size=5,
)


@given(CHATTER)
def test_chatter_between_any_two_lines_changes_no_listing(chatter: list[bytes]) -> None:
    lines = [b"AT+CMGL=4\r", f"\r\n{HEADER}\r\n".encode(), f"{PDU}\r\n".encode(), b"\r\nOK\r\n"]
    octets = b"".join(piece for pair in zip(chatter, lines, strict=False) for piece in pair)
    assert [event for event in fed(CMGL, [octets]) if isinstance(event, Answer)] == [LISTING]


# -- sending -------------------------------------------------------------------------------------------------------

PROMPTS = {
    "with a blank": b"\r\n> ",
    "without": b"\r\n>",
    "after the echo": b"AT+CMGS=15\r\r\n> ",
    "after an announcement": b'\r\n+CMTI: "SM",2\r\n\r\n> ',
    "behind a blank": b"\r\n > ",
    "doubled": b"\r\n> \r\n> ",
}


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS.keys())
def test_a_submit_waits_for_the_prompt_then_for_its_answer(prompt: bytes) -> None:
    dialogue = Dialogue()
    dialogue.command("AT+CMGS=15", body=True)
    events = [event for octet in prompt for event in dialogue.feed(bytes([octet]))]
    assert [event for event in events if not isinstance(event, Unsolicited)] == [Prompt()]
    assert dialogue.body(PDU) == PDU.encode() + CTRL_Z
    (answer,) = dialogue.feed(PDU.encode() + b"\x1a\r\n\r\n+CMGS: 42\r\n\r\nOK\r\n")
    assert answer == Answer("AT+CMGS=15", ("+CMGS: 42",), OK)
    assert isinstance(answer, Answer)
    assert answer.values("+CMGS") == ["42"]


BODIES = {
    "not echoed": b"\r\n+CMGS: 42\r\n\r\nOK\r\n",
    "echoed": PDU.encode() + b"\x1a\r\n+CMGS: 42\r\n\r\nOK\r\n",
    "echoed behind another prompt": b"> " + PDU.encode() + b"\r\n+CMGS: 42\r\n\r\nOK\r\n",
    "echoed in lines": PDU[:20].encode() + b"\r\n" + PDU[20:].encode() + b"\x1a\r\n+CMGS: 42\r\nOK\r\n",
    "echoed, cut by an announcement": PDU[:9].encode()
    + b'\r\n+CMTI: "SM",2\r\n'
    + PDU[9:].encode()
    + b"\x1a\r\n+CMGS: 42\r\nOK\r\n",
    "echoed, cut by a delivery": PDU[:9].encode()
    + f"\r\n+CMT: ,{OTHER_OCTETS}\r\n{OTHER}\r\n".encode()
    + PDU[9:].encode()
    + b"\x1a\r\n+CMGS: 42\r\nOK\r\n",
    "followed by prompts": b"\r\n> \r\n> \r\n+CMGS: 42\r\n\r\nOK\r\n",
}


@pytest.mark.parametrize("octets", BODIES.values(), ids=BODIES.keys())
def test_the_echo_of_a_body_is_no_part_of_the_answer(octets: bytes) -> None:
    dialogue = Dialogue()
    dialogue.command("AT+CMGS=15", body=True)
    dialogue.feed(b"\r\n> ")
    dialogue.body(PDU)
    events = dialogue.feed(octets)
    assert [e for e in events if isinstance(e, Answer)] == [Answer("AT+CMGS=15", ("+CMGS: 42",), OK)]
    assert [e for e in events if isinstance(e, Unsolicited)] in ([], [CMTI], [CMT])


def test_a_refused_submit_ends_before_the_prompt() -> None:
    dialogue = Dialogue()
    dialogue.command("AT+CMGS=15", body=True)
    assert dialogue.feed(b"\r\n+CMS ERROR: 310\r\n") == [Answer("AT+CMGS=15", (), "+CMS ERROR: 310", 310)]


def test_a_body_that_nobody_asked_for_is_a_programming_error() -> None:
    dialogue = Dialogue()
    dialogue.command("AT+CMGS=15", body=True)
    with pytest.raises(RuntimeError, match="no command asked"):
        dialogue.body(PDU)


# -- between commands ----------------------------------------------------------------------------------------------


def test_the_late_answer_of_an_abandoned_command_belongs_to_nobody() -> None:
    dialogue = Dialogue()
    dialogue.command("AT+CSQ")
    dialogue.feed(b"\r\n+CS")
    dialogue.abandon()
    assert dialogue.feed(b"\r\nOK\r\n") == [Stray("OK")]


def test_a_delivery_cut_by_an_abandoned_command_is_not_lost() -> None:
    dialogue = Dialogue()
    dialogue.command("AT+COPS?")
    dialogue.feed(f"\r\n+CMT: ,{OTHER_OCTETS}\r\n{OTHER[:30]}".encode())
    dialogue.abandon()
    dialogue.command("AT")
    assert dialogue.feed(f"{OTHER[30:]}\r\n\r\nOK\r\n".encode()) == [CMT, Answer("AT", (), OK)]


def test_a_text_that_is_never_closed_ends_with_the_command_that_waits_in_vain() -> None:
    dialogue = Dialogue()
    dialogue.command("AT")
    assert dialogue.feed(b'\r\n+CUSD: 0,"Pulsa\r\nOK\r\n') == []
    dialogue.abandon()
    dialogue.command("AT")
    assert dialogue.feed(b"\r\nOK\r\n") == [Answer("AT", (), OK)]


def test_a_text_that_is_never_closed_does_not_grow() -> None:
    dialogue = Dialogue()
    events = dialogue.feed(b'\r\n+CUSD: 0,"Pulsa\r\n' + b"x" * 100 * (TEXT_LIMIT // 100 + 2))
    events += dialogue.feed(b"\r\n")
    (text,) = events
    assert isinstance(text, Unsolicited)
    assert len(text.text) > TEXT_LIMIT


def test_a_line_without_end_does_not_grow() -> None:
    dialogue = Dialogue()
    dialogue.feed(b"x" * (LINE_LIMIT * 3))
    (event,) = dialogue.feed(b"\r\n")
    assert isinstance(event, Stray)
    assert len(event.line) == LINE_LIMIT


def test_it_notices_that_the_modem_echoes() -> None:
    dialogue = Dialogue()
    for octets, echoes in [
        (b"AT\r\r\nOK\r\n", True),
        (b"\r\nOK\r\n", False),
        (b'A\r\n+CMTI: "SM",2\r\nOK\r\n', False),
        (b"AT\r\r\nOK\r\n", True),
    ]:
        dialogue.command("AT")
        dialogue.feed(octets)
        assert dialogue.echoes is echoes


def test_two_commands_at_once_are_a_programming_error_which_tells_no_pin() -> None:
    dialogue = Dialogue()
    dialogue.command('AT+CPIN="4321"')
    with pytest.raises(RuntimeError, match=r"AT\+CPIN is not answered") as caught:
        dialogue.command("AT+CSQ")
    assert "4321" not in str(caught.value)


def test_every_kind_of_line_means_something_in_every_state() -> None:
    for state in State:
        for kind in Kind:
            assert (state, kind) in TABLE or (None, kind) in TABLE
