"""Tickets: mixed, checked, repairable."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.reports.ticket import ALPHABET, is_ticket, looks_like_ticket, make_ticket, repair

DRAWS = st.lists(st.integers(0, 30), min_size=60, max_size=60)


def made(draws: list[int]) -> str:
    numbers = iter([*draws, 0, 10, 20])  # the last three make a ticket whatever came before
    return make_ticket(lambda n: next(numbers) % n)


def test_alphabet_has_no_look_alikes() -> None:
    assert len(set(ALPHABET)) == 31
    assert not set(ALPHABET) & set("0O1IL")


def test_the_example_of_the_training_sheet_is_valid() -> None:
    assert is_ticket("K4PT")
    assert is_ticket("k4pt")


@given(DRAWS)
def test_a_ticket_is_valid_and_mixed(draws: list[int]) -> None:
    ticket = made(draws)
    assert is_ticket(ticket)
    assert any(c.isdigit() for c in ticket)
    assert any(c.isalpha() for c in ticket)


@given(DRAWS, st.integers(0, 3), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_caught(draws: list[int], index: int, other: str) -> None:
    ticket = made(draws)
    wrong = ticket[:index] + other + ticket[index + 1 :]
    assert wrong == ticket or not is_ticket(wrong)


@given(DRAWS, st.integers(0, 2))
def test_swapped_neighbours_are_caught(draws: list[int], index: int) -> None:
    ticket = made(draws)
    swapped = ticket[:index] + ticket[index + 1] + ticket[index] + ticket[index + 2 :]
    assert swapped == ticket or not is_ticket(swapped)


def test_words_and_numbers_are_no_tickets() -> None:
    for text in ("", "ABCD", "2345", "K4P", "K4PTX", "K4 P", "K4P0"):
        assert not is_ticket(text)
    assert looks_like_ticket("K4P0")
    assert not looks_like_ticket("١٢٣a")


def test_a_confusion_with_one_explanation_is_repaired() -> None:
    assert repair("k4pt") == "K4PT"
    assert repair("nonsense") is None
    assert repair("K4PT".replace("4", "0")) is None
    ticket = made([ALPHABET.index("S"), 3, 10])
    assert ticket[0] == "S"
    assert repair("5" + ticket[1:]) == ticket
