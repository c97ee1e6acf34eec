"""A modem that does what the test says, for what a real line makes hard to stage."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence

from modem.types import (
    ModemAbsent,
    ModemRefused,
    ModemState,
    ModemStatus,
    Notification,
    OutgoingPdu,
    SendResult,
    StoredPdu,
)


class FakeModem:
    """Holds `slots`; everything it is asked is in `asked`. `on_send` and `on_delete` may raise; `absent` refuses to open."""

    def __init__(self) -> None:
        self.slots: dict[int, str] = {}
        self.sent: list[str] = []
        self.asked: list[str] = []
        self.absent = False
        self.notifies = True
        self.on_send: Callable[[OutgoingPdu], None] = lambda pdu: None
        self.on_delete: Callable[[int], None] = lambda slot: None
        self.on_list: Callable[[], None] = lambda: None
        self._news: queue.Queue[Notification] = queue.Queue()

    def arrive(self, hex_: str) -> None:
        self.slots[max(self.slots, default=0) + 1] = hex_
        self._news.put(Notification("arrived"))

    def open(self) -> None:
        self.asked.append("open")
        if self.absent:
            raise ModemAbsent("no port")

    def close(self) -> None:
        self.asked.append("close")

    def status(self) -> ModemStatus:
        return ModemStatus(ModemState.READY, "Modem siap.", imei="356938035643809")

    def list_stored(self, storage: str = "") -> list[StoredPdu]:
        self.asked.append("list")
        self.on_list()
        return [StoredPdu(slot, hex_) for slot, hex_ in self.slots.items()]

    def delete(self, stored: Sequence[StoredPdu]) -> None:
        for slot in [pdu.slot for pdu in stored]:
            assert slot is not None
            self.on_delete(slot)
            self.asked.append(f"delete {slot}")
            del self.slots[slot]

    def acknowledge(self) -> None:
        self.asked.append("acknowledge")

    def reset(self) -> None:
        self.asked.append("reset")

    def send(self, pdu: OutgoingPdu) -> SendResult:
        self.asked.append("send")
        self.on_send(pdu)
        self.sent.append(pdu.hex)
        return SendResult(len(self.sent))

    def ussd(self, code: str) -> str:
        raise ModemRefused(code, "ERROR")

    def wait(self, timeout: float) -> Notification | None:
        try:
            return self._news.get(timeout=max(timeout, 0.001))
        except queue.Empty:
            return None

    def wake(self) -> None:
        self._news.put(Notification("woken"))
