"""The GSM alphabet: what fits, what can be made to fit, and what that costs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem import gsm7, pdu
from modem.gsm7 import is_gsm7, parts_needed, transliterate


def test_gsm7_knows_its_signs() -> None:
    assert is_gsm7("à@€{\n") is True
    assert is_gsm7("À") is False
    assert is_gsm7("“kutip”") is False
    assert is_gsm7("\x1b") is False
    assert len(gsm7.DEFAULT) == 128


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("“Halo” ‘dunia’ – kata Pak Lurah…", "\"Halo\" 'dunia' - kata Pak Lurah..."),
        ("massa\u00a0±\u202f40\u2009orang", "massa +/- 40 orang"),
        ("• satu\n▪ dua", "- satu\n- dua"),
        ("nol\u200blebar\ufeff \u00adputus", "nollebar putus"),
        ("ＬＡＰＯＲ １４", "LAPOR 14"),
        ("ﬁnal ﬂag Œuvre œ", "final flag OEuvre oe"),
        ("façade ā ő ș ł ı", "facade a o s l i"),
        ("cafe\u0301 a\u0300", "café à"),
        ("→ posko ✓ ✗", "-> posko v x"),
        ("≤ 5 ≥ 3 ½ ℃ №7 ™", "<= 5 >= 3 1/2  derajatC No7 TM"),
        ("a\tb\x07c\u2028d", "a bc\nd"),
        ("e´ `kutip`", "e' 'kutip'"),
        ("✔\ufe0f beres", "v beres"),
        ("2½ hari, ½ desa, 10² m, 5 m²", "2 1/2 hari, 1/2 desa, 10^2 m, 5 m2"),
        ("≈50 orang", "~50 orang"),
    ],
)
def test_signs_with_a_plain_form_are_sent_plain(written: str, sent: str) -> None:
    assert transliterate(written) == sent
    assert parts_needed(written) == ("gsm7", 1)
    (one,) = pdu.submit("+628123456789", written)
    assert pdu.decode(one.hex).text == sent


@pytest.mark.parametrize("text", ["“api” 🔥", "“Привет”", "ماء — air", "", "biasa saja", "é à ñ €"])
def test_a_text_that_would_not_fit_anyway_stays_as_it_is(text: str) -> None:
    assert transliterate(text) == text


def test_a_plain_form_that_costs_more_is_not_taken() -> None:
    assert transliterate("…" * 60) == "…" * 60
    assert parts_needed("…" * 60) == ("ucs2", 1)
    assert parts_needed("…" * 50) == ("gsm7", 1)


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("", ("gsm7", 1)),
        ("x" * 160, ("gsm7", 1)),
        ("x" * 161, ("gsm7", 2)),
        ("x" * 306, ("gsm7", 2)),
        ("x" * 307, ("gsm7", 3)),
        ("{" * 80, ("gsm7", 1)),
        ("{" * 81, ("gsm7", 2)),
        ("{" * 152, ("gsm7", 2)),
        ("{" * 153, ("gsm7", 3)),  # 306 septets, but none is cut: 76 fit into a part
        ("é" * 160, ("gsm7", 1)),
        ("“" * 160, ("gsm7", 1)),
        ("ж" * 70, ("ucs2", 1)),
        ("ж" * 71, ("ucs2", 2)),
        ("ж" * 134, ("ucs2", 2)),
        ("ж" * 135, ("ucs2", 3)),
        ("🔥" * 35, ("ucs2", 1)),
        ("🔥" * 36, ("ucs2", 2)),
        ("🔥" * 67, ("ucs2", 3)),  # 134 units, but 33 pairs fit into a part
    ],
)
def test_the_price_is_known_beforehand(text: str, needed: tuple[str, int]) -> None:
    assert parts_needed(text) == needed
    assert len(pdu.submit("+628123456789", text)) == needed[1]


@given(st.text(max_size=300))
def test_plain_is_in_the_alphabet_and_never_dearer_or_else_untouched(text: str) -> None:
    sent = transliterate(text)
    assert sent == text or is_gsm7(sent)
    assert transliterate(sent) == sent
    assert parts_needed(text) == parts_needed(sent)


@pytest.mark.parametrize(
    ("septets", "text"),
    [([0x1B, 0x65], "€"), ([0x1B], " "), ([0x1B, 0x1B], " "), ([0x1B, 0x41], "A"), ([0x00, 0x1B, 0x28], "@{")],
)
def test_escapes_are_read_as_the_standard_says(septets: list[int], text: str) -> None:
    assert gsm7.read(septets) == text


def test_unpacking_stops_where_the_octets_end() -> None:
    octets = bytes.fromhex("C8309BFD06")
    assert gsm7.read(gsm7.unpack(octets, 5)) == "Hallo"
    assert gsm7.read(gsm7.unpack(octets, 99)) == "Hallo"
    assert gsm7.read(gsm7.unpack(octets, 5, skip=3)) == "lo"
