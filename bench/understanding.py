"""How well and how fast messages are understood: `python -m bench --understanding`. No peer reads Indonesian.

The figures of `locked` are the ones that count; those of `development` were worked on. Texts are never printed.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from config.knowledge import load_knowledge
from gateway.reports.knowledge import Knowledge, compile_knowledge
from gateway.reports.parser import understand
from gateway.reports.understanding import Understanding
from tests.corpus import ALL_FIELDS, SCORED, Labelled, Score, load, score
from tests.corpus.noise import noisy

CONFIDENCE = Path(__file__).parent.parent / "config" / "confidence.toml"
NOISE_RATES = (0.0, 0.1, 0.2, 0.4)
NOISE_ROUNDS = 3
SPEED_MESSAGES = 4_000
SPEED_ROUNDS = 5
BINS = (0.0, 0.7, 0.8, 0.9, 0.95, 0.98, 1.01)
PRIOR_MESSAGES = 2.0
"""So many messages read as the field's average weigh into the share of each basis: rare ones must not be 0 or 1."""
MOST = 0.995
"""No share is stated higher: the sample cannot tell."""
HOSTILE = (
    "\u202e" * 2_000 + "LAPOR",
    "9" * 100_000,
    "a" * 100_000,
    "lapor bentrok " * 8_000,
    "parit " * 20_000,
    "seratus ribu " * 9_000,
    "\0" * 100_000,
    "1/1/" * 25_000,
    "a1" * 50_000,
    "\U0001f525" * 50_000,
    "x'; DROP TABLE pdu; --" * 4_000,
    "<b>" * 33_000,
)


def report() -> str:
    """Everything, as Markdown."""
    knowledge = compile_knowledge(load_knowledge())
    read = _reader(knowledge)
    development, locked = load("development"), load("locked")
    scores = {"development": score(development, read), "locked": score(locked, read)}
    pieces = [
        _accuracy(scores),
        _by_hand(locked, read),
        _noise(locked, read),
        _confusion("intent", scores["locked"].intents),
        _confusion("jenis", scores["locked"].types),
        _calibration(locked, read),
        _speed([*development, *locked], read),
    ]
    return "\n\n".join(pieces)


def mistakes(name: str) -> str:
    """`id field meant read` of every wrong cell, for whoever works on the rules; use it with `development` only."""
    return "\n".join(score(load(name), _reader(compile_knowledge(load_knowledge()))).wrong)


def _reader(knowledge: Knowledge) -> Callable[[Labelled], Understanding]:
    return lambda labelled: understand(labelled.text, labelled.sender, knowledge)


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def _percent(part: float) -> str:
    return f"{part * 100:.1f} %"


def _accuracy(scores: dict[str, Score]) -> str:
    names = list(scores)
    rows: list[list[object]] = [["messages", *(scores[n].messages for n in names)]]
    rows.append(
        ["**fields right** (intent and " + ", ".join(SCORED) + ")", *(_percent(scores[n].fields_right) for n in names)]
    )
    for field in ("intent", *ALL_FIELDS, "rahasia"):
        rows.append([field, *(f"{_percent(scores[n].share(field))} of {scores[n].cells[field]}" for n in names)])
    rows += [
        ["junk that became a report", *(f"{len(scores[n].junk_accepted)} of {scores[n].junk}" for n in names)],
        ["junk a person is asked to read", *(f"{len(scores[n].junk_shown)} of {scores[n].junk}" for n in names)],
        ["emergencies missed", *(f"{len(scores[n].emergencies_missed)} of {scores[n].emergencies}" for n in names)],
        ["wrong villages", *(f"{len(scores[n].wrong_villages)} of {scores[n].cells['desa']}" for n in names)],
        ["messages that need a person", *(_percent(scores[n].for_a_person / scores[n].messages) for n in names)],
    ]
    return _table(["figure", *names], rows)


def _by_hand(messages: Sequence[Labelled], read: Callable[[Labelled], Understanding]) -> str:
    authors = sorted({labelled.id[0] for labelled in messages})
    rows = []
    for author in authors:
        found = score([labelled for labelled in messages if labelled.id[0] == author], read)
        rows.append([author, found.messages, _percent(found.fields_right)])
    return _table(["author (locked)", "messages", "fields right"], rows)


def _noise(messages: Sequence[Labelled], read: Callable[[Labelled], Understanding]) -> str:
    rows = []
    for rate in NOISE_RATES:
        found = Score()
        for labelled in _mistyped(messages, rate, NOISE_ROUNDS if rate else 1):
            found.add(labelled, read(labelled))
        rows.append(
            [
                _percent(rate),
                _percent(found.fields_right),
                _percent(found.share("intent")),
                f"{len(found.junk_accepted)} of {found.junk}",
                f"{len(found.emergencies_missed)} of {found.emergencies}",
                f"{len(found.wrong_villages)} of {found.cells['desa']}",
            ]
        )
    head = [
        "words mistyped (locked)",
        "fields right",
        "intent right",
        "junk accepted",
        "emergencies missed",
        "wrong villages",
    ]
    return _table(head, rows)


def _mistyped(messages: Sequence[Labelled], rate: float, rounds: int) -> Iterator[Labelled]:
    for labelled in messages:
        for round_ in range(rounds):
            text = noisy(labelled.text, rate, random.Random(f"{labelled.id}/{rate}/{round_}"))
            yield Labelled(
                labelled.id, labelled.hand, text, labelled.sender, labelled.intents, labelled.fields, labelled.secret
            )


def _confusion(name: str, pairs: Counter[tuple[str, str]]) -> str:
    """Only what was confused, and how often each was right."""
    meant = Counter[str]()
    for (label, _), number in pairs.items():
        meant[label] += number
    rows = []
    for label in sorted(meant):
        others = {read: n for (said, read), n in pairs.items() if said == label and read != label}
        listed = ", ".join(f"{read} {n}" for read, n in sorted(others.items(), key=lambda pair: -pair[1]))
        rows.append([label, f"{pairs[(label, label)]} of {meant[label]}", listed])
    return _table([f"{name} meant (locked)", "read so", "read otherwise"], rows)


Judged = tuple[str, str, bool]
"""Field, basis, whether it was right."""


def _judged(messages: Sequence[Labelled], read: Callable[[Labelled], Understanding]) -> list[Judged]:
    rows: list[Judged] = []
    for labelled in messages:
        found = read(labelled)
        for name, basis in found.basis.items():
            right = (
                str(found.intent) in labelled.intents
                if name == "intent"
                else found.fields[name] in labelled.fields[name]
            )
            rows.append((name, basis, right))
    return rows


def shares(rows: Sequence[Judged]) -> dict[str, dict[str, tuple[float, int]]]:
    """By field and basis: the share that was right, drawn a little to the field's average, and of how many."""
    by_field: dict[str, Counter[bool]] = defaultdict(Counter)
    by_basis: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    for name, basis, right in rows:
        by_field[name][right] += 1
        by_basis[name, basis][right] += 1
    found: dict[str, dict[str, tuple[float, int]]] = {}
    for (name, basis), said in sorted(by_basis.items()):
        average = by_field[name][True] / by_field[name].total()
        share = (said[True] + PRIOR_MESSAGES * average) / (said.total() + PRIOR_MESSAGES)
        found.setdefault(name, {})[basis] = (min(MOST, share), said.total())
    return found


def calibrate() -> None:
    """Write config/confidence.toml from the locked messages and their mistyped copies."""
    knowledge = compile_knowledge(load_knowledge())
    measured = shares(_judged(_with_noise(load("locked")), _reader(knowledge)))
    lines = [
        "# How often a reading was right, by field and by what it rested on (gateway/reports/confidence.py).",
        "# Measured by `python -m bench --calibrate` on tests/corpus/locked.csv and mistyped copies of it; do not edit by hand.",
    ]
    for name, by_basis in measured.items():
        lines += ["", f"[{name}]"]
        lines += [f"{basis} = {share:.3f} # of {number}" for basis, (share, number) in by_basis.items()]
    CONFIDENCE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _with_noise(messages: Sequence[Labelled]) -> list[Labelled]:
    return [*messages, *_mistyped(messages, NOISE_RATES[1], 1)]


def _calibration(messages: Sequence[Labelled], read: Callable[[Labelled], Understanding]) -> str:
    """Stated beside observed: each half of the messages is judged with the shares measured on the other half."""
    stated: list[tuple[float, bool]] = []
    for half in (0, 1):
        known = shares(_judged(_with_noise(messages[1 - half :: 2]), read))
        for name, basis, right in _judged(_with_noise(messages[half::2]), read):
            stated.append((known.get(name, {}).get(basis, (0.9, 0))[0], right))
    rows = []
    for low, high in pairwise(BINS):
        within = [(said, right) for said, right in stated if low <= said < high]
        if within:
            rows.append(
                [
                    f"{low:.2f} to {min(high, 1):.2f}",
                    len(within),
                    _percent(sum(said for said, _ in within) / len(within)),
                    _percent(sum(right for _, right in within) / len(within)),
                ]
            )
    return _table(["confidence stated (locked, other half)", "fields", "stated on average", "observed right"], rows)


def _speed(messages: Sequence[Labelled], read: Callable[[Labelled], Understanding]) -> str:
    mixed = [
        labelled
        for round_, rate in enumerate((0.0, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3))
        for labelled in _mistyped(messages, rate + round_ / 1000, 1)
    ][:SPEED_MESSAGES]
    best = 0.0
    for _ in range(SPEED_ROUNDS):
        start = time.process_time()
        for labelled in mixed:
            read(labelled)
        best = max(best, len(mixed) / (time.process_time() - start))
    slowest = 0.0
    for labelled in mixed:
        slowest = max(slowest, _seconds(labelled, read))
    worst = max(min(_seconds(_hostile(text), read) for _ in range(SPEED_ROUNDS)) for text in HOSTILE)
    rows: list[list[object]] = [
        ["messages a second, one core (all different, most mistyped)", f"{best:,.0f}"],
        ["slowest of these, once", f"{slowest * 1000:.1f} ms"],
        [f"slowest of {len(HOSTILE)} hostile texts of 2 to 100 kB", f"{worst * 1000:.1f} ms"],
    ]
    return _table(["figure", "value"], rows)


def _hostile(text: str) -> Labelled:
    return Labelled("", "", text, load("development")[0].sender, (), {}, (False,))


def _seconds(labelled: Labelled, read: Callable[[Labelled], Understanding]) -> float:
    start = time.process_time()
    read(labelled)
    return time.process_time() - start
