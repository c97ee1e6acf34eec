"""Which serial ports there are, what is known of them without asking, and who has them open.

What lives here: reading what the system tells. What does not: asking a port anything (`discovery.py`).
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Protocol

AUTO = "auto"
"""The setting `modem.port` that means: look for it."""
BY_ID = Path("/dev/serial/by-id")
_USB_INTERFACE = re.compile(r":(?:\d+|x)\.(\d+)$")
"""The end of a location: `1-1.4:1.2` on Linux, `1-1.4:x.2` on Windows is interface 2."""
_NO_MODEMS = (
    (re.compile(r"bluetooth|bthenum|rfcomm", re.I), "a Bluetooth port"),
    (re.compile(r"printer|usbprint", re.I), "a printer"),
    (re.compile(r"active management technology|debug-console|wlan-debug", re.I), "a port of the computer itself"),
)
_NO_MODEM_VENDORS = {
    0x2341: "an Arduino board",  # opening its port would restart it
    0x2A03: "an Arduino board",
}
_GPS_RECEIVERS = (0x1546, range(0x01A4, 0x01AA))
"""u-blox: vendor and products that are GPS receivers; its other products are modems."""


class SystemPort(Protocol):
    """What of pyserial's `ListPortInfo` is used here."""

    @property
    def device(self) -> str: ...
    @property
    def description(self) -> str | None: ...
    @property
    def hwid(self) -> str | None: ...
    @property
    def vid(self) -> int | None: ...
    @property
    def pid(self) -> int | None: ...
    @property
    def serial_number(self) -> str | None: ...
    @property
    def location(self) -> str | None: ...
    @property
    def interface(self) -> str | None: ...


SystemPorts = Callable[[], Iterable[SystemPort]]


@dataclass(frozen=True)
class PortFacts:
    """A serial port as the system describes it."""

    device: str
    """What to open: `/dev/ttyUSB0`, `COM5`, `socket://HOST:PORT`."""
    by_id: str = ""
    """Its lasting name in /dev/serial/by-id, '' where there is none."""
    description: str = ""
    vid: int | None = None
    pid: int | None = None
    serial: str = ""
    location: str = ""
    """Place on the USB, with the interface behind a colon: `1-1.4:1.2`."""
    interface_name: str = ""
    """What the device calls the interface, such as `HUAWEI Mobile PCUI`; most say nothing."""
    left_out: str = ""
    """Why it is not asked by default; '' where it may be a modem."""

    @property
    def usb_device(self) -> str:
        """The USB device it belongs to: ports of one stick share it; '' where there is none."""
        return self.location.partition(":")[0]

    @property
    def interface(self) -> int | None:
        """Number of the USB interface (bInterfaceNumber)."""
        found = _USB_INTERFACE.search(self.location)
        return int(found[1]) if found else None


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """A key that puts ttyUSB10 behind ttyUSB9."""
    return tuple((int(piece), "") if piece.isdigit() else (-1, piece) for piece in re.split(r"(\d+)", name))


def known_ports(
    patterns: Sequence[str] = (), *, system_ports: SystemPorts | None = None, by_id: Path = BY_ID
) -> list[PortFacts]:
    """Every port the system knows or, where there are `patterns`, every port they fit, in a stable order.

    A pattern is a port's name, a name with wildcards (`/dev/ttyUSB*`, `COM*`), a link, or `socket://HOST:PORT`. A port
    that was named is never left out.
    """
    names = _links(by_id)
    listed = [_facts(port, names) for port in _list(system_ports)]
    if patterns:
        listed = _matching(patterns, {facts.device: facts for facts in listed}, names)
    return sorted(listed, key=lambda facts: natural(facts.device))


def candidates(
    patterns: Sequence[str] = (), *, system_ports: SystemPorts | None = None, by_id: Path = BY_ID
) -> list[PortFacts]:
    """The ports of `known_ports` that may be a modem."""
    return [facts for facts in known_ports(patterns, system_ports=system_ports, by_id=by_id) if not facts.left_out]


def facts_of(port: str, *, system_ports: SystemPorts | None = None, by_id: Path = BY_ID) -> PortFacts:
    """What is known of one port, however it is named; only the name where the system does not list it."""
    found = known_ports((port,), system_ports=system_ports, by_id=by_id)
    return found[0] if found else PortFacts(port)


def holders(devices: Iterable[str], proc: Path = Path("/proc")) -> dict[str, tuple[str, ...]]:
    """Which other programs have these ports open, as `NAME (PID)`; ports nobody is seen to have are missing.

    Linux only, and only programs whose open files this user may look at; elsewhere nothing is found.
    """
    wanted = {os.path.realpath(device): device for device in devices if "://" not in device}
    found: dict[str, list[str]] = {}
    for process in proc.glob("[0-9]*") if wanted else ():
        if process.name == str(os.getpid()):
            continue
        held = {os.path.realpath(file) for file in _open_files(process)} & wanted.keys()
        for file in held:
            found.setdefault(wanted[file], []).append(f"{_name(process)} ({process.name})")
    return {device: tuple(sorted(programs)) for device, programs in found.items()}


def _open_files(process: Path) -> list[str]:
    try:
        links = list((process / "fd").iterdir())
    except OSError:  # another user's, or it ended
        return []
    files = []
    for link in links:
        try:
            files.append(os.readlink(link))
        except OSError:
            continue
    return [file for file in files if file.startswith("/")]


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "a program"


def _list(system_ports: SystemPorts | None) -> Iterable[SystemPort]:
    if system_ports is not None:
        return system_ports()
    from serial.tools.list_ports import comports

    return comports()


def _links(by_id: Path) -> dict[str, str]:
    """Lasting names by the device they lead to."""
    try:
        return {os.path.realpath(link): str(link) for link in sorted(by_id.iterdir())}
    except OSError:
        return {}


def _facts(port: SystemPort, names: dict[str, str]) -> PortFacts:
    return PortFacts(
        device=port.device,
        by_id=names.get(os.path.realpath(port.device), ""),
        description="" if port.description in (None, "n/a") else str(port.description),
        vid=port.vid,
        pid=port.pid,
        serial=port.serial_number or "",
        location=port.location or "",
        interface_name=port.interface or "",
        left_out=_why_not(port),
    )


def _why_not(port: SystemPort) -> str:
    if port.vid in _NO_MODEM_VENDORS:
        return _NO_MODEM_VENDORS[port.vid]
    if port.vid == _GPS_RECEIVERS[0] and port.pid in _GPS_RECEIVERS[1]:
        return "a GPS receiver"
    told = " ".join([port.device, port.description or "", port.hwid or ""])
    for pattern, what in _NO_MODEMS:
        if pattern.search(told):
            return what
    if port.vid is None and re.search(r"/tty(S|AMA)\d+$", port.device) and port.hwid in (None, "", "n/a"):
        return "no hardware is known behind it"
    return ""


def _matching(patterns: Sequence[str], listed: dict[str, PortFacts], names: dict[str, str]) -> list[PortFacts]:
    found: dict[str, PortFacts] = {}
    by_file = {os.path.realpath(device): facts for device, facts in listed.items()}
    for pattern in patterns:
        devices = [device for device in listed if fnmatch(device, pattern)]
        if "://" in pattern:
            devices.append(pattern)
        elif glob.has_magic(pattern):
            devices += glob.glob(pattern)
        elif os.path.exists(pattern):
            devices.append(pattern)
        for device in devices:
            file = device if "://" in device else os.path.realpath(device)
            known = by_file.get(file) or PortFacts(device, by_id=names.get(file, ""))
            found.setdefault(file, _asked_for(known))
    return list(found.values())


def _asked_for(facts: PortFacts) -> PortFacts:
    return replace(facts, left_out="") if facts.left_out else facts


def exists(port: str, devices: Collection[str]) -> bool:
    """Whether a port is there now; `devices`: what the system lists. A `socket://` is always worth a try."""
    return "://" in port or port in devices or os.path.exists(port)
