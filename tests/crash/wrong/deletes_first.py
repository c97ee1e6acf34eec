"""A gateway that is wrong on purpose: it deletes the SIM's copy before the inbox is committed."""

from gateway.cli import main
from gateway.collecting import Collector
from modem.types import Modem


def collect(self: Collector, modem: Modem, storage: str) -> int:
    """The order that P1 forbids."""
    stored = modem.list_stored(storage)
    if not stored:
        return 0
    modem.delete(stored)
    return self._keep(stored)


Collector._collect = collect  # type: ignore[method-assign]
main()
