"""What a modem is for, from beginning to end; and the making of transcripts of it: `python -m tests.modem.journey`.

Run it again after the driver asks something else, or the emulator answers something else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from modem import pdu
from modem.emulator.at_server import AtServer
from modem.emulator.lines import TcpLine
from modem.emulator.network import Network
from modem.emulator.personalities import PERSONALITIES
from modem.emulator.subscribers import Sim
from modem.serial_modem import SerialModem
from modem.transcript import Recorder
from modem.types import ModemStatus, OutgoingPdu, StoredPdu

FOLDER = Path(__file__).parent / "transcripts"
OWN, VILLAGER = "+6281174000001", "+6281274000099"
LONG = "LAPOR BENTROK KAMPUNG LAUT 40 2 ribut di dermaga sejak pagi, dua orang luka, warga minta aparat datang. " * 2
NEWS_SECONDS = 2.0
"""How long a message is waited for; modems that announce nothing take all of it."""


@dataclass
class Travelled:
    """What was seen on the way."""

    status: ModemStatus
    found: list[StoredPdu] = field(default_factory=list)
    reference: int | None = None
    arrived: list[StoredPdu] = field(default_factory=list)
    left: list[StoredPdu] = field(default_factory=list)


def journey(modem: SerialModem, outgoing: OutgoingPdu, halfway: Callable[[], object] = lambda: None) -> Travelled:
    """Open, look, collect, delete, send, get one more, close. `halfway`: makes that one leave."""
    modem.open()
    try:
        seen = Travelled(modem.status())
        seen.found = modem.list_stored()
        modem.delete(seen.found)
        seen.reference = modem.send(outgoing).reference
        halfway()
        news = modem.wait(NEWS_SECONDS)
        if news is not None and news.stored is not None:
            seen.arrived = [news.stored]
            modem.acknowledge()
        else:
            seen.arrived = modem.list_stored()
            modem.delete(seen.arrived)
        seen.left = modem.list_stored()
        return seen
    finally:
        modem.close()


def record(name: str, file: Path) -> Travelled:
    """Go on the journey with an emulated modem of this make, and write its masked transcript."""
    network = Network()
    sim = network.add_sim(Sim(OWN, capacity=20))
    phone = network.phone(VILLAGER)
    line = TcpLine(AtServer(sim, network, PERSONALITIES[name]), "127.0.0.1", 0)
    file.unlink(missing_ok=True)
    with line, Recorder(file, masked=True, about=f"emulated modem, personality {name}") as recorder:
        phone.send(LONG, OWN)
        modem = SerialModem(line.address, answer_seconds=5, send_seconds=10, tap=recorder)
        return journey(modem, pdu.submit(VILLAGER, "Terima kasih")[0], lambda: phone.send("NIHIL LAMBUR II", OWN))


def main() -> None:
    """Record every personality anew."""
    FOLDER.mkdir(exist_ok=True)
    for name in PERSONALITIES:
        seen = record(name, FOLDER / f"{name}.log")
        print(f"{name}: found {len(seen.found)}, arrived {len(seen.arrived)}, left {len(seen.left)}")


if __name__ == "__main__":
    sys.exit(main())
