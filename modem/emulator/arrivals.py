"""What an emulated modem does with what the network brings: store, announce or hand over (3GPP TS 27.005 3.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modem.emulator.at_syntax import tpdu_octets
from modem.emulator.stores import MessageStore
from modem.emulator.subscribers import Part, PartState

if TYPE_CHECKING:
    from modem.emulator.at_server import AtServer

_RETRY_SECONDS = 30.0
"""When the network tries again what the modem's user refused."""
_WRONG_BY = 3
"""How far off lengths are that the fault `wrong_lengths` spoils."""


class Arrivals:
    """The `Equipment` a SIM sees. Guarded by the lock of the network."""

    def __init__(self, server: AtServer) -> None:
        self._server = server
        self._offered: Part | None = None
        self._acknowledge_by = 0.0

    @property
    def receiving(self) -> MessageStore:
        """<mem3> of +CPMS."""
        server = self._server
        return server.stores[server.registers.storages[2]]

    def route(self, report: bool) -> PartState:
        """Where an arriving part goes, by the two +CNMI settings (27.005 3.4.1)."""
        server = self._server
        setting = server.registers.notify_reports if report else server.registers.notify_arrivals
        if not server.registered:
            return PartState.WAITING
        if report and setting == 0:
            return PartState.LOST
        direct = setting == 1 if report else setting in (2, 3)
        if not (direct and server.connected):
            return PartState.SLOT
        return PartState.WAITING if self._offered else PartState.DIRECT

    def stored(self, store: MessageStore, slot: int, report: bool) -> None:
        """Announce a stored part where +CNMI says so."""
        server = self._server
        number = server.slot_number(slot)
        if report and server.registers.notify_reports == 2:
            server.announce(f'+CDSI: "{store.name}",{number}')
        elif not report and server.registers.notify_arrivals == 1:
            server.announce(f'+CMTI: "{store.name}",{number}')

    def direct(self, part: Part) -> PartState:
        """Hand a part to the line; with +CSMS service 1 the network hears of it when it is acknowledged."""
        server = self._server
        size = self.told_length(part.pdu)
        server.announce(server.format_direct(part, size))
        if server.registers.service != 1:
            return PartState.DIRECT
        self._offered = part
        self._acknowledge_by = server.clock() + server.personality.acknowledge_seconds
        return PartState.OFFERED

    def told_length(self, pdu: bytes) -> int:
        """The TPDU's length as this modem tells it."""
        server = self._server
        wrong = _WRONG_BY if server.troubles.strikes("wrong_lengths") is not None else 0
        return max(0, tpdu_octets(pdu) + server.personality.length_error + wrong)

    def acknowledge(self, taken: bool) -> bool:
        """AT+CNMA: the offered part is kept, or refused and offered again later. False when none is offered."""
        part, self._offered = self._offered, None
        if part is None:
            return False
        self._server.network.settle(part, taken, _RETRY_SECONDS)
        return True

    def seconds_to_next(self) -> float | None:
        """How long an offered part may still wait for its acknowledgement."""
        return max(0.0, self._acknowledge_by - self._server.clock()) if self._offered else None

    def look_around(self) -> None:
        """An acknowledgement that did not come in time: routing is switched off, the part goes back (27.005 3.4.4)."""
        if self._offered and self._server.clock() >= self._acknowledge_by:
            self.withdraw()

    def withdraw(self) -> None:
        """Nobody will acknowledge: as `look_around`, at once."""
        part, self._offered = self._offered, None
        if part is not None:
            self._server.registers.notify_arrivals = self._server.registers.notify_reports = 0
            self._server.network.settle(part, taken=False)
