"""Sorting out long messages: order, gaps, repetitions, reference reuse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modem.parts import GAP, REUSE_SECONDS, Part, join, mend_surrogates, missing, sort_out, texts

T = 1_790_000_000


def ids(*came: Part) -> list[list[int]]:
    return [[part.id for part in group] for group in sort_out(came)]


def part(id_: int, number: int, text: str, at: int | None = 0) -> Part:
    return Part(id_, number, text, None if at is None else T + at)


@pytest.mark.parametrize(
    ("what", "came", "expected"),
    [
        ("two parts", [part(1, 1, "a"), part(2, 2, "b", 3)], [[1, 2]]),
        ("one alone", [part(1, 1, "a")], [[1]]),
        ("the same part again", [part(1, 1, "a"), part(2, 1, "a", 5), part(3, 2, "b", 6)], [[1, 2, 3]]),
        ("other words under a taken number", [part(1, 1, "a"), part(2, 1, "z", 5)], [[1], [2]]),
        ("a reference used again days later", [part(1, 1, "a"), part(2, 2, "b", REUSE_SECONDS + 1)], [[1], [2]]),
        ("hours between the parts", [part(1, 1, "a"), part(2, 2, "b", 20 * 3600)], [[1, 2]]),
        (
            "never longer than the limit, however many are in between",
            [part(1, 1, "a"), part(2, 2, "b", REUSE_SECONDS - 9), part(3, 3, "c", 2 * REUSE_SECONDS - 12)],
            [[1, 2], [3]],
        ),
        (
            "reuse minutes later, the first one complete",
            [part(1, 1, "a"), part(2, 2, "b", 3), part(3, 1, "c", 300), part(4, 2, "d", 303)],
            [[1, 2], [3, 4]],
        ),
        (
            "reuse minutes later, the first one's end lost",
            [part(1, 1, "a"), part(2, 2, "d", 303), part(3, 1, "c", 300)],
            [[1], [2, 3]],
        ),
        (
            "reuse minutes later, the first one's beginning lost",
            [part(1, 2, "b", 3), part(2, 1, "c", 300), part(3, 2, "d", 303)],
            [[1], [2, 3]],
        ),
        (
            "equal words in one part of two messages",
            [part(1, 1, "a"), part(2, 2, ".", 3), part(3, 1, "c", 300), part(4, 2, ".", 303)],
            [[1, 2], [3, 4]],
        ),
        ("a part without a time", [part(1, 1, "a"), part(2, 2, "b", None)], [[1, 2]]),
        (
            "no times at all: what came one after the other",
            [part(1, 1, "a", None), part(2, 1, "c", None), part(3, 2, "d", None)],
            [[1], [2, 3]],
        ),
    ],
)  # fmt: skip
def test_parts_make_messages(what: str, came: list[Part], expected: list[list[int]]) -> None:
    assert ids(*came) == expected, what
    assert ids(*reversed(came)) == expected, "the order of asking does not matter"


def test_gaps_are_shown_once() -> None:
    assert join({1: "a", 4: "d"}, 5) == f"a{GAP}d{GAP}"
    assert missing([1, 4], 5) == [2, 3, 5]


def test_a_sign_cut_in_two_by_the_parts_is_whole_again() -> None:
    assert join({1: "api \ud83d", 2: "\udd25 besar"}, 2) == "api 🔥 besar"
    assert mend_surrogates("x\ud83d") == "x\ufffd"


@given(
    st.lists(st.lists(st.text("ab", max_size=3), min_size=1, max_size=4), min_size=1, max_size=4).flatmap(
        lambda sent: st.tuples(
            st.just(sent),
            st.permutations([(which, n) for which, texts_ in enumerate(sent) for n in range(len(texts_))]),
        )
    )
)
def test_the_order_of_coming_changes_nothing(case: tuple[list[list[str]], list[tuple[int, int]]]) -> None:
    """Messages of four parts under one reference, minutes apart, seconds between their parts, the last ones lost."""
    sent, order = case
    came = [part(id_, n + 1, f"{which}{sent[which][n]}", 600 * which + 3 * n) for id_, (which, n) in enumerate(order)]
    found = sorted(join(texts(group), 4) for group in sort_out(came))
    expected = [
        join({n: f"{which}{text}" for n, text in enumerate(texts_, start=1)}, 4) for which, texts_ in enumerate(sent)
    ]
    assert found == sorted(expected)
