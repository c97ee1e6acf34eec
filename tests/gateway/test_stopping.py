"""The program ends within seconds, whatever its modems are doing, and says nothing untrue about them on its way out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog

from config.knowledge import load_knowledge
from config.settings import Modem, ModemLine, Sending, Settings
from gateway.reports.knowledge import compile_knowledge
from gateway.service import Gateway
from gateway.store import outgoing
from gateway.store.database import Store
from gateway.store.models import OutgoingState
from modem.types import ModemAbsent, ModemState, OutgoingPdu
from tests.gateway.fakes import FakeModem, source
from tests.sms import VILLAGER

PATIENCE_SECONDS = 10.0


class SlowModem(FakeModem):
    """Hangs where it is told to, until it is interrupted."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = threading.Event()
        self.interrupted = threading.Event()

    def hang(self) -> None:
        self.hangs.set()
        assert self.interrupted.wait(PATIENCE_SECONDS)
        raise ModemAbsent("left")

    def interrupt(self) -> None:
        self.interrupted.set()


@contextmanager
def running(store: Store, *modems: FakeModem) -> Iterator[Gateway]:
    lines = [ModemLine(name=f"m{place}") for place in range(len(modems))]
    settings = Settings(modem=Modem(more=tuple(lines[1:]), balance_hours=0), sending=Sending(retry_seconds=0))
    keys = ["modem", "modem.more.1"][: len(modems)]
    sources = [source(*each) for each in zip(modems, keys, lines, strict=True)]
    gateway = Gateway(store, sources, compile_knowledge(load_knowledge()), settings)
    gateway.start()
    try:
        yield gateway
    finally:
        gateway.stop()


def seconds_to_stop(gateway: Gateway) -> float:
    began = time.monotonic()
    gateway.stop()
    return time.monotonic() - began


def test_an_opening_is_not_waited_for_and_no_fault_is_told(store: Store) -> None:
    slow, other = SlowModem(), FakeModem()
    slow.on_open = slow.hang
    with structlog.testing.capture_logs() as logs, running(store, slow, other) as gateway:
        assert slow.hangs.wait(PATIENCE_SECONDS)
        end = time.monotonic() + PATIENCE_SECONDS
        while gateway.board.modems["modem.more.1"].state is not ModemState.READY and time.monotonic() < end:
            gateway.board.wait_for_change(gateway.board.change, 0.05)
        assert gateway.board.modems["modem.more.1"].state is ModemState.READY  # the other one did not wait
        assert seconds_to_stop(gateway) < 2
    assert [entry for entry in logs if entry.get("modem") == "modem"] == []
    assert other.asked[-1] == slow.asked[-1] == "close"


def test_an_sms_that_is_just_being_sent_is_given_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    modem = SlowModem()
    sending = threading.Event()

    def send(pdu: OutgoingPdu) -> None:
        sending.set()
        assert not modem.interrupted.wait(0.3)

    modem.on_send = send
    with running(store, modem) as gateway:
        id_ = gateway.send_sms(VILLAGER, "halo")
        assert sending.wait(PATIENCE_SECONDS)
    with store.read() as session:
        assert session.get_one(outgoing.Outgoing, id_).state == OutgoingState.SENT


def test_what_takes_too_long_is_interrupted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.service.STOP_SECONDS", 0.2)
    modem = SlowModem()
    modem.on_list = modem.hang
    with running(store, modem) as gateway:
        assert modem.hangs.wait(PATIENCE_SECONDS)
        assert seconds_to_stop(gateway) < 2
    assert modem.interrupted.is_set()
