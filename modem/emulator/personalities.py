"""How makes of modem differ, as data: a new one is a row of `PERSONALITIES`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Personality:
    """How one make of modem behaves."""

    manufacturer: str = "Waspada"
    model: str = "Emulated GSM modem"
    revision: str = "1.0"
    imei: str = "356938035643809"
    echo: bool = True
    """Echo after power-on."""
    notifies: bool = True
    """Whether it can announce arrivals (+CNMI works)."""
    storages: tuple[str, ...] = ("SM",)
    """Names of its message store; the first is the default."""
    unknown: frozenset[str] = frozenset()
    """Commands it answers with ERROR although others know them, such as `+CNMI`."""
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Fixed answers by whole command in capitals, such as `+CSQ` → `+CSQ: 5,99`."""
    greeting: tuple[str, ...] = ()
    """Lines it sends by itself after power-on."""
    operator: str = "TELKOMSEL"
    signal: int = 21
    """+CSQ <rssi>, 0..31 or 99 (27.007 8.5)."""


CLEAN = Personality()

PERSONALITIES: Mapping[str, Personality] = MappingProxyType(
    {
        "clean": CLEAN,
        "chatty": Personality(
            model="Chatty stick", greeting=("^BOOT:18340265,0,0,0,75", "^SIMST:1", "^RSSI:21"), storages=("SM", "ME")
        ),
        "me": Personality(model="Phone that stores in itself", storages=("ME", "SM")),
        "minimal": Personality(
            model="Bare modem",
            echo=False,
            notifies=False,
            unknown=frozenset(
                {
                    "+CMEE",
                    "+CPMS",
                    "+CNMI",
                    "+CREG",
                    "+CGREG",
                    "+CPIN",
                    "+CSQ",
                    "+COPS",
                    "+CSCA",
                    "+CSMS",
                    "+CUSD",
                    "+CNUM",
                }
            ),
        ),
    }
)
"""By the name `waspada emulate --personality` takes."""
