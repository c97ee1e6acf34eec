"""A modem that does what the test says, for what a real line makes hard to stage."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence

from config.settings import ModemLine
from gateway.modem_loop import ModemSource
from modem.types import (
    ModemAbsent,
    ModemError,
    ModemRefused,
    ModemState,
    ModemStatus,
    Notification,
    OutgoingPdu,
    SendResult,
    StoredPdu,
)


class FakeModem:
    """Holds `slots`; everything it is asked is in `asked`. The `on_…` may raise; `fault` is raised by `open`."""

    def __init__(self) -> None:
        self.slots: dict[int, str] = {}
        self.sent: list[str] = []
        self.asked: list[str] = []
        self.fault: ModemError | None = None
        self.state = ModemStatus(ModemState.READY, "Modem siap.", imei="356938035643809")
        self.notifies = True
        self.on_open: Callable[[], None] = lambda: None
        self.on_send: Callable[[OutgoingPdu], None] = lambda pdu: None
        self.on_delete: Callable[[int], None] = lambda slot: None
        self.on_list: Callable[[], None] = lambda: None
        self.on_acknowledge: Callable[[], None] = lambda: None
        self.answers: dict[str, str] = {}
        """Text for a USSD code; the others are refused."""
        self._news: queue.Queue[Notification] = queue.Queue()

    @property
    def absent(self) -> bool:
        return self.fault is not None

    @absent.setter
    def absent(self, absent: bool) -> None:
        self.fault = ModemAbsent("no port") if absent else None

    def arrive(self, hex_: str, storage: str = "", *, announced: bool = True) -> None:
        self.slots[max(self.slots, default=0) + 1] = hex_
        if announced:
            self.tell(Notification("arrived", storage))

    def tell(self, news: Notification) -> None:
        self._news.put(news)

    def open(self) -> None:
        self.asked.append("open")
        self.on_open()
        if self.fault is not None:
            raise self.fault

    def close(self) -> None:
        self.asked.append("close")

    def reset(self) -> None:
        self.asked.append("reset")

    def status(self) -> ModemStatus:
        self.asked.append("status")
        return self.state

    def list_stored(self, storage: str = "") -> list[StoredPdu]:
        self.asked.append(f"list {storage}".strip())
        self.on_list()
        return [StoredPdu(slot, hex_) for slot, hex_ in self.slots.items()]

    def delete(self, stored: Sequence[StoredPdu]) -> None:
        for slot in [pdu.slot for pdu in stored]:
            assert slot is not None
            self.on_delete(slot)
            self.asked.append(f"delete {slot}")
            del self.slots[slot]

    def acknowledge(self) -> None:
        self.on_acknowledge()
        self.asked.append("acknowledge")

    def send(self, pdu: OutgoingPdu) -> SendResult:
        self.asked.append("send")
        self.on_send(pdu)
        self.sent.append(pdu.hex)
        return SendResult(len(self.sent) & 0xFF)

    def ussd(self, code: str) -> str:
        self.asked.append(f"ussd {code}")
        if code not in self.answers:
            raise ModemRefused(code, "ERROR")
        return self.answers[code]

    def wait(self, timeout: float) -> Notification | None:
        try:
            return self._news.get(timeout=max(timeout, 0.001))
        except queue.Empty:
            return None

    def wake(self) -> None:
        self._news.put(Notification("woken"))


def source(modem: FakeModem, key: str = "modem", line: ModemLine | None = None, port: str = "fake") -> ModemSource:
    """A modem that is always found at the same port."""
    return ModemSource(key, line or ModemLine(), lambda: port, lambda _port: modem)
