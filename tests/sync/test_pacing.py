"""When the worker sends, and how much: decisions only, no thread, no clock."""

from __future__ import annotations

import pytest

from sync import pacing
from sync.pacing import Action, Pace, Rules

RULES = Rules(batch_entries=20, wait_seconds=900, beat_seconds=900, backoff_seconds=30, backoff_max_seconds=900)
CALM = Pace(beat_at=10_000)


def plan(pace: Pace, now: float, waiting: int) -> tuple[Action, float]:
    return pacing.plan(pacing.noticed(pace, now, waiting), now, waiting, RULES)


def test_nothing_waiting_rests_until_the_next_sign_of_life() -> None:
    assert plan(CALM, 100, 0) == (Action.REST, 10_000)
    assert plan(CALM, 10_000, 0) == (Action.BEAT, 10_000)


def test_the_first_waiting_entry_starts_the_wait_and_later_ones_do_not_extend_it() -> None:
    pace = pacing.noticed(CALM, 100, 1)
    pace = pacing.noticed(pace, 500, 3)
    assert pacing.plan(pace, 999, 3, RULES) == (Action.REST, 1000)
    assert pacing.plan(pace, 1000, 3, RULES)[0] is Action.SEND


def test_a_full_batch_is_sent_at_once() -> None:
    assert plan(CALM, 100, 19)[0] is Action.REST
    assert plan(CALM, 100, 20)[0] is Action.SEND


def test_urgent_does_not_wait_for_anything_and_is_served_by_one_try() -> None:
    late = pacing.failed(CALM, 100, RULES, 0.99, halve=False, retry_after=500)
    hurried = pacing.hurried(late)
    assert plan(hurried, 101, 1)[0] is Action.SEND
    assert plan(pacing.tried(hurried), 101, 1)[0] is Action.REST


def test_back_off_doubles_with_full_jitter_up_to_its_bound_and_never_gives_up() -> None:
    pace, spans = CALM, []
    for _ in range(60):
        pace = pacing.failed(pace, 0, RULES, 1.0, halve=False, retry_after=None)
        spans.append(pace.not_before)
    assert spans[:6] == [30, 60, 120, 240, 480, 900]
    assert set(spans[5:]) == {900}
    assert pacing.failed(CALM, 0, RULES, 0.25, halve=False, retry_after=None).not_before == 7.5


def test_after_a_failure_the_time_alone_suffices() -> None:
    pace = pacing.failed(pacing.noticed(CALM, 0, 1), 0, RULES, 0.5, halve=False, retry_after=None)
    assert pacing.plan(pace, 14.9, 1, RULES) == (Action.REST, 15)
    assert pacing.plan(pace, 15, 1, RULES)[0] is Action.SEND


def test_retry_after_is_honoured_within_reason() -> None:
    assert pacing.failed(CALM, 0, RULES, 0.0, halve=False, retry_after=120).not_before == 120
    assert pacing.failed(CALM, 0, RULES, 0.0, halve=False, retry_after=1e9).not_before == 3600


def test_batches_grow_on_success_and_shrink_to_one_entry() -> None:
    pace = Pace()
    sizes = []
    for _ in range(5):
        sizes.append(pace.batch_octets)
        pace = pacing.succeeded(pace, 0, RULES, sent=10)
    assert sizes == [4096, 8192, 16384, 32768, 32768]
    assert pacing.succeeded(Pace(), 0, RULES, sent=0).batch_octets == 4096
    for _ in range(20):
        pace = pacing.failed(pace, 0, RULES, 0, halve=True, retry_after=None)
    assert pace.batch_octets == pacing.SMALLEST_BATCH_OCTETS


def test_success_ends_the_back_off_and_puts_off_the_sign_of_life() -> None:
    pace = pacing.succeeded(pacing.failed(CALM, 0, RULES, 1, halve=False, retry_after=None), 9_990, RULES, sent=1)
    assert (pace.failures, pace.not_before, pace.beat_at) == (0, 9_990, 10_890)


def test_refused_sends_nothing_not_even_urgent_until_a_person_says_so_but_asks_now_and_then() -> None:
    refused = pacing.turned_away(CALM, 100)
    assert plan(pacing.hurried(refused), 200, 50)[0] is Action.REST
    assert plan(refused, 100 + pacing.REFUSED_ASK_SECONDS, 50)[0] is Action.ASK
    assert plan(pacing.hurried(refused, person=True), 200, 50)[0] is Action.SEND


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_starts_are_spread(chance: float) -> None:
    pace = pacing.start(100, RULES, chance)
    first = 100 + 30 * chance
    assert pacing.plan(pacing.noticed(pace, 100, 50), first, 50, RULES)[0] is Action.SEND
    assert pacing.plan(pace, first, 0, RULES)[0] is Action.REST
    assert pacing.plan(pace, first + pacing.FIRST_BEAT_SECONDS, 0, RULES)[0] is Action.BEAT
    assert chance == 0 or pacing.plan(pacing.noticed(pace, 100, 50), 100, 50, RULES)[0] is Action.REST


def test_the_first_sign_of_life_is_not_put_off_by_data() -> None:
    pace = pacing.succeeded(pacing.start(0, RULES, 0.5), 16, RULES, sent=3)
    assert pacing.plan(pace, 20, 0, RULES)[0] is Action.BEAT


def test_a_change_of_state_is_told_soon_but_not_all_the_time() -> None:
    told = pacing.beaten(CALM, 1000, RULES)
    changed = pacing.unsettled(told, 1010)
    assert pacing.plan(changed, 1010, 0, RULES) == (Action.REST, 1000 + pacing.SOONEST_BEAT_SECONDS)
    assert pacing.plan(changed, 1000 + pacing.SOONEST_BEAT_SECONDS, 0, RULES)[0] is Action.BEAT
    later = pacing.unsettled(told, 1500)
    assert pacing.plan(later, 1500, 0, RULES)[0] is Action.BEAT
    assert pacing.plan(pacing.beaten(later, 1500, RULES), 1501, 0, RULES)[0] is Action.REST
