"""A fixed synthetic set of entries for the tests: other reports than those the dictionary was made from."""

from __future__ import annotations

import random

from config.regions import load_region
from sync.dictionary.build import KINDS_OF_EVENT
from sync.entries import Body, Entry, MessageBody, ReportBody, encode_body

VILLAGES = [place.code for place in load_region("15.07").villages]
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
TEXTS = ("cekcok antar pemuda dekat jembatan", "calon diintimidasi", "api di gudang logistik", "ramai di parit 7")


def entries_of(bodies: list[tuple[Body, int]], first: int = 1) -> tuple[Entry, ...]:
    entries = []
    for number, (body, at) in enumerate(bodies, start=first):
        kind, octets = encode_body(body)
        entries.append(Entry(number, kind, at, octets))
    return tuple(entries)


def reports(count: int, seed: int) -> list[tuple[ReportBody, int]]:
    """Report bodies as a laptop writes them, about one in five minutes."""
    chance = random.Random(seed)
    at = 1_795_000_000
    rows = []
    for _ in range(count):
        at += int(chance.expovariate(1 / 300))
        fields: dict[str, object] = {"jenis": chance.choice(KINDS_OF_EVENT), "desa": chance.choice(VILLAGES)}
        people = chance.choice([None, 0, 5, 10, 12, 14, 20, 25, 30, 40, 50, 75, 100])
        victims = chance.choice([0, 0, 0, 0, 1, 2, None])
        fields |= {name: value for name, value in (("massa", people), ("korban", victims)) if value is not None}
        ticket = "".join(chance.choice(LETTERS) for _ in range(4))
        rows.append((ReportBody(1, "event", 1, fields, ticket, chance.randint(1, 4), "terima"), at))
    return rows


def messages_with_reports(count: int, seed: int) -> list[tuple[Body, int]]:
    """Each report behind the message it was made from, text included."""
    chance = random.Random(seed)
    rows: list[tuple[Body, int]] = []
    for report, at in reports(count, seed):
        text = f"LAPOR {report.fields['jenis']} {report.fields['desa'][6:]} {chance.choice(TEXTS)}"
        reporter, fingerprint = chance.getrandbits(32), chance.getrandbits(32)
        rows.append((MessageBody(fingerprint, reporter, chance.randint(3, 9), 1, text, "lapor", "terima"), at))
        rows.append((report, at))
    return rows
