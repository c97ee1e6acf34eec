"""`waspada modem ...`: what people and scripts see of ports, modems, answers and transcripts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.cli.modem import added_text
from gateway.store.database import open_store
from gateway.store.lock import FolderLock
from gateway.store.models import ModemRecord
from modem import pdu
from modem.emulator.at_server import AtServer
from modem.emulator.lines import Line, PtyLine, TcpLine
from modem.emulator.network import Network
from modem.emulator.personalities import CLEAN
from modem.emulator.subscribers import Sim
from modem.transcript import Recorder, transcript_file

OWN, VILLAGER = "+6281174000001", "+6281274000099"
MASKED_IMEI = "*" * 11 + CLEAN.imei[-4:]


def run(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["modem", *arguments], input=stdin)
    return result.exit_code, result.stdout, result.stderr


class Bench:
    """One emulated modem in a network with one villager."""

    def __init__(self, line: type[Line], *arguments: object, pin: str | None = None) -> None:
        self.network = Network()
        self.phone = self.network.phone(VILLAGER)
        self.sim = self.network.add_sim(Sim(OWN, capacity=20, pin=pin))
        self.line = line(AtServer(self.sim, self.network), *arguments)
        self.line.plug()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench(TcpLine, "127.0.0.1", 0)
    yield made
    made.line.unplug()


@pytest.fixture
def silent_port() -> Iterator[str]:
    """A pseudo-terminal on which nobody answers."""
    if os.name != "posix":
        pytest.skip("pseudo-terminals")
    import pty
    import tty

    controller, device = pty.openpty()
    tty.setraw(device)
    yield os.ttyname(device)
    os.close(device)
    os.close(controller)


# -- scan ----------------------------------------------------------------------------------------------------------


def test_scan_tells_an_emulated_modem_from_a_silent_port(silent_port: str, tmp_path: Path) -> None:
    made = Bench(PtyLine, tmp_path / "modem")
    try:
        code, output, _ = run("scan", silent_port, made.line.address)
    finally:
        made.line.unplug()
    rows = {line.split()[0 if line[0] != "*" else 1]: line for line in output.splitlines()}
    answering, silent = rows[made.line.address], rows[silent_port]
    assert code == 0
    assert answering.startswith("*")
    assert answering.split()[2:] == [*f"{CLEAN.manufacturer} {CLEAN.model}".split(), MASKED_IMEI, "yes", "yes",
                                     CLEAN.operator, "68%", "0/20"]  # fmt: skip
    assert silent.startswith(" ")
    assert " ".join(silent.split()[1:]) == "? ? no no ? ? ? nothing answers AT here: no modem, or not its command port"
    assert f"Use {made.line.address}: waspada gateway --modem {made.line.address}" in output
    assert CLEAN.imei not in output


def test_scan_for_scripts_names_the_chosen_port(silent_port: str, bench: Bench) -> None:
    code, output, _ = run("scan", bench.line.address, silent_port, "--json")
    rows = {row["port"]: row for row in json.loads(output)}
    modem, silent = rows[bench.line.address], rows[silent_port]
    assert code == 0
    assert (modem["chosen"], modem["answers_at"], modem["speaks_sms"], modem["imei"]) == (True, True, True, MASKED_IMEI)
    assert (modem["sim"], modem["sim_used"], modem["sim_capacity"], modem["trouble"]) == ("READY", 0, 20, None)
    assert (silent["chosen"], silent["answers_at"], silent["speaks_sms"], silent["trouble"]) == (
        False, False, False, "silent",
    )  # fmt: skip


def test_scan_shows_numbers_where_they_are_asked_for(bench: Bench) -> None:
    assert json.loads(run("scan", bench.line.address, "--json", "--numbers")[1])[0]["imei"] == CLEAN.imei


def test_scan_without_a_modem_ends_with_one_and_says_what_to_do(silent_port: str) -> None:
    code, output, _ = run("scan", silent_port)
    assert code == 1
    assert output.splitlines()[-1].startswith("No port speaks SMS. ")
    assert "docs/modem.md" in output.splitlines()[-1]


def test_scan_of_a_port_that_is_not_there_says_so(tmp_path: Path) -> None:
    code, output, _ = run("scan", str(tmp_path / "ttyUSB7"))
    assert code == 1
    assert "there is no such port" in output


def test_scan_of_a_locked_port_says_that_it_is_taken(tmp_path: Path) -> None:
    if os.name != "posix":
        pytest.skip("pseudo-terminals")
    from modem.serial_line import SerialLine

    made = Bench(PtyLine, tmp_path / "modem")
    holder = SerialLine(made.line.address, 115_200, 1)
    try:
        code, output, _ = run("scan", made.line.address)
    finally:
        holder.close()
        made.line.unplug()
    assert code == 1
    assert "another program has it open" in output.splitlines()[-1]


def test_scan_says_what_the_chosen_modem_still_needs() -> None:
    made = Bench(TcpLine, "127.0.0.1", 0, pin="1234")
    try:
        code, output, _ = run("scan", made.line.address)
    finally:
        made.line.unplug()
    assert code == 0
    assert output.splitlines()[-1].startswith("But: the SIM asks for its PIN")
    assert made.sim.pin_tries == 3


def test_ports_that_are_no_modem_are_counted_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import modem.ports

    left_out = [modem.ports.PortFacts(f"/dev/ttyS{n}", left_out="no hardware is known behind it") for n in range(4)]
    monkeypatch.setattr(modem.ports, "known_ports", lambda patterns: left_out)
    code, output, _ = run("scan")
    assert code == 1
    assert "not asked: /dev/ttyS0 and 3 more (no hardware is known behind it)" in output
    assert "There is no port to ask." in output


# -- status --------------------------------------------------------------------------------------------------------


def test_status_tells_what_the_gateway_knew_last_and_how_old_it_is(tmp_path: Path) -> None:
    hours_ago = int((time.time() - 2 * 3600 - 90) * 1000)
    store = open_store(tmp_path)
    with store.write() as session:
        session.add(
            ModemRecord(
                key="modem", imei="356938035643809", imsi="510101234567890", port="/dev/ttyUSB2", operator="TELKOMSEL",
                state="searching", sentence="Mencari jaringan.", changed_at=hours_ago, balance=4300, credit_at=hours_ago,
            )
        )  # fmt: skip
    store.close()
    code, output, _ = run("status", "--data", str(tmp_path))
    assert code == 0
    for piece in ("searching", "Mencari jaringan.", "2 h 1 min ago", "/dev/ttyUSB2", "4300", "***********3809"):
        assert piece in output
    assert "356938035643809" not in output
    (row,) = json.loads(run("status", "--data", str(tmp_path), "--json", "--numbers")[1])
    assert (row["modem"], row["imei"], row["valid_until"]) == ("modem", "356938035643809", None)


def test_status_says_whether_a_gateway_is_running(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.write() as session:
        session.add(ModemRecord(key="modem", state="ready", sentence="Modem siap."))
    store.close()
    lock = FolderLock(tmp_path)
    try:
        assert "No gateway is running" not in run("status", "--data", str(tmp_path))[1]
        assert json.loads(run("status", "--data", str(tmp_path), "--json")[1])[0]["gateway_runs"] is True
    finally:
        lock.release()
    assert "No gateway is running here" in run("status", "--data", str(tmp_path))[1]
    FolderLock(tmp_path).release()  # asking kept nothing


def test_status_without_a_modem_says_how_to_find_one(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    code, output, _ = run("status", "--data", str(tmp_path))
    assert code == 0
    assert "waspada modem scan" in output


def test_status_with_a_port_asks_the_modem(bench: Bench) -> None:
    (row,) = json.loads(run("status", "--port", bench.line.address, "--json")[1])
    assert (row["operator"], row["imei"], row["sim_capacity"]) == (CLEAN.operator, MASKED_IMEI, 20)
    lines = run("status", "--port", bench.line.address)[1].splitlines()
    assert [line.split() for line in lines if line.startswith(("speaks", "sim capacity"))] == [
        ["speaks", "sms", "yes"],
        ["sim", "capacity", "20"],
    ]
    assert not any("No gateway" in line for line in lines)


def test_status_of_a_silent_port_is_an_error_in_one_sentence(silent_port: str) -> None:
    code, _, errors = run("status", "--port", silent_port)
    assert code == 1
    assert errors == f"Error: {silent_port}: nothing answers AT here: no modem, or not its command port.\n"


# -- shell ---------------------------------------------------------------------------------------------------------


def test_shell_gives_commands_from_a_pipe_and_explains_errors(bench: Bench) -> None:
    code, output, _ = run("shell", bench.line.address, stdin="AT+CSQ\n\nAT+CMEE=1\nAT+CMGR=7\n")
    assert code == 0
    assert output.splitlines() == ["+CSQ: 21,99", "OK", "OK", "+CMS ERROR: 321  (invalid memory index)"]


def test_shell_sends_a_pdu_behind_the_prompt(bench: Bench) -> None:
    part = pdu.submit(VILLAGER, "halo")[0]
    code, output, _ = run("shell", bench.line.address, stdin=f"AT+CMGF=0\nAT+CMGS={part.tpdu_octets}\n{part.hex}\n")
    assert code == 0
    assert output.splitlines()[1].startswith("> +CMGS: ")
    assert [text.text for text in bench.phone.wait_for_texts(1, timeout=5)] == ["halo"]


def test_shell_that_ends_at_the_prompt_sends_nothing(bench: Bench) -> None:
    code, output, _ = run("shell", bench.line.address, "--wait", "1", stdin="AT+CMGF=0\nAT+CMGS=20\n")
    assert code == 0
    assert "no answer" in output
    assert run("shell", bench.line.address, stdin="AT\n")[1] == "OK\n"
    assert bench.phone.inbox == []


def test_shell_marks_what_the_modem_says_by_itself(bench: Bench) -> None:
    with ExitStack() as stack:
        read_end, write_end = os.pipe()
        stdin = stack.enter_context(os.fdopen(read_end))
        typing = os.fdopen(write_end, "w")
        program = subprocess.Popen(
            [sys.executable, "-c", "from gateway.cli import main; main()", "modem", "shell", bench.line.address],
            stdin=stdin, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        stack.callback(program.wait, 20)
        assert program.stdout is not None
        output = stack.enter_context(program.stdout)
        stack.callback(typing.close)
        typing.write("AT+CNMI=2,1,0,0,0\n")
        typing.flush()
        assert output.readline() == "OK\n"
        bench.phone.send("NIHIL", OWN)
        assert output.readline() == '* +CMTI: "SM",1\n'


def test_shell_does_not_wait_for_an_answer_to_what_is_no_command(bench: Bench) -> None:
    code, output, _ = run("shell", bench.line.address, stdin="foo\nAT\n")
    assert code == 0
    assert output.splitlines() == ["(a command begins with AT)", "OK"]


@pytest.mark.parametrize(("content", "reason"), [(None, "there is no such port"), ("", "it is no serial port")])
def test_shell_on_what_is_no_port_says_so_in_one_sentence(tmp_path: Path, content: str | None, reason: str) -> None:
    path = tmp_path / "ttyUSB7"
    if content is not None:
        path.write_text(content)
    code, _, errors = run("shell", str(path), stdin="AT\n")
    assert code == 1
    assert errors == f"Error: {path}: {reason}. `waspada modem scan` shows what is there.\n"


# -- log and replay ------------------------------------------------------------------------------------------------


def test_log_shows_the_transcript(tmp_path: Path) -> None:
    with Recorder(transcript_file(tmp_path, "modem"), masked=True) as recorder:
        recorder(">", b"AT\r")
    code, output, _ = run("log", "--data", str(tmp_path))
    assert code == 0
    assert output == transcript_file(tmp_path, "modem").read_text()
    assert "> 'AT\\r'" in output


def test_log_says_how_to_switch_it_on_and_which_others_there_are(tmp_path: Path) -> None:
    code, _, errors = run("log", "--data", str(tmp_path))
    assert code == 1
    assert "WASPADA_MODEM_TRANSCRIPT=masked" in errors
    assert "--modem" not in errors
    Recorder(transcript_file(tmp_path, "modem.more.1"), masked=True).close()
    assert "some of: modem.more.1 (--modem)" in run("log", "--data", str(tmp_path))[2]


def test_a_followed_log_shows_what_is_added_also_in_a_file_that_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "modem.log"
    path.write_text("one\n")
    ended = threading.Event()
    shown = added_text(path, ended)
    assert next(shown) == "one\n"
    with path.open("a") as file:
        file.write("two\n")
    assert next(shown) == "two\n"
    path.replace(tmp_path / "modem.log.old")
    path.write_text("new\n")
    assert next(shown) == "new\n"
    ended.set()
    assert list(shown) == []


def test_replay_serves_a_transcript_and_names_a_difference(tmp_path: Path) -> None:
    path = tmp_path / "modem.log"
    with Recorder(path, masked=True) as recorder:
        recorder(">", b"AT\r")
        recorder("<", b"\r\nOK\r\n")
    for sent, code, says in ((b"AT\r", 0, "everything came as recorded"), (b"ATZ\r", 1, "expected b'AT\\r'")):
        program = subprocess.Popen(
            [sys.executable, "-c", "from gateway.cli import main; main()", "modem", "replay", str(path)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert program.stdout is not None
        with program.stdout as output:
            ready = output.readline()
            assert ready.startswith("replay ready: modem on socket://127.0.0.1:")
            with socket.create_connection(("127.0.0.1", int(ready.rpartition(":")[2])), timeout=10) as client:
                client.sendall(sent)
                client.recv(100)
            assert says in output.read()
        assert program.wait(20) == code


@pytest.mark.parametrize(
    ("arguments", "says"), [(["--tcp", "5000"], "HOST:PORT"), ([], "is no transcript")], ids=["address", "file"]
)
def test_replay_refuses_in_one_sentence(tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "x.log").write_text("hello")
    code, _, errors = run("replay", str(tmp_path / "x.log"), *arguments)
    assert code != 0
    assert says in errors


def test_tools_for_modems_start_without_heavy_libraries() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from gateway.cli import main; "
        "CliRunner().invoke(main, ['modem', 'scan', 'socket://127.0.0.1:1']); "
        "print([name for name in ('sqlalchemy', 'flask', 'requests', 'gammu') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
