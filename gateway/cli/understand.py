"""`waspada understand`: show how a message is read, one at a time or many as JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .common import data_option, one_sentence

if TYPE_CHECKING:
    from gateway.reports.knowledge import Knowledge
    from gateway.reports.understanding import Understanding

LABELS = {
    "jenis": "Jenis", "desa": "Desa", "massa": "Massa", "korban": "Korban", "md": "Meninggal", "luka": "Luka", "hilang": "Hilang",
    "fase": "Fase", "waktu_teks": "Waktu", "waktu": "Yaitu", "pihak": "Pihak", "senjata": "Senjata",
    "tiket": "No. laporan", "hasil": "Hasil", "status": "Status", "peran": "Peran",
    "nama": "Nama", "ket": "Keterangan",
}  # fmt: skip


@click.command("understand")
@click.argument("text", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a message.")
@click.option("--sender", "number", default="", help="Number, short code or name the message came from.")
@click.option("--role", default="", help="Role the sender is registered with, e.g. kades or petugas.")
@click.option("--village", default="", help="Code of the village the sender is registered for, e.g. 15.07.08.1001.")
@click.option("--region", default="15.07", show_default=True, help="Code of the kabupaten.")
@data_option
@click.option(
    "--forms",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with further forms.",
)
def understand(
    text: str | None, as_json: bool, number: str, role: str, village: str, region: str, data: Path, folder: Path | None
) -> None:
    """Show how TEXT is read. Without TEXT: JSON lines {"id","sender","text"} from standard input, one JSON line out for each."""
    from gateway.reports.parser import understand as read
    from gateway.reports.understanding import Sender

    from .knowing import know

    with one_sentence():
        knowledge = know(region, data, sorted(folder.glob("*.toml")) if folder else ())
    if village and village not in knowledge.region.by_code:
        raise click.ClickException(f"There is no place {village} in {region}; give a code such as 15.07.08.1001.")

    def reading(words: str, sender: str, named: dict[str, Any] | None = None) -> Understanding:
        extra = named or {}
        who = Sender(sender or number, str(extra.get("role") or role), str(extra.get("village") or village))
        return read(words, who, knowledge)

    if text is None:
        sys.exit(_lines(reading))
    if as_json:
        click.echo(_json({"id": None, **reading(text, number).as_dict()}))
    else:
        click.echo(_for_people(reading(text, number), knowledge))


def _json(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _lines(reading: Callable[[str, str, dict[str, Any]], Understanding]) -> int:
    """Answer every line of standard input; 1 where at least one was no message."""
    status = 0
    stream = sys.stdin.buffer
    for number, raw in enumerate(stream, 1):
        if not raw.strip():
            continue
        try:
            row = json.loads(raw.decode("utf-8"))
        except (UnicodeDecodeError, ValueError) as error:
            click.echo(f"Line {number}: no valid JSON ({error}).", err=True)
            status = 1
            continue
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            click.echo(
                f'Line {number}: needs an object with "text", e.g. {{"id": 1, "sender": "", "text": "..."}}.', err=True
            )
            status = 1
            continue
        understood = reading(row["text"], str(row.get("sender") or ""), row)
        click.echo(_json({"id": row.get("id"), **understood.as_dict()}))
    return status


def _for_people(understood: Understanding, knowledge: Knowledge) -> str:
    """What a person reads, Bahasa Indonesia."""
    lines = [f"Maksud     : {understood.intent}", f"Hasil baca : {understood.outcome}"]
    if understood.secret:
        lines.append("Rahasia    : ya")
    own = {
        field.name: field.label for form in knowledge.files.forms if form.id == understood.form for field in form.field
    }
    for name, label in {**LABELS, **own}.items():
        value = understood.fields.get(name)
        if value is None:
            continue
        place = knowledge.region.by_code.get(value) if name == "desa" else None
        if isinstance(value, bool):
            value = "ya" if value else "tidak"
        lines.append(f"{label:<11}: {f'{place.title} ({value})' if place else value}")
    if understood.level:
        lines.append(f"Tingkat    : {understood.level}")
    if understood.missing:
        lines.append("Belum ada  : " + ", ".join(understood.missing))
    for doubt in understood.doubts:
        names = [knowledge.region.by_code[c].name if c in knowledge.region.by_code else c for c in doubt.candidates]
        lines.append(f"Ragu       : {doubt.field}: {doubt.why}" + (f" ({', '.join(names)})" if names else ""))
    lines.append("Jejak      :")
    lines.extend(f"  {line}" for line in understood.trace)
    return "\n".join(lines)
