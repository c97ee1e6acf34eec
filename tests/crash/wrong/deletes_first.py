"""A gateway that is wrong on purpose: it deletes the SIM's copy before the inbox is committed."""

from gateway.cli import main
from gateway.modem_loop import ModemLoop


def drain(self: ModemLoop) -> None:
    """The order that P1 forbids."""
    self._drain_due = self._tick() + 1
    stored = self._modem.list_stored()
    if stored:
        self._modem.delete([pdu.slot for pdu in stored])
        self._keep(stored)


ModemLoop._drain = drain  # type: ignore[method-assign]
main()
