"""What every modem driver promises (`modem.types.Modem`), on every make of modem and every line the emulator has.

One driver more is a row of DRIVERS; one make more joins by its file in `modem/emulator/personalities`. What a pair truly cannot
do stands in LACKS with the reason: no test skips anything by itself.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from modem import pdu
from modem.emulator import tpdu
from modem.emulator.at_server import AtServer
from modem.emulator.lines import Line, PtyLine, TcpLine
from modem.emulator.network import Network
from modem.emulator.personalities import PERSONALITIES
from modem.emulator.subscribers import Sim
from modem.gammu_modem import GammuModem
from modem.parts import join
from modem.pin import Denial
from modem.serial_modem import SerialModem
from modem.types import (
    Fault,
    Modem,
    ModemAbsent,
    ModemError,
    ModemRefused,
    ModemSilent,
    ModemState,
    Notification,
    OutgoingPdu,
    PinNeeded,
    ReceivedSms,
    SimMissing,
    StoredPdu,
)

OWN, VILLAGER, OFFICER = "+628117400000", "+628127400001", "+628127400002"
CAPACITY = 12
PIN = "2580"
AT_ONCE = 8
"""Scenarios that run at the same time."""
PATIENCE_SECONDS = 12.0
"""How long something may take that should come at once: the slowest make needs some seconds for a listing."""
ANSWER_SECONDS, SEND_SECONDS = 2.0, 4.0
UNREADABLE = "07912618010000F0FF00"

GSM7_LONG = "Bentrok di Kel. Kampung Laut, 40 orang, 2 luka. Polisi sudah di tempat. " * 5
TEXTS = {
    "short": "LAPOR BENTROK KAMPUNG LAUT 40 2",
    "one full part": "x" * 160,
    "long": GSM7_LONG,
    "extension": "harga 5€ [satu] {dua} ~tiga~ \\empat| ^",
    "lines": "NIHIL\nLAMBUR",
    "ucs2": "警报 di Lambur, Бентрок",
    "emoji": "Banjir 🔥🌊 di Lambur. " * 8,
}

DRIVERS: dict[str, Callable[..., Modem]] = {"serial": SerialModem, "gammu": GammuModem}
LINES = {"serial": ("pty", "tcp") if os.name == "posix" else ("tcp",), "gammu": ("pty",) if os.name == "posix" else ()}
"""libgammu opens devices only."""
ON_TCP = ("clean", "chatty", "direct")
"""Makes tried on the second line too: what a line does to octets does not depend on who sends them."""

ANY = "*"
LACKS: dict[str, dict[tuple[str, str], str]] = {
    "service": {("gammu", "minimal"): "libgammu reads no SMS without +CPMS and sends none without +CSCA"},
    "fresh": {("serial", "slow"): "each opening takes five seconds"}
    | {("gammu", name): "each opening takes five seconds" for name in PERSONALITIES if name != "clean"},
    "every text": {
        ("gammu", name): "each part takes 0.7 s, on every make the same" for name in PERSONALITIES if name != "clean"
    },
    "silence": {(ANY, name): "silence is the same from every make" for name in PERSONALITIES if name != "clean"},
    "refused delete": {("gammu", "odd"): "libgammu takes a bare ERROR to AT+CMGD for an empty slot"},
    "fill": {(ANY, "minimal"): "no +CPMS: how full the store is cannot be known"},
    "many": {("gammu", "slow"): "a command for each of many messages: nine seconds that show nothing new"},
    "network": {("gammu", "huawei"): "libgammu tells nothing of the network where +CGREG is unknown"},
    "announcing": {
        ("gammu", ANY): "over AT libgammu may take direct deliveries, lose them and crash: the store is polled instead"
    },
    "reports": {
        (ANY, "minimal"): "no +CNMI: the modem drops delivery reports",
        ("gammu", "direct"): "libgammu drops what comes directly, and this make stores no reports",
    },
    "ussd": {(ANY, "minimal"): "no +CUSD"},
    "pin": {(ANY, "minimal"): "no +CPIN, no error codes: a locked SIM looks like any refusal"},
    "sim": {
        (ANY, "minimal"): "no error codes: a missing SIM looks like any refusal",
        ("serial", "odd"): "no error codes: a missing SIM looks like any refusal",
    },
    "codes": {
        ("gammu", ANY): "libgammu keeps the network's code to itself",
        (ANY, "minimal"): "it says ERROR to everything",
        (ANY, "odd"): "it says ERROR to everything",
    },
    "raw": {("gammu", ANY): "libgammu shows no PDU it cannot decode"},
}
"""(driver, make) pairs that cannot do something, and why. `*` stands for all."""


@dataclass(frozen=True)
class Setup:
    """One row of the matrix."""

    driver: str
    line: str
    make: str

    def __str__(self) -> str:
        return f"{self.driver}-{self.line}-{self.make}"

    def can(self, *abilities: str) -> bool:
        """Whether no row of LACKS speaks against it."""
        pairs = {(self.driver, self.make), (self.driver, ANY), (ANY, self.make)}
        return not any(pairs & LACKS[ability].keys() for ability in abilities)


SETUPS = [
    Setup(driver, line, make)
    for driver in DRIVERS
    for line in LINES[driver]
    for make in PERSONALITIES
    if line == LINES[driver][0] or make in ON_TCP
]


def able(*abilities: str) -> list[Any]:
    """The setups that can do all these, as parameters."""
    return [pytest.param(setup, id=str(setup)) for setup in SETUPS if setup.can(*abilities)]


@dataclass
class OneUsePin:
    """A PIN as `modem.pin.Pin` gives it, without files: never again after it was refused."""

    pin: str
    tried: list[str] = field(default_factory=list)
    denied: bool = False

    def to_try(self, card: str, all_tries_left: bool) -> str | Denial:
        if self.denied:
            return Denial.REFUSED
        self.tried.append(self.pin)
        return self.pin

    def accepted(self) -> None:
        """Nothing changes."""

    def refused(self) -> None:
        self.denied = True

    def not_tried(self) -> None:
        self.tried.pop()


class Bench:
    """An emulated modem of one make on one line, and the driver on it."""

    def __init__(
        self, setup: Setup, folder: Path, *, pin: str | None = None, known_pin: OneUsePin | None = None
    ) -> None:
        self.setup, self.known_pin = setup, known_pin
        self.personality = PERSONALITIES[setup.make]
        self.network = Network()
        self.sim = self.network.add_sim(Sim(OWN, capacity=CAPACITY, pin=pin))
        self.phone = self.network.phone(VILLAGER)
        self.server = AtServer(self.sim, self.network, self.personality)
        self.line: Line = (
            PtyLine(self.server, folder / "modem") if setup.line == "pty" else TcpLine(self.server, "127.0.0.1", 0)
        )
        self.line.plug()
        given: dict[str, Any] = {"pin": known_pin} if known_pin else {}
        self.modem = DRIVERS[setup.driver](
            self.line.address, answer_seconds=ANSWER_SECONDS, send_seconds=SEND_SECONDS, **given
        )

    def close(self) -> None:
        self.modem.close()
        self.line.unplug()
        self.server.faults.close()

    def clean(self) -> None:
        """As nobody had used it; opened again where a test left it unusable."""
        self.server.faults.clear()
        with self.network.lock:
            self.sim.refusal = None
            for store in self.server.stores.values():
                self.sim.delete(list(store.slots), store)
            self.phone.inbox.clear()
        with suppress(ModemError):
            self.hear_out()
            return
        self.modem.open()

    def hear_out(self) -> None:
        """Forget what was announced or came directly."""
        while news := self.modem.wait(0.01):
            if news.stored:
                self.modem.acknowledge()

    def collect(self, count: int, patience: float = PATIENCE_SECONDS) -> list[StoredPdu]:
        """What came in so far, directly or into a store, once it is `count` or `patience` seconds have passed."""
        direct: list[StoredPdu] = []
        stored: list[StoredPdu] = self.modem.list_stored()
        deadline = time.monotonic() + patience
        while len(direct) + len(stored) < count and time.monotonic() < deadline:
            news = self.modem.wait(0.2)
            if news and news.stored:
                direct.append(news.stored)
                self.modem.acknowledge()
            else:
                stored = self.modem.list_stored()
        return direct + stored

    def decoded(self, count: int) -> list[ReceivedSms]:
        return [pdu.decode(stored.hex) for stored in self.collect(count)]

    def place(self, text: str, storage: str | None = None) -> str:
        """Put an SMS into a store as if it had been there before; returns its PDU."""
        (content,) = tpdu.split_text(text)
        deliver = tpdu.Deliver(VILLAGER, content, 1_795_441_918)
        octets = tpdu.encode_smsc(self.network.smsc) + tpdu.encode_deliver(deliver)
        self.server.place(storage or self.personality.storages[0], octets.hex())
        return octets.hex().upper()

    @property
    def lying(self) -> int:
        """How many messages lie in all stores."""
        with self.network.lock:
            return sum(len(store.slots) for store in self.server.stores.values())


def opened(setup: Setup, folder: Path) -> Bench:
    bench = Bench(setup, folder)
    try:
        bench.modem.open()
    except BaseException:
        bench.close()
        raise
    return bench


@pytest.fixture(scope="module")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Setup, Future[Bench]]]:
    """Benches of libgammu that open beside the other tests: most of its seconds are pauses."""
    setups = [setup for setup in SETUPS if setup.driver == "gammu" and setup.can("service")]
    with ThreadPoolExecutor(len(setups) or 1) as pool:
        opening = {setup: pool.submit(opened, setup, tmp_path_factory.mktemp("line")) for setup in setups}
        yield opening
    for future in opening.values():
        if future.exception() is None:
            future.result().close()


@pytest.fixture(scope="module", params=able("service"))
def shared(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, ahead: dict[Setup, Future[Bench]]
) -> Iterator[Bench]:
    opening = ahead.pop(request.param, None)
    bench = opening.result() if opening else opened(request.param, tmp_path_factory.mktemp("line"))
    yield bench
    bench.close()


@pytest.fixture
def bench(shared: Bench) -> Bench:
    """An opened modem as nobody had used it. Tests that leave it closed or without settings take `fresh`."""
    shared.clean()
    return shared


def only(*abilities: str) -> pytest.MarkDecorator:
    """For tests with `bench`: only where it can do this."""
    return pytest.mark.parametrize("shared", able("service", *abilities), indirect=True)


Scenario = Callable[[Bench], None]


def scenario(*abilities: str, pin: str | None = None, known_pin: str | None = None) -> Callable[[Scenario], Scenario]:
    """A test with a modem of its own, not opened yet. All run beside the other tests: most of their time is waiting."""

    def made(play: Scenario) -> Scenario:
        @pytest.mark.parametrize("setup", able("service", "fresh", *abilities))
        def test(setup: Setup, playing: dict[tuple[str, Setup], Future[None]]) -> None:
            playing[play.__name__, setup].result()

        def run(setup: Setup, folder: Path) -> None:
            bench = Bench(setup, folder, pin=pin, known_pin=OneUsePin(known_pin) if known_pin else None)
            try:
                play(bench)
            finally:
                bench.close()

        test.__name__ = play.__name__
        test.run = run  # type: ignore[attr-defined]
        return test

    return made


@pytest.fixture(scope="module", autouse=True)
def playing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, Setup], Future[None]]]:
    """The scenarios that were chosen, under way."""
    chosen = [
        (item.originalname, item.callspec.params["setup"], item.function.run)
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item.function, "run")
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {(name, setup): pool.submit(run, setup, tmp_path_factory.mktemp("line")) for name, setup, run in chosen}


# -- what it is --------------------------------------------------------------------------------------------------------


def test_it_says_what_it_is(bench: Bench) -> None:
    status = bench.modem.status()
    assert status.state == ModemState.READY
    assert status.port == bench.line.address
    assert (status.imei, status.imsi) == (bench.personality.imei, bench.sim.imsi)
    assert (status.manufacturer or "").casefold() == bench.personality.manufacturer.casefold()
    assert status.model == bench.personality.model
    tells = {"operator": "+COPS", "signal_percent": "+CSQ", "smsc": "+CSCA"}
    told = {name for name in tells if getattr(status, name)}
    can_tell = {name for name, command in tells.items() if command not in bench.personality.unknown}
    assert told == can_tell - (set() if bench.setup.can("network") else {"operator"})
    assert status.signal_percent is None or 0 < status.signal_percent <= 100


@only("fill")
def test_it_says_how_full_its_store_is(bench: Bench) -> None:
    store = bench.sim.receiving
    bench.place("satu", store.name)
    status = bench.modem.status()
    assert (status.sim_used, status.sim_capacity) == (1, store.capacity)


@only("fill", "many")
def test_a_full_store_is_a_state_and_what_waits_comes_when_there_is_room(bench: Bench) -> None:
    stores = bench.server.stores.values()
    for store in stores:
        for number in range(store.capacity):
            bench.place(f"pesan {number}", store.name)
    bench.phone.send("terlambat", OWN)
    assert len(bench.network.waiting(OWN)) == 1
    status = bench.modem.status()
    assert status.state == ModemState.FULL
    assert "penuh" in status.sentence
    stored = bench.modem.list_stored()
    assert len(stored) == sum(store.capacity for store in stores)
    bench.modem.delete(stored)
    assert bench.modem.status().state == ModemState.READY
    assert [sms.text for sms in bench.decoded(1)] == ["terlambat"]


# -- receiving ---------------------------------------------------------------------------------------------------------


def test_a_message_comes_with_sender_and_time_and_is_gone_when_it_was_deleted(bench: Bench) -> None:
    bench.phone.send("LAPOR BENTROK", OWN)
    (stored,) = bench.collect(1)
    sms = pdu.decode(stored.hex)
    assert (sms.sender, sms.text, sms.sender_is_number) == (VILLAGER, "LAPOR BENTROK", True)
    assert sms.sent_offset == 420
    assert sms.sent_at == pytest.approx(time.time(), abs=60)
    bench.modem.delete([stored])
    assert bench.modem.list_stored() == []
    assert bench.lying == 0


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_text_comes_whole(bench: Bench, text: str) -> None:
    count = len(bench.phone.send(text, OWN).parts)
    received = bench.decoded(count)
    assert join({sms.part: sms.text for sms in received}, count) == text
    assert len({sms.reference for sms in received}) == 1


def test_a_name_as_sender_is_known_as_one(bench: Bench) -> None:
    bench.network.phone("TELKOMSEL").send("Masa aktif habis", OWN)
    (sms,) = bench.decoded(1)
    assert (sms.sender, sms.sender_is_number) == ("TELKOMSEL", False)


def test_a_message_read_twice_is_the_same_message(bench: Bench) -> None:
    placed = [bench.place(text) for text in ("harga 5€ {dua}", "Łódź 🔥", "x" * 160)]
    first, second = ([pdu.fingerprint(stored.hex) for stored in bench.modem.list_stored()] for _ in range(2))
    assert first == second
    assert set(first) == {pdu.fingerprint(octets) for octets in placed}


def test_messages_in_every_storage_are_found_and_deleted_where_they_lie(bench: Bench) -> None:
    for storage in bench.personality.storages:
        bench.place(f"di {storage}", storage)
        bench.place("tetap", storage)
    stored = bench.modem.list_stored()
    assert len(stored) == 2 * len(bench.personality.storages)
    for one in stored:
        assert pdu.decode(one.hex).text in (f"di {one.storage}", "tetap") or one.storage == ""
    bench.modem.delete([one for one in stored if pdu.decode(one.hex).text != "tetap"])
    assert {pdu.decode(one.hex).text for one in bench.modem.list_stored()} == {"tetap"}
    assert all(len(store.slots) == 1 for store in bench.server.stores.values())


def test_one_storage_can_be_listed_alone(bench: Bench) -> None:
    for storage in bench.personality.storages:
        bench.place(f"di {storage}", storage)
    for storage in {one.storage for one in bench.modem.list_stored()}:
        (stored,) = bench.modem.list_stored(storage)
        assert stored.storage == storage


def test_deleting_what_is_gone_already_is_no_error(bench: Bench) -> None:
    bench.place("satu")
    stored = bench.modem.list_stored()
    bench.modem.delete(stored)
    bench.modem.delete(stored)
    bench.modem.delete([])


@only("refused delete")
def test_a_slot_that_cannot_be_deleted_does_not_keep_the_others(bench: Bench) -> None:
    for number in range(3):
        bench.place(f"pesan {number}")
    stored = bench.modem.list_stored()
    bench.server.faults.start("refuse_delete", count=1)
    with pytest.raises(ModemRefused):
        bench.modem.delete(stored)
    assert len(bench.modem.list_stored()) == 1


@only("many")
def test_an_unreadable_message_hides_none_of_the_good_ones(bench: Bench) -> None:
    for number in range(10):
        bench.place(f"pesan {number}")
        if number == 4:
            bench.server.place(bench.personality.storages[0], UNREADABLE)
    for _ in range(2):  # not only the first time
        readable = [one for one in bench.modem.list_stored() if one.hex != UNREADABLE]
        assert [pdu.decode(one.hex).text for one in readable] == [f"pesan {number}" for number in range(10)]
    bench.modem.delete(readable)
    assert bench.lying == 1


@only("raw")
def test_an_unreadable_message_is_handed_out_as_it_is(bench: Bench) -> None:
    bench.server.place(bench.personality.storages[0], UNREADABLE)
    (stored,) = bench.modem.list_stored()
    assert stored.hex == UNREADABLE
    bench.modem.delete([stored])
    assert bench.lying == 0


def test_a_message_that_arrives_while_another_is_sent_is_not_forgotten(bench: Bench) -> None:
    bench.phone.send("satu", OWN)
    bench.modem.send(pdu.submit(VILLAGER, "jawaban")[0])
    assert [sms.text for sms in bench.decoded(1)] == ["satu"]


@pytest.mark.parametrize(
    "shared",
    [param for param in able("service", "announcing") if 1 not in PERSONALITIES[param.values[0].make].arrivals],
    indirect=True,
)
def test_what_came_directly_and_was_acknowledged_does_not_come_again(bench: Bench) -> None:
    for number in range(3):
        bench.phone.send(f"pesan {number}", OWN)
    received = bench.decoded(3)
    assert sorted(sms.text for sms in received) == ["pesan 0", "pesan 1", "pesan 2"]
    assert bench.modem.wait(0.3) is None
    assert bench.modem.list_stored() == []
    assert bench.network.waiting(OWN) == []


# -- sending -----------------------------------------------------------------------------------------------------------


def test_what_it_sends_reaches_the_phone(bench: Bench) -> None:
    assert_arrives(bench, TEXTS["short"])


@only("every text")
@pytest.mark.parametrize("name", ["long", "extension", "ucs2", "emoji"])
def test_every_text_it_sends_arrives_whole(bench: Bench, name: str) -> None:
    assert_arrives(bench, TEXTS[name])


def assert_arrives(bench: Bench, text: str) -> None:
    references = [bench.modem.send(part).reference for part in pdu.submit(VILLAGER, text)]
    (received,) = bench.phone.wait_for_texts(1, timeout=PATIENCE_SECONDS)
    assert (received.text, received.sender) == (text, OWN)
    assert all((reference is not None) == bench.personality.reference for reference in references)


def test_a_refusal_is_told_and_the_next_message_goes(bench: Bench) -> None:
    bench.sim.refusal = 41
    with pytest.raises(ModemRefused) as caught:
        bench.modem.send(pdu.submit(VILLAGER, "satu")[0])
    assert caught.value.retryable
    assert not caught.value.submitted
    bench.sim.refusal = None
    bench.modem.send(pdu.submit(VILLAGER, "dua")[0])
    assert [text.text for text in bench.phone.wait_for_texts(1, timeout=PATIENCE_SECONDS)] == ["dua"]


@only("codes")
@pytest.mark.parametrize(
    ("code", "fault"),
    [(1, Fault.PERMANENT), (41, Fault.TEMPORARY), (330, Fault.NO_SMSC), (331, Fault.NO_SERVICE)],
)
def test_a_refusal_carries_the_networks_code_and_what_it_means(bench: Bench, code: int, fault: Fault) -> None:
    bench.sim.refusal = code
    with pytest.raises(ModemRefused) as caught:
        bench.modem.send(pdu.submit(VILLAGER, "satu")[0])
    assert (caught.value.code, caught.value.fault) == (code, fault)


def test_a_pdu_that_is_none_is_refused_and_nothing_hangs(bench: Bench) -> None:
    with pytest.raises(ModemError) as caught:
        bench.modem.send(OutgoingPdu("00FF", 1))
    assert not caught.value.submitted
    assert bench.modem.status().state == ModemState.READY


@only("reports")
def test_a_delivery_report_tells_which_message_arrived(bench: Bench) -> None:
    result = bench.modem.send(pdu.submit(VILLAGER, "halo", delivery_report=True)[0])
    (report,) = bench.decoded(1)
    assert (report.kind, report.sender, report.delivery_status) == ("status_report", VILLAGER, 0)
    assert result.reference in (None, report.message_reference)


@only("ussd")
def test_the_balance_is_asked_for(bench: Bench, capfd: pytest.CaptureFixture[str]) -> None:
    assert "Rp" in bench.modem.ussd("*888#")
    said = capfd.readouterr()
    assert (said.out, said.err) == ("", "")


# -- waiting -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shared",
    [param for param in able("service", "announcing") if PERSONALITIES[param.values[0].make].notifies],
    indirect=True,
)
def test_an_arrival_is_announced(bench: Bench) -> None:
    assert bench.modem.notifies
    bench.phone.send("satu", OWN)
    news = bench.modem.wait(PATIENCE_SECONDS)
    assert news is not None
    assert news.what in ("arrived", "delivered")


def test_wake_ends_a_wait(bench: Bench) -> None:
    timer = threading.Timer(0.05, bench.modem.wake)
    timer.start()
    began = time.monotonic()
    assert bench.modem.wait(PATIENCE_SECONDS) == Notification("woken")
    assert time.monotonic() - began < PATIENCE_SECONDS / 2
    timer.join()


def test_a_wake_before_the_wait_is_not_lost(bench: Bench) -> None:
    bench.modem.wake()
    assert bench.modem.wait(PATIENCE_SECONDS) == Notification("woken")


def test_a_wait_without_news_ends(bench: Bench) -> None:
    assert bench.modem.wait(0.05) is None


# -- what goes wrong ---------------------------------------------------------------------------------------------------


@scenario()
def test_unplugged_it_is_absent_and_after_replugging_it_works_again(fresh: Bench) -> None:
    fresh.modem.open()
    fresh.line.unplug()
    with pytest.raises(ModemAbsent):
        fresh.modem.wait(PATIENCE_SECONDS)
    with pytest.raises(ModemAbsent):
        fresh.modem.open()
    fresh.line.plug()
    fresh.modem.open()
    fresh.phone.send("kembali", OWN)
    assert [sms.text for sms in fresh.decoded(1)] == ["kembali"]


@scenario()
def test_unplugged_while_it_is_asked_it_is_absent(fresh: Bench) -> None:
    fresh.modem.open()
    fresh.line.unplug()
    with pytest.raises(ModemAbsent):
        fresh.modem.list_stored()
    fresh.modem.close()
    with pytest.raises(ModemAbsent):
        fresh.modem.status()


@scenario("silence")
def test_a_modem_that_hangs_is_silent_within_the_limit_and_a_reset_helps(fresh: Bench) -> None:
    fresh.modem.open()
    fresh.server.faults.start("hang")
    began = time.monotonic()
    with pytest.raises(ModemSilent):
        fresh.modem.list_stored()
    assert time.monotonic() - began < 4 * ANSWER_SECONDS
    fresh.modem.reset()
    opened_again(fresh)
    fresh.phone.send("kembali", OWN)
    assert [sms.text for sms in fresh.decoded(1)] == ["kembali"]


def opened_again(bench: Bench, patience: float = 30.0) -> None:
    """Open it as the gateway does: again and again until it works."""
    deadline = time.monotonic() + patience
    while True:
        try:
            bench.modem.open()
        except ModemError:
            if time.monotonic() >= deadline:
                raise
        else:
            return


@scenario("silence")
def test_a_send_without_an_answer_leaves_the_outcome_open(fresh: Bench) -> None:
    fresh.modem.open()
    (part,) = pdu.submit(VILLAGER, "halo")
    released, submit = threading.Event(), fresh.sim.submit

    def much_later(*given: Any) -> Any:
        released.wait(30)
        return submit(*given)

    fresh.sim.submit = much_later  # type: ignore[method-assign]
    with pytest.raises(ModemSilent) as caught:
        fresh.modem.send(part)
    released.set()
    assert caught.value.submitted


@scenario("silence")
def test_a_port_where_nobody_answers_is_silent(fresh: Bench) -> None:
    fresh.server.faults.start("deep_hang")
    began = time.monotonic()
    with pytest.raises(ModemSilent):
        fresh.modem.open()
    assert time.monotonic() - began < 8 * ANSWER_SECONDS


@scenario()
def test_a_closed_modem_is_absent_and_closing_twice_is_fine(fresh: Bench) -> None:
    fresh.modem.open()
    fresh.modem.close()
    fresh.modem.close()
    with pytest.raises(ModemAbsent):
        fresh.modem.list_stored()
    with pytest.raises(ModemAbsent):
        fresh.modem.wait(1)


@scenario("pin", pin=PIN, known_pin=PIN)
def test_a_locked_sim_is_unlocked_with_the_pin_that_is_known(fresh: Bench) -> None:
    fresh.modem.open()
    assert fresh.modem.status().imsi == fresh.sim.imsi
    assert fresh.sim.pin_tries == 3


@scenario("pin", pin=PIN)
def test_a_locked_sim_without_a_known_pin_is_said_so(fresh: Bench) -> None:
    with pytest.raises(PinNeeded):
        fresh.modem.open()
    assert fresh.sim.pin_tries == 3


@scenario("pin", pin=PIN, known_pin="0000")
def test_a_wrong_pin_is_never_tried_twice(fresh: Bench) -> None:
    for _ in range(2):
        with pytest.raises(PinNeeded) as caught:
            fresh.modem.open()
        assert "0000" not in str(caught.value)
    assert fresh.sim.pin_tries == 2
    assert fresh.known_pin is not None
    assert fresh.known_pin.tried == ["0000"]


@scenario("sim")
def test_a_missing_sim_is_said_so(fresh: Bench) -> None:
    fresh.server.faults.start("sim_out")
    with pytest.raises(SimMissing):
        fresh.modem.open()


@pytest.mark.parametrize("setup", [setup for setup in able() if not setup.values[0].can("service")])
def test_a_modem_that_cannot_serve_is_refused_with_what_to_do(setup: Setup, tmp_path: Path) -> None:
    bench = Bench(setup, tmp_path)
    try:
        with pytest.raises(ModemRefused) as caught:
            bench.modem.open()
        assert caught.value.fault is Fault.PERMANENT
        assert "driver" in caught.value.operator
    finally:
        bench.close()


@pytest.mark.parametrize("driver", DRIVERS)
def test_a_port_that_is_not_there_is_absent(driver: str, tmp_path: Path) -> None:
    modem = DRIVERS[driver](str(tmp_path / "no-such-port"))
    with pytest.raises(ModemAbsent):
        modem.open()
    modem.close()


def test_every_reason_for_a_gap_names_makes_and_drivers_that_exist() -> None:
    named = {pair for pairs in LACKS.values() for pair in pairs}
    assert {driver for driver, _ in named} <= {*DRIVERS, ANY}
    assert {make for _, make in named} <= {*PERSONALITIES, ANY}
