"""The emulator's codec against libgammu, an independent referee, and against the standard's own limits."""

from __future__ import annotations

import datetime
from typing import Any

import gammu
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.emulator import tpdu

GSM = "".join(char for char in tpdu._BASIC if char != "\x1b") + "\f^{}\\[~]|€"
# libgammu has no page break (ESC LF) in its extension table.
GAMMU_GSM = GSM.replace("\f", "")
SMSC = "+6281100000"
gsm_texts = st.text(alphabet=GSM, max_size=800)
any_texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400)
moments = st.integers(min_value=946684800 + 86_400, max_value=3_786_825_600 - 86_400)
offsets = st.integers(min_value=-48, max_value=56).map(lambda quarters: quarters * 15)


def joined(contents: list[tpdu.UserData]) -> str:
    return tpdu.join_texts([content.text for content in contents])


def by_gammu(octets: bytes) -> dict[str, Any]:
    decoded: dict[str, Any] = gammu.DecodePDU(tpdu.encode_smsc(SMSC) + octets)
    decoded["Text"] = decoded["Text"].split("\x00")[0]
    return decoded


@given(st.one_of(gsm_texts, any_texts), st.integers(0, 255))
def test_a_text_survives_splitting_and_joining(text: str, reference: int) -> None:
    contents = tpdu.split_text(text, reference)
    assert joined(contents) == text
    assert all(len(content.octets) <= tpdu.USER_DATA_OCTETS for content in contents)
    if len(contents) > 1:
        expected = [tpdu.Concatenation(reference, len(contents), number) for number in range(1, len(contents) + 1)]
        assert [content.concatenation for content in contents] == expected


@pytest.mark.parametrize(
    ("text", "parts", "alphabet"),
    [
        ("a" * 160, 1, tpdu.GSM7),
        ("a" * 161, 2, tpdu.GSM7),
        ("a" * 306, 2, tpdu.GSM7),
        ("a" * 307, 3, tpdu.GSM7),
        ("[" * 80, 1, tpdu.GSM7),
        ("[" * 81, 2, tpdu.GSM7),
        ("a" * 152 + "[" + "a" * 20, 2, tpdu.GSM7),
        ("“" * 70, 1, tpdu.UCS2),
        ("“" * 71, 2, tpdu.UCS2),
        ("😀" * 35, 1, tpdu.UCS2),
        ("😀" * 66, 2, tpdu.UCS2),
        ("😀" * 67, 3, tpdu.UCS2),
    ],
)
def test_lengths_of_parts_follow_the_standard(text: str, parts: int, alphabet: str) -> None:
    contents = tpdu.split_text(text)
    assert [content.alphabet for content in contents] == [alphabet] * parts
    assert joined(contents) == text


def test_no_part_ends_inside_an_extension_pair_or_a_surrogate_pair() -> None:
    for text in ("a" * 152 + "[" + "a" * 20, "a" * 66 + "😀" * 20):
        for content in tpdu.split_text(text):
            content.text.encode("utf-8")
            assert "\x1b" not in content.text


def test_a_surrogate_pair_cut_by_a_careless_phone_is_healed() -> None:
    high, low = "😀".encode("utf-16-be")[:2], "😀".encode("utf-16-be")[2:]
    pieces = [tpdu.UserData(tpdu.DCS_UCS2, 2, half).text for half in (high, low)]
    assert tpdu.join_texts(pieces) == "😀"


def test_a_text_of_more_than_255_parts_is_refused() -> None:
    with pytest.raises(tpdu.TpduError, match="256 parts"):
        tpdu.split_text("a" * (153 * 255 + 1))


@given(st.text(alphabet=GAMMU_GSM, min_size=1, max_size=200), st.integers(0, 255))
def test_libgammu_reads_our_gsm7_parts(text: str, reference: int) -> None:
    contents = tpdu.split_text(text, reference)
    for content in contents:
        read = by_gammu(tpdu.encode_deliver(tpdu.Deliver("+6281234567890", content, 1_732_330_000)))
        assert read["Text"] == content.text
        assert read["Number"] == "+6281234567890"
        if place := content.concatenation:
            header = read["UDH"]
            assert (header["ID8bit"], header["AllParts"], header["PartNumber"]) == (
                place.reference,
                place.parts,
                place.part,
            )


@given(
    st.text(alphabet=st.characters(min_codepoint=0xA0, exclude_categories=["Cs"]), min_size=1, max_size=33),
)
def test_libgammu_reads_our_ucs2(text: str) -> None:
    contents = tpdu.split_text("“" + text)
    read = by_gammu(tpdu.encode_deliver(tpdu.Deliver("081234", contents[0], 1_732_330_000)))
    assert read["Text"] == contents[0].text
    assert read["Number"] == "081234"


@given(moments, offsets)
def test_libgammu_reads_our_time_stamps_with_their_zone(moment: int, offset: int) -> None:
    content = tpdu.split_text("waktu")[0]
    octets = tpdu.encode_deliver(tpdu.Deliver("+62812", content, moment, offset))
    assert tpdu.decode_deliver(octets) == tpdu.Deliver("+62812", content, moment, offset)
    read = by_gammu(octets)["DateTime"]
    zone = datetime.timezone(datetime.timedelta(minutes=offset))
    assert read == datetime.datetime.fromtimestamp(moment, zone)
    assert read.utcoffset() == datetime.timedelta(minutes=offset)


@pytest.mark.parametrize("sender", ["TELKOMSEL", "3636", "+62812345", "0812345", "INFO PEMDA", "BMKG", "A"])
def test_libgammu_reads_names_short_codes_and_numbers(sender: str) -> None:
    deliver = tpdu.Deliver(sender, tpdu.split_text("x")[0], 1_732_330_000)
    octets = tpdu.encode_deliver(deliver)
    assert by_gammu(octets)["Number"] == sender
    assert tpdu.decode_deliver(octets).sender == sender


@given(st.text(alphabet=GSM, min_size=1, max_size=11).filter(lambda name: len(tpdu.encode_septets(name)) <= 11))
def test_a_sender_survives_its_address(name: str) -> None:
    deliver = tpdu.Deliver(name, tpdu.split_text("x")[0], 1_732_330_000)
    assert tpdu.decode_deliver(tpdu.encode_deliver(deliver)).sender == name


@pytest.mark.parametrize("sender", ["", "DUABELASHURUF", "漢字"])
def test_a_sender_that_fits_no_address_is_refused(sender: str) -> None:
    with pytest.raises(tpdu.TpduError):
        tpdu.encode_address(sender)


@given(st.text(alphabet=GAMMU_GSM, min_size=1, max_size=320), st.booleans())
def test_what_libgammu_submits_is_read_back(text: str, report: bool) -> None:
    entries = [{"ID": "ConcatenatedTextLong" if len(text) > 60 else "Text", "Buffer": text}]
    coded = gammu.EncodeSMS({"Class": -1, "Unicode": False, "Entries": entries})
    read = []
    for sms in coded:
        sms |= {"Number": "+6281234567890", "Type": "Status_Report" if report else "Submit"}
        sms["SMSC"] = {"Location": 0, "Number": SMSC, "Name": "", "Format": "Text", "Validity": "Max"}
        octets = gammu.EncodePDU(sms, "Submit")
        submit = tpdu.decode_submit(octets[1 + octets[0] :])
        assert submit.destination == "+6281234567890"
        assert submit.report_wanted == report
        read.append(submit.content)
    assert joined(read) == text


@given(st.binary(max_size=180))
def test_hostile_octets_are_a_tpdu_error_or_a_message(octets: bytes) -> None:
    for read in (tpdu.decode_submit, tpdu.decode_deliver):
        try:
            content = read(octets).content
        except tpdu.TpduError:
            continue
        assert isinstance(content.text, str)


@pytest.mark.parametrize("cut", range(1, 20))
def test_a_cut_submit_is_refused(cut: int) -> None:
    octets = tpdu.encode_submit(tpdu.Submit("+62812", tpdu.split_text("halo semua")[0]))
    with pytest.raises(tpdu.TpduError):
        tpdu.decode_submit(octets[:-cut])


def test_octets_behind_the_user_data_are_refused() -> None:
    octets = tpdu.encode_submit(tpdu.Submit("+62812", tpdu.split_text("halo semua")[0]))
    with pytest.raises(tpdu.TpduError, match="1 octets follow"):
        tpdu.decode_submit(octets + b"\x00")


def test_libgammu_reads_our_status_report() -> None:
    report = tpdu.StatusReport(77, "+6281234567890", 1_732_330_000, 1_732_330_060, tpdu.STATUS_RECEIVED)
    read = by_gammu(tpdu.encode_status_report(report))
    assert (read["Type"], read["MessageReference"], read["DeliveryStatus"]) == ("Status_Report", 77, 0)
    assert read["Number"] == "+6281234567890"
    assert read["SMSCDateTime"].timestamp() == 1_732_330_060


@pytest.mark.parametrize(
    ("dcs", "alphabet"),
    [
        (0x00, "gsm7"),
        (0x10, "gsm7"),
        (0x04, "octets"),
        (0x08, "ucs2"),
        (0x18, "ucs2"),
        (0x20, "octets"),
        (0xC8, "gsm7"),
        (0xE0, "ucs2"),
        (0xF0, "gsm7"),
        (0xF4, "octets"),
        (0x90, "octets"),
    ],
)
def test_data_coding_schemes(dcs: int, alphabet: str) -> None:
    assert tpdu.UserData(dcs, 0, b"").alphabet == alphabet


@pytest.mark.parametrize(
    ("seconds", "octet"), [(300, 0), (43_200, 143), (45_000, 144), (86_400, 167), (172_800, 168), (604_800 * 5, 197)]
)
def test_the_relative_validity_period_is_written_and_read(seconds: int, octet: int) -> None:
    submit = tpdu.Submit("+62812", tpdu.split_text("x")[0], validity_seconds=seconds)
    octets = tpdu.encode_submit(submit)
    assert octets[0] & 0x18 == 0x10
    assert octets[-3 - tpdu.split_text("x")[0].length + 1] == octet
    assert tpdu.decode_submit(octets) == submit


@pytest.mark.parametrize(
    ("form", "field", "seconds"),
    [
        (3, tpdu.encode_timestamp(1_732_330_600, 420).hex(), 600),
        (1, "01000000000000", 300),
        (1, "02280000000000", 40),
        (1, "03102030000000", 3600 + 2 * 60 + 3),
        (1, "00000000000000", None),
    ],
)
def test_the_other_validity_formats_are_read(form: int, field: str, seconds: int | None) -> None:
    octets = bytearray(tpdu.encode_submit(tpdu.Submit("+62812", tpdu.split_text("x")[0])))
    octets[0] |= form << 3
    place = len(octets) - 2
    octets[place:place] = bytes.fromhex(field)
    assert tpdu.decode_submit(bytes(octets), 1_732_330_000).validity_seconds == seconds
