"""The adapter over libgammu: its known faults, and what real phones send. The emulator's own codec is the referee."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modem import pdu
from modem.emulator import tpdu
from modem.gsm7 import BASIC, EXTENSION, is_gsm7, parts_of
from modem.types import PduError

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


def test_a_time_that_is_none_is_unknown() -> None:
    assert pdu.decode("07912618010000F004048180880000" + "FF" * 7 + "05C8309BFD06").sent_at is None


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


def test_nothing_behind_a_nul_is_believed() -> None:
    """libgammu leaves stale memory behind a NUL when extension signs occur; the text must end there."""
    longer = tpdu_of("x" * 120)
    for text in ("{}", "[a]", "~" * 5, "harga 5€ {dua}"):
        pdu.decode(longer)
        assert pdu.decode(tpdu_of(text)).text == text


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


@pytest.mark.parametrize(
    ("text", "parts"),
    [("halo", 1), ("x" * 160, 1), ("x" * 161, 2), ("{" * 80, 1), ("{" * 81, 2), ("é" * 160, 1), ("ł" * 70, 1),
     ("ł" * 71, 2), ("🔥" * 36, 2)],
)  # fmt: skip
def test_a_text_takes_as_many_sms_as_the_alphabet_says(text: str, parts: int) -> None:
    pdus = pdu.submit("+628123456789", text)
    assert len(pdus) == parts == parts_of(text)
    joined = "".join(tpdu.decode_submit(bytes.fromhex(p.hex)[1:]).content.text for p in pdus)
    assert joined.encode("utf-16-be", "surrogatepass").decode("utf-16-be") == text


def test_the_length_for_cmgs_is_without_the_service_centre() -> None:
    (one,) = pdu.submit("08123456789", "halo")
    assert len(one.hex) == 2 * (one.tpdu_octets + 1)
    assert one.hex.startswith("00")


@pytest.mark.parametrize("number", ["", "TELKOMSEL", "+62 81", "0812a"])
def test_a_recipient_that_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(PduError, match="number"):
        pdu.submit(number, "halo")


def test_gsm7_knows_its_signs() -> None:
    assert is_gsm7("Àà"[1] + "@€{") is True
    assert is_gsm7("“kutip”") is False


def test_two_unreadable_pdus_are_two() -> None:
    assert pdu.fingerprint("FF00") != pdu.fingerprint("FF11")


def test_parts_sent_again_join_those_sent_before() -> None:
    text = "Mohon semua kepala desa hadir. " * 8
    first, again = (pdu.submit("+628123456789", text, reference=77) for _ in range(2))
    assert first == again
    assert len(first) == 2
    assert all("050003" + "4D" + "02" in part.hex for part in first)
