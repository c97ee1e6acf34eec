"""Which question of ours is open, and what was asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.reports.recurring import CONTENT
from gateway.reports.steps import Earlier, Limits
from gateway.reports.understanding import Outcome, Question, Understanding

HOUR = 3_600_000
WITHDRAWN = "dibatalkan"


def open_question(earlier: Sequence[Earlier], now: int, limits: Limits, sent_at: int | None = None) -> Earlier | None:
    """The report whose question a message of this sender may answer: of those that have not expired the newest.

    `now` is the laptop's clock, `sent_at` when the message was sent: an answer that was long under way is still in time, and
    a clock that was set meanwhile costs a question but never takes an old one for a new one.
    """
    limit = limits.answer_hours * HOUR

    def waits(one: Earlier) -> bool:
        if not (one.own and one.asked) or one.asked_at is None or one.state == WITHDRAWN:
            return False
        if sent_at is not None and sent_at < one.at:
            return False  # under way already when that report was sent: it answers another one
        sent = sent_at is not None and 0 <= sent_at - one.asked_at <= limit
        return sent or abs(now - one.asked_at) <= limit

    waiting = [one for one in earlier if waits(one)]
    return max(waiting, key=lambda one: (one.asked_at or 0, one.message_id), default=None)


def question(earlier: Earlier) -> Question:
    """What was asked about a report, as `understand` takes it."""
    return Question(earlier.asked, earlier.form, earlier.candidates)


def echoed(report: Understanding) -> str:
    """The field that a report's echo leaves open: its only doubt is one value, which YA confirms; '' where there is none."""
    if report.outcome is not Outcome.KONFIRMASI:
        return ""
    single = (doubt.field for doubt in report.doubts if doubt.field in CONTENT and len(doubt.candidates) == 1)
    return next(single, "")
