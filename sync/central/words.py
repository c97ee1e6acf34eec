"""Words for codes, in the page's language, and how times and unknown things look."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import config

from . import language
from .language import say as _

_ZONES = {420: "WIB", 480: "WITA", 540: "WIT"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@cache
def kinds_of_event() -> dict[str, tuple[str, str]]:
    """Code of each kind of event to its Indonesian and English name, from the forms (`config/forms`)."""
    kinds: dict[str, tuple[str, str]] = {}
    for file in sorted((Path(config.__file__).parent / "forms").glob("*.toml")):
        for kind in tomllib.loads(file.read_text(encoding="utf-8")).get("jenis", []):
            kinds[kind["code"]] = (kind["name"], kind.get("english", kind["name"]))
    return kinds


def kind_name(code: str) -> str:
    """Name of a kind of event; the code itself where the forms here do not know it."""
    names = kinds_of_event().get(code)
    return code if names is None else names[language.code() == "en"]


def level_word(level: int) -> str:
    """Word of a level (0 to 4); beyond that the number."""
    words = (_("Catat"), _("Pantau"), _("Waspada"), _("Siaga"), _("Awas"))
    return words[level] if 0 <= level < len(words) else str(level)


def form_word(form: str) -> str:
    """Word of a report's form; of a district's own form, whose words stay on its laptop, its id as words."""
    return {"event": _("Kejadian"), "emergency": _("Darurat"), "nihil": _("Nihil")}.get(form) or _spelled(form)


def _field_words() -> dict[str, str]:
    return {
        "jenis": _("Jenis"), "desa": _("Desa/kelurahan"), "massa": _("Massa"), "korban": _("Korban"), "md": _("Meninggal"),
        "luka": _("Luka"), "hilang": _("Hilang"), "fase": _("Fase"), "waktu_teks": _("Waktu (diketik)"),
        "ket": _("Keterangan"), "pihak": _("Pihak"), "senjata": _("Senjata"), "waktu": _("Waktu"), "hasil": _("Hasil"),
        "status": _("Status"),
    }  # fmt: skip


def field_word(name: str) -> str:
    """Word of a report's field; of one of a district's own form its name as words."""
    return _field_words().get(name) or _spelled(name)


def own_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is known in the fields of a district's own form."""
    shipped = _field_words()
    return {name: value for name, value in fields.items() if name not in shipped and value is not None}


def _spelled(name: str) -> str:
    """A name of a file as a person would write it: `tinggi_air` is Tinggi air."""
    spaced = name.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]


def has_counts(form: str, fields: Mapping[str, Any]) -> bool:
    """Whether unknown numbers of people are shown as unknown: the shipped forms of events ask for them, others need not."""
    return form in ("event", "emergency") or any(fields.get(name) is not None for name in ("massa", "korban"))


def health_words(health: dict[str, Any]) -> list[tuple[str, str]]:
    """What a laptop's last beat says (names of `docs/wire.md`), as words and values; unknown names as they are."""
    words = {
        "modem": _("modem"), "signal": _("sinyal"), "operator": _("operator"), "sim_used": _("SMS di SIM"),
        "sim_total": _("tempat di SIM"), "inbox": _("SMS belum dibaca"), "outgoing": _("SMS belum dikirim"),
        "waiting": _("catatan menunggu"), "oldest_seconds": _("tertua (detik)"), "disk_free_mb": _("sisa disk (MB)"),
        "clock_offset": _("selisih jam (detik)"),
    }  # fmt: skip
    states = {
        "ready": _("siap"), "opening": _("menyambung"), "searching": _("mencari jaringan"), "resetting": _("menyetel ulang"),
        "absent": _("tidak ada"), "pin_needed": _("minta PIN"), "no_sim": _("tanpa SIM"), "denied": _("ditolak jaringan"),
        "hung": _("macet"), "full": _("SIM penuh"),
    }  # fmt: skip
    return [
        (words.get(name, name), states.get(str(value), str(value)) if name == "modem" else str(value))
        for name, value in health.items()
        if value is not None
    ]


def action_word(action: str) -> str:
    """Word of an amendment's action."""
    words = {
        "koreksi": _("Koreksi"), "lengkap": _("Dilengkapi"), "batal": _("Dibatalkan pelapor"), "susul": _("Tambahan"),
        "verif": _("Verifikasi"), "tl": _("Tindak lanjut"), "jawab": _("Jawaban pelapor"), "ganti": _("Dikirim ulang, diganti"),
        "lanjutan": _("Sambungan"), "terima": _("Ditangani petugas"), "turunan": _("Dibaca ulang dengan formulir baru"),
    }  # fmt: skip
    return words.get(action.lower(), action)


def value_word(name: str, value: Any, place: Callable[[str], str]) -> str:
    """A field's value as people read it; `place` names a village by its code."""
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    return place(str(value)) if name == "desa" else str(value)


def count(value: Any) -> str:
    """A count; unknown is not zero."""
    return "?" if value is None else str(value)


def age(seconds: float) -> str:
    """How long ago, in words."""
    if seconds < _MINUTE:
        return _("baru saja")
    if seconds < _HOUR:
        return _("%(number)s menit lalu", number=int(seconds // _MINUTE))
    if seconds < 2 * _DAY:
        return _("%(number)s jam lalu", number=int(seconds // _HOUR))
    return _("%(number)s hari lalu", number=int(seconds // _DAY))


@dataclass(frozen=True)
class Zone:
    """Writes times in the district's zone."""

    offset_minutes: int

    @property
    def name(self) -> str:
        """WIB, WITA, WIT, or the offset."""
        return _ZONES.get(self.offset_minutes, f"UTC{self.offset_minutes / 60:+g}")

    def exact(self, seconds: float) -> str:
        """Date and time to the minute; '–' for a time no calendar has."""
        try:
            moment = datetime.fromtimestamp(seconds, UTC).astimezone(timezone(timedelta(minutes=self.offset_minutes)))
        except (ValueError, OverflowError, OSError):
            return "–"
        return f"{moment:%d-%m-%Y %H:%M} {self.name}"

    def day_start(self, text: str) -> int | None:
        """Seconds since 1970 at which a day (`2026-11-23`) begins here; None for what is no day."""
        try:
            day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=timezone(timedelta(minutes=self.offset_minutes)))
        except ValueError:
            return None
        return int(day.timestamp())


def iso(seconds: float) -> str | None:
    """ISO 8601 in UTC for programs; None for a time no calendar has."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}Z"
    except (ValueError, OverflowError, OSError):
        return None
