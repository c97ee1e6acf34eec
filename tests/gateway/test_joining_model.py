"""Long messages through the real inbox and a real database, against a model that knows what was written.

Several senders write long messages under few references, 8 and 16 bits; parts are lost, come twice, in any order and
between each other; in the middle overdue ones are released and processed. At the end the messages are those that were written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from gateway.store import inbox
from gateway.store.database import Store, open_store
from gateway.store.models import Message, MessageState, Pdu
from modem.emulator import tpdu
from modem.parts import GAP
from tests.sms import SENT_AT, stored

SENDERS = ("+6281272000101", "+6281373000102", "TELKOMSEL")
NOW = (SENT_AT + 86_400) * 1000


@dataclass(frozen=True)
class Written:
    """One long message as it was written, which parts of it arrive, and how often."""

    sender: str
    reference: int
    wide: bool
    began: int
    words: tuple[str, ...]
    arrivals: tuple[int, ...]
    """How often each part arrives; the first one at least once."""

    def expected(self) -> tuple[str, str, int]:
        pieces: list[str] = []
        for word, times in zip(self.words, self.arrivals, strict=True):
            if times:
                pieces.append(word)
            elif pieces[-1] != GAP:
                pieces.append(GAP)
        return self.sender, "".join(pieces), self.arrivals.count(0)

    def pdus(self) -> list[str]:
        """Each arrival, hexadecimal. A repetition has a later service-centre time, so that its fingerprint is another."""
        return [
            self._pdu(number, again)
            for number, times in enumerate(self.arrivals)
            for again in range(times)
        ]  # fmt: skip

    def _pdu(self, number: int, again: int) -> str:
        header = bytes([len(self.words), number + 1])
        reference = self.reference.to_bytes(2 if self.wide else 1, "big")
        element = bytes([8 if self.wide else 0, len(reference) + 2]) + reference + header
        body = bytes([len(element)]) + element + self.words[number].encode("utf-16-be")
        content = tpdu.UserData(tpdu.DCS_UCS2, len(body), body, has_header=True)
        sent_at = SENT_AT + self.began + 4 * number + again
        whole = tpdu.encode_smsc("+62811000000") + tpdu.encode_deliver(tpdu.Deliver(self.sender, content, sent_at))
        return whole.hex()


@st.composite
def written(draw: st.DrawFn) -> list[Written]:
    """Messages; those under one reference lie ten minutes apart or more, their parts within seconds."""
    messages = []
    for which in range(draw(st.integers(1, 7))):
        words = tuple(f"{which}{'abcd'[n]} " for n in range(draw(st.integers(2, 4))))
        arrivals = (draw(st.integers(1, 2)), *(draw(st.integers(0, 2)) for _ in words[1:]))
        messages.append(
            Written(
                sender=draw(st.sampled_from(SENDERS)),
                reference=draw(st.sampled_from([0, 7])),
                wide=draw(st.booleans()),
                began=600 * which,
                words=words,
                arrivals=arrivals,
            )
        )
    return messages


STEPS = ("decode", "release", "understand")


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Written], list[str]]:
    """What was written, and what happens: arrivals in any order, between them the steps of the service."""
    messages = draw(written())
    arrivals = [hex_ for message in messages for hex_ in message.pdus()]
    steps = draw(st.lists(st.sampled_from(STEPS), max_size=8))
    return messages, draw(st.permutations([*arrivals, *steps]))


def happen(store: Store, what: str) -> None:
    if what == "decode":
        inbox.decode_new(store)
    elif what == "release":
        inbox.release_overdue(store, NOW + 3_600_000, 1_800_000)
    elif what == "understand":
        with store.write() as session:
            session.execute(
                update(Message).where(Message.state == MessageState.READY).values(state=MessageState.UNDERSTOOD)
            )
    else:
        with store.write() as session:
            inbox.keep(session, stored(what), "modem", NOW)


@given(lives())
@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
def test_every_message_is_what_was_written(life: tuple[list[Written], list[str]]) -> None:
    messages, events = life
    with TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        try:
            for what in [*events, "decode"]:
                happen(store, what)
            with store.read() as session:
                held = set(session.scalars(select(Pdu.message_id)))
                rows = list(session.scalars(select(Message).where(Message.id.in_(held))))
                forgotten = list(session.scalars(select(Message).where(Message.id.not_in(held))))
        finally:
            store.close()
    assert sorted((row.sender, row.text, row.parts_missing) for row in rows) == sorted(m.expected() for m in messages)
    assert all(row.state != MessageState.WAITING_PARTS for row in rows if row.parts_missing == 0)
    assert all(row.repeats_id in held for row in forgotten), "a message without parts tells whose they were"
