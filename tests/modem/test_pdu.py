"""What real phones and networks send is read, what we send is well-formed. Referees: the emulator's own codec, and libgammu."""

from __future__ import annotations

import contextlib

import gammu
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modem import pdu
from modem.emulator import tpdu
from modem.gsm7 import BASIC, EXTENSION, parts_needed, transliterate
from modem.parts import mend_surrogates
from modem.received import CUT
from modem.types import PduError, ReceivedSms

DELIVER = "07912618010000F0040D91268121436587F900006211320215858205C8309BFD06"
HEADER_UCS2 = "07912618010000F0440C91268121436587000862113202158582"


def test_a_plain_message_is_read_with_the_zone_of_its_service_centre() -> None:
    sms = pdu.decode(DELIVER)
    assert (sms.sender, sms.text, sms.sent_offset) == ("+6218123456789", "Hallo", 420)
    assert sms.sent_at == 1795441918  # 2026-11-23 20:51:58 at +07:00
    assert sms.sender_is_number


def test_an_alphanumeric_sender_is_known_as_one() -> None:
    sms = pdu.decode("07912618010000F0040DD0D4F29C4E2FE30100006211320215858205C8309BFD06")
    assert (sms.sender, sms.sender_is_number) == ("Testtex", False)


def test_half_a_surrogate_pair_at_a_parts_edge_survives() -> None:
    sms = pdu.decode(HEADER_UCS2 + "0B" + "06080412340201" + "0041D83D")
    assert (sms.text, sms.part, sms.parts) == ("A\ud83d", 1, 2)


def test_eight_and_sixteen_bit_references_are_told_apart() -> None:
    narrow = pdu.decode(HEADER_UCS2 + "08" + "050003340201" + "0041")
    wide = pdu.decode(HEADER_UCS2 + "09" + "06080400340201" + "0041")
    assert narrow.reference is not None
    assert narrow.reference != wide.reference


def test_a_binary_message_keeps_its_octets_and_port() -> None:
    sms = pdu.decode("07912618010000F0440C91268121436587000462113202158582" + "0B" + "06050423F423F4" + "01020304")
    assert (sms.coding, sms.octets, sms.port) == ("octets", b"\x01\x02\x03\x04", 0x23F4)


def test_a_status_report_names_the_message_and_its_fate() -> None:
    sms = pdu.decode("07912618010000F006120C9126812143658762113202158582621132021585824100")
    assert (sms.kind, sms.message_reference, sms.delivery_status) == ("status_report", 0x12, 0x41)


@pytest.mark.parametrize("hex_", ["", "zz", "00", "0001", "07912618010000F0FF", DELIVER[:30], "07911100", "FF" * 200])
def test_what_cannot_be_read_says_so_with_one_kind_of_error(hex_: str) -> None:
    with pytest.raises(PduError):
        pdu.decode(hex_)


def tpdu_of(text: str) -> str:
    (content,) = tpdu.split_text(text)
    return (
        tpdu.encode_smsc("+62811000000") + tpdu.encode_deliver(tpdu.Deliver("+628123456789", content, 1795441918))
    ).hex()


@given(st.text(st.sampled_from(sorted((BASIC | EXTENSION) - {"\f"})), min_size=1, max_size=60))
@settings(max_examples=150)
def test_every_gsm7_text_comes_through(text: str) -> None:
    assert pdu.decode(tpdu_of(text)).text == text


@given(st.binary(max_size=60))
def test_no_octets_raise_anything_else(octets: bytes) -> None:
    with contextlib.suppress(PduError):
        pdu.decode(octets.hex())
    pdu.fingerprint(octets.hex())


def test_the_fingerprint_ignores_service_centre_and_more_to_come() -> None:
    other_centre = "0791261801000099" + DELIVER[16:]
    no_more = DELIVER[:16] + "00" + DELIVER[18:]
    assert pdu.fingerprint(DELIVER) == pdu.fingerprint(other_centre) == pdu.fingerprint(no_more.lower())


def test_another_service_centre_time_is_another_fingerprint() -> None:
    assert pdu.fingerprint(DELIVER) != pdu.fingerprint(DELIVER.replace("02158582", "02158682"))
    assert pdu.fingerprint("no pdu") != pdu.fingerprint("no pdu 2")


def test_the_length_for_cmgs_is_without_the_service_centre() -> None:
    (one,) = pdu.submit("08123456789", "halo")
    assert len(one.hex) == 2 * (one.tpdu_octets + 1)
    assert one.hex.startswith("00")


@pytest.mark.parametrize("number", ["", "TELKOMSEL", "+62 81", "0812a"])
def test_a_recipient_that_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(PduError, match="number"):
        pdu.submit(number, "halo")


def test_two_unreadable_pdus_are_two() -> None:
    assert pdu.fingerprint("FF00") != pdu.fingerprint("FF11")


def test_parts_sent_again_join_those_sent_before() -> None:
    text = "Mohon semua kepala desa hadir. " * 8
    first, again = (pdu.submit("+628123456789", text, reference=77) for _ in range(2))
    assert first == again
    assert len(first) == 2
    assert all("050003" + "4D" + "02" in part.hex for part in first)


SMSC, STAMP = "07912618010000F0", "62113202158582"


def deliver(*, first: str = "04", protocol: str = "00", dcs: str = "00", stamp: str = STAMP, data: str) -> ReceivedSms:
    return pdu.decode(SMSC + first + "0C91268121436587" + protocol + dcs + stamp + data)


HALLO = "05C8309BFD06"


@pytest.mark.parametrize("dcs", ["0C", "1C", "4C", "5C", "80", "8F", "9F", "A4", "B8", "BF", "D0", "C8"])
def test_reserved_codings_are_the_default_alphabet(dcs: str) -> None:
    sms = deliver(dcs=dcs, data=HALLO)
    assert (sms.text, sms.coding, sms.kind) == ("Hallo", "gsm7", "deliver")


@pytest.mark.parametrize(
    ("dcs", "coding", "class_"),
    [
        ("10", "gsm7", 0), ("13", "gsm7", 3), ("F0", "gsm7", 0), ("03", "gsm7", None), ("18", "ucs2", 0), ("E0", "ucs2", None),
        ("E8", "ucs2", None), ("48", "ucs2", None), ("04", "octets", None), ("16", "octets", 2), ("F5", "octets", 1),
        ("20", "compressed", None), ("3A", "compressed", 2), ("68", "compressed", None),
    ],
)  # fmt: skip
def test_alphabet_and_class_are_read_from_the_coding(dcs: str, coding: str, class_: int | None) -> None:
    sms = deliver(dcs=dcs, data="0400410042")
    assert (sms.coding, sms.message_class) == (coding, class_)
    assert sms.kind == ("data" if coding in ("octets", "compressed") else "deliver")
    if coding == "ucs2":
        assert sms.text == "AB"


@pytest.mark.parametrize(
    ("what", "dcs", "first", "data", "kind", "text"),
    [
        ("store, voice mail", "D8", "04", "00", "waiting", ""),
        ("discard, with words", "C0", "04", HALLO, "deliver", "Hallo"),
        ("in the header", "00", "44", "05" + "03010001", "waiting", ""),
        ("in the header, with words", "08", "44", "08" + "03010005" + "00410042", "deliver", "AB"),
    ],
)
def test_announced_voice_mail_is_a_message_only_with_words(
    what: str, dcs: str, first: str, data: str, kind: str, text: str
) -> None:
    sms = deliver(dcs=dcs, first=first, data=data)
    assert (sms.kind, sms.text) == (kind, text), what


@pytest.mark.parametrize(("protocol", "kind"), [("40", "silent"), ("7F", "sim"), ("7D", "sim"), ("41", "deliver"),
                                                 ("47", "deliver"), ("5F", "deliver"), ("20", "deliver")])  # fmt: skip
def test_the_protocol_identifier_tells_what_is_for_nobody(protocol: str, kind: str) -> None:
    sms = deliver(protocol=protocol, data=HALLO)
    assert (sms.kind, sms.text, sms.protocol) == (kind, "Hallo", int(protocol, 16))


@pytest.mark.parametrize(
    ("what", "header", "expected"),
    [
        ("8 bit", "05000307" + "0302", (7, 2, 3)),
        ("16 bit", "06080400" + "070302", (1 << 16 | 7, 2, 3)),
        ("with ports", "0B" + "050423F40000" + "0003070302", (7, 2, 3)),
        ("behind a language", "08" + "240101" + "0003070302", (7, 2, 3)),
        ("twice, the last one counts", "0A" + "0003070301" + "0003070302", (7, 2, 3)),
        ("behind an element that is cut", "06" + "0003070302" + "24", (7, 2, 3)),
        ("number 0", "05000307" + "0300", None),
        ("number 4 of 3", "05000307" + "0304", None),
        ("1 of 1", "05000307" + "0101", None),
        ("no parts at all", "05000307" + "0000", None),
        ("an element of a wrong length", "04" + "00020703", None),
    ],
)
def test_the_place_of_a_part_is_found_in_any_header(
    what: str, header: str, expected: tuple[int, int, int] | None
) -> None:
    data = header + "00410042"
    sms = deliver(first="44", dcs="08", data=f"{len(data) // 2:02X}{data}")
    assert sms.text == "AB", what
    assert (None if sms.parts == 1 else (sms.reference, sms.part, sms.parts)) == expected, what


@pytest.mark.parametrize(
    ("what", "data", "text"),
    [
        ("nothing", "00", ""),
        ("octets behind it", HALLO + "FFFF", "Hallo"),
        ("one sign short", "06C8309BFD06", "Hallo" + CUT),
        ("much more announced", "A0C8309BFD06", "Hallo" + CUT),
        ("more than there can be", "C8C8309BFD06", "Hallo" + CUT),
    ],
)
def test_a_wrong_length_costs_no_words(what: str, data: str, text: str) -> None:
    assert deliver(data=data).text == text, what


@pytest.mark.parametrize(("data", "text"), [("0300410042", "A"), ("04004100", "A" + CUT), ("05004100420043", "AB")])
def test_odd_and_short_ucs2_is_read_as_far_as_it_goes(data: str, text: str) -> None:
    assert deliver(dcs="08", data=data).text == text


@pytest.mark.parametrize(
    ("what", "stamp", "sent_at", "offset"),
    [
        ("zeros", "00" * 7, None, 0),
        ("ones", "FF" * 7, None, 0),
        ("month 13", "62313202158582", None, 0),
        ("31 February", "62201302158582", None, 0),
        ("hour 24", "62113242158582", None, 0),
        ("a zone of 19 hours", "62113202158567", None, 0),
        ("a zone that is no number", "621132021585F7", None, 0),
        ("west of Greenwich", "6211320215858A", 1795441918 + 14 * 3600, -420),
        ("1999", "99113202158500", 943390318, 0),
    ],
)  # fmt: skip
def test_a_time_that_is_none_is_unknown(what: str, stamp: str, sent_at: int | None, offset: int) -> None:
    sms = deliver(stamp=stamp, data=HALLO)
    assert (sms.text, sms.sent_at, sms.sent_offset) == ("Hallo", sent_at, offset), what


@pytest.mark.parametrize(
    ("what", "address", "sender", "is_number"),
    [
        ("short", "04818088", "0888", True),
        ("letters among the digits", "0B91A2C38B0900F1", "+2*3a#890001", True),
        ("nothing", "0081", "", True),
        ("nothing, and international", "0091", "", True),
        ("filler where a digit belongs", "0481F088", "088", True),
    ],
)
def test_senders_are_read(what: str, address: str, sender: str, is_number: bool) -> None:
    sms = pdu.decode(SMSC + "04" + address + "0000" + STAMP + HALLO)
    assert (sms.sender, sms.sender_is_number) == (sender, is_number), what


@pytest.mark.parametrize("name", ["TELKOMSEL", "Tri", "[Info]", "A{B}", "€uro", "seventy", "XL-Axiata"])
def test_names_are_read_with_every_sign(name: str) -> None:
    sms = pdu.decode(SMSC + "04" + tpdu.encode_address(name).hex() + "0000" + STAMP + HALLO)
    assert (sms.sender, sms.sender_is_number, sms.text) == (name, False, "Hallo")


def test_a_name_of_seven_signs_in_eight_septets_has_no_eighth() -> None:
    seven = tpdu.encode_address("seventy").hex()
    sms = pdu.decode(SMSC + "04" + "0E" + seven[2:] + "0000" + STAMP + HALLO)
    assert sms.sender == "seventy"


@pytest.mark.parametrize(
    ("what", "smsc"),
    [("none", "00"), ("left out", ""), ("digits counted", "0B912618010000F0"), ("one too many", "08912618010000F0"),
     ("far too many", "FF912618010000F0")],
)  # fmt: skip
def test_a_wrong_service_centre_length_hides_no_message(what: str, smsc: str) -> None:
    sms = pdu.decode(smsc + "040C91268121436587" + "0000" + STAMP + HALLO)
    assert (sms.sender, sms.text) == ("+621812345678", "Hallo"), what


def test_the_service_centre_is_named_where_there_is_one() -> None:
    assert pdu.decode(DELIVER).smsc == "+62811000000"
    assert pdu.decode("00" + DELIVER[16:]).smsc == ""


def test_a_draft_is_one_with_its_words() -> None:
    (one,) = pdu.submit("+628123456789", "belum jadi", validity_hours=24)
    sms = pdu.decode(one.hex)
    assert (sms.kind, sms.sender, sms.text, sms.sent_at) == ("submit", "+628123456789", "belum jadi", None)


def test_a_port_is_read_whatever_the_alphabet() -> None:
    sms = deliver(first="44", dcs="08", data="0B" + "06050441A00000" + "00610062")
    assert (sms.kind, sms.port, sms.text) == ("data", 16800, "ab")
    narrow = deliver(first="44", dcs="08", data="09" + "0404022A00" + "00610062")
    assert (narrow.kind, narrow.port, narrow.text) == ("data", 42, "ab")


def test_a_status_report_tells_when_it_was_decided() -> None:
    sms = pdu.decode("07912618010000F006120C91268121436587" + STAMP + "62113212158582" + "41")
    assert sms.discharged_at is not None
    assert sms.sent_at is not None
    assert sms.discharged_at - sms.sent_at == 3600


@pytest.mark.parametrize(
    ("language", "septets", "text"),
    [
        ("240101", [0x1B, 0x67, 0x1B, 0x69], "ğı"),
        ("240102", [0x1B, 0x61, 0x1B, 0x28], "á{"),
        ("240103", [0x1B, 0x7B, 0x1B, 0x09], "ãç"),
        ("250101", [0x04, 0x07, 0x1B, 0x67], "€ıg"),
        ("250103", [0x24, 0x5B, 0x1B, 0x65], "ºÃ€"),
        ("24010D", [0x61, 0x1B, 0x65, 0x00], "a€@"),
        ("250106", [0x61, 0x1B, 0x65, 0x00], "a€@"),
    ],
)
def test_national_languages_are_read_unknown_ones_as_the_default(language: str, septets: list[int], text: str) -> None:
    header = bytes([3]) + bytes.fromhex(language)
    body = sum(code << 7 * (5 + place) for place, code in enumerate(septets)).to_bytes(9, "little")
    data = bytes([5 + len(septets)]) + header + body[4:]
    assert deliver(first="44", data=data.hex()).text == text


def page(content: bytes, dcs: int = 0x01, number: int = 0x11) -> str:
    return (bytes.fromhex("40501112") + bytes([dcs, number]) + content).hex()


def packed(text: str) -> bytes:
    return sum(ord(sign) << 7 * place for place, sign in enumerate(text)).to_bytes(-(-len(text) * 7 // 8), "little")


@pytest.mark.parametrize(
    ("what", "dcs", "content", "text"),
    [
        ("default alphabet", 0x01, packed("Peringatan tsunami".ljust(93, "\r")), "Peringatan tsunami"),
        ("with its language", 0x10, packed("id\rPeringatan".ljust(93, "\r")), "Peringatan"),
        ("UCS-2 with its language", 0x11, packed("id") + "Awas ☂\r\r".encode("utf-16-be"), "Awas ☂"),
        ("UCS-2", 0x48, "Awas".encode("utf-16-be"), "Awas"),
        ("reserved", 0x3F, packed("Awas"), "Awas"),
        ("8-bit", 0x44, b"\x01\x02", ""),
        ("class 1", 0xF1, packed("Awas"), "Awas"),
    ],
)
def test_a_broadcast_page_is_read(what: str, dcs: int, content: bytes, text: str) -> None:
    sms = pdu.decode_broadcast(page(content, dcs))
    assert (sms.kind, sms.text, sms.reference, sms.port) == ("broadcast", text, 0x4050, 0x1112), what


@pytest.mark.parametrize(("number", "part", "parts"), [(0x23, 2, 3), (0x00, 1, 1), (0x31, 1, 1), (0x0F, 1, 1)])
def test_pages_of_a_broadcast_are_numbered(number: int, part: int, parts: int) -> None:
    sms = pdu.decode_broadcast(page(packed("Awas"), number=number))
    assert (sms.part, sms.parts) == (part, parts)


@pytest.mark.parametrize("hex_", ["", "zz", "4050", "405011120111"])
def test_a_broadcast_that_cannot_be_read_says_so(hex_: str) -> None:
    with pytest.raises(PduError):
        pdu.decode_broadcast(hex_)


@given(st.binary(max_size=100))
def test_no_broadcast_raises_anything_else(octets: bytes) -> None:
    with contextlib.suppress(PduError):
        pdu.decode_broadcast(octets.hex())


@given(
    st.text(st.sampled_from(sorted(BASIC | EXTENSION)) | st.characters(exclude_categories=["Cs", "Cc"]), max_size=400),
    st.sampled_from(["+6281272000101", "3636", "TELKOMSEL"]),
)
def test_every_message_is_read_as_it_was_written(text: str, sender: str) -> None:
    """The emulator's codec writes, cutting long texts into parts; ours reads."""
    read = []
    for content in tpdu.split_text(text, 7):
        whole = tpdu.encode_smsc("+62811000000") + tpdu.encode_deliver(tpdu.Deliver(sender, content, 1795441918))
        read.append(pdu.decode(whole.hex()))
    assert mend_surrogates("".join(sms.text for sms in read)) == text
    assert [(sms.part, sms.parts) for sms in read] == [(n, len(read)) for n in range(1, len(read) + 1)]
    assert {(sms.sender, sms.sent_at, sms.sent_offset, sms.kind) for sms in read} == {
        (sender, 1795441918, 420, "deliver")
    }


@given(st.text(st.sampled_from(sorted(BASIC - {"\n", "\r"})), min_size=1, max_size=150))
def test_libgammu_reads_the_same(text: str) -> None:
    """Twenty years of odd phones agree, where libgammu's own faults (extension signs, see `received`) are left out."""
    gammus = gammu.DecodePDU(bytes.fromhex(tpdu_of(text)), True)
    ours = pdu.decode(tpdu_of(text))
    assert (ours.text, ours.sender, ours.sent_at) == (gammus["Text"], gammus["Number"], gammus["DateTime"].timestamp())


@given(
    st.text(st.sampled_from([*"ab{€é\n", "“", "ж", "🔥"]), max_size=700),
    st.integers(0, 255),
    st.none() | st.floats(0.1, 1512),
)
@settings(max_examples=200)
def test_what_we_send_says_what_was_meant(text: str, reference: int, hours: float | None) -> None:
    """The emulator's codec reads; no part ends inside an extension sign or a surrogate pair, and the price was foretold."""
    pdus = pdu.submit("+628123456789", text, reference=reference, validity_hours=hours)
    contents = [tpdu.decode_submit(bytes.fromhex(one.hex)[1:]).content for one in pdus]
    assert "".join(content.text for content in contents) == transliterate(text)
    assert ("gsm7" if contents[0].dcs == 0 else "ucs2", len(pdus)) == parts_needed(text)
    for content in contents:
        content.text.encode("utf-16-be")  # a half pair would raise
        if len(contents) > 1:
            assert content.concatenation is not None
            assert (content.concatenation.reference, content.concatenation.parts) == (reference, len(pdus))


@pytest.mark.parametrize(
    ("hours", "validity"),
    [
        (1 / 60, 0), (5 / 60, 0), (0.1, 1), (1, 11), (2, 23), (12, 143), (12.1, 144), (12.5, 144), (24, 167), (25, 168),
        (48, 168), (49, 169), (720, 196), (721, 197), (24 * 35, 197), (24 * 35 + 1, 198), (1512, 201), (99_999, 255),
    ],
)  # fmt: skip
def test_validity_is_rounded_up_to_what_can_be_said(hours: float, validity: int) -> None:
    for text in ("halo", "panjang " * 60):
        for one in pdu.submit("+628123456789", text, validity_hours=hours, delivery_report=True):
            octets = bytes.fromhex(one.hex)[1:]
            assert octets[0] & 0x18 == 0x10
            assert octets[0] & 0x20
            assert octets[2 + 2 + 6 + 2] == validity
            assert len(octets) == one.tpdu_octets


@pytest.mark.parametrize("number", ["081234567", "+6281234567890"])
def test_without_validity_the_service_centre_decides(number: str) -> None:
    """libgammu by itself would let it expire after five minutes."""
    (one,) = pdu.submit(number, "halo")
    octets = bytes.fromhex(one.hex)[1:]
    assert octets[0] & 0x18 == 0
    assert tpdu.decode_submit(octets).content.text == "halo"


@pytest.mark.parametrize("hours", [0, -1, float("nan")])
def test_a_validity_that_is_none_is_refused(hours: float) -> None:
    with pytest.raises(PduError, match="validity"):
        pdu.submit("+628123456789", "halo", validity_hours=hours)


def test_a_nul_ends_no_text() -> None:
    (one,) = pdu.submit("+628123456789", "ada\0 lagi ж")
    assert tpdu.decode_submit(bytes.fromhex(one.hex)[1:]).content.text == "ada lagi ж"
