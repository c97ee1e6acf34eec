"""What is recorded of a line: complete, in order, and masked so that no number, text or PIN can be found in it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem import pdu
from modem.emulator import tpdu
from modem.masking import Masker, mask_pdu
from modem.transcript import HEADER, Passed, Recorder, TranscriptError, load, old_file
from tests.sms import SENT_AT, VILLAGER, pdus


def recorded(folder: Path, passed: Sequence[tuple[str, bytes]], *, masked: bool = True) -> list[Passed]:
    """What a recorder makes of these pieces."""
    path = folder / "modem.log"
    path.unlink(missing_ok=True)
    ticks = iter(range(100_000))
    with Recorder(path, masked=masked, clock=lambda: next(ticks) / 1000) as recorder:
        for direction, octets in passed:
            recorder(direction, octets)
    assert recorder.trouble == ""
    return load(path)


def text_of(records: Sequence[Passed]) -> str:
    return "".join(record.octets.decode("latin-1") for record in records)


def masked_line(line: str, *before: str, sent: str = "") -> str:
    """A line from the modem after others."""
    masker = Masker()
    if sent:
        masker.sent(sent)
    for earlier in before:
        masker.received(earlier)
    return masker.received(line)


# -- the file ----------------------------------------------------------------------------------------------------------


def test_what_passed_is_kept_in_order_with_its_time(tmp_path: Path) -> None:
    records = recorded(tmp_path, [(">", b"AT+CSQ\r"), ("<", b"\r\n+CSQ: 21,99\r\n\r\nOK\r\n")])
    assert [(record.direction, record.octets) for record in records] == [
        (">", b"AT+CSQ\r"),
        ("<", b"\r\n+CSQ: 21,99\r\n\r\nOK\r\n"),
    ]
    assert records[0].at < records[1].at
    assert (tmp_path / "modem.log").read_text().splitlines()[:2] == [f"{HEADER} masked", "0.001 > 'AT+CSQ\\r'"]


def test_a_line_that_comes_in_pieces_is_one_record(tmp_path: Path) -> None:
    records = recorded(tmp_path, [("<", b"\r\n+CS"), ("<", b"Q: 21,"), ("<", b"99\r\n")])
    assert text_of(records) == "\r\n+CSQ: 21,99\r\n"
    assert [record.octets for record in records] == [b"\r\n", b"+CSQ: 21,99\r\n"]


def test_a_prompt_is_recorded_although_it_has_no_end(tmp_path: Path) -> None:
    hex_ = pdu.submit(VILLAGER, "halo")[0].hex
    passed = [
        (">", b"AT+CMGS=18\r"),
        ("<", b"\r\n> "),
        (">", hex_.encode() + b"\x1a"),
        ("<", b"\r\n+CMGS: 4\r\n\r\nOK\r\n"),
    ]
    records = recorded(tmp_path, passed)
    assert [record.direction for record in records] == [">", "<", ">", "<"]
    assert records[1].octets == b"\r\n> "
    assert records[3].octets == passed[3][1]


def test_a_line_without_an_end_is_not_kept_back_for_ever(tmp_path: Path) -> None:
    with Recorder(tmp_path / "modem.log", masked=True) as recorder:
        recorder("<", b"rahasia 081" * 400)
        assert load(tmp_path / "modem.log")[0].octets == b"xxxxxxx 000" * 400


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("rights are Posix")
    path = tmp_path / "modem.log"
    path.write_text("")
    path.chmod(0o644)
    Recorder(path, masked=True).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_beyond_the_limit_one_old_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "modem.log"
    with Recorder(path, masked=True, limit_octets=400) as recorder:
        for number in range(60):
            recorder(">", f"AT+CMGD={number}\r".encode())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["modem.log", "modem.log.old"]
    assert path.stat().st_size <= 400
    assert old_file(path).stat().st_size <= 400
    kept = [record.octets for file in (old_file(path), path) for record in load(file)]
    assert kept == [f"AT+CMGD={number}\r".encode() for number in range(60 - len(kept), 60)]


def test_a_second_recording_follows_the_first_and_is_the_one_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "modem.log"
    for command in (b"AT\r", b"ATI\r"):
        with Recorder(path, masked=True) as recorder:
            recorder(">", command)
    assert path.read_text().count(HEADER) == 2
    assert [record.octets for record in load(path)] == [b"ATI\r"]


def test_a_disk_that_takes_no_more_stops_the_recording_only(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "none" / "modem.log", masked=True)
    recorder(">", b"AT\r")
    recorder.close()
    assert "cannot be written" in recorder.trouble


@pytest.mark.parametrize(
    "content", ["", "something else\n", f"{HEADER}\n0.1 ? 'AT'\n", f"{HEADER}\n0.1 > AT\n", f"{HEADER}\nx > 'AT'\n"]
)
def test_what_is_no_transcript_is_refused_in_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "modem.log"
    path.write_text(content)
    with pytest.raises(TranscriptError) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


# -- masking, line by line -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        "OK", "ERROR", "+CMS ERROR: 321", "+CME ERROR: 11", "+CSQ: 21,99", "+CREG: 0,1", '+CREG: 2,1,"1507","0A3F"',
        '+CPMS: "SM",3,40,"ME",0,255', '+CMTI: "SM",7', "+CPIN: SIM PIN", '+COPS: 0,0,"TELKOMSEL"', "^RSSI:21", "^SIMST:1",
        "+CMGS: 17", "+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)", "RING", "+CUSD: 4", "+CMGL: 1,0,,24",
        '+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")',
    ],
)  # fmt: skip
def test_what_names_nobody_is_shown(line: str) -> None:
    assert masked_line(line) == line


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("356938035643809", "000000000000000"),
        ('+CSCA: "+62811000000",145', '+CSCA: "+00000000000",145'),
        ('+CNUM: "Budi","+6281272000101",145', '+CNUM: "xxxx","+0000000000000",145'),
        ('+CLIP: "081272000101",129', '+CLIP: "000000000000",129'),
        ('+CMGL: 1,0,"Budi",24', '+CMGL: 1,0,"xxxx",24'),
        ('+CUSD: 0,"Pulsa Rp5.000",15', '+CUSD: 0,"xxxxx xxxxxxx",15'),
        ("+CUSD: 0,Pulsa 5000,15", "+CUSD: 0,xxxxx xxxx,15"),
        ('+CUSD: 0,"00500075006C",72', '+CUSD: 0,"007800780078",72'),
        ("BENTROK di KAMPUNG LAUT", "xxxxxxx xx xxxxxxx xxxx"),
        ("+XYZ: ribut 40", "+XYZ: xxxxx 40"),
        ("^STIN: 6281272000101", "^STIN: 0000000000000"),
        ("0081272000101A0B", "0000000000000x0x"),
    ],
)
def test_what_may_name_somebody_is_not(line: str, shown: str) -> None:
    assert masked_line(line) == shown
    assert len(line) == len(shown)


def test_a_ussd_text_over_several_lines_is_masked_to_its_end() -> None:
    masker = Masker()
    lines = ['+CUSD: 0,"Pulsa Rp 5000', "OK berlaku 081272", 's.d. 1 Des",15', "+CSQ: 21,99"]
    assert [masker.received(line) for line in lines] == [
        '+CUSD: 0,"xxxxx xx xxxx', "xx xxxxxxx xxxxxx", 'xxxx x xxx",15', "+CSQ: 21,99",
    ]  # fmt: skip


def test_the_answer_to_who_are_you_is_shown_but_for_its_numbers() -> None:
    assert masked_line("E1550", sent="AT+CGMM") == "E1550"
    assert masked_line("IMEI: 356938035643809", sent="ATI") == "IMEI: 000000000000000"
    assert masked_line("E1550", sent="AT+CSQ") == "x0000"


def test_text_mode_shows_no_message_even_one_that_looks_like_an_answer() -> None:
    header = '+CMT: "+6281272000101","Budi","26/11/23,20:51:58+28"'
    assert masked_line("AT+CPIN rahasia", header) == "xx+xxxx xxxxxxx"
    assert "6281272" not in masked_line(header)


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize(
    "line",
    ['AT+CPIN="4711"', "AT+CPIN=4711", 'AT+CMEE=1;+CPIN="4711"', 'AT+CPIN="12345678","4711"', 'AT+CLCK="SC",0,"4711"',
     'AT+CPWD="SC","0000","4711"', "at+cpin=4711"],
)  # fmt: skip
def test_a_pin_is_never_recorded_not_even_in_its_echo_or_in_pieces(tmp_path: Path, line: str, masked: bool) -> None:
    octets = line.encode() + b"\r"
    passed = [(">", octets[:-4]), (">", octets[-4:]), ("<", octets[:-3]), ("<", octets[-3:] + b"\r\nOK\r\n")]
    text = text_of(recorded(tmp_path, passed, masked=masked))
    assert "4711" not in text
    assert text.count("\r") == 4


def test_a_line_between_a_header_and_its_pdu_leaves_the_pdu_one() -> None:
    masked = masked_line(pdus("BENTROK")[0], "+CMGL: 1,0,,27", "^RSSI:21")
    assert pdu.decode(masked).text == "x" * len("BENTROK")


def test_codes_everybody_knows_are_shown_and_others_not() -> None:
    masker = Masker()
    assert masker.sent('AT+CUSD=1,"*888#",15') == 'AT+CUSD=1,"*888#",15'
    assert masker.sent('AT+CUSD=1,"*123*1*2#",15') == 'AT+CUSD=1,"*123*1*2#",15'
    assert masker.sent('AT+CUSD=1,"*858*0812*4711#",15') == 'AT+CUSD=1,"*000*0000*0000#",15'
    assert masker.sent("ATD081272000101;") == "ATD000000000000;"


def test_unmasked_everything_else_is_kept(tmp_path: Path) -> None:
    hex_ = pdus("BENTROK")[0]
    passed = [("<", f"\r\n+CMGL: 1,0,,24\r\n{hex_}\r\n\r\nOK\r\n".encode())]
    assert text_of(recorded(tmp_path, passed, masked=False)) == passed[0][1].decode()


# -- PDUs: another decoder reads what is left ----------------------------------------------------------------------------

TEXTS = st.one_of(
    st.text(alphabet="abcdefghijklmnopqrstuvwyzABCD 0123456789@£$", min_size=1, max_size=400),
    st.text(alphabet="abcdefghij 中ж😀", min_size=1, max_size=200),
)
NUMBERS = st.text(alphabet="123456789", min_size=9, max_size=14).map("+{}".format)


@given(TEXTS, NUMBERS)
def test_a_masked_message_is_a_message_of_the_same_length_from_nobody(text: str, number: str) -> None:
    for hex_ in pdus(text, sender=number):
        masked = mask_pdu(hex_)
        before, after = pdu.decode(hex_), pdu.decode(masked)
        assert len(masked) == len(hex_)
        assert set(after.sender) <= set("+0")
        assert len(after.sender) == len(before.sender)
        assert set(after.text) <= set("x")
        assert (after.sent_at, after.reference, after.part, after.parts) == (
            before.sent_at, before.reference, before.part, before.parts,
        )  # fmt: skip
        assert after.coding == before.coding


@given(TEXTS, NUMBERS)
def test_a_masked_submit_can_still_be_submitted(text: str, number: str) -> None:
    for part in pdu.submit(number, text, delivery_report=True):
        masked = mask_pdu(part.hex)
        submit = tpdu.decode_submit(bytes.fromhex(masked)[1:])
        assert len(masked) == len(part.hex)
        assert set(submit.destination) <= set("+0")
        assert set(submit.content.text) <= set("x") | {" "}


def test_a_named_sender_becomes_another_name() -> None:
    (hex_,) = pdus("Masa aktif kartu Anda hampir habis", sender="TELKOMSEL")
    after = pdu.decode(mask_pdu(hex_))
    assert not after.sender_is_number
    assert after.sender == "x" * 9


def test_a_status_report_keeps_its_fate_but_not_its_recipient() -> None:
    report = tpdu.StatusReport(9, VILLAGER, SENT_AT, SENT_AT + 3, 0)
    hex_ = (tpdu.encode_smsc("+62811000000") + tpdu.encode_status_report(report)).hex().upper()
    after = pdu.decode(mask_pdu(hex_))
    assert (after.kind, after.message_reference, after.delivery_status) == ("status_report", 9, 0)
    assert set(after.sender) <= set("+0")


def test_what_lies_behind_a_messages_end_is_masked_too() -> None:
    hex_ = pdus("NIHIL")[0]
    assert mask_pdu(hex_ + "726168617369") == mask_pdu(hex_) + "0" * 12


def test_a_header_keeps_what_joins_parts_and_loses_a_number() -> None:
    joins, number = "0003070201", "2208" + "0D91261872020010"  # 9.2.3.24.1 and .16, a reply address
    header = bytes.fromhex(f"{(len(joins) + len(number)) // 2:02X}{joins}{number}")
    content = tpdu.octet_content(header + b"rahasia", has_header=True)
    octets = tpdu.encode_smsc("+62811000000") + tpdu.encode_deliver(tpdu.Deliver(VILLAGER, content, SENT_AT))
    masked = mask_pdu(octets.hex())
    assert f"0F{joins}2208{'0' * 16}" in masked
    assert masked.endswith(b"xxxxxxx".hex())


def test_a_cell_broadcast_is_no_message_and_shows_nothing() -> None:
    page = pdus("rahasia")[0]  # looks like a message, and is masked as what it is all the same
    assert masked_line(page, "+CBM: 25") == "0" * len(page)


@given(st.binary(min_size=7, max_size=200))
def test_whatever_looks_like_a_pdu_is_masked_without_a_fault(octets: bytes) -> None:
    hex_ = octets.hex().upper()
    assert len(mask_pdu(hex_)) == len(hex_)


# -- the promise: nothing gets through -------------------------------------------------------------------------------------

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwyz", min_size=6, max_size=40)


def shapes(number: str, word: str) -> list[Callable[[], bytes]]:
    """Everything a modem may say with this number and this word in it."""
    deliver = pdus(word, sender=number)[0]
    submit = pdu.submit(number, word)[0]
    return [
        lambda: f"\r\n+CMGL: 1,1,,{len(deliver) // 2 - 7}\r\n{deliver}\r\n\r\nOK\r\n".encode(),
        lambda: f"\r\n+CMT: ,{len(deliver) // 2 - 7}\r\n{deliver}\r\n".encode(),
        lambda: f'\r\n+CMT: "{number}","{word}","26/11/23,20:51:58+28"\r\n{word} {number}\r\n'.encode(),
        lambda: f'\r\n+CMGR: "REC READ","{number}"\r\n{word}\r\nOK\r\n'.encode(),
        lambda: f'\r\n+CUSD: 0,"{word}\r\n{word} {number}",15\r\n'.encode(),
        lambda: f"\r\n+CUSD: 2,{word} {number},15\r\n".encode(),
        lambda: f'\r\n+CLIP: "{number}",145,,,"{word}"\r\nRING\r\n'.encode(),
        lambda: f'\r\n+CPBR: 1,"{number}",145,"{word}"\r\n'.encode(),
        lambda: f"\r\n{word} {number[1:]}\r\n".encode(),
        lambda: f"\r\n^{word.upper()[:4]}: {word},{number}\r\n".encode(),
        lambda: f"\r\n> {submit.hex}\r\n".encode(),
        lambda: f"{deliver}\r\n".encode(),
    ]


@given(NUMBERS, WORDS, st.integers(0, 11), st.data())
def test_no_number_and_no_word_survives_however_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, number: str, word: str, shape: int, data: st.DataObject
) -> None:
    octets = shapes(number, word)[shape]()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(octets)), max_size=8)))
    pieces = [octets[a:b] for a, b in zip([0, *cuts], [*cuts, len(octets)], strict=True)]
    passed: list[tuple[str, bytes]] = []
    for piece in pieces:
        passed.append(("<", piece))
        if data.draw(st.booleans()):
            passed.append((">", b"AT+CSQ\r"))
    text = text_of(recorded(tmp_path_factory.mktemp("cut"), passed))
    digits = number[1:]
    assert not any(digits[at : at + 6] in text for at in range(len(digits) - 5))
    assert word[:6] not in text
    even = digits if len(digits) % 2 == 0 else digits + "F"
    swapped = "".join(even[at + 1] + even[at] for at in range(0, len(even), 2))
    assert swapped not in text
    assert tpdu.split_text(word)[0].octets.hex().upper() not in text


@given(NUMBERS, WORDS, st.data())
def test_what_is_sent_is_masked_however_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, number: str, word: str, data: st.DataObject
) -> None:
    submit = pdu.submit(number, word)[0]
    octets = f'AT+CMGS={submit.tpdu_octets}\r{submit.hex}\x1aATD{number};\rAT+CPBW=1,"{number}",145,"{word}"\r'.encode()
    cut = data.draw(st.integers(0, len(octets)))
    text = text_of(
        recorded(tmp_path_factory.mktemp("cut"), [(">", octets[:cut]), ("<", b"\r\n> "), (">", octets[cut:])])
    )
    assert number[1:] not in text
    assert word not in text
    assert submit.hex not in text
    assert len(text) == len(octets) + 4
