"""Nothing automatic can storm (promise P8): who is never answered, machines, allowances; all of it in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from config.settings import Modem as ModemSettings
from config.settings import ModemLine, Replies, Settings
from gateway import budgets, numbers
from gateway.store import outgoing
from gateway.store.database import open_store
from gateway.store.models import Message, MessageState, Outgoing, OutgoingState
from tests.sms import VILLAGER

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
NOW = 1_795_441_918_000
OTHER = "+6281373000102"
QUIET = Settings(replies=Replies(per_sender_per_day=999, identical_per_sender=999))
"""Only the rules about machines bite."""


class Laptop:
    """A gateway without parser and modem: every message is answered, if the rules let it. The clock is `now`."""

    def __init__(self, folder: Path, settings: Settings = QUIET) -> None:
        self.folder, self.settings, self.now = folder, settings, NOW
        self.store = open_store(folder)

    def restart(self) -> None:
        self.store.close()
        self.store = open_store(self.folder)

    def hear(
        self, text: str, sender: str = VILLAGER, answer: str = "", intent: str = "bebas", *, number: bool = True
    ) -> Outgoing:
        """A message comes in and is answered; the answer's row, queued or held."""
        with self.store.write() as session:
            message = Message(
                sender=sender, sender_is_number=number, text=text, received_at=self.now, intent=intent,
                state=MessageState.UNDERSTOOD, fingerprint=bytes(32),
            )  # fmt: skip
            session.add(message)
            session.flush()
            answer = answer or f"Jawaban atas pesan nomor {message.id}."
            row = outgoing.new(sender, answer, "reply", "test", self.now, message.id)
            row.error = budgets.why_not(session, message, answer, self.settings, self.now)
            row.state = OutgoingState.HELD if row.error else OutgoingState.QUEUED
            return outgoing.queue(session, row, self.now)

    def send(self) -> list[str]:
        """The modem sends what waits; the texts that left."""
        with self.store.write() as session:
            rows = list(session.scalars(select(Outgoing).where(Outgoing.state == OutgoingState.QUEUED)))
            for row in rows:
                outgoing.mark_attempted(row, "modem")
                outgoing.took(session, row, 1, 1, False, self.now)
                outgoing.finish(session, row, OutgoingState.SENT, self.now)
            return [row.text for row in rows]

    def chat(self, text: str, after: int = 10 * SECOND, **more: Any) -> Outgoing:
        """A message `after` the last answer, and the answer is sent at once."""
        self.now += after
        row = self.hear(text, **more)
        self.send()
        return row


@pytest.fixture
def laptop(tmp_path: Path) -> Any:
    laptop = Laptop(tmp_path / "one")
    yield laptop
    laptop.store.close()


# never


@pytest.mark.parametrize(
    ("sender", "number"),
    [("TELKOMSEL", False), ("3636", True), ("88", True), (VILLAGER, False), ("+62818", True), ("", True)],
)
def test_services_and_names_are_never_answered(laptop: Laptop, sender: str, number: bool) -> None:
    row = laptop.hear("BANTUAN", sender, number=number)
    assert (row.state, "nomor pelanggan" in row.error) == (OutgoingState.HELD, True)


@pytest.mark.parametrize("written", [VILLAGER, "0812-7200-0101", "6281272000101", "+62 812 7200 0101"])
@pytest.mark.parametrize("where", ["replies", "modem", "second modem"])
def test_a_message_in_our_own_name_is_not_answered_however_our_number_is_written(
    tmp_path: Path, written: str, where: str
) -> None:
    """Another SIM of ours, or somebody who forges the sender so that we talk to ourselves."""
    line = written.replace("-", "").replace(" ", "")
    settings = {
        "replies": Settings(replies=Replies(own_numbers=(written,))),
        "modem": Settings(modem=ModemSettings(number=line)),
        "second modem": Settings(modem=ModemSettings(more=(ModemLine(number=line),))),
    }[where]
    laptop = Laptop(tmp_path, settings)
    row = laptop.hear("DARURAT", intent="darurat")
    assert (row.state, "nomor kita" in row.error) == (OutgoingState.HELD, True)
    assert laptop.hear("DARURAT", OTHER, intent="darurat").state == OutgoingState.QUEUED
    laptop.store.close()


@pytest.mark.parametrize(
    ("listed", "sender", "never"),
    [
        ("0812-7200-0101", VILLAGER, True),
        ("+6281272000101", VILLAGER, True),
        ("+62812*", VILLAGER, True),
        ("0812*", VILLAGER, True),
        ("62812 7*", VILLAGER, True),
        ("0813*", VILLAGER, False),
        ("081272000", VILLAGER, False),
        ("*", VILLAGER, False),
        ("", VILLAGER, False),
        ("+6*", VILLAGER, True),
        ("+1*", VILLAGER, False),
    ],
)
def test_the_district_lists_who_is_never_answered(tmp_path: Path, listed: str, sender: str, never: bool) -> None:
    laptop = Laptop(tmp_path, Settings(replies=Replies(never=("3636", listed))))
    row = laptop.hear("BANTUAN", sender)
    assert (row.state == OutgoingState.HELD) == never
    assert ("replies.never" in row.error) == never
    laptop.store.close()


def test_answers_can_be_switched_off(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path, Settings(replies=Replies(enabled=False)))
    assert "replies.enabled" in laptop.hear("DARURAT", intent="darurat").error
    laptop.store.close()


# machines


def test_a_person_may_talk_with_us_as_long_as_it_takes(laptop: Laptop) -> None:
    assert all(laptop.chat(f"pesan {n}", 2 * MINUTE).state == OutgoingState.QUEUED for n in range(15))


def test_messages_each_just_after_an_answer_are_a_machine(laptop: Laptop) -> None:
    states = [laptop.chat(f"pesan {n}").state for n in range(1 + Replies().loop_messages)]
    assert states == [OutgoingState.QUEUED] * Replies().loop_messages + [OutgoingState.HELD]


def test_an_eager_village_head_is_no_machine(laptop: Laptop) -> None:
    """One correct report after the other, each sent as soon as the answer to the last one has come."""
    rows = [laptop.chat(f"LAPOR GESEK LAMBUR {n} 0", 55 * SECOND, intent="lapor") for n in range(11)]
    assert {row.state for row in rows} == {OutgoingState.QUEUED}


def test_a_backlog_that_arrives_at_once_is_no_machine(laptop: Laptop) -> None:
    """Out of signal for a day, then fifteen SMS in one minute, whether our answers left in between or not."""
    laptop.chat("pesan pertama")
    rows = [laptop.hear(f"pesan {n} dari kemarin") for n in range(15)]
    assert {row.state for row in rows} == {OutgoingState.QUEUED}
    laptop.now += 30 * SECOND
    assert len(laptop.send()) == 15
    assert laptop.chat("terakhir").state == OutgoingState.QUEUED


def looped(laptop: Laptop) -> Outgoing:
    """Talk until an answer is held; that row."""
    for turn in range(20):
        row = laptop.chat(f"pesan mesin {turn}")
        if row.state == OutgoingState.HELD:
            return row
    raise AssertionError("it went on and on")


def test_a_machine_is_noticed_and_left_alone_for_an_hour(laptop: Laptop) -> None:
    assert looped(laptop).error == budgets.LOOP
    assert laptop.chat("pesan mesin lagi", 20 * MINUTE).error == budgets.RESTING
    assert laptop.chat("pesan mesin lagi", 39 * MINUTE).error == budgets.RESTING
    assert laptop.chat("pesan orang", 2 * MINUTE).state == OutgoingState.QUEUED


def test_nor_do_we_write_to_it_first(laptop: Laptop) -> None:
    """A question of our own ("still you?") answers no message: the sender stands in for the recipient."""

    def held() -> str:
        with laptop.store.read() as session:
            asked = Message(sender=VILLAGER, sender_is_number=True, text="", intent="", received_at=laptop.now)
            return budgets.why_not(session, asked, "Apakah nomor ini masih dipakai?", QUIET, laptop.now)

    assert held() == ""
    looped(laptop)
    assert held() == budgets.RESTING


def test_others_are_answered_meanwhile(laptop: Laptop) -> None:
    looped(laptop)
    assert laptop.chat("pesan orang", sender=OTHER).state == OutgoingState.QUEUED


def test_a_restart_forgets_no_machine(laptop: Laptop) -> None:
    for turn in range(Replies().loop_messages):
        assert laptop.chat(f"pesan mesin {turn}").state == OutgoingState.QUEUED
        laptop.restart()
    assert laptop.chat("pesan mesin").error == budgets.LOOP
    laptop.restart()
    assert laptop.chat("pesan mesin").error == budgets.RESTING


@pytest.mark.parametrize("back", [MINUTE, 5 * HOUR, 400 * 24 * HOUR])
def test_a_clock_set_back_frees_no_machine_and_jails_nobody(laptop: Laptop, back: int) -> None:
    looped(laptop)
    laptop.now -= back
    assert laptop.chat("pesan mesin", 20 * SECOND).state == OutgoingState.HELD
    laptop.now += HOUR - MINUTE
    assert laptop.chat("pesan mesin", 20 * SECOND).state == OutgoingState.HELD
    assert laptop.chat("pesan orang", 2 * MINUTE).state == OutgoingState.QUEUED


@pytest.mark.parametrize("back", [2 * MINUTE, 30 * 24 * HOUR])
def test_a_clock_set_back_in_the_middle_lets_a_machine_go_on_once_more_at_most(laptop: Laptop, back: int) -> None:
    for turn in range(Replies().loop_messages - 1):
        laptop.chat(f"pesan mesin {turn}")
    laptop.now -= back
    rows = [laptop.chat(f"pesan mesin {turn} lagi") for turn in range(Replies().loop_messages + 2)]
    assert rows[-1].state == OutgoingState.HELD


def test_a_call_for_help_from_a_phone_that_answers_by_itself_is_answered_once_an_hour(laptop: Laptop) -> None:
    looped(laptop)
    assert laptop.chat("DARURAT LAMBUR", intent="darurat").state == OutgoingState.QUEUED
    assert laptop.chat("DARURAT LAMBUR", intent="darurat").error == budgets.RESTING
    assert laptop.chat("pesan mesin").error == budgets.RESTING


def test_what_we_wrote_ourselves_is_not_answered(laptop: Laptop) -> None:
    answer = "Terima kasih. Laporan GESEK di Desa Lambur II. No. K4PT. Balas RALAT bila salah."
    assert laptop.chat("LAPOR GESEK LAMBUR II", answer=answer).state == OutgoingState.QUEUED
    for text in (answer, answer.upper(), f"Fwd: {answer} (terkirim)", answer.replace(" ", "\n")):
        for intent in ("lapor", "darurat"):
            assert laptop.chat(text, 5 * MINUTE, intent=intent).error == budgets.ECHO
    assert laptop.chat("No. K4PT sudah benar, terima kasih", 5 * MINUTE).state == OutgoingState.QUEUED


def test_a_held_or_short_answer_is_nobodys_echo(laptop: Laptop) -> None:
    laptop.chat("pesan", answer="Ya.")
    assert laptop.chat("ya. ya. ya. ya. ya. ya.", 5 * MINUTE).state == OutgoingState.QUEUED
    laptop.settings = Settings(replies=Replies(enabled=False))
    laptop.chat("pesan", 5 * MINUTE, answer="Jawaban panjang yang tidak pernah terkirim.")
    laptop.settings = QUIET
    kept = laptop.chat("Jawaban panjang yang tidak pernah terkirim.", 5 * MINUTE)
    assert kept.state == OutgoingState.QUEUED


def test_who_forwards_our_answer_with_a_cry_for_help_is_answered(laptop: Laptop) -> None:
    first = laptop.chat("BANTUAN", answer="Tulis: LAPOR jenis desa massa korban keterangan.")
    cry = f"{first.text} DARURAT pak, rumah kami dibakar di Lambur"
    assert laptop.chat(cry, 5 * MINUTE).error == budgets.ECHO
    kept = laptop.chat(cry, 5 * MINUTE, intent="darurat")
    assert kept.state == OutgoingState.QUEUED


def test_the_automatic_answer_of_a_phone_is_answered_once(laptop: Laptop) -> None:
    automatic = "Saya sedang tidak bisa menjawab, nanti saya telepon."
    laptop.chat("LAPOR GESEK LAMBUR II 14 0")
    assert laptop.chat(automatic).state == OutgoingState.QUEUED
    assert laptop.chat(automatic.upper()).error == budgets.AUTOMATIC
    assert laptop.chat("lambur ii").state == OutgoingState.QUEUED


def test_people_may_repeat_a_short_answer_a_late_report_and_a_cry_for_help(laptop: Laptop) -> None:
    for text, after, intent in (
        ("lambur ii", 10 * SECOND, "konfirmasi"),
        ("LAPOR GESEK LAMBUR 14 0", 2 * MINUTE, "lapor"),
        ("tolong pak rumah kami dibakar", 10 * SECOND, "darurat"),
    ):
        laptop.now += HOUR
        assert laptop.chat(text, intent=intent).state == OutgoingState.QUEUED
        assert laptop.chat(text, after, intent=intent).state == OutgoingState.QUEUED


@pytest.mark.parametrize(
    ("received", "left", "expected"),
    [
        ([], [], []),
        ([10], [], [False]),
        ([100_000], [99_000], [True]),
        ([100_000], [39_999], [False]),
        ([100_000], [100_000], [False]),
        ([100_000, 100_000, 100_000], [99_000], [True, False, False]),
        ([100_000, 110_000], [99_000, 105_000], [True, True]),
        ([100_000, 110_000], [98_000, 99_000], [True, False]),
    ],
)
def test_each_answer_explains_one_message(received: list[int], left: list[int], expected: list[bool]) -> None:
    assert budgets.answered_at_once(received, left) == expected


# two gateways


NUMBERS = {"one": VILLAGER, "two": OTHER}


def converse(tmp_path: Path, settings: Settings, travel: int, intent: str, *, mishap: str = "") -> dict[str, int]:
    """Two gateways answer whatever the other sends, `travel` milliseconds away; how many answers each sent in a day."""
    laptops = {name: Laptop(tmp_path / name, settings) for name in NUMBERS}
    said, sent, turns = "Waspada satu", dict.fromkeys(NUMBERS, 0), 0
    here, there = "two", "one"
    while turns < 400:
        turns += 1
        for laptop in laptops.values():
            laptop.now += travel
        row = laptops[here].hear(said, NUMBERS[there], f"{said[:40]} jawaban {here} {turns}", intent)
        if row.state == OutgoingState.HELD:
            break
        laptops[here].send()
        sent[here] += 1
        if turns == 7 and mishap == "restart":
            for laptop in laptops.values():
                laptop.restart()
        if turns == 7 and mishap == "clock":
            laptops[here].now -= 3 * 24 * HOUR
        said, here, there = row.text, there, here
    for laptop in laptops.values():
        laptop.store.close()
    return sent


@pytest.mark.parametrize("mishap", ["", "restart", "clock"])
@pytest.mark.parametrize("intent", ["bebas", "lapor", "darurat"])
def test_two_gateways_that_answer_each_other_soon_stop(tmp_path: Path, intent: str, mishap: str) -> None:
    sent = converse(tmp_path, QUIET, 8 * SECOND, intent, mishap=mishap)
    most = Replies().loop_messages * (2 if mishap == "clock" else 1) + 1
    assert max(sent.values()) <= most, sent


def test_two_slow_gateways_are_stopped_by_their_budget(tmp_path: Path) -> None:
    sent = converse(tmp_path, Settings(), 3 * MINUTE, "bebas")
    assert max(sent.values()) <= Replies().per_sender_per_day


def test_a_gateway_that_repeats_what_it_hears_stops_the_other_at_its_first_answer(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path)
    first = laptop.chat("BANTUAN", answer="Tulis: LAPOR jenis desa massa korban keterangan.")
    assert laptop.chat(f"Pesan Anda: {first.text}").error == budgets.ECHO
    laptop.store.close()


# how much


def test_a_sender_gets_only_so_many_answers_a_day(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path, Settings(replies=Replies(per_sender_per_day=3)))
    rows = [laptop.chat(f"pesan {n}", HOUR) for n in range(5)]
    assert [row.state for row in rows] == [OutgoingState.QUEUED] * 3 + [OutgoingState.HELD] * 2
    assert "3 balasan per hari untuk pengirim ini" in rows[-1].error
    assert laptop.chat("pesan", 24 * HOUR).state == OutgoingState.QUEUED
    laptop.store.close()


def test_all_senders_together_get_only_so_many(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path, Settings(replies=Replies(per_day=4)))
    rows = [laptop.hear("pesan", f"+62812720001{n:02}") for n in range(6)]
    assert [row.state for row in rows] == [OutgoingState.QUEUED] * 4 + [OutgoingState.HELD] * 2
    assert "replies.per_day" in rows[-1].error
    laptop.store.close()


def test_the_same_answer_leaves_three_times(laptop: Laptop) -> None:
    laptop.settings = Settings()
    rows = [laptop.chat(f"pesan {n}", HOUR, answer="Tulis: LAPOR jenis desa.") for n in range(5)]
    assert [row.state == OutgoingState.HELD for row in rows] == [False] * 3 + [True] * 2
    assert "Balasan yang sama sudah 3 kali" in rows[-1].error


def test_a_flood_of_junk_leaves_nobody_in_danger_without_an_answer(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path, Settings(replies=Replies(per_day=10, per_sender_per_day=5)))
    for n in range(30):
        laptop.hear(f"sampah {n}", f"+6281272000{n:03}")
    for n in range(10):
        laptop.hear(f"sampah {n}")
    assert laptop.hear("LAPOR GESEK LAMBUR", OTHER, intent="lapor").state == OutgoingState.HELD
    frightened = [laptop.chat(f"DARURAT {n}", 2 * MINUTE, intent="darurat").state for n in range(7)]
    assert frightened == [OutgoingState.QUEUED] * 5 + [OutgoingState.HELD] * 2
    laptop.store.close()


def test_who_has_used_up_all_answers_is_answered_in_danger(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path, Settings(replies=Replies(per_sender_per_day=5)))
    states = [laptop.chat(f"pesan {n}", HOUR).state for n in range(6)]
    assert states == [OutgoingState.QUEUED] * 5 + [OutgoingState.HELD]
    assert laptop.chat("DARURAT", HOUR, intent="darurat").state == OutgoingState.QUEUED
    laptop.store.close()


def test_only_answers_to_the_messages_in_question_are_looked_up(laptop: Laptop) -> None:
    rows = [laptop.chat(f"pesan {n}", HOUR) for n in range(3)]
    laptop.chat("pesan", sender=OTHER)
    with laptop.store.read() as session:
        first = rows[1].message_id
        assert first is not None
        assert outgoing.answers_left(session, VILLAGER, first) == [rows[1].created_at, rows[2].created_at]


def test_nor_do_cries_for_help_use_up_the_answers_of_others(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path, Settings(replies=Replies(per_day=10, per_sender_per_day=5)))
    cried = [laptop.hear("DARURAT", f"+6281272000{n:03}", intent="darurat").state for n in range(15)]
    assert cried.count(OutgoingState.HELD) == 5
    assert laptop.hear("LAPOR GESEK LAMBUR", OTHER, intent="lapor").state == OutgoingState.QUEUED
    laptop.store.close()


def test_every_held_answer_says_why_in_a_sentence(laptop: Laptop) -> None:
    looped(laptop)
    laptop.chat("pesan mesin lagi")
    with laptop.store.read() as session:
        held = list(session.scalars(select(Outgoing).where(Outgoing.state == OutgoingState.HELD)))
    assert held
    assert all(row.error.endswith(".") and len(row.error) > 20 for row in held)


def test_asking_reads_a_few_rows_by_their_index(laptop: Laptop) -> None:
    """Every answer asks; with the years there are a hundred thousand messages."""
    laptop.chat("pesan satu")
    asked: list[tuple[str, Any]] = []
    with laptop.store.read() as session:
        message = session.scalars(select(Message)).one()
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *about: asked.append((about[2], about[3])))
        budgets.why_not(session, message, "Jawaban.", QUIET, laptop.now)
        statements = list(asked)
        plans = [
            str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
            for statement, values in statements
        ]
    assert 0 < len(plans) <= 8
    assert not [plan for plan in plans if "SCAN" in plan]


def test_own_numbers_are_known_however_they_are_written() -> None:
    settings = Settings(replies=Replies(own_numbers=("0812 7200 0101",)), modem=ModemSettings(number="081373000102"))
    assert budgets.own_numbers(settings) == {VILLAGER, OTHER}
    assert numbers.normal(VILLAGER) == VILLAGER
