"""Faults on command: what can be wrong with an emulated modem, its SIM and its network, and how each recovers.

`FAULTS` is the whole list; the table in `docs/emulator.md` is checked against it. In a test:

    server.faults.start("hang")                      until it is cleared, or the modem gets power anew
    server.faults.start("refuse_delete", count=3)    the next three deletes
    server.faults.start("no_network", seconds=20)
    server.faults.start("delay", low=2, high=5)
    server.faults.clear("delay"); server.faults.clear()
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modem.emulator.at_server import AtServer

Options = Mapping[str, Any]


class FaultError(ValueError):
    """A fault that does not exist or cannot be had so. The text is complete."""


@dataclass
class _Ongoing:
    until: float | None
    left: int | None
    options: Options


class Troubles:
    """What is wrong now, by name, with an end in time or a number of times. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ongoing: dict[str, _Ongoing] = {}

    def start(self, name: str, seconds: float | None = None, count: int | None = None, **options: Any) -> None:
        """Begin, or begin anew with other limits."""
        self._ongoing[name] = _Ongoing(None if seconds is None else self._clock() + seconds, count, options)

    def on(self, *names: str) -> bool:
        """Whether one of these is wrong now; uses nothing up."""
        return any(self.options(name) is not None for name in names)

    def options(self, name: str) -> Options | None:
        """How it was started; None when it is not wrong now."""
        ongoing = self._ongoing.get(name)
        if ongoing is None or (ongoing.until is not None and ongoing.until <= self._clock()):
            return None
        return ongoing.options

    def strikes(self, name: str) -> Options | None:
        """As `options`, and it has happened once: a fault with a count ends after so many times."""
        options = self.options(name)
        if options is not None and (ongoing := self._ongoing[name]).left is not None:
            ongoing.left -= 1
            if ongoing.left <= 0:
                del self._ongoing[name]
        return options

    def end(self, *names: str) -> None:
        """Nothing of this is wrong any more; without names nothing at all."""
        for name in names or tuple(self._ongoing):
            self._ongoing.pop(name, None)

    def end_overdue(self) -> bool:
        """Forget what has run out; returns whether something had."""
        now = self._clock()
        over = [name for name, ongoing in self._ongoing.items() if ongoing.until is not None and ongoing.until <= now]
        self.end(*over) if over else None
        return bool(over)

    def seconds_to_next(self) -> float | None:
        """How long until the next one runs out; None when none does."""
        ends = [ongoing.until for ongoing in self._ongoing.values() if ongoing.until is not None]
        return max(0.0, min(ends) - self._clock()) if ends else None

    def active(self) -> list[dict[str, Any]]:
        """`name`, `seconds` and `count` left (None without limit) and the options of each."""
        now = self._clock()
        return [
            {
                "name": name,
                "seconds": None if ongoing.until is None else round(max(0.0, ongoing.until - now), 3),
                "count": ongoing.left,
                "options": dict(ongoing.options),
            }
            for name, ongoing in self._ongoing.items()
            if self.on(name) and not name.startswith("_")
        ]


@dataclass(frozen=True)
class FaultKind:
    """One row of the list. `at`: `modem`, `network`, or `once` for what happens and is over; `counts`: it strikes single
    commands or messages, so that a number of times means something."""

    at: str
    meaning: str
    recovers: str
    options: Options = field(default_factory=lambda: MappingProxyType({}))
    counts: bool = True


def _share() -> Options:
    return MappingProxyType({"share": 1.0})


_CLEARED, _LIFTED = "fault clear, --for or --count", "fault clear or --for"
FAULTS: Mapping[str, FaultKind] = MappingProxyType(
    {
        "hang": FaultKind("modem", "takes octets and says nothing", "AT+CFUN=1,1, unplug and plug, or fault clear", counts=False),
        "deep_hang": FaultKind(
            "modem", "the same, deaf to AT+CFUN too", "unplug and plug (power), or fault clear; nothing on the line",
            counts=False,
        ),
        "half_answers": FaultKind("modem", "each answer breaks off in its middle", _CLEARED),
        "late_answers": FaultKind(
            "modem", "each answer begins `by` seconds later", _CLEARED, MappingProxyType({"by": 2.0})
        ),
        "garbage": FaultKind("modem", "octets that mean nothing stand between the lines of answers", _CLEARED),
        "wrong_lengths": FaultKind("modem", "lengths in +CMGL, +CMGR, +CMT and +CDS are wrong", _CLEARED),
        "refuse_delete": FaultKind(
            "modem", "AT+CMGD answers +CMS ERROR: `code` and deletes nothing", _CLEARED, MappingProxyType({"code": 320})
        ),
        "sim_busy": FaultKind(
            "modem", "the SIM is busy: +CME ERROR: 14 and +CMS ERROR: 314; `silent`: no answer", _CLEARED,
            MappingProxyType({"silent": False}),
        ),
        "sim_out": FaultKind("modem", "no SIM: +CME ERROR: 10 and +CMS ERROR: 310, not registered", _LIFTED, counts=False),
        "no_network": FaultKind("modem", "searching: +CREG 2, sending answers +CMS ERROR: 331", _LIFTED, counts=False),
        "denied": FaultKind("modem", "the network denies registration: +CREG 3, sending answers 331", _LIFTED, counts=False),
        "no_smsc": FaultKind(
            "modem", "the SIM has no service-centre number: +CSCA is empty, sending answers +CMS ERROR: 330",
            'AT+CSCA="NUMBER", fault clear or --for', counts=False,
        ),
        "no_credit": FaultKind(
            "modem", "sending is refused with the code the make of modem gives without credit", _CLEARED
        ),
        "lost_parts": FaultKind("network", "this share of SMS parts never arrives", _CLEARED, _share()),
        "duplicates": FaultKind("network", "this share of SMS parts arrives twice", _CLEARED, _share()),
        "reordering": FaultKind("network", "this share of SMS parts is overtaken by the next", _CLEARED, _share()),
        "delay": FaultKind(
            "network", "SMS parts are `low` to `high` seconds under way", _CLEARED,
            MappingProxyType({"low": 2.0, "high": 5.0}),
        ),
        "brown_out": FaultKind(
            "once", "the modem restarts by itself: settings gone, PIN asked, echo back; the line stays", "by itself"
        ),
        "lost_settings": FaultKind("once", "the modem forgets its settings without a word", "set them again"),
        "unplug": FaultKind("once", "the cable is pulled: the line vanishes", "plug, or --for"),
        "plug": FaultKind("once", "the cable is put back; `as`: under another name", "", MappingProxyType({"as": ""})),
        "swap_sim": FaultKind(
            "once", "another SIM: `imsi`, `number`, `pin`", "swap back",
            MappingProxyType({"imsi": "510109999000002", "number": "+628129999002", "pin": ""}),
        ),
    }
)  # fmt: skip
"""Every fault by the name commands take."""


class Faults:
    """The switchboard of one modem: starts and ends its faults, those of its SIM and of the network it is in."""

    def __init__(self, server: AtServer) -> None:
        self._server = server
        self._replug: threading.Timer | None = None

    def start(self, name: str, seconds: float | None = None, count: int | None = None, **options: Any) -> None:
        """Begin a fault. It ends after `seconds`, after it struck `count` times, or by `clear`. Raises FaultError, LineError."""
        kind = FAULTS.get(name)
        if kind is None:
            raise FaultError(f"There is no fault {name!r}; there are: {', '.join(FAULTS)}.")
        chosen = {**kind.options, **_checked(name, kind, options)}
        if seconds is not None and seconds <= 0:
            raise FaultError("A fault lasts more than 0 seconds.")
        if count is not None and count < 1:
            raise FaultError("A fault happens at least once.")
        if count is not None and not kind.counts:
            raise FaultError(f"{name} lasts until it ends; it takes no count.")
        if kind.at == "once":
            if count is not None or (seconds is not None and name != "unplug"):
                raise FaultError(f"{name} happens once and at once; it takes no duration and no count.")
            self._happen(name, seconds, chosen)
            return
        server = self._server
        with server.network.lock:
            troubles = server.network.troubles if kind.at == "network" else server.troubles
            troubles.start(name, seconds, count, **chosen)
            server.look_around()

    def clear(self, name: str | None = None) -> None:
        """End this fault, or all of them; a pulled cable stays pulled. Raises FaultError for a name that does not exist."""
        if name is not None and name not in FAULTS:
            raise FaultError(f"There is no fault {name!r}; there are: {', '.join(FAULTS)}.")
        server = self._server
        with server.network.lock:
            for troubles in (server.troubles, server.network.troubles):
                troubles.end(*([name] if name else []))
            server.look_around()

    def active(self) -> list[dict[str, Any]]:
        """What is wrong now: `name`, `seconds` and `count` left (None without limit), `options`."""
        with self._server.network.lock:
            return self._server.troubles.active() + self._server.network.troubles.active()

    def close(self) -> None:
        """Forget a cable that was to be put back later."""
        if self._replug is not None:
            self._replug.cancel()
            self._replug = None

    def _happen(self, name: str, seconds: float | None, options: Options) -> None:
        server = self._server
        match name:
            case "brown_out":
                server.restart()
            case "lost_settings":
                server.forget_settings()
            case "swap_sim":
                server.swap_sim(str(options["number"]), str(options["imsi"]), str(options["pin"]) or None)
            case "unplug":
                self._pull(seconds)
            case _:
                self.close()
                self._cable().plug_as(str(options["as"]))

    def _pull(self, seconds: float | None) -> None:
        self.close()
        cable = self._cable()
        cable.unplug()
        if seconds is not None:
            self._replug = threading.Timer(seconds, cable.plug)
            self._replug.daemon = True
            self._replug.start()

    def _cable(self) -> Any:
        if self._server.cable is None:
            raise FaultError("This modem is on no line: there is no cable to pull.")
        return self._server.cable


def _checked(name: str, kind: FaultKind, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options with the types of their defaults."""
    chosen = {}
    for key, value in options.items():
        if key not in kind.options:
            known = ", ".join(kind.options) or "none"
            raise FaultError(f"{name} has no option {key!r}; it has: {known}.")
        default = kind.options[key]
        try:
            chosen[key] = _yes(value) if isinstance(default, bool) else type(default)(value)
        except (TypeError, ValueError, KeyError):
            raise FaultError(f"{name}: {key} wants a value like {default!r}, not {value!r}.") from None
    return chosen


def _yes(value: Any) -> bool:
    if isinstance(value, str):
        return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[value.lower()]
    return bool(value)
