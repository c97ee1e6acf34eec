"""The inbox: durable first, decoded later, joined from any order. Promises P1 to P3."""

from __future__ import annotations

import itertools
import sys

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.store import inbox
from gateway.store.database import Store
from gateway.store.models import Message, MessageState, Pdu, PduState
from modem.emulator import tpdu
from modem.types import BROADCAST, ReceivedSms, StoredPdu
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


SMSC, SENDER, STAMP = "07912618010000F0", "0B917238880900F1", "62113232410282"
HALLO = "05C8309BFD06"


@pytest.mark.parametrize(
    ("what", "octets", "sentence"),
    [
        ("8-bit", "04" + SENDER + "0004" + STAMP + "04DEADBEEF", "SMS data (8-bit), bukan tulisan."),
        (
            "MMS notification",
            "44" + SENDER + "0004" + STAMP + "09" + "0605040B8423F0" + "0102",
            "Pemberitahuan MMS atau WAP; laptop ini tidak dapat membukanya.",
        ),
        (
            "text for a port",
            "44" + SENDER + "0008" + STAMP + "0B" + "06050441A00000" + "00610062",
            "SMS untuk aplikasi (port 16800), bukan tulisan orang.\nab",
        ),
        (
            "half a sign for a port",
            "44" + SENDER + "0008" + STAMP + "0B" + "06050441A00000" + "0061D83D",
            "SMS untuk aplikasi (port 16800), bukan tulisan orang.\na\ufffd",
        ),
        ("compressed", "04" + SENDER + "0020" + STAMP + HALLO, "SMS terkompresi; tulisannya tidak dapat dibuka."),
        ("type 0", "04" + SENDER + "4000" + STAMP + "00", "SMS senyap (tipe 0) dari jaringan, bukan tulisan orang."),
        (
            "SIM data download",
            "04" + SENDER + "7FF6" + STAMP + "0401020304",
            "SMS untuk kartu SIM atau modem sendiri, bukan tulisan orang.",
        ),
        ("voice mail waiting", "04" + SENDER + "00C8" + STAMP + "00", "Pemberitahuan pesan suara dari operator."),
        ("draft", "0100" + SENDER + "0000" + HALLO, "Draf yang tersimpan di kartu SIM, bukan SMS masuk.\nHallo"),
        (
            "report nobody waits for",
            "0612" + SENDER + STAMP + STAMP + "00",
            "Laporan pengiriman ini tidak cocok dengan SMS kita yang mana pun.",
        ),
    ],
)
def test_what_is_no_writing_of_a_person_is_filed_with_a_sentence(
    store: Store, what: str, octets: str, sentence: str
) -> None:
    keep(store, *pdus("satu"), SMSC + octets, *pdus("dua"))
    assert inbox.decode_new(store) == inbox.Decoded(messages_ready=2, undecodable=0, looked_at=3)
    assert [m.text for m in messages(store)] == ["satu", "dua"]
    filed = rows(store)[1]
    assert (filed.state, filed.error) == (PduState.FILED, sentence), what


@pytest.mark.parametrize(
    ("what", "octets"),
    [
        ("class 0", "04" + SENDER + "0010" + STAMP + HALLO),
        ("replace type 3", "04" + SENDER + "4300" + STAMP + HALLO),
        ("reserved coding", "04" + SENDER + "00B4" + STAMP + HALLO),
        ("voice mail with words", "04" + SENDER + "00C8" + STAMP + HALLO),
        ("reserved type", "07" + SENDER + "0000" + STAMP + HALLO),
        ("no time", "04" + SENDER + "0000" + "00000000000000" + HALLO),
        ("part 0 of 2", "44" + SENDER + "0000" + STAMP + "0C" + "050003070200" + "906136FB0D"),
        ("part 3 of 2", "44" + SENDER + "0000" + STAMP + "0C" + "050003070203" + "906136FB0D"),
    ],
)
def test_what_a_person_may_have_written_is_a_message(store: Store, what: str, octets: str) -> None:
    keep(store, SMSC + octets)
    inbox.decode_new(store)
    (message,) = messages(store)
    assert (message.text, message.state) == ("Hallo", MessageState.READY), what


def test_a_broadcast_page_is_filed_with_its_words_and_kept_once(store: Store) -> None:
    septets = [ord(sign) for sign in "Hallo".ljust(93, "\r")]
    content = sum(code << 7 * place for place, code in enumerate(septets)).to_bytes(82, "little")
    page = StoredPdu(None, "4050" + "1112" + "01" + "11" + content.hex(), BROADCAST)
    update_ = StoredPdu(None, "4051" + page.hex[4:], BROADCAST)
    with store.write() as session:
        assert inbox.keep(session, [page, page, update_], "1234", NOW) == 2
    inbox.decode_new(store)
    assert messages(store) == []
    assert [(r.state, r.error.splitlines()) for r in rows(store)] == [
        (PduState.FILED, ["Siaran sel (cell broadcast) dari jaringan, bukan SMS.", "Hallo"])
    ] * 2


def test_a_delivery_report_that_found_its_sms_leaves_no_trouble(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    took: list[tuple[int | None, int | None, int]] = []

    def take_report(session: Session, row: Pdu, sms: ReceivedSms, now: int) -> str:
        took.append((sms.message_reference, sms.delivery_status, now))
        return ""

    monkeypatch.setattr(inbox.delivery, "take_report", take_report)
    keep(store, SMSC + "0612" + SENDER + STAMP + STAMP + "41")
    inbox.decode_new(store)
    assert took == [(0x12, 0x41, NOW)]
    assert [(r.state, r.error) for r in rows(store)] == [(PduState.DECODED, "")]


def test_parts_in_two_codings_are_one_message(store: Store) -> None:
    """Some phones choose the alphabet for each part."""
    keep(store, SMSC + "44" + SENDER + "0000" + STAMP + "0C" + "050003070201" + "906136FB0D")
    keep(store, SMSC + "44" + SENDER + "0008" + STAMP + "0A" + "050003070202" + "D83DDD25")
    inbox.decode_new(store)
    assert [(m.text, m.parts_missing) for m in messages(store)] == [("Hallo🔥", 0)]


def test_eight_and_sixteen_bit_references_and_other_totals_are_other_messages(store: Store) -> None:
    body = "00410042"
    for header in ("050003070201", "06080400070202", "050003070302"):
        keep(store, SMSC + "44" + SENDER + "0008" + STAMP + f"{len(header + body) // 2:02X}" + header + body)
    inbox.decode_new(store)
    assert [m.parts_missing for m in messages(store)] == [1, 1, 2]


def test_a_part_that_went_to_the_wrong_message_comes_back_from_it(store: Store) -> None:
    """The end of the first is lost, the end of a second with the same reference comes before its beginning."""
    first, second = "pertama " * 30, "kedua " * 40
    a, b = pdus(first), pdus(second, sent_at=SENT_AT + 300)
    assert len(a) == len(b) == 2
    keep(store, a[0], b[1])
    inbox.decode_new(store)
    with store.write() as session:
        session.execute(update(Message).values(state=MessageState.UNDERSTOOD))
    keep(store, b[0], now=NOW + 5)
    assert inbox.decode_new(store).messages_ready == 2
    wrong, right = messages(store)
    assert (right.text, right.state, right.parts_missing) == (second, MessageState.READY, 0)
    assert (wrong.text, wrong.state, wrong.parts_missing) == (first[:153] + "[…]", MessageState.READY, 1)
    assert (wrong.received_at, right.received_at) == (NOW, NOW + 5)


@pytest.mark.parametrize("released", [False, True])
def test_a_message_whose_only_part_is_anothers_is_forgotten_or_linked(store: Store, released: bool) -> None:
    """1a at 0 s and 2x at 50 s look like one; 2y at 90 s stands alone. 1b at 55 s takes 2x, and 1a takes 2y."""

    def came(part: str, text: str, at: int) -> None:
        body = text.encode("utf-16-be").hex()
        header = f"0500030702{part}"
        content = tpdu.UserData(8, len(header + body) // 2, bytes.fromhex(header + body), has_header=True)
        whole = tpdu.encode_smsc("+62811") + tpdu.encode_deliver(tpdu.Deliver("+6281272000101", content, SENT_AT + at))
        keep(store, whole.hex())
        inbox.decode_new(store)

    came("01", "1a", 0)
    came("02", "2x", 50)
    came("02", "2y", 90)
    if released:
        inbox.release_overdue(store, NOW + 60 * MINUTE, 30 * MINUTE)
    came("01", "1b", 55)
    found = {m.text: m for m in messages(store)}
    assert {"1a2y", "1b2x"} <= set(found)
    if released:
        assert found["[…]2y"].repeats_id == found["1a2y"].id
    else:
        assert len(found) == 2


def test_a_repeated_part_changes_nothing(store: Store) -> None:
    keep(store, *pdus(LONG))
    inbox.decode_new(store)
    with store.write() as session:
        session.execute(update(Message).values(state=MessageState.UNDERSTOOD))
    keep(store, pdus(LONG, sent_at=SENT_AT + 40)[2])
    assert inbox.decode_new(store).messages_ready == 0
    (message,) = messages(store)
    assert (message.text, message.state) == (LONG, MessageState.UNDERSTOOD)
    assert rows(store)[-1].message_id == message.id


def test_a_sender_with_letters_among_the_digits_is_no_subscriber(store: Store) -> None:
    keep(store, SMSC + "04" + "0B91A2C38B0900F1" + "0000" + STAMP + HALLO)
    inbox.decode_new(store)
    assert messages(store)[0].sender == "+2*3a#890001"
