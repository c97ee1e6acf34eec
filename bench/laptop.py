"""The laptop's figures: arrival of one SMS, a full SIM, memory and idle processor, one PDU that nobody can read."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil

from modem.emulator.personalities import CLEAN, Personality

from .rigs import GAMMU, Collector, Radio, available, collecting, wait_for
from .table import NEVER, Row

IDLE_SECONDS = 10.0
SILENT = replace(CLEAN, unknown=frozenset({"+CNMI"}))
"""A modem that announces nothing; one with less than that the peers do not open."""
SIM_SLOTS = 40
STORE_SLOTS = 500
SENT = 40
AWAY_SECONDS = 3.0
EMPTIED_SECONDS = 140.0
"""A store that is not empty by then counts as 0 SMS/s: gammu-smsd does not get through 500."""
BACK_SECONDS = 40.0
ROUNDS_OF_THE_SLOW = 2
"""gammu-smsd as shipped takes half a minute to see one SMS."""


def _compared(figure: str, unit: str, measured: dict[str, float]) -> list[Row]:
    return [Row(figure, name, value, unit, measured["Waspada"]) for name, value in measured.items()]


def _each(measure: Callable[[Collector, Path], float]) -> dict[str, float]:
    measured = {}
    for collector in available():
        with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
            measured[collector.name] = measure(collector, Path(folder))
            print(f"  {collector.name}: {measured[collector.name]:.4g}", flush=True)
    return measured


def arrival(rounds: int) -> list[Row]:
    """Seconds from the SMS in the SIM (+CMTI) to the stored message that another program can see."""
    print("one SMS, from the SIM to the disk ...", flush=True)
    return _arrivals(rounds, CLEAN, "SMS in the SIM → durable on the laptop, median")


def _arrivals(rounds: int, personality: Personality, figure: str) -> list[Row]:
    def one(collector: Collector, folder: Path) -> float:
        radio = Radio(folder, personality=personality)
        with collecting(collector, folder, radio.port):
            radio.phone.send("pemanasan", radio.sim.number)
            wait_for(lambda: collector.stored(folder) == 1, f"the first SMS stored by {collector.name}")
            wait_for(lambda: not radio.sim.slots, f"the first SMS deleted by {collector.name}")
            seconds = []
            for number in range(ROUNDS_OF_THE_SLOW if collector is GAMMU else rounds):
                time.sleep(0.3 + 0.37 * (number % 3))  # so that nobody's polling is in step with us
                begun = time.perf_counter()
                radio.phone.send(f"LAPOR GESEK LAMBUR II {number + 3} 0", radio.sim.number)
                wait_for(lambda: collector.stored(folder) == number + 2, f"SMS {number} stored by {collector.name}")  # noqa: B023
                seconds.append(time.perf_counter() - begun)
        radio.line.unplug()
        return statistics.median(seconds)

    return _compared(figure, "s", _each(one))


def polled(rounds: int) -> list[Row]:
    """The same on a modem that announces nothing: every program polls."""
    print("one SMS on a modem that announces nothing ...", flush=True)
    return _arrivals(rounds, SILENT, "SMS in a modem that announces nothing → durable, median")


def drain(rounds: int) -> list[Row]:
    """Full SIM of 40."""
    return _emptied(min(rounds, 3), SIM_SLOTS)


def long_drain(rounds: int) -> list[Row]:
    """The same of a store of 500: a modem's own memory after a week without the laptop."""
    return _emptied(1, STORE_SLOTS)


def _emptied(rounds: int, slots: int) -> list[Row]:
    """Messages a second, from the first read command to the last slot deleted, every one durable before."""
    print(f"a store with {slots} messages ...", flush=True)

    def one(collector: Collector, folder: Path) -> float:
        rates = []
        for turn in range(1 if collector.name == "smstools" else rounds):
            place = folder / str(turn)
            place.mkdir()
            radio = Radio(place, slots)
            for number in range(slots):
                radio.phone.send(f"LAPOR GESEK LAMBUR II {number + 3} 0 kejadian {number}", radio.sim.number)
            with collecting(collector, place, radio.port):
                if not radio.network.wait_for(lambda: not radio.sim.slots, EMPTIED_SECONDS):  # noqa: B023
                    return 0.0
                assert radio.first_read_at is not None
                rates.append(slots / (time.perf_counter() - radio.first_read_at))
            radio.line.unplug()
        return statistics.median(rates)

    return _compared(f"full store of {slots} read, stored and emptied, unlimited line", "SMS/s", _each(one))


def weight(rounds: int) -> list[Row]:
    """Resident memory and processor share when nothing happens."""
    print(f"memory and idle processor over {IDLE_SECONDS:g} s ...", flush=True)
    shares: dict[str, float] = {}

    def one(collector: Collector, folder: Path) -> float:
        radio = Radio(folder)
        with collecting(collector, folder, radio.port) as process:
            for number in range(20):
                radio.phone.send(f"LAPOR GESEK LAMBUR II {number + 3} 0", radio.sim.number)
            wait_for(lambda: collector.stored(folder) >= 20, f"20 SMS stored by {collector.name}")
            time.sleep(3)
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            before = sum(sum(member.cpu_times()[:2]) for member in family)
            time.sleep(IDLE_SECONDS)
            after = sum(sum(member.cpu_times()[:2]) for member in family)
            shares[collector.name] = 100 * (after - before) / IDLE_SECONDS
            octets = sum(member.memory_info().rss for member in family)
        radio.line.unplug()
        return octets / 1e6

    rows = _compared("resident memory, idle (Waspada: with parser, sync and pages)", "MB", _each(one))
    return rows + _compared("processor, idle", "%", shares)


def poison(rounds: int) -> list[Row]:
    """Of ten good SMS around one undecodable PDU, how many are stored after a minute."""
    print("ten good SMS around one that cannot be read ...", flush=True)

    def one(collector: Collector, folder: Path) -> float:
        radio = Radio(folder)
        for number in range(10):
            if number == 5:
                radio.network.deliver_raw(radio.sim, "07912618010000F0FF0102")
            radio.phone.send(f"LAPOR GESEK LAMBUR II {number + 3} 0 kejadian {number}", radio.sim.number)
        with collecting(collector, folder, radio.port):
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and collector.stored(folder) < 11:
                time.sleep(0.2)
            stored = collector.stored(folder)
        radio.line.unplug()
        return float(min(stored, 10))

    return _compared("good SMS stored beside an undecodable one, of 10", "SMS", _each(one))


def sending(rounds: int) -> list[Row]:
    """SMS a second through a modem and network that answer at once, from the first AT+CMGS to the last text on the phone."""
    print(f"sending {SENT} SMS ...", flush=True)

    def one(collector: Collector, folder: Path) -> float:
        radio = Radio(folder)
        collector.queue(folder, radio.phone.number, [f"pesan nomor {number}" for number in range(SENT)])
        with collecting(collector, folder, radio.port):
            arrived = len(radio.phone.wait_for_texts(SENT, 300))
            assert arrived == SENT, f"{collector.name} sent {arrived}"
            assert radio.first_send_at is not None
            rate = SENT / (time.perf_counter() - radio.first_send_at)
        radio.line.unplug()
        return rate

    return _compared("sending, modem and network that answer at once", "SMS/s", _each(one))


def replug(rounds: int) -> list[Row]:
    """Seconds from putting the modem back to the first SMS that waited being durable."""
    print("the modem is pulled and put back ...", flush=True)

    def one(collector: Collector, folder: Path) -> float:
        radio = Radio(folder)
        with collecting(collector, folder, radio.port):
            radio.phone.send("pemanasan", radio.sim.number)
            wait_for(lambda: collector.stored(folder) == 1, f"the first SMS stored by {collector.name}")
            seconds = []
            for number in range(ROUNDS_OF_THE_SLOW if collector is GAMMU else min(rounds, 3)):
                radio.line.unplug()
                time.sleep(AWAY_SECONDS)
                radio.phone.send(f"LAPOR GESEK LAMBUR II {number + 3} 0", radio.sim.number)
                begun = time.perf_counter()
                radio.line.plug()
                try:
                    wait_for(lambda: collector.stored(folder) == number + 2, "stored", seconds=BACK_SECONDS)  # noqa: B023
                except TimeoutError:
                    return NEVER
                seconds.append(time.perf_counter() - begun)
        radio.line.unplug()
        return statistics.median(seconds)

    return _compared(f"modem pulled for {AWAY_SECONDS:g} s: plugged in → waiting SMS durable, median", "s", _each(one))
