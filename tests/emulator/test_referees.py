"""Other people's software on the emulated modem: gammu, gammu-smsd and smstools read from it and send through it.

On more than one make of modem where they can: gammu and gammu-smsd need +CSCA and a prompt with its space, smstools +CPIN, so
that none of them works on `minimal`. On `chatty` smstools takes a vendor line between +CMGR and its PDU for the PDU, keeps
an error instead of the message and deletes it; gammu's command line waits for ever, depending on where the line falls.

What passes on the line is recorded in each test's folder; docs/transcripts has one of each program.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from modem.emulator.at_server import AtServer
from modem.emulator.lines import Line, PtyLine
from modem.emulator.network import Network
from modem.emulator.personalities import PERSONALITIES
from modem.emulator.subscribers import Sim
from modem.transcript import Recorder, load

OWN, VILLAGER = "+6281215070001", "+6281272000101"
LONG = "Yth bapak/ibu, mohon izin melapor [RT 05]. " * 5
QUOTED = "lapor hoax “sudah dicoblos” 😀"
PATIENCE_SECONDS = 60

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX")


@pytest.fixture
def line(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Line]:
    """A modem on a pseudo-terminal; a test may name another make than the clean one."""
    network = Network()
    sim = network.add_sim(Sim(OWN))
    make = PERSONALITIES[getattr(request, "param", "clean")]
    recorder = Recorder(tmp_path / "line.log", masked=False, about=request.node.name)
    plugged = PtyLine(AtServer(sim, network, make), tmp_path / "modem")
    plugged.tap = recorder
    with recorder, plugged:
        yield plugged


def gammu(line: Line, folder: Path, *arguments: str) -> str:
    settings = folder / "gammurc"
    settings.write_text(f"[gammu]\ndevice={line.address}\nconnection=at115200\n")
    command = ["gammu", "-c", str(settings), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, env=english())
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def said(folder: Path) -> set[str]:
    """The command lines a program wrote."""
    written = b"".join(passed.octets for passed in load(folder / "line.log") if passed.direction == ">")
    return set(written.decode("latin-1").split("\r"))


def english() -> dict[str, str]:
    return os.environ | {"LC_ALL": "C.UTF-8"}


@contextmanager
def daemon(*command: str) -> Iterator[None]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=english()) as process:
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def sms_text(line: Line) -> list[tuple[str, str]]:
    return [(row["to"], row["text"]) for row in line.server.network.received()]


@pytest.mark.gammu
def test_gammu_identifies_the_modem(line: Line, tmp_path: Path) -> None:
    told = gammu(line, tmp_path, "identify")
    assert "Manufacturer         : Waspada" in told
    assert "IMEI                 : 356938035643809" in told
    assert "SIM IMSI             : 510101507000001" in told


@pytest.mark.gammu
def test_gammu_reads_every_kind_of_text_and_sender(line: Line, tmp_path: Path) -> None:
    phone = line.server.network.phone(VILLAGER)
    phone.send("LAPOR [satu] €5", OWN)
    phone.send(QUOTED, OWN)
    phone.send(LONG, OWN, order=(2, 1))
    line.server.network.phone("TELKOMSEL").send("promo", OWN)
    told = gammu(line, tmp_path, "geteachsms")
    assert f'Remote number        : "{VILLAGER}"' in told
    assert 'Remote number        : "TELKOMSEL"' in told
    assert 'SMSC number          : "+6281100000"' in told
    for text in ("LAPOR [satu] €5", QUOTED, LONG.strip(), "promo"):
        assert text in told
    assert "+0700" in told


@pytest.mark.gammu
def test_gammu_sends_through_it(line: Line, tmp_path: Path) -> None:
    assert "OK, message reference=0" in gammu(line, tmp_path, "sendsms", "TEXT", VILLAGER, "-text", "hello")
    assert sms_text(line) == [(VILLAGER, "hello")]
    assert {"AT+CPROT=?", "AT+CSCA?", "AT+CMGF=0"} <= said(tmp_path)


@pytest.mark.gammu
@pytest.mark.parametrize("line", ["me", "direct", "huawei", "odd"], indirect=True)
def test_gammu_reads_and_sends_on_other_makes(line: Line, tmp_path: Path) -> None:
    line.server.network.phone(VILLAGER).send("LAPOR satu", OWN)
    assert "LAPOR satu" in gammu(line, tmp_path, "geteachsms")
    gammu(line, tmp_path, "sendsms", "TEXT", VILLAGER, "-text", "hello")
    assert sms_text(line) == [(VILLAGER, "hello")]


@pytest.mark.gammu
def test_gammu_sends_long_texts_and_gets_its_reports(line: Line, tmp_path: Path) -> None:
    gammu(line, tmp_path, "sendsms", "TEXT", VILLAGER, "-report", "-autolen", "400", "-text", LONG)
    assert sms_text(line) == [(VILLAGER, LONG)]
    assert [sms.report_wanted for sms in line.server.network.sent] == [True, True]


@pytest.mark.gammu
@pytest.mark.parametrize("line", ["clean", "me", "direct", "huawei"], indirect=True)
def test_gammu_smsd_empties_the_store_and_sends_from_its_outbox(line: Line, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    for name in ("inbox", "outbox", "sent", "errors"):
        (tmp_path / name).mkdir()
    settings = tmp_path / "smsdrc"
    settings.write_text(
        f"[gammu]\ndevice={line.address}\nconnection=at115200\n"
        f"[smsd]\nservice=files\nlogfile={tmp_path}/log\ndebuglevel=0\nCheckSecurity=0\n"
        f"inboxpath={inbox}/\noutboxpath={tmp_path}/outbox/\nsentsmspath={tmp_path}/sent/\n"
        f"errorsmspath={tmp_path}/errors/\nCommTimeout=1\nReceiveFrequency=1\nLoopSleep=1\n"
    )
    network, sim = line.server.network, line.server.sim
    network.phone(VILLAGER).send("LAPOR satu", OWN)
    (tmp_path / "outbox" / f"OUT{VILLAGER}.txt").write_text("hello from gammu-smsd")
    with daemon("gammu-smsd", "-c", str(settings)):
        assert network.wait_for(lambda: not sim.slots and bool(network.received()), PATIENCE_SECONDS)
    assert sms_text(line) == [(VILLAGER, "hello from gammu-smsd")]
    assert {"AT+CMGL=4", "AT+CSCA?"} <= said(tmp_path)
    (stored,) = inbox.iterdir()
    assert stored.read_text(encoding="utf-8", errors="replace").strip().replace("\x00", "") == "LAPOR satu"


@pytest.mark.smstools
@pytest.mark.parametrize("line", ["clean", "me", "direct", "huawei", "odd"], indirect=True)
def test_smstools_reads_and_sends(line: Line, tmp_path: Path) -> None:
    folders = ("incoming", "outgoing", "checked", "sent", "failed")
    for name in folders:
        (tmp_path / name).mkdir()
    settings = tmp_path / "smsd.conf"
    lines = ["devices = GSM1", "delaytime = 1", f"logfile = {tmp_path}/log"]
    lines += [f"{name} = {tmp_path}/{name}" for name in (*folders, "infofile", "pidfile")]
    lines += ["[GSM1]", f"device = {line.address}", "incoming = yes", "baudrate = 115200", "init = AT"]
    settings.write_text("\n".join(lines) + "\n")
    line.server.network.phone(VILLAGER).send("LAPOR satu", OWN)
    (tmp_path / "outgoing" / "one").write_text(f"To: {VILLAGER.removeprefix('+')}\n\nhello from smstools\n")
    network, sim = line.server.network, line.server.sim
    with daemon("/usr/sbin/smsd", f"-c{settings}", "-t"):
        assert network.wait_for(lambda: not sim.slots and bool(network.received()), PATIENCE_SECONDS)
    assert sms_text(line) == [(VILLAGER, "hello from smstools")]
    assert {"AT+CPMS?", "AT+CMGF=0"} <= said(tmp_path)
    (stored,) = (tmp_path / "incoming").iterdir()
    assert stored.read_text(encoding="latin-1").endswith("\n\nLAPOR satu")
