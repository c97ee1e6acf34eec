"""Messages and reports as plain data for scripts: `waspada messages --json`, `waspada reports --json`.

Names and meanings stay as they are from version to version; new ones are added. Times are ISO 8601 with the region's offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy.orm import Session

from config.regions import Region
from gateway.reports.understanding import FIELDS

from .queries import histories, newest_messages, newest_reports
from .records import AmendmentRow, ReportRow


def messages_as_json(session: Session, *, utc_offset_minutes: int, limit: int | None = None) -> list[dict[str, Any]]:
    """Messages as plain data (`waspada messages --json`), newest first."""
    zone = timezone(timedelta(minutes=utc_offset_minutes))
    return [
        {
            "id": row.id,
            "sender": row.sender,
            "text": row.text,
            "sent_at": iso_time(row.sent_at, zone),
            "received_at": iso_time(row.received_at, zone),
            "state": row.state,
            "intent": row.intent or None,
            "outcome": row.outcome or None,
            "ticket": row.ticket or None,
            "parts": row.parts,
            "parts_missing": row.parts_missing,
            "continues": row.continues_id,
            "unanswered": row.unanswered or None,
        }
        for row in newest_messages(session, limit)
    ]


def reports_as_json(
    session: Session, region: Region, *, utc_offset_minutes: int, limit: int | None = None
) -> list[dict[str, Any]]:
    """Reports as plain data (`waspada reports --json`), newest first; unknown fields are null."""
    zone = timezone(timedelta(minutes=utc_offset_minutes))
    rows = newest_reports(session, limit)
    said = histories(session, rows)
    return [_report_as_json(row, said.get(row.id, []), region, zone) for row in rows]


def iso_time(milliseconds: int | None, zone: timezone) -> str | None:
    """ISO 8601 with the zone's offset, whole seconds; None stays None."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds // 1000, zone).isoformat(timespec="seconds")


def _report_as_json(row: ReportRow, said: Sequence[AmendmentRow], region: Region, zone: timezone) -> dict[str, Any]:
    place = region.by_code.get(row.field("desa") or "")
    return {
        "id": row.id,
        "ticket": row.ticket,
        "message_id": row.message_id,
        "sender": row.sender,
        "intent": row.intent,
        **{name: row.field(name) for name in dict.fromkeys((*FIELDS, *row.fields))},
        "desa_nama": place.name if place else None,
        "level": row.level,
        "outcome": row.outcome,
        "missing": list(row.missing),
        "doubts": list(row.doubts),
        "rahasia": row.secret,
        "sent_at": iso_time(row.sent_at, zone),
        "received_at": iso_time(row.received_at, zone),
        "repeats": row.repeats or None,
        "state": row.state,
        "asked": row.asked or None,
        "derived": row.derived,
        "amendments": [
            {
                "action": one.action,
                "by": one.by,
                "at": iso_time(one.at, zone),
                "message_id": one.message_id,
                "before": one.before,
                "after": one.after,
                "level_before": one.level_before,
                "level_after": one.level_after,
                "state_before": one.state_before,
                "state_after": one.state_after,
            }
            for one in said
        ],
    }
