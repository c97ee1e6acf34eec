"""`waspada emulate` and its commands for a running emulator."""

from __future__ import annotations

import http.client
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import serial
from click.testing import CliRunner, Result

from gateway.cli.emulate import emulate
from modem.emulator import control as control_module
from modem.emulator import tpdu
from modem.emulator.at_server import AtServer
from modem.emulator.control import Control, ControlError, RunningEmulator, find_emulator
from modem.emulator.lines import TcpLine
from modem.emulator.network import Network
from modem.emulator.subscribers import Sim

OWN = "+6281215070001"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    chosen = tmp_path / "emulators"
    monkeypatch.setattr(control_module, "control_folder", lambda: chosen)
    return chosen


@pytest.fixture
def channel() -> Iterator[Control]:
    network = Network()
    sim = network.add_sim(Sim(OWN, capacity=2))
    with TcpLine(AtServer(sim, network), "127.0.0.1", 0) as line, Control(network, sim, line) as control:
        yield control


def run(*arguments: str) -> Result:
    return CliRunner().invoke(emulate, list(arguments))


def test_send_tells_where_the_message_is(channel: Control) -> None:
    assert run("send", "--from", "081272000101", "satu").output == "sent: SMS 1, in slot 1\n"
    assert run("send", "--from", "TELKOMSEL", "promo").output == "sent: SMS 2, in slot 2\n"
    full = run("send", "--from", "3636", "tiga")
    assert (full.exit_code, full.output) == (0, "sent: SMS 3, waits at the network: the SIM is full\n")


def test_send_can_leave_out_and_reorder_parts(channel: Control) -> None:
    assert run("send", "--from", "0812", "--parts", "3,1", "a" * 400).output == "sent: SMS 1, in slot 1, 2\n"
    assert [part.number for part in channel.network.sent[0].parts] == [3, 1]
    assert "out of range" in run("send", "--from", "0812", "--parts", "2", "pendek").output
    assert "--parts wants numbers" in run("send", "--from", "0812", "--parts", "x", "pendek").output


def test_sent_shows_what_phones_received(channel: Control) -> None:
    octets = tpdu.encode_submit(tpdu.Submit("0812720", tpdu.split_text("terima kasih")[0]))
    channel.sim.submit(octets)
    channel.network.phone("0899").send("antar warga", "0812720")
    assert run("sent").output == "+62812720\tterima kasih\n"
    (row,) = json.loads(run("sent", "--json").output)
    assert (row["to"], row["sender"], row["text"]) == ("+62812720", OWN, "terima kasih")


def test_inject_takes_octets_and_refuses_the_rest(channel: Control) -> None:
    assert run("inject", "0791FF").output == "injected: SMS 1, in slot 1\n"
    refused = run("inject", "xyz")
    assert refused.exit_code == 2
    assert "HEX wants" in refused.output


def test_the_cable_is_pulled_and_put_back(channel: Control) -> None:
    assert run("unplug").output == "unplugged\n"
    waits = run("send", "--from", "0812", "halo").output
    assert waits == "sent: SMS 1, waits at the network: the modem is unplugged\n"
    assert "unplugged, 0 of 2 slots used" in run("status").output
    assert run("plug").output == "plugged\n"
    assert "plugged in, 1 of 2 slots used" in run("status").output


def test_status_tells_everything(channel: Control) -> None:
    for text in ("satu", "dua", "tiga"):
        run("send", "--from", "0812", text)
    found: dict[str, Any] = json.loads(run("status", "--json").output)
    assert (found["number"], found["capacity"], found["used"], found["waiting"]) == (OWN, 2, 2, 1)
    assert [(row["id"], row["text"], row["state"]) for row in found["sent_by_phones"]] == [
        (1, "satu", "slot"),
        (2, "dua", "slot"),
        (3, "tiga", "waiting"),
    ]


def test_a_cable_comes_back_under_another_name_or_by_itself(channel: Control) -> None:
    told = run("plug", "--as", "127.0.0.1:0").output
    assert told == f"plugged in on {channel.line.address}\n"
    assert run("unplug", "--for", "0.05").output == "unplugged\n"
    assert channel.network.wait_for(lambda: channel.line.server.powered, 10)
    assert "is no HOST:PORT" in run("plug", "--as", "nonsense").output


def test_faults_begin_are_listed_and_end(channel: Control) -> None:
    assert "refuse_delete  AT+CMGD answers" in run("fault").output
    assert run("fault", "refuse_delete", "--count", "2", "--set", "code=500").output == "refuse_delete, 2 times left\n"
    assert channel.line.server.troubles.options("refuse_delete") == {"code": 500}
    begun = run("fault", "delay", "--for", "60").output.splitlines()
    assert begun[0] == "refuse_delete, 2 times left"
    assert begun[1].startswith("delay, ")
    assert "faults: refuse_delete, delay" in run("status").output
    assert run("fault", "clear", "delay").output == "refuse_delete, 2 times left\n"
    assert run("fault", "clear").output == "no fault\n"
    refused = run("fault", "nix")
    assert refused.exit_code == 1
    assert "there are: hang, deep_hang" in refused.output
    assert "Only `clear`" in run("fault", "hang", "hang").output


def test_notices_come_in_the_operators_words_and_name(channel: Control) -> None:
    assert run("notice", "low_credit").output == "sent: SMS 1, in slot 1\n"
    assert run("notice", "expiry", "--from", "3636").output == "sent: SMS 2, in slot 2\n"
    sent = channel.network.sent
    assert [sms.sender for sms in sent] == ["TELKOMSEL", "3636"]
    assert "tinggal Rp25.000" in sent[0].text


def test_credit_is_shown_and_changed(channel: Control) -> None:
    assert run("account", "--balance", "700", "--tariff", "350", "--active-until", "2030-01-31").output == (
        "Rp700, Rp350 an SMS, active until 2030-01-31\n"
    )
    assert (channel.sim.account.balance, channel.sim.account.tariff) == (700, 350)
    assert "2030-01-31" in run("account").output
    assert run("account", "--active-until", "besok").exit_code == 2


def test_a_phone_is_switched_off_and_on(channel: Control) -> None:
    assert run("phone", "0812720", "off").output == "+62812720 is off\n"
    channel.sim.submit(tpdu.encode_submit(tpdu.Submit("0812720", tpdu.split_text("halo")[0])))
    assert run("sent").output == ""
    assert run("phone", "0812720", "on").output == "+62812720 is on\n"
    assert run("sent").output == "+62812720\thalo\n"


def test_a_pdu_is_laid_straight_into_a_store(channel: Control) -> None:
    assert run("inject", "--storage", "SM", "0011").output == "injected: SMS 1, in slot 1\n"
    assert "There is no storage 'ME'" in run("inject", "--storage", "ME", "0011").output
    run("inject", "--storage", "SM", "0011")
    assert "is full" in run("inject", "--storage", "SM", "0011").output


def test_a_swapped_sim_is_the_one_that_is_meant(channel: Control) -> None:
    run("fault", "swap_sim", "--set", "number=+628150000003")
    found = find_emulator().call("status")
    assert found["number"] == "+628150000003"


def test_without_an_emulator_commands_say_so() -> None:
    for command in (["send", "--from", "0812", "x"], ["status"], ["sent"], ["plug"], ["inject", "00"]):
        failed = run(*command)
        assert failed.exit_code == 1
        assert "No emulator is running. Start one: waspada emulate --pty LINK" in failed.output
    named = run("status", "--control", "127.0.0.1:1")
    assert named.exit_code == 1
    assert "No emulator of yours runs at 127.0.0.1:1" in named.output


def test_the_emulator_started_last_is_meant_and_others_by_name(channel: Control) -> None:
    network = Network()
    sim = network.add_sim(Sim("+628777"))
    with TcpLine(AtServer(sim, network), "127.0.0.1", 0) as line, Control(network, sim, line) as later:
        assert find_emulator().call("status")["number"] == "+628777"
        assert find_emulator(channel.address).call("status")["number"] == OWN
        assert find_emulator(str(channel.file)).call("status")["number"] == OWN
        assert find_emulator(later.address).address == later.address
    assert find_emulator().call("status")["number"] == OWN


def test_files_of_dead_emulators_are_passed_over_and_removed(channel: Control, folder: Path) -> None:
    dead = folder / "emulator-1-1.json"
    dead.write_text(json.dumps({"address": "127.0.0.1:1", "token": "x", "started": 9e12}))
    assert find_emulator().address == channel.address
    assert not dead.exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_only_the_user_can_read_the_token(channel: Control) -> None:
    assert stat.S_IMODE(channel.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(channel.file.parent.stat().st_mode) == 0o700


def test_without_the_token_nothing_is_done(channel: Control) -> None:
    with pytest.raises(ControlError, match="token"):
        RunningEmulator(channel.address, "guess").call("status")
    assert channel.line.plugged


def test_nothing_of_what_passes_is_logged(channel: Control, capfd: pytest.CaptureFixture[str]) -> None:
    find_emulator().call("send", **{"from": "0812", "text": "rahasia"})
    with pytest.raises(ControlError):
        find_emulator().call("inject", hex="xyz")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("path", "body", "status"), [("nix", b"{}", 404), ("send", b"[]", 400), ("send", b"{", 400)])
def test_a_wrong_request_is_refused(channel: Control, path: str, body: bytes, status: int) -> None:
    host, port = channel.address.split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=5)
    try:
        connection.request("POST", f"/{path}", body, {"Authorization": f"Bearer {channel.token}"})
        response = connection.getresponse()
        assert response.status == status
        assert "error" in json.loads(response.read())
    finally:
        connection.close()


def test_the_file_goes_with_the_emulator(folder: Path) -> None:
    network = Network()
    sim = network.add_sim(Sim(OWN))
    with TcpLine(AtServer(sim, network), "127.0.0.1", 0) as line, Control(network, sim, line):
        assert len(list(folder.iterdir())) == 1
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Name one line"),
        (["--pty", "x", "--tcp", "127.0.0.1:0"], "Name one line"),
        (["--tcp", "127.0.0.1"], "--tcp wants HOST:PORT"),
        (["--tcp", "127.0.0.1:99999"], "--tcp wants HOST:PORT"),
        (["--pty", "/nowhere/at/all"], "cannot be made"),
        (["--tcp", "127.0.0.1:0", "--number", "nomor"], "--number wants a telephone number"),
        (["--tcp", "127.0.0.1:0", "--imei", "123"], "--imei wants 14 to 16 digits"),
        (["--tcp", "127.0.0.1:0", "--operator", "x"], "there are: telkomsel, indosat, xl, tri"),
        (["--tcp", "127.0.0.1:0", "--active-until", "x"], "--active-until wants a day"),
        (["--tcp", "127.0.0.1:0", "--log", "/nowhere/at/all"], "/nowhere/at/all cannot be written"),
        (["--tcp", "127.0.0.1:0", "--personality", "x"], "there are: clean, chatty, direct"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX")
def test_a_wrong_line_is_told_in_a_sentence(arguments: list[str], told: str) -> None:
    failed = run(*arguments)
    assert failed.exit_code != 0
    assert told in failed.output


@pytest.mark.crash
def test_the_command_takes_make_identity_and_operator_and_writes_a_transcript(tmp_path: Path) -> None:
    make = tmp_path / "mine.toml"
    make.write_text('model = "Mine"\n')
    command = [sys.executable, "-m", "gateway", "emulate", "--tcp", "127.0.0.1:0", "--personality", str(make)]
    command += ["--imei", "350000000000017", "--operator", "xl", "--log", str(tmp_path / "log")]
    with subprocess.Popen([*command, "--control", str(tmp_path / "c")], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[4].rstrip(",")
        with serial.serial_for_url(address, timeout=5) as port:
            port.write(b"ATE0;+CGMM;+CGSN;+CIMI;+COPS?\r")
            told = port.read_until(b"OK\r\n").decode().split()
        process.send_signal(signal.SIGTERM)
    assert told[1:] == ["Mine", "350000000000017", "510111507000001", "+COPS:", '0,0,"XL"', "OK"]
    transcript = (tmp_path / "log").read_text().splitlines()
    assert transcript[0].endswith(f"personality {make}")
    assert transcript[1].endswith(r" > 'ATE0;+CGMM;+CGSN;+CIMI;+COPS?\r'")


@pytest.mark.crash
def test_the_command_serves_and_ends_cleanly(tmp_path: Path) -> None:
    file = tmp_path / "control.json"
    command = [sys.executable, "-m", "gateway", "emulate", "--tcp", "127.0.0.1:0", "--capacity", "3"]
    with subprocess.Popen([*command, "--control", str(file)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready.startswith("emulator ready: modem on socket://127.0.0.1:")
        assert f", own number {OWN}, control 127.0.0.1:" in ready
        assert run("send", "--from", "0812", "--control", str(file), "halo").output == "sent: SMS 1, in slot 1\n"
        address = ready.split()[4].rstrip(",")
        with serial.serial_for_url(address, timeout=5) as port:
            port.write(b"ATE0;+CPMS?\r")
            assert b'"SM",1,3' in port.read_until(b"OK\r\n")
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == ""
    if os.name != "nt":
        assert process.returncode == 0
        assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--tcp", "127.0.0.1:0", "--pin", "12"), "--pin wants 4 to 8 digits."),
        (("--tcp", "127.0.0.1:0", "--pin", "abcd"), "--pin wants 4 to 8 digits."),
        (("--tcp", "127.0.0.1:0", "--delay", "5", "1"), "--delay wants the shorter time first"),
        (("--tcp", "127.0.0.1:0", "--delay", "-2", "1"), "none below 0"),
        (("inject", "zz"), "HEX wants pairs"),
        (("inject", "079"), "HEX wants pairs"),
        (("phone", "abc", "off"), "NUMBER wants a telephone number"),
        (("account", "--active-until", "morgen"), "--active-until wants a day"),
    ],
)
def test_nonsense_is_refused_in_one_sentence_before_an_emulator_is_asked(
    arguments: tuple[str, ...], complaint: str
) -> None:
    answered = CliRunner().invoke(emulate, list(arguments))
    assert answered.exit_code == 2
    assert complaint in answered.output
