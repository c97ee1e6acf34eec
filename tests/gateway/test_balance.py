"""Credit: asked for when nothing waits, kept, warned of; failures are not repeated at once."""

from __future__ import annotations

from datetime import date

import pytest

from config.settings import Modem, Settings
from gateway import balance
from gateway.balance import FAILED_SECONDS, FIRST_ASKED_SECONDS, URGENT_SECONDS, BalanceQuestion
from gateway.board import Board
from gateway.credit import Credit
from gateway.store import modems
from gateway.store.database import Store
from gateway.store.models import ModemRecord
from modem.types import ModemSilent, ModemState, ModemStatus
from tests.gateway.fakes import FakeModem

NOW = 1_795_442_000_000
"""23 November 2026, 20.53 WIB."""
HOUR = 3600.0
CODE = "*888#"
TEXT = "Sisa pulsa Anda Rp25.000 berlaku s.d 31/12/2026"


class Desk:
    """A SIM, its question, and clocks that the test moves."""

    def __init__(self, store: Store, settings: Modem = Modem(balance_code=CODE)) -> None:  # noqa: B008
        self.store, self.board, self.modem, self.ticks, self.now = store, Board(), FakeModem(), 0.0, NOW
        self.modem.answers = {CODE: TEXT}
        self._settings = Settings(modem=settings)
        with store.write() as session:
            modems.note_status(session, "modem", ModemStatus(ModemState.READY, operator="TELKOMSEL"), NOW)
        self.question = self.start()

    def start(self) -> BalanceQuestion:
        """As after a restart of the program."""
        settings = self._settings
        return BalanceQuestion(
            "modem", settings.modem, self.store, self.board, settings, clock=lambda: self.now, tick=lambda: self.ticks
        )

    def pass_time(self, seconds: float) -> None:
        self.ticks += seconds
        self.now += int(seconds * 1000)

    def known(self) -> ModemRecord:
        with self.store.read() as session:
            return modems.all_records(session)["modem"]

    def asked(self) -> int:
        return self.modem.asked.count(f"ussd {CODE}")


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_it_is_asked_for_some_minutes_after_the_start_and_then_once_a_day(desk: Desk) -> None:
    assert not desk.question.due()
    desk.pass_time(FIRST_ASKED_SECONDS)
    assert desk.question.due()
    desk.question.ask(desk.modem)
    assert not desk.question.due()
    desk.pass_time(24 * HOUR)
    assert desk.question.due()


def test_what_the_operator_says_is_kept(desk: Desk) -> None:
    desk.question.ask(desk.modem)
    known = desk.known()
    assert (known.balance, known.credit_at, known.credit_text) == (25_000, NOW, TEXT)
    assert balance.kept(known) == Credit(25_000, date(2026, 12, 31), text=TEXT)


def test_after_a_restart_what_was_learnt_today_is_not_asked_again(desk: Desk) -> None:
    desk.question.ask(desk.modem)
    desk.pass_time(HOUR)
    again = desk.start()
    again.ask(desk.modem)
    assert desk.asked() == 1
    desk.pass_time(23 * HOUR)
    assert again.due()
    again.ask(desk.modem)
    assert desk.asked() == 2


def test_never_means_never(store: Store) -> None:
    desk = Desk(store, Modem(balance_code=CODE, balance_hours=0))
    desk.pass_time(1000 * HOUR)
    assert not desk.question.due()
    assert not desk.question.due(urgent=True)
    unasked = Desk(store, Modem(balance_code="none"))
    unasked.question.ask(unasked.modem)
    assert unasked.modem.asked == []


def test_the_operators_usual_code_stands_in_for_a_setting(store: Store) -> None:
    desk = Desk(store, Modem())
    desk.question.ask(desk.modem)
    assert len(desk.modem.asked) == 1
    assert desk.modem.asked[0].startswith("ussd *")


@pytest.mark.parametrize("answers", [{}, {CODE: "Menu tidak tersedia."}])
def test_a_question_that_failed_is_asked_again_after_growing_pauses(desk: Desk, answers: dict[str, str]) -> None:
    desk.modem.answers = answers
    desk.pass_time(FIRST_ASKED_SECONDS)
    for pause in (FAILED_SECONDS, 2 * FAILED_SECONDS, 4 * FAILED_SECONDS):
        desk.question.ask(desk.modem)
        desk.pass_time(pause - 1)
        assert not desk.question.due()
        desk.pass_time(1)
        assert desk.question.due()
    assert desk.known().balance is None


def test_a_network_that_says_nothing_to_it_is_no_mute_modem(desk: Desk) -> None:
    def silent(code: str) -> str:
        raise ModemSilent("no answer from the network")

    desk.modem.ussd = silent  # type: ignore[method-assign]
    assert not desk.question.ask(desk.modem)


def test_a_modem_that_is_mute_altogether_is_heard_to_be(desk: Desk) -> None:
    def silent(*_: object) -> str:
        raise ModemSilent("no answer at all")

    desk.modem.ussd = silent  # type: ignore[method-assign]
    desk.modem.status = silent  # type: ignore[method-assign,assignment]
    with pytest.raises(ModemSilent):
        desk.question.ask(desk.modem)


def test_while_nothing_leaves_for_want_of_credit_it_is_asked_more_often(desk: Desk) -> None:
    assert desk.question.due(urgent=True)
    assert not desk.question.ask(desk.modem, urgent=True)  # nothing was known before: more than what?
    assert not desk.question.due(urgent=True)
    desk.pass_time(URGENT_SECONDS)
    assert desk.question.due(urgent=True)
    desk.modem.answers = {CODE: "Sisa pulsa Anda Rp75.000 berlaku s.d 31/12/2026"}
    assert desk.question.ask(desk.modem, urgent=True)


def test_low_credit_and_the_end_of_validity_are_warned_of(desk: Desk) -> None:
    desk.modem.answers = {CODE: "Sisa pulsa Anda Rp1.500 berlaku s.d 26/11/2026"}
    desk.question.ask(desk.modem)
    said = " ".join(desk.board.warnings["modem"])
    assert "1500" in said
    assert "3 hari lagi" in said
    desk.modem.answers = {CODE: TEXT}
    desk.pass_time(24 * HOUR)
    desk.question.ask(desk.modem)
    assert desk.board.warnings["modem"] == ()


def test_another_sim_is_said_until_its_credit_is_known(desk: Desk) -> None:
    desk.question.ask(desk.modem)
    with desk.store.write() as session:
        for imsi in ("510100000000001", "510110000000002"):
            modems.note_status(session, "modem", ModemStatus(ModemState.READY, imsi=imsi), NOW)
    desk.question.forget()
    desk.question.warn(swapped=True)
    assert desk.board.warnings["modem"] == ("Kartu SIM di modem ini diganti. Periksa nomor dan PIN-nya di pengaturan.",)
    desk.pass_time(FIRST_ASKED_SECONDS)
    assert desk.question.due()
    desk.question.ask(desk.modem)
    desk.question.warn(swapped=True)
    assert desk.board.warnings["modem"] == ()


def test_a_day_is_the_districts(desk: Desk) -> None:
    just_before_midnight = 1_795_453_199_000  # 23.59.59 WIB
    assert balance.local_day(just_before_midnight, 420) == date(2026, 11, 23)
    assert balance.local_day(just_before_midnight + 1000, 420) == date(2026, 11, 24)


def notice(desk: Desk, **told: object) -> bool:
    """Whether a notice with this makes SMS be tried again that wait for credit."""
    with desk.store.write() as session:
        balance.keep(modems.record(session, "modem"), Credit(**told), desk.now)  # type: ignore[arg-type]
    desk.question.learnt()
    desk.question.warn()  # as the modem's thread may between the two
    return desk.question.take_news()


def test_a_notice_that_there_is_too_little_is_no_reason_to_try_again(desk: Desk) -> None:
    assert not desk.question.take_news()
    assert not notice(desk, balance=0, text="Pulsa Anda tidak cukup.")
    assert not notice(desk, balance=0, text="Pulsa Anda tidak cukup.")
    assert not notice(desk, valid_until=date(2026, 12, 31), text="Masa aktif kartu berakhir 31/12/2026.")
    assert notice(desk, balance=20_000, text="Sisa pulsa Anda Rp20.000")
    assert not notice(desk, balance=19_500, text="Sisa pulsa Anda Rp19.500")


def test_after_a_restart_what_was_known_is_compared_with(desk: Desk) -> None:
    notice(desk, balance=300, text="Sisa pulsa Rp300")
    desk.question = desk.start()
    assert notice(desk, balance=20_000, text="Sisa pulsa Rp20.000")


def test_the_credit_of_another_sim_is_not_compared_with(desk: Desk) -> None:
    notice(desk, balance=300, text="Sisa pulsa Rp300")
    desk.question.forget()
    assert not notice(desk, balance=500, text="Sisa pulsa Rp500")


def test_notices_do_not_put_off_the_question(desk: Desk) -> None:
    """Anybody can write in the operator's name."""
    desk.question.ask(desk.modem)
    for _ in range(3):
        desk.pass_time(20 * HOUR)
        notice(desk, balance=999_999, text="Sisa pulsa Anda Rp999.999")
        if desk.question.due():
            desk.question.ask(desk.modem)
    assert desk.asked() == 2


def test_grace_period_and_blocking_are_remembered_until_the_validity_is_told_anew(desk: Desk) -> None:
    notice(desk, grace=True, text="Anda dalam masa tenggang s.d. 31/12/2026.")
    notice(desk, balance=900, text="Sisa pulsa Anda Rp900.")
    assert any("masa tenggang" in said for said in desk.board.warnings["modem"])
    assert any("900" in said for said in desk.board.warnings["modem"])
    notice(desk, balance=50_900, text="Sisa pulsa Anda Rp50.900.")
    assert desk.board.warnings["modem"] == ()
    notice(desk, blocked=True, text="Nomor Anda telah diblokir.")
    assert any("diblokir" in said for said in desk.board.warnings["modem"])
    desk.pass_time(24 * HOUR)
    desk.question.ask(desk.modem)
    assert desk.board.warnings["modem"] == ()
