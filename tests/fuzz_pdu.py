"""Hostile PDUs through the inbox: `python -m tests.fuzz_pdu [--count 100000] [--seed N]`.

Real PDUs are bent, cut, swollen and mixed, and go through `inbox.keep` and `inbox.decode_new` in batches with good ones in
between. What must hold: the drain goes on and ends, nothing raises, every good one becomes a message with its words, and
memory does not grow. The work is done in a child process, which writes down each batch before it touches it: what ends the
process, or keeps it busy for ever, lies in that file afterwards.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import func, select

from gateway.store import inbox
from gateway.store.database import Store, open_store
from gateway.store.models import Message, Pdu
from modem import pdu
from modem.emulator import tpdu
from modem.types import BROADCAST, StoredPdu
from tests.sms import SENT_AT, pdus

BATCH = 250
GOOD_EVERY = 10
NOW = (SENT_AT + 60) * 1000
ALLOWED_GROWTH = 48 * 1024 * 1024
"""Octets the process may grow after the first tenth: page caches and interned strings, not a message in each."""
BATCH_SECONDS = 120.0
"""A batch that takes longer hangs."""

Mutation = Callable[[random.Random, bytearray], bytes]


class Broken(AssertionError):
    """A promise that did not hold; the text says which."""


def seeds() -> list[bytes]:
    """Real PDUs of every kind, service-centre octets in front."""
    smsc = tpdu.encode_smsc("+62811000000")
    texts = (
        "LAPOR BENTROK KAMPUNG LAUT 40 2",
        "harga {3€} [x] ~",
        "kebakaran 🔥 di Lambur",
        "bentrok di dermaga " * 20,
        "ж" * 150,
    )
    found = [bytes.fromhex(hex_) for text in texts for hex_ in pdus(text)]
    found += [
        bytes.fromhex(hex_) for sender in ("TELKOMSEL", "3636", "[Info]") for hex_ in pdus("Pulsa", sender=sender)
    ]
    header = bytes.fromhex("0B0504158A00000003070201")
    data = tpdu.octet_content(header + bytes(range(100)), has_header=True)
    found.append(smsc + tpdu.encode_deliver(tpdu.Deliver("+6281272000101", data, SENT_AT)))
    found.append(smsc + tpdu.encode_status_report(tpdu.StatusReport(7, "+6281272000101", SENT_AT, SENT_AT + 9, 0)))
    found += [bytes.fromhex(one.hex) for one in pdu.submit("+6281272000101", "draf “lama” " * 20, validity_hours=24)]
    return found


def _flip(rng: random.Random, octets: bytearray) -> bytes:
    for _ in range(rng.randint(1, 8)):
        octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
    return bytes(octets)


def _cut(rng: random.Random, octets: bytearray) -> bytes:
    return bytes(octets[: rng.randrange(len(octets))])


def _insert(rng: random.Random, octets: bytearray) -> bytes:
    at = rng.randrange(len(octets))
    return bytes(octets[:at]) + rng.randbytes(rng.randint(1, 40)) + bytes(octets[at:])


def _any_octet(rng: random.Random, octets: bytearray) -> bytes:
    octets[rng.randrange(min(len(octets), 30))] = rng.choice((0x00, 0x01, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    return bytes(octets)


def _swap(rng: random.Random, octets: bytearray) -> bytes:
    one, other = rng.randrange(len(octets)), rng.randrange(len(octets))
    octets[one], octets[other] = octets[other], octets[one]
    return bytes(octets)


def _double(rng: random.Random, octets: bytearray) -> bytes:
    begin = rng.randrange(len(octets))
    end = rng.randint(begin, len(octets))
    return bytes(octets[:end] + octets[begin:end] + octets[end:])


def _settings(rng: random.Random, octets: bytearray) -> bytes:
    """Any first octet, protocol and coding."""
    first = 1 + octets[0]
    if first + 1 >= len(octets):
        return bytes(octets)
    at = first + 3 + (octets[first + 1] + 1) // 2
    if at + 1 < len(octets):
        octets[first] = rng.choice((octets[first], rng.randrange(256)))
        octets[at], octets[at + 1] = rng.randrange(256), rng.randrange(256)
    return bytes(octets)


def _header(rng: random.Random, octets: bytearray) -> bytes:
    """An SMS-DELIVER with a header of random elements."""
    elements = b""
    for _ in range(rng.randint(0, 5)):
        body = rng.randbytes(rng.choice((0, 1, 2, 3, 4, 5, rng.randrange(30))))
        claimed = rng.choice((len(body), len(body), len(body), rng.randrange(256)))
        elements += bytes([rng.choice((0, 1, 4, 5, 8, 0x24, 0x25, rng.randrange(256))), claimed]) + body
    header = bytes([rng.choice((len(elements) & 0xFF, rng.randrange(256)))]) + elements
    data = header + rng.randbytes(rng.randrange(60))
    head = bytes([0x44]) + tpdu.encode_address("+62812720001" + str(rng.randrange(10, 99)))
    coding = bytes([rng.choice((0, 0)), rng.choice((0, 4, 8, rng.randrange(256)))])
    stamp = tpdu.encode_timestamp(SENT_AT + rng.randrange(10_000), 420)
    return (
        bytes(octets[: 1 + octets[0]])
        + head
        + coding
        + stamp
        + bytes([rng.choice((len(data) & 0xFF, rng.randrange(256)))])
        + data
    )


def _noise(rng: random.Random, octets: bytearray) -> bytes:
    return rng.randbytes(rng.randrange(180))


MUTATIONS: Sequence[Mutation] = (_flip, _flip, _cut, _insert, _any_octet, _swap, _double, _settings, _header, _noise)


def hostile(rng: random.Random, bases: Sequence[bytes]) -> StoredPdu:
    """One bent PDU, or something that is none at all."""
    octets = bytearray(rng.choice(bases))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        octets = bytearray(rng.choice(MUTATIONS)(rng, octets)) or bytearray(1)
    storage = rng.choice(("SM", "SM", "ME", "direct", BROADCAST))
    hex_ = octets.hex().upper()
    if rng.random() < 0.02:
        hex_ = rng.choice(
            (hex_[:-1], hex_ + "G", "OK", "", "\N{SNOWMAN}" + hex_, hex_.lower() + "\r\n", " ".join(hex_))
        )
    return StoredPdu(rng.randrange(50), hex_, storage)


@dataclass
class Figures:
    """What came of a run. `states`: rows by state; `growth`: octets of memory gained after the first tenth."""

    fed: int = 0
    good: int = 0
    seconds: float = 0.0
    growth: int = 0
    states: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        states = ", ".join(f"{state} {count}" for state, count in sorted(self.states.items()))
        return (
            f"{self.fed} hostile PDUs and {self.good} good ones in {self.seconds:.0f} s: {states}; "
            f"every good one is a message; memory {self.growth / 1048576:+.1f} MiB after the first tenth"
        )


def run(count: int, seed: int, folder: Path) -> Figures:
    """Feed `count` hostile PDUs; raises Broken where a promise does not hold."""
    rng, bases, figures, began = random.Random(seed), seeds(), Figures(), time.monotonic()
    process, at_first = psutil.Process(), 0
    store = open_store(folder / "data")
    try:
        while figures.fed < count:
            batch: list[StoredPdu] = []
            good: list[str] = []
            while len(batch) - len(good) < min(BATCH, count - figures.fed):
                batch.append(hostile(rng, bases))
                if len(batch) % GOOD_EVERY == 0:
                    good.append(f"NIHIL nomor {figures.good + len(good)}")
                    batch += [StoredPdu(1, hex_, "SM") for hex_ in pdus(good[-1], sender="+6281399000199")]
            (folder / "batch.txt").write_text(
                "".join(f"{one.storage} {one.hex!r}\n" for one in batch), encoding="utf-8", errors="backslashreplace"
            )
            figures.fed, figures.good = figures.fed + len(batch) - len(good), figures.good + len(good)
            _feed(store, batch, good)
            if not at_first and figures.fed >= count / 10:
                at_first = process.memory_info().rss
        figures.growth = process.memory_info().rss - at_first
        with store.read() as session:
            for state, rows in session.execute(select(Pdu.state, func.count()).group_by(Pdu.state)):
                figures.states[state] = rows
    finally:
        store.close()
    figures.seconds = time.monotonic() - began
    if figures.growth > ALLOWED_GROWTH:
        raise Broken(f"memory grew by {figures.growth} octets after the first tenth")
    return figures


def _feed(store: Store, batch: Sequence[StoredPdu], good: Sequence[str]) -> None:
    with store.write() as session:
        inbox.keep(session, batch, "modem", NOW)
    for _ in range(len(batch) // inbox.BATCH + 2):
        if not inbox.decode_new(store).looked_at:
            break
    else:
        raise Broken("the drain does not end")
    with store.read() as session:
        raised = session.scalar(select(Pdu).where(Pdu.error.like("% while it was decoded")).limit(1))
        if raised is not None:
            raise Broken(f"{raised.error}: {raised.storage} {raised.hex!r}")
        there = set(session.scalars(select(Message.text).where(Message.text.in_(good))))
    if lost := set(good) - there:
        raise Broken(f"{len(lost)} good ones of this batch are no messages: {sorted(lost)}")


def supervise(command: Sequence[str], folder: Path, silent_seconds: float = BATCH_SECONDS) -> str:
    """Run the child until it ends; '' where all was well, else what happened and where its last batch lies."""
    batch = folder / "batch.txt"
    batch.touch()  # its time is the sign of life
    child = subprocess.Popen(command)
    while child.poll() is None:
        try:
            child.wait(timeout=min(silent_seconds, 1.0))
        except subprocess.TimeoutExpired:
            if time.time() - batch.stat().st_mtime > silent_seconds:
                child.kill()
                child.wait()
                return f"A batch took longer than {silent_seconds:.0f} s. It is kept in {batch}"
    if child.returncode == 0:
        return ""
    how = f"signal {-child.returncode}" if child.returncode < 0 else f"exit code {child.returncode}"
    return f"The process ended with {how}. Its last batch is kept in {batch}"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Feed hostile PDUs to the inbox.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        print(run(chosen.count, chosen.seed, chosen.inside))
        return 0
    seed = random.SystemRandom().randrange(1 << 32) if chosen.seed is None else chosen.seed
    folder = Path(tempfile.mkdtemp(prefix="fuzz_pdu-"))
    print(f"seed {seed}, working in {folder}", flush=True)
    command = [sys.executable, "-m", "tests.fuzz_pdu", "--inside", str(folder), "--count", str(chosen.count)]
    trouble = supervise([*command, "--seed", str(seed)], folder)
    if trouble:
        print(trouble, file=sys.stderr)
        return 1
    for file in sorted(folder.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    folder.rmdir()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
