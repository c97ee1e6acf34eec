"""The inbox: durable first, decoded later, joined from any order. Promises P1 to P3."""

from __future__ import annotations

import itertools
import sys

import pytest
from sqlalchemy import select, update

from gateway.store import inbox
from gateway.store.database import Store
from gateway.store.models import Message, MessageState, Pdu, PduState
from modem.types import ReceivedSms
from tests.sms import SENT_AT, pdus, stored

NOW = (SENT_AT + 60) * 1000
MINUTE = 60_000
LONG = " ".join(f"kalimat nomor {number} tentang keributan di dermaga Kampung Laut tadi malam." for number in range(20))


def keep(store: Store, *hexes: str, now: int = NOW) -> int:
    with store.write() as session:
        return inbox.keep(session, stored(*hexes), "1234", now)


def messages(store: Store) -> list[Message]:
    with store.read() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def rows(store: Store) -> list[Pdu]:
    with store.read() as session:
        return list(session.scalars(select(Pdu).order_by(Pdu.id)))


def test_the_same_pdu_read_twice_is_one_message(store: Store) -> None:
    (hex_,) = pdus("NIHIL LAMBUR")
    assert keep(store, hex_) == 1
    assert keep(store, hex_, hex_.lower()) == 0
    inbox.decode_new(store)
    assert keep(store, hex_) == 0
    inbox.decode_new(store)
    assert [m.text for m in messages(store)] == ["NIHIL LAMBUR"]


def test_the_same_words_at_another_time_are_another_message(store: Store) -> None:
    keep(store, *pdus("NIHIL LAMBUR"), *pdus("NIHIL LAMBUR", sent_at=SENT_AT + 60))
    inbox.decode_new(store)
    assert len(messages(store)) == 2


def test_an_undecodable_pdu_between_good_ones_is_kept_and_stops_nobody(store: Store) -> None:
    keep(store, *pdus("satu"), "07912618010000F0FF", *pdus("dua"), "bukan pdu")
    assert inbox.decode_new(store).undecodable == 2
    assert [m.text for m in messages(store)] == ["satu", "dua"]
    assert [r.state for r in rows(store)] == [
        PduState.DECODED,
        PduState.UNDECODABLE,
        PduState.DECODED,
        PduState.UNDECODABLE,
    ]
    assert rows(store)[1].hex == "07912618010000F0FF"
    assert rows(store)[1].error
    assert inbox.decode_new(store).looked_at == 0  # not tried in a loop


def test_an_undecodable_pdu_can_be_tried_again_by_hand(store: Store) -> None:
    keep(store, "bukan pdu")
    inbox.decode_new(store)
    inbox.retry(store, rows(store)[0].id)
    assert inbox.decode_new(store).looked_at == 1


def test_an_empty_sms_is_a_message(store: Store) -> None:
    keep(store, *pdus(""))
    inbox.decode_new(store)
    (message,) = messages(store)
    assert (message.text, message.state) == ("", MessageState.READY)


@pytest.mark.parametrize("seed", range(4))
def test_a_long_message_is_whole_whatever_the_order(store: Store, seed: int) -> None:
    parts = pdus(LONG)
    assert len(parts) > 8
    order = list(itertools.islice(itertools.cycle(range(len(parts))), seed, seed + len(parts)))
    for index in order if seed % 2 else reversed(order):
        assert all(m.state == MessageState.WAITING_PARTS for m in messages(store))
        keep(store, parts[index])
        inbox.decode_new(store)
    (message,) = messages(store)
    assert (message.text, message.state, message.parts_missing) == (LONG, MessageState.READY, 0)


def test_a_missing_part_is_waited_for_then_shown_then_filled_in(store: Store) -> None:
    parts = pdus(LONG)
    keep(store, *reversed(parts[:3] + parts[4:]))
    inbox.decode_new(store)
    wait = 30 * MINUTE
    assert inbox.release_overdue(store, NOW + wait - 1, wait) == 0
    assert inbox.release_overdue(store, NOW + wait, wait) == 1
    (message,) = messages(store)
    assert message.state == MessageState.READY
    assert message.parts_missing == 1
    assert "[…]" in message.text
    assert message.text.startswith(LONG[:400])
    keep(store, parts[3])
    inbox.decode_new(store)
    (message,) = messages(store)
    assert (message.text, message.parts_missing) == (LONG, 0)


def test_two_senders_with_the_same_reference_are_kept_apart(store: Store) -> None:
    one, other = pdus(LONG), pdus(LONG.upper(), sender="+6281373000102")
    keep(store, *(part for pair in zip(one, other, strict=True) for part in pair))
    inbox.decode_new(store)
    assert [m.text for m in messages(store)] == [LONG, LONG.upper()]


def test_a_reference_used_again_makes_a_second_message(store: Store) -> None:
    keep(store, *pdus(LONG))
    inbox.decode_new(store)
    keep(store, *pdus(LONG[::-1], sent_at=SENT_AT + 300))
    inbox.decode_new(store)
    assert [m.text for m in messages(store)] == [LONG, LONG[::-1]]


def test_a_sign_cut_between_two_parts_is_whole(store: Store) -> None:
    text = "kebakaran " + "🔥" * 60
    keep(store, *pdus(text))
    inbox.decode_new(store)
    assert messages(store)[0].text == text


def cut_off_while_decoding(store: Store) -> None:
    """As the last run left it: marked, not decoded."""
    with store.write() as session:
        session.execute(update(Pdu).values(begun=True))


@pytest.mark.parametrize("death", ["os.abort()", "time.sleep(60)"])
def test_a_pdu_that_ends_the_process_is_set_aside(store: Store, monkeypatch: pytest.MonkeyPatch, death: str) -> None:
    good, poison, better = pdus("baik")[0], pdus("racun")[0], pdus("lebih baik")[0]
    keep(store, good, poison, better)
    cut_off_while_decoding(store)
    codec = f"""if 1:
        import os, resource, sys, time
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for index, line in enumerate(sys.stdin):
            print(index, flush=True)
            if line.strip() == "{poison}":
                {death}
        """
    monkeypatch.setattr(inbox, "TRIAL", (sys.executable, "-c", codec))
    monkeypatch.setattr(inbox, "TRIAL_SECONDS", 2.0)
    assert inbox.recover(store) == 1
    assert [r.state for r in rows(store)] == [PduState.DECODED, PduState.SET_ASIDE, PduState.DECODED]
    assert [m.text for m in messages(store)] == ["baik", "lebih baik"]
    assert rows(store)[1].hex == poison


def test_a_power_cut_while_decoding_sets_nothing_aside(store: Store) -> None:
    keep(store, *pdus("baik"), "bukan pdu", *pdus("juga baik"))
    cut_off_while_decoding(store)
    assert inbox.recover(store) == 0
    assert [m.text for m in messages(store)] == ["baik", "juga baik"]


def test_numbers_are_written_one_way_and_names_stay_names(store: Store) -> None:
    keep(store, *pdus("a", sender="081272000101"), *pdus("b", sender="TELKOMSEL"), *pdus("c", sender="3636"))
    inbox.decode_new(store)
    found = [(m.sender, m.sender_is_number) for m in messages(store)]
    assert found == [("+6281272000101", True), ("TELKOMSEL", False), ("3636", True)]


def test_parts_of_a_clock_that_was_years_ahead_do_not_wait_for_years(store: Store) -> None:
    keep(store, pdus(LONG)[0], now=NOW + 14 * 365 * 24 * 60 * MINUTE)
    inbox.decode_new(store)
    assert inbox.release_overdue(store, NOW, 30 * MINUTE) == 1


def test_unreadable_pdus_that_claim_a_longer_service_centre_are_all_kept(store: Store) -> None:
    assert keep(store, "FF00", "FF11") == 2


def test_a_pdu_that_decoding_stumbles_over_holds_up_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = pdus("satu") + pdus("dua") + pdus("tiga")
    decode = inbox.pdu.decode

    def stumble(hex_: str) -> ReceivedSms:
        if hex_ == second:
            raise RuntimeError("a surprise")
        return decode(hex_)

    monkeypatch.setattr(inbox.pdu, "decode", stumble)
    keep(store, first, second, third)
    assert inbox.decode_new(store) == inbox.Decoded(messages_ready=2, undecodable=1, looked_at=3)
    assert [m.text for m in messages(store)] == ["satu", "tiga"]
    assert [r.state for r in rows(store)] == [PduState.DECODED, PduState.UNDECODABLE, PduState.DECODED]


def test_garbage_that_no_encoding_of_a_pipe_knows_is_survived_at_the_start(store: Store) -> None:
    keep(store, "\ufffd\u2603")
    with store.write() as session:
        session.execute(update(Pdu).values(begun=True))
    assert inbox.recover(store) == 0
    assert rows(store)[0].state == PduState.UNDECODABLE


def test_data_in_an_sms_is_shown_and_is_no_message(store: Store) -> None:
    keep(store, "07912618010000F0" + "040B917238880900F1" + "0004" + "62113232410282" + "04" + "DEADBEEF")
    inbox.decode_new(store)
    assert messages(store) == []
    assert [r.state for r in rows(store)] == [PduState.UNDECODABLE]
    assert "data" in rows(store)[0].error
