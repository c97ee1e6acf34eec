"""Settings: four sources, one precedence, one sentence for what is wrong (promise P11)."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.settings import Setting, SettingError, Settings, all_settings, effective, example_file, load
from gateway.cli import main
from modem import pdu

MORE = "[[modem.more]]\nport = 'COM3'\n"


def test_defaults_need_nothing(tmp_path: Path) -> None:
    assert load(environment={}) == Settings()


def test_a_flag_wins_over_the_environment_over_the_file_over_the_default(tmp_path: Path) -> None:
    file = tmp_path / "waspada.toml"
    file.write_text('[modem]\nport = "from-file"\nbaud = 9600\n[console]\nport = 1\n')
    environment = {"WASPADA_MODEM_PORT": "from-environment", "WASPADA_CONSOLE_PORT": "2"}
    settings, rows = effective(file, environment, {"modem.port": "from-flag", "modem.baud": None})
    assert (settings.modem.port, settings.console.port, settings.modem.baud) == ("from-flag", 2, 9600)
    sources = {row.setting.name: row.source for row in rows}
    assert sources["modem.port"] == "flag"
    assert sources["console.port"] == "WASPADA_CONSOLE_PORT"
    assert sources["modem.baud"] == str(file)
    assert sources["general.region"] == "default"


@pytest.mark.parametrize(
    ("file", "environment", "words"),
    [
        ("[modem]\nbaud = 'schnell'", {}, ["modem.baud", "waspada.toml", "schnell", "int"]),
        ("[modem]\nbuad = 9600", {}, ["modem.buad", "did you mean modem.baud"]),
        ("port = 3", {}, ["'port' stands outside a section"]),
        ("[modem\nport=1", {}, ["no valid TOML", "line 1"]),
        ("", {"WASPADA_CONSOLE_PORT": "70000"}, ["console.port", "WASPADA_CONSOLE_PORT", "70000", "65535"]),
        ("", {"WASPADA_MODEM_BUAD": "1"}, ["WASPADA_MODEM_BUAD", "WASPADA_MODEM_BAUD"]),
        ("", {"WASPADA_SYNC_CENTRAL": "ftp://x"}, ["sync.central", "ftp://x"]),
        ("", {"WASPADA_REPLIES_ENABLED": "perhaps"}, ["replies.enabled", "perhaps"]),
        (MORE + "buad = 9600", {}, ["waspada.toml", "modem.more.1.buad", "did you mean modem.more.1.baud"]),
        (MORE + "[[modem.more]]\nrole = 'sned'", {}, ["modem.more.2.role", "waspada.toml", "sned", "receive or send"]),
        (MORE + "baud = 'x'", {}, ["modem.more.1.baud", "bits a second"]),
        ("[modem.more]\nport = 'COM3'", {}, ["modem.more", "[[modem.more]]"]),
        ("[modem]\nmore = ['COM3']", {}, ["modem.more", "[[modem.more]]"]),
        ("", {"WASPADA_MODEM_MORE": "COM3"}, ["modem.more", "WASPADA_MODEM_MORE", "[[modem.more]]"]),
        ("[modem]\nname = 'a'\n[[modem.more]]\nname = 'a'", {}, ["'a'", "modem.name", "rename"]),
        ("[modem]\nprefixes = ['62812']", {}, ["modem.prefixes", "62812", "+62811"]),
        ("", {"WASPADA_MODEM_PREFIXES": "0812,x"}, ["modem.prefixes", "'x'"]),
        ("[sending]\nper_day = 10\nalert_reserve = 11", {}, ["sending.alert_reserve", "11", "sending.per_day", "10"]),
        ("[sending]\nvalidity_hours = 10585", {}, ["sending.validity_hours", "10585", "63 weeks"]),
        ("[modem]\nreopen_seconds = inf", {}, ["modem.reopen_seconds", "inf"]),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(
    tmp_path: Path, file: str, environment: dict[str, str], words: list[str]
) -> None:
    path = tmp_path / "waspada.toml"
    path.write_text(file)
    with pytest.raises(SettingError) as caught:
        load(path, environment)
    sentence = str(caught.value)
    assert "\n" not in sentence
    for word in words:
        assert word in sentence


def test_each_of_several_modems_is_shown_with_its_sources(tmp_path: Path) -> None:
    file = tmp_path / "waspada.toml"
    file.write_text(MORE + "prefixes = ['0812', '+62813']\n[[modem.more]]\nrole = 'send'")
    settings, rows = effective(file, {})
    assert [line.port for line in settings.modem.more] == ["COM3", ""]
    shown = {row.setting.name: (row.value, row.source) for row in rows}
    assert shown["modem.more.1.prefixes"] == (("0812", "+62813"), str(file))
    assert shown["modem.more.2.role"] == ("send", str(file))
    assert shown["modem.more.2.port"] == ("", "default")
    assert "modem.more" not in shown


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_several_modems_can_be_printed(tmp_path: Path, form: list[str]) -> None:
    (tmp_path / "waspada.toml").write_text(MORE)
    printed = CliRunner().invoke(main, ["settings", "--data", str(tmp_path), *form])
    assert printed.exit_code == 0
    assert "modem.more.1.port" in printed.output
    assert "COM3" in printed.output


def test_the_longest_validity_the_network_knows_can_be_set() -> None:
    hours = load(environment={"WASPADA_SENDING_VALIDITY_HOURS": "10584"}).sending.validity_hours
    (sms,) = pdu.submit("+6281272000101", "halo", validity_hours=hours)
    assert bytes.fromhex(sms.hex)[1 + 13] == 255  # TP-VP, 63 weeks (TS 23.040 9.2.3.12.1)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"does not exist.*--config"):
        load(tmp_path / "none.toml", {})


def test_lists_come_from_the_environment_with_commas() -> None:
    settings = load(environment={"WASPADA_REPLIES_OWN_NUMBERS": "0811, +62812"})
    assert settings.replies.own_numbers == ("0811", "+62812")


def test_every_setting_has_help_and_stands_in_the_example_file() -> None:
    tree = tomllib.loads(example_file().replace("# ", "", 0))
    assert set(tree) == {setting.name.split(".")[0] for setting in all_settings()}
    uncommented = "\n".join(
        line.removeprefix("# ") if " = " in line and ". Environment: " not in line else line
        for line in example_file().splitlines()
    )
    (tmp := tomllib.loads(uncommented))
    for setting in all_settings():
        assert setting.help
        section, key = setting.name.split(".")
        value = tmp[section][key]
        assert (tuple(value) if isinstance(value, list) else value) == setting.default


def test_a_wrong_setting_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "gateway", "gateway", "--data", str(tmp_path), "--modem", "x"],
        env={**os.environ, "WASPADA_MODEM_BAUD": "many"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1
    assert "modem.baud" in run.stderr


@pytest.mark.parametrize("setting", list(all_settings()), ids=lambda setting: setting.name)
def test_every_setting_can_be_given_as_text(setting: Setting) -> None:
    value = ",".join(setting.default) if isinstance(setting.default, tuple) else str(setting.default)
    settings = load(environment={setting.environment: value})
    section, key = setting.name.split(".")
    assert getattr(getattr(settings, section), key) == setting.default
