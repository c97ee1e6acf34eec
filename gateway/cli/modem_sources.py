"""The modems of the settings, made ready to be opened: port, driver, PIN, recording. Put together for `waspada gateway`."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from config import StartError

if TYPE_CHECKING:
    from config.settings import ModemLine, Settings
    from gateway.board import Board
    from gateway.modem_loop import ModemSource
    from gateway.store.database import Store
    from modem.discovery import PortFinder
    from modem.pin import Pin, PinMemory
    from modem.transcript import Recorder
    from modem.types import Modem

AUTO = "auto"
PIN_MEMORY_NAME = "pins.json"


def modem_sources(data: Path, settings: Settings, store: Store, board: Board, stack: ExitStack) -> list[ModemSource]:
    """Every modem of the settings. Raises StartError where one cannot be used as it is set."""
    from gateway.fleet import keys
    from gateway.modem_loop import ModemSource

    lines = keys(settings)
    _check(lines)
    ports = _Ports(settings, store, board)
    pins = _Pins(data)
    return [
        ModemSource(
            key,
            line,
            find_port=partial(ports.find, key, line),
            make_modem=_maker(key, line, data, settings, pins.of(line), stack),
            power=_power,
        )
        for key, line in lines.items()
    ]


def port_names(settings: Settings) -> str:
    """The ports as set, for people."""
    return " + ".join(line.port for line in settings.modem.lines)


def _check(lines: dict[str, ModemLine]) -> None:
    named: dict[str, str] = {}
    for key, line in lines.items():
        if not line.port:
            raise StartError(f"The modem {key} has no port; set {key}.port in the settings file or remove that modem.")
        if line.port != AUTO and line.port in named:
            raise StartError(
                f"The modems {named[line.port]} and {key} have the same port {line.port}; each needs its own, or auto."
            )
        named[line.port] = key


def _power(port: str) -> bool:
    from modem.usb import reauthorize

    return bool(reauthorize(port))


class _Pins:
    """The PINs of all SIMs with one memory of what was tried: a card that moves to another modem keeps its tries."""

    def __init__(self, data: Path) -> None:
        self._path = data / PIN_MEMORY_NAME
        self._memory: PinMemory | None = None

    def of(self, line: ModemLine) -> Pin | None:
        """The PIN of this modem's SIM; None where none is set. Raises StartError for a file that is no PIN file."""
        if not line.pin_file:
            return None
        from modem.pin import PinFile, PinMemory, StoredPin

        file = PinFile(Path(line.pin_file).expanduser())
        file.read()
        self._memory = self._memory or PinMemory(self._path)
        return StoredPin(file, self._memory)


class _Ports:
    """Which modem has which port, so that two that look for theirs do not meet."""

    def __init__(self, settings: Settings, store: Store, board: Board) -> None:
        self._patterns = settings.modem.candidates
        self._store = store
        self._board = board
        self._lock = threading.Lock()
        self._held: dict[str, str] = {}
        self._finders: dict[str, PortFinder] = {}

    def find(self, key: str, line: ModemLine) -> str | None:
        """The port to open now for a modem; None where there is none."""
        if line.port != AUTO and _is_there(line.port):
            self._held[key] = line.port
            return line.port
        with self._lock:
            self._held.pop(key, None)
            finder = self._finders.get(key)
            if finder is None:
                from modem.discovery import PortFinder

                finder = self._finders[key] = PortFinder(line.port, self._patterns, baud=line.baud)
            others = [status.imei for other, status in self._board.modems.items() if other != key and status.imei]
            port = finder.find(
                time.monotonic(), imei=self._remembered(key), taken=others, in_use=tuple(self._held.values())
            )
            if port is not None:
                self._held[key] = port
            return port

    def _remembered(self, key: str) -> str | None:
        from gateway.store.models import ModemRecord

        with self._store.read() as session:
            known = session.get(ModemRecord, key)
        return known.imei or None if known else None


def _is_there(port: str) -> bool:
    """Whether a named port exists, as far as that is seen without listing all."""
    return "://" in port or (os.name == "posix" and os.path.exists(port))


def _maker(
    key: str, line: ModemLine, data: Path, settings: Settings, pin: Pin | None, stack: ExitStack
) -> Callable[[str], Modem]:
    """What makes the driver for a port."""
    tap = _recorder(key, data, settings, stack)

    def at(port: str) -> Modem:
        from modem.serial_modem import SerialModem

        return SerialModem(
            port,
            baud=line.baud,
            answer_seconds=settings.modem.answer_seconds,
            send_seconds=settings.modem.send_seconds,
            pin=pin,
            tap=tap,
        )

    def gammu(port: str) -> Modem:
        from modem.gammu_modem import GammuModem

        return GammuModem(
            port,
            baud=line.baud,
            answer_seconds=settings.modem.answer_seconds,
            send_seconds=settings.modem.send_seconds,
            pin=pin,
        )

    return gammu if line.driver == "gammu" else at


def _recorder(key: str, data: Path, settings: Settings, stack: ExitStack) -> Recorder | None:
    """What records the line of a modem; None where nothing is to be recorded."""
    if settings.modem.transcript == "off":
        return None
    from modem.transcript import Recorder

    return stack.enter_context(Recorder(data / f"modem-{key}.log", masked=settings.modem.transcript == "masked"))
