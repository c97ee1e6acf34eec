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
    """Which modem has which port, so that two that look for theirs do not meet. Any thread may use it.

    One search at a time: two that ask the same port at once would each take it for busy. A modem whose named port is there
    waits for no search.
    """

    def __init__(self, settings: Settings, store: Store, board: Board) -> None:
        self._patterns = settings.modem.candidates
        self._store = store
        self._board = board
        self._searching = threading.Lock()
        self._holding = threading.Lock()
        self._held: dict[str, str] = {}
        self._finders: dict[str, PortFinder] = {}

    def find(self, key: str, line: ModemLine) -> str | None:
        """The port to open now for a modem; None where there is none."""
        if line.port != AUTO and _is_there(line.port):
            self._hold(key, line.port)
            return line.port
        with self._searching:
            self._hold(key, None)
            finder = self._finders.get(key)
            if finder is None:
                from modem.discovery import PortFinder

                finder = self._finders[key] = PortFinder(line.port, self._patterns, baud=line.baud)
            own, taken = self._imeis(key)
            port = finder.find(time.monotonic(), imei=own, taken=taken, in_use=self._in_use())
            self._hold(key, port)
            return port

    def _hold(self, key: str, port: str | None) -> None:
        with self._holding:
            self._held.pop(key, None)
            if port is not None:
                self._held[key] = port

    def _in_use(self) -> set[str]:
        """Ports of the other modems; a link under the name it leads to as well."""
        with self._holding:
            held = set(self._held.values())
        return held | {os.path.realpath(port) for port in held if "://" not in port}

    def _imeis(self, key: str) -> tuple[str | None, set[str]]:
        """The IMEI this modem had last, and those of the others, also of those that are away: each keeps its number and PIN."""
        from gateway.store.models import ModemRecord

        others = [other for other in self._board.modems if other != key]
        with self._store.read() as session:
            records = {name: session.get(ModemRecord, name) for name in (key, *others)}
        imeis = {name: record.imei for name, record in records.items() if record is not None and record.imei}
        own = imeis.get(key)
        now = {status.imei for other, status in self._board.modems.items() if other != key and status.imei}
        return own, now | {imeis[other] for other in others if other in imeis and imeis[other] != own}


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
            connection=line.connection,
            model=line.model,
            answer_seconds=settings.modem.answer_seconds,
            send_seconds=settings.modem.send_seconds,
            pin=pin,
        )

    return gammu if line.driver == "gammu" else at


def _recorder(key: str, data: Path, settings: Settings, stack: ExitStack) -> Recorder | None:
    """What records the line of a modem; None where nothing is to be recorded."""
    if settings.modem.transcript == "off":
        return None
    from modem.transcript import Recorder, transcript_file

    return stack.enter_context(Recorder(transcript_file(data, key), masked=settings.modem.transcript == "masked"))
