"""Delivery reports find their SMS and say what became of it; what is late, doubled or strange harms nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from gateway.delivery import Fate, fate, take_report
from gateway.store import inbox, ledger, outgoing
from gateway.store.database import Store
from gateway.store.models import Outgoing, OutgoingPart, OutgoingState, Pdu, PduState
from modem import pdu
from modem.emulator import tpdu
from modem.types import ReceivedSms, StoredPdu
from sync.entries import OutgoingBody, decode_body
from tests.sms import SENT_AT, VILLAGER

NOW = SENT_AT * 1000
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
DELIVERED, TRYING, GAVE_UP, NO_NUMBER = 0x00, 0x30, 0x65, 0x41
REPORT = ReceivedSms(VILLAGER, "", None, 0, kind="status_report", message_reference=7, delivery_status=DELIVERED)
LONG = "warga masih berkumpul di simpang jalan dan saling berteriak, " * 6


@dataclass
class Post:
    """What we sent, and the reports that come."""

    store: Store

    def send(self, text: str = "halo", references: tuple[int | None, ...] = (7,), **more: object) -> int:
        """An SMS whose parts the network took under these references."""
        at = int(str(more.pop("at", NOW)))
        modem = str(more.pop("modem", "modem"))
        state = more.pop("state", OutgoingState.SENT)
        with self.store.write() as session:
            row = outgoing.queue(session, outgoing.new(VILLAGER, text, "reply", "", at), at)
            row.modem = modem
            for number, reference in enumerate(references, start=1):
                outgoing.took(session, row, number, reference, True, at)
            if state == OutgoingState.UNCERTAIN:
                outgoing.perhaps_took(session, row, at)
            outgoing.finish(session, row, OutgoingState(str(state)), at)
            return row.id

    def report(self, now: int = NOW + MINUTE, modem: str = "modem", **changes: object) -> str:
        with self.store.write() as session:
            row = Pdu(fingerprint=b"", hex="", modem=modem, received_at=now)
            return take_report(session, row, replace(REPORT, **changes), now)  # type: ignore[arg-type]

    def state(self, id_: int) -> str:
        with self.store.read() as session:
            return session.get_one(Outgoing, id_).state

    def parts(self, id_: int) -> list[OutgoingPart]:
        with self.store.read() as session:
            found = select(OutgoingPart).where(OutgoingPart.outgoing_id == id_).order_by(OutgoingPart.id)
            return list(session.scalars(found))


@pytest.fixture
def post(store: Store) -> Post:
    return Post(store)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (0x00, Fate.DELIVERED), (0x01, Fate.DELIVERED), (0x02, Fate.DELIVERED), (0x1F, Fate.DELIVERED),
        (0x20, Fate.TRYING), (0x25, Fate.TRYING), (0x3F, Fate.TRYING),
        (0x40, Fate.FAILED), (0x46, Fate.FAILED), (0x60, Fate.FAILED), (0x7F, Fate.FAILED), (0x80, Fate.FAILED),
    ],
)  # fmt: skip
def test_classes_of_status(status: int, expected: Fate) -> None:
    assert fate(status) is expected


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (DELIVERED, OutgoingState.DELIVERED),
        (TRYING, OutgoingState.SENT),
        (GAVE_UP, OutgoingState.UNDELIVERED),
        (NO_NUMBER, OutgoingState.UNDELIVERED),
    ],
)
def test_what_a_report_says_becomes_the_state(post: Post, status: int, state: OutgoingState) -> None:
    id_ = post.send()
    assert post.report(delivery_status=status) == ""
    assert post.state(id_) == state


def test_the_ledger_is_told(post: Post) -> None:
    id_ = post.send()
    post.report()
    with post.store.read() as session:
        told = [decode_body(entry) for entry in ledger.read(session, 1, 100)]
    assert told[-1] == OutgoingBody(0, id_, "reply", "delivered")


def test_the_discharge_time_is_kept_where_it_is_told(post: Post) -> None:
    first, second = post.send(references=(7,)), post.send(references=(8,))
    post.report(discharged_at=SENT_AT + 9)
    post.report(message_reference=8)
    assert [post.parts(id_)[0].reported_at for id_ in (first, second)] == [NOW + 9000, NOW + MINUTE]


@pytest.mark.parametrize("number", ["081272000101", "6281272000101", "0062812720-00101", "+62 812-7200-0101"])
def test_the_number_may_be_written_another_way(post: Post, number: str) -> None:
    id_ = post.send()
    assert post.report(sender=number) == ""
    assert post.state(id_) == OutgoingState.DELIVERED


@pytest.mark.parametrize(
    "changes", [{"sender": "+6281373000102"}, {"message_reference": 8}, {"sender": "3636"}, {"sender": ""}]
)
def test_what_belongs_to_nothing_is_said_to(post: Post, changes: dict[str, object]) -> None:
    id_ = post.send()
    assert "tidak cocok" in post.report(**changes)
    assert post.state(id_) == OutgoingState.SENT


def test_a_long_sms_is_delivered_when_every_part_is(post: Post) -> None:
    id_ = post.send(LONG, (7, 8, 9))
    for reference in (9, 7):
        post.report(message_reference=reference)
        assert post.state(id_) == OutgoingState.SENT
    post.report(message_reference=8)
    assert post.state(id_) == OutgoingState.DELIVERED


def test_one_part_that_did_not_arrive_makes_it_undelivered_for_good(post: Post) -> None:
    id_ = post.send(LONG, (7, 8, 9))
    post.report(message_reference=8, delivery_status=GAVE_UP)
    assert post.state(id_) == OutgoingState.UNDELIVERED
    post.report(message_reference=7)
    post.report(message_reference=9)
    assert post.state(id_) == OutgoingState.UNDELIVERED


def test_a_doubled_report_harms_nothing(post: Post) -> None:
    id_ = post.send()
    post.report()
    assert post.report(delivery_status=GAVE_UP) == ""
    assert post.state(id_) == OutgoingState.DELIVERED
    with post.store.read() as session:
        assert ledger.position(session).last == 3  # queued, sent, delivered: told once


def test_references_wrap_at_256_and_the_time_of_the_service_centre_tells_which(post: Post) -> None:
    old, new = post.send(at=NOW - 600 * MINUTE), post.send(at=NOW)
    post.report(sent_at=SENT_AT - 600 * 60 + 3)
    assert (post.state(old), post.state(new)) == (OutgoingState.DELIVERED, OutgoingState.SENT)
    post.report(sent_at=SENT_AT + 3)
    assert post.state(new) == OutgoingState.DELIVERED


def test_references_wrap_at_256_and_without_a_time_the_newest_unreported_counts(post: Post) -> None:
    old, new = post.send(at=NOW - MINUTE), post.send(at=NOW)
    post.report()
    assert (post.state(old), post.state(new)) == (OutgoingState.SENT, OutgoingState.DELIVERED)
    post.report()
    assert post.state(old) == OutgoingState.DELIVERED


def test_the_modem_that_gets_the_report_sent_the_sms(post: Post) -> None:
    mine, others = post.send(modem="modem"), post.send(modem="modem.more.1")
    post.report(modem="modem")
    assert (post.state(mine), post.state(others)) == (OutgoingState.DELIVERED, OutgoingState.SENT)


def test_a_sim_that_moved_to_another_modem_still_gets_its_reports(post: Post) -> None:
    id_ = post.send(modem="modem")
    assert post.report(modem="modem.more.1") == ""
    assert post.state(id_) == OutgoingState.DELIVERED


def test_a_modem_that_tells_no_references_is_matched_by_recipient(post: Post) -> None:
    id_ = post.send(references=(None,))
    post.report()
    assert post.state(id_) == OutgoingState.DELIVERED


def test_after_the_longest_validity_there_is_it_belongs_to_nothing(post: Post) -> None:
    post.send()
    assert post.report(now=NOW + 65 * 7 * 24 * 60 * MINUTE) != ""


@pytest.mark.parametrize("years", [-20, 20])
def test_a_clock_that_was_years_off_when_it_was_sent_loses_no_report(post: Post, years: int) -> None:
    id_ = post.send(at=NOW + years * 365 * DAY)
    assert post.report(sent_at=SENT_AT) == ""
    assert post.state(id_) == OutgoingState.DELIVERED


@pytest.mark.parametrize("years", [-20, 20])
def test_a_clock_that_is_years_off_when_the_report_comes_loses_none(post: Post, years: int) -> None:
    id_ = post.send()
    assert post.report(now=NOW + years * 365 * DAY, sent_at=SENT_AT) == ""
    assert post.state(id_) == OutgoingState.DELIVERED


def test_of_two_sent_by_a_wrong_clock_the_newest_unreported_counts(post: Post) -> None:
    old, new = post.send(at=NOW - 20 * 365 * DAY), post.send(at=NOW - 20 * 365 * DAY - MINUTE)
    post.report(sent_at=SENT_AT)
    assert (post.state(old), post.state(new)) == (OutgoingState.SENT, OutgoingState.DELIVERED)


def test_a_reference_used_before_and_reported_does_not_hide_an_uncertain_sms(post: Post) -> None:
    post.send(at=NOW - 30 * DAY)
    post.report(now=NOW - 30 * DAY, sent_at=SENT_AT - 30 * 24 * 3600)
    uncertain = post.send(references=(), state=OutgoingState.UNCERTAIN)
    post.report(sent_at=SENT_AT)
    assert post.state(uncertain) == OutgoingState.DELIVERED


def test_a_doubled_report_does_not_prove_that_another_sms_left(post: Post) -> None:
    post.send()
    post.report(sent_at=SENT_AT)
    uncertain = post.send(references=(), state=OutgoingState.UNCERTAIN)
    post.report(sent_at=SENT_AT)
    assert post.state(uncertain) == OutgoingState.UNCERTAIN


def test_an_alert_that_was_repeated_arrived_whichever_report_comes(post: Post) -> None:
    id_ = post.send(references=(), state=OutgoingState.UNCERTAIN)
    with post.store.write() as session:
        row = session.get_one(Outgoing, id_)
        outgoing.took(session, row, 1, 8, True, NOW + MINUTE)
        outgoing.finish(session, row, OutgoingState.SENT, NOW + MINUTE)
    post.report(message_reference=7)
    assert post.state(id_) == OutgoingState.DELIVERED
    post.report(message_reference=8, delivery_status=GAVE_UP)
    assert post.state(id_) == OutgoingState.DELIVERED


def test_a_report_proves_that_an_uncertain_sms_left(post: Post) -> None:
    id_ = post.send(references=(), state=OutgoingState.UNCERTAIN)
    assert post.report() == ""
    assert post.state(id_) == OutgoingState.DELIVERED
    (part,) = post.parts(id_)
    assert (part.reference, part.part) == (7, 1)


def test_an_uncertain_sms_of_which_parts_are_missing_is_not_delivered(post: Post) -> None:
    id_ = post.send(LONG, (7,), state=OutgoingState.UNCERTAIN)
    post.report()
    post.report(message_reference=8)
    assert post.state(id_) == OutgoingState.UNCERTAIN
    assert [part.status for part in post.parts(id_)] == [DELIVERED, DELIVERED]


def test_a_report_for_a_part_while_the_others_are_still_leaving_waits_for_them(post: Post) -> None:
    id_ = post.send(LONG, (7,), state=OutgoingState.ATTEMPTED)
    assert post.report() == ""
    assert post.state(id_) == OutgoingState.ATTEMPTED
    assert post.parts(id_)[0].status == DELIVERED


def test_what_another_modem_had_sent_of_it_before_does_not_count(post: Post) -> None:
    """A phone joins parts by sender: half from one SIM and half from another arrive and cannot be read."""
    id_ = post.send(LONG, (7,), state=OutgoingState.ATTEMPTED)
    post.report(sent_at=SENT_AT)
    with post.store.write() as session:
        row = session.get_one(Outgoing, id_)
        row.modem = "modem.more.1"
        for number in (1, 2, 3):
            outgoing.took(session, row, number, 40 + number, True, NOW)
        outgoing.finish(session, row, OutgoingState.SENT, NOW)
    for reference in (42, 43):
        post.report(modem="modem.more.1", message_reference=reference, sent_at=SENT_AT)
    assert post.state(id_) == OutgoingState.SENT
    post.report(modem="modem.more.1", message_reference=41, sent_at=SENT_AT)
    assert post.state(id_) == OutgoingState.DELIVERED


def test_a_report_from_the_modem_goes_all_the_way(post: Post) -> None:
    """As PDUs: what the service centre sends for what we sent, decoded by the inbox."""
    id_ = post.send()
    hexes = [_report_pdu(7, VILLAGER, DELIVERED), _report_pdu(9, VILLAGER, DELIVERED)]
    with post.store.write() as session:
        inbox.keep(session, [StoredPdu(slot, hex_) for slot, hex_ in enumerate(hexes)], "modem", NOW + MINUTE)
    inbox.decode_new(post.store)
    assert post.state(id_) == OutgoingState.DELIVERED
    with post.store.read() as session:
        rows = list(session.scalars(select(Pdu).order_by(Pdu.id)))
    assert [(row.state, bool(row.error)) for row in rows] == [(PduState.DECODED, False), (PduState.FILED, True)]


def _report_pdu(reference: int, recipient: str, status: int) -> str:
    """SMS-STATUS-REPORT (9.2.2.3), written by hand."""
    digits = recipient.removeprefix("+")
    padded = digits + "F" * (len(digits) % 2)
    swapped = "".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2))
    time = tpdu.encode_timestamp(SENT_AT, 420).hex()
    hex_ = "00" + "06" + f"{reference:02X}" + f"{len(digits):02X}91" + swapped + time + time + f"{status:02X}"
    assert pdu.decode(hex_).kind == "status_report"
    return hex_
