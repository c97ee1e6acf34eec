"""Both ends' rules under everything that can go wrong between and with them, driven by hypothesis.

The model keeps what was really written on the laptop ("said"). Whatever happens: no central entry ever changes, marks
stay in order, and when the faults stop, everything said and still on the laptop is at the central.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from sync import protocol
from sync.entries import EMPTY_HASH, Entry, running_hash
from sync.frame import Frame, encode, open_frame
from sync.protocol import (
    Advance,
    Append,
    Cursor,
    Fork,
    NewEpoch,
    Reply,
    Standing,
    Stored,
    decide,
    needed,
    on_reply,
    open_reply,
    seal_reply,
)

KEY = bytes(range(32))
GATEWAY = 3


@dataclass(frozen=True)
class Laptop:
    """A laptop's whole state; frozen, so that a back-up is simply an old one."""

    epoch: int
    entries: tuple[Entry, ...] = ()
    ack: int = 0
    safe: int = 0
    alarms: int = 0

    def prev(self, first: int) -> bytes:
        running = EMPTY_HASH
        for entry in self.entries[: first - 1]:
            running = running_hash(running, entry)
        return running

    def frame(self, most: int) -> bytes:
        first = self.ack + 1
        return encode(
            Frame(GATEWAY, self.epoch, first, self.prev(first), self.entries[self.ack : self.ack + most]), KEY
        )

    def told(self, reply: Reply, new_epoch: int) -> Laptop:
        decision = on_reply(Standing(len(self.entries), self.ack, self.safe), reply)
        if isinstance(decision, Advance):
            return replace(self, ack=decision.ack, safe=decision.safe)
        again = [Entry(1, 6, 0, b"new epoch"), *(replace_number(e, n) for n, e in enumerate(self.entries, start=2))]
        return Laptop(new_epoch, tuple(again), alarms=self.alarms + decision.alarm)


def replace_number(entry: Entry, number: int) -> Entry:
    return Entry(number, entry.kind, entry.at, entry.body)


@dataclass(frozen=True)
class Central:
    cursors: dict[int, Cursor] = field(default_factory=dict)
    ledger: dict[tuple[int, int], Stored] = field(default_factory=dict)

    def take(self, octets: bytes) -> tuple[Central, bytes]:
        frame = open_frame(octets, KEY)
        cursor = self.cursors.get(frame.epoch, Cursor())
        stored = {number: self.ledger[frame.epoch, number] for number in needed(cursor, frame)}
        verdict = decide(cursor, frame, stored)
        after = self
        if isinstance(verdict, Append):
            new = {(frame.epoch, row.entry.number): row for row in verdict.rows}
            assert not new.keys() & self.ledger.keys(), "the primary key would have refused it"
            after = Central(self.cursors | {frame.epoch: verdict.cursor}, self.ledger | new)
        ack = after.cursors.get(frame.epoch, Cursor()).ack
        return after, seal_reply(Reply(ack=ack, fork=isinstance(verdict, Fork)), octets, KEY)


class Model(RuleBasedStateMachine):
    """Rules are what happens in the world; `_drained` is what must be true once it stops."""

    forget = False
    """Negative control: the laptop counts what it sent as received."""

    def __init__(self) -> None:
        super().__init__()
        self.laptops = [Laptop(epoch=1)]
        self.central = Central()
        self.said: set[bytes] = set()
        self.lost: set[bytes] = set()
        self.old_requests: list[bytes] = []
        self.laptop_backups: list[Laptop] = []
        self.central_backups: list[Central] = []
        self.epochs = 1
        self.history: dict[tuple[int, int], Entry] = {}

    def _new_epoch(self) -> int:
        self.epochs += 1
        return self.epochs

    def _exchange(self, index: int, most: int, *, reply_arrives: bool = True, request_arrives: bool = True) -> None:
        laptop = self.laptops[index]
        request = laptop.frame(most)
        self.old_requests.append(request)
        if self.forget:
            self.laptops[index] = replace(laptop, ack=min(len(laptop.entries), laptop.ack + most))
        if not request_arrives:
            return
        self.central, answer = self.central.take(request)
        if reply_arrives and not self.forget:
            self.laptops[index] = laptop.told(open_reply(answer, request, KEY), self._new_epoch())

    @rule(which=st.integers(0, 2), word=st.binary(min_size=4, max_size=4))
    def write(self, which: int, word: bytes) -> None:
        index = which % len(self.laptops)
        laptop = self.laptops[index]
        word = word + len(self.said).to_bytes(4, "big")
        self.said.add(word)
        entry = Entry(len(laptop.entries) + 1, 1, 0, word)
        self.laptops[index] = replace(laptop, entries=(*laptop.entries, entry))

    @rule(which=st.integers(0, 2), most=st.integers(0, 5))
    def sync(self, which: int, most: int) -> None:
        self._exchange(which % len(self.laptops), most)

    @rule(which=st.integers(0, 2), most=st.integers(1, 5))
    def lose_request(self, which: int, most: int) -> None:
        self._exchange(which % len(self.laptops), most, request_arrives=False)

    @rule(which=st.integers(0, 2), most=st.integers(1, 5))
    def lose_reply(self, which: int, most: int) -> None:
        self._exchange(which % len(self.laptops), most, reply_arrives=False)

    @precondition(lambda self: self.old_requests)
    @rule(pick=st.integers(0, 10**6))
    def replay_old_request(self, pick: int) -> None:
        self.central, _ = self.central.take(self.old_requests[pick % len(self.old_requests)])

    @precondition(lambda self: len(self.old_requests) > 1)
    @rule(pick=st.integers(0, 10**6))
    def an_answer_to_another_request_opens_nothing(self, pick: int) -> None:
        one, other = (
            self.old_requests[pick % len(self.old_requests)],
            self.old_requests[(pick // 7) % len(self.old_requests)],
        )
        if one != other:
            _, answer = self.central.take(one)
            with pytest.raises(protocol.FrameError):
                open_reply(answer, other, KEY)

    @rule(which=st.integers(0, 2))
    def back_up_laptop(self, which: int) -> None:
        self.laptop_backups.append(self.laptops[which % len(self.laptops)])

    @precondition(lambda self: self.laptop_backups)
    @rule(which=st.integers(0, 2), pick=st.integers(0, 10**6))
    def restore_laptop(self, which: int, pick: int) -> None:
        index = which % len(self.laptops)
        gone = {entry.body for entry in self.laptops[index].entries}
        self.laptops[index] = self.laptop_backups[pick % len(self.laptop_backups)]
        self.lost |= gone

    @precondition(lambda self: len(self.laptops) < 3)
    @rule(which=st.integers(0, 2))
    def clone_laptop(self, which: int) -> None:
        self.laptops.append(self.laptops[which % len(self.laptops)])

    @rule()
    def back_up_central(self) -> None:
        self.central_backups.append(self.central)

    @precondition(lambda self: self.central_backups)
    @rule(pick=st.integers(0, 10**6))
    def restore_central(self, pick: int) -> None:
        self.central = self.central_backups[pick % len(self.central_backups)]
        self.history = {place: stored.entry for place, stored in self.central.ledger.items()}

    @invariant()
    def no_entry_ever_changes(self) -> None:
        for place, stored in self.central.ledger.items():
            assert self.history.setdefault(place, stored.entry) == stored.entry

    @invariant()
    def numbers_have_no_gap_and_hashes_chain(self) -> None:
        for epoch, cursor in self.central.cursors.items():
            running = EMPTY_HASH
            for number in range(1, cursor.ack + 1):
                running = running_hash(running, self.central.ledger[epoch, number].entry)
                assert self.central.ledger[epoch, number].hash == running
            assert running == cursor.hash

    @invariant()
    def marks_are_in_order(self) -> None:
        for laptop in self.laptops:
            assert 0 <= laptop.safe <= laptop.ack <= len(laptop.entries)

    def teardown(self) -> None:
        for _ in range(60):
            for index in range(len(self.laptops)):
                self._exchange(index, 5)
        held = {stored.entry.body for stored in self.central.ledger.values()}
        for laptop in self.laptops:
            assert laptop.ack == len(laptop.entries)
            assert {entry.body for entry in laptop.entries} <= held
        on_some_laptop = {entry.body for laptop in self.laptops for entry in laptop.entries}
        assert self.said - self.lost <= on_some_laptop


Model.TestCase.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
TestModel = Model.TestCase


class CountsSentAsReceived(Model):
    """A laptop that marks as done what it has sent."""

    forget = True


class OnlyLooksAtNumbers(Model):
    """A central that takes a number it has for the same entry, and never compares."""

    def _exchange(self, *args: object, **options: object) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(globals(), "decide", _trusting)
            super()._exchange(*args, **options)  # type: ignore[arg-type]


def _trusting(cursor: Cursor, frame: Frame, stored: dict[int, Stored]) -> object:
    if frame.first > cursor.ack + 1:
        return protocol.Stand()
    rows, running = [], cursor.hash
    for entry in frame.entries:
        if entry.number > cursor.ack:
            running = running_hash(running, entry)
            rows.append(Stored(entry, running))
    return Append(tuple(rows), Cursor(cursor.ack + len(rows), running)) if rows else protocol.Stand()


@pytest.mark.parametrize("wrong", [CountsSentAsReceived, OnlyLooksAtNumbers])
def test_the_model_catches_a_wrong_variant(wrong: type[Model]) -> None:
    quick = settings(
        max_examples=400,
        stateful_step_count=25,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        phases=[Phase.generate],
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(wrong, settings=quick)


def test_the_laptop_goes_back_with_the_central() -> None:
    assert on_reply(Standing(last=9, ack=7, safe=3), Reply(ack=2, safe=1)) == Advance(2, 1)


def test_an_ack_beyond_the_last_entry_means_this_laptop_is_behind() -> None:
    assert on_reply(Standing(last=4, ack=4, safe=0), Reply(ack=5)) == NewEpoch("behind")


def test_what_is_no_longer_here_is_named() -> None:
    decision = on_reply(Standing(last=9, ack=7, safe=5, oldest=6), Reply(ack=2))
    assert decision == NewEpoch("gone", missing=(3, 5), alarm=False)


def test_a_reply_against_the_rules_is_none() -> None:
    with pytest.raises(protocol.FrameError):
        open_reply(seal_reply(Reply(ack=1, safe=2), b"request", KEY), b"request", KEY)
