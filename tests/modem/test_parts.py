"""Joining long messages: order, gaps, repetitions, reference reuse."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from modem.parts import GAP, REUSE_SECONDS, OpenMessage, Placement, join, mend_surrogates, missing, place

T = 1_790_000_000


def test_a_part_goes_to_the_message_that_lacks_it() -> None:
    assert place(2, "b", T, [OpenMessage(7, {1: "a"}, T)]) == Placement(7)


def test_the_first_part_of_an_unknown_message_makes_a_new_one() -> None:
    assert place(1, "a", T, []) == Placement(None)


def test_the_same_part_again_is_a_repetition() -> None:
    assert place(1, "a", T + 5, [OpenMessage(7, {1: "a"}, T)]) == Placement(7, repeats=True)


def test_other_words_under_a_taken_number_are_a_new_message() -> None:
    assert place(1, "z", T + 5, [OpenMessage(7, {1: "a", 2: "b"}, T)]) == Placement(None)


def test_a_reference_used_again_later_is_a_new_message() -> None:
    assert place(2, "b", T + REUSE_SECONDS + 1, [OpenMessage(7, {1: "a"}, T)]) == Placement(None)


def test_of_two_incomplete_messages_the_newer_gets_the_part() -> None:
    both = [OpenMessage(1, {1: "a"}, T), OpenMessage(2, {1: "c"}, T + 60)]
    assert place(2, "d", T + 61, both) == Placement(2)


def test_a_part_without_a_sensible_time_is_still_placed() -> None:
    assert place(2, "b", None, [OpenMessage(7, {1: "a"}, T)]) == Placement(7)


def test_gaps_are_shown_once() -> None:
    assert join({1: "a", 4: "d"}, 5) == f"a{GAP}d{GAP}"
    assert missing([1, 4], 5) == [2, 3, 5]


def test_a_sign_cut_in_two_by_the_parts_is_whole_again() -> None:
    assert join({1: "api \ud83d", 2: "\udd25 besar"}, 2) == "api 🔥 besar"
    assert mend_surrogates("x\ud83d") == "x\ufffd"


@given(
    st.lists(st.text(max_size=5), min_size=2, max_size=8).flatmap(
        lambda t: st.tuples(st.just(t), st.permutations(range(len(t))))
    )
)
def test_any_order_gives_the_same_text(case: tuple[list[str], list[int]]) -> None:
    texts, order = case
    held: dict[int, str] = {}
    for index in order:
        assert place(index + 1, texts[index], T, [OpenMessage(1, dict(held), T)] if held else []).repeats is False
        held[index + 1] = texts[index]
    assert join(held, len(texts)) == "".join(texts)
