"""The shipped udev rule: written as udev reads it, and in time for ModemManager."""

from __future__ import annotations

import re
from pathlib import Path

RULES = Path(__file__).parents[2] / "docs" / "udev" / "60-waspada-modem.rules"
LINES = [line for line in RULES.read_text(encoding="ascii").splitlines() if line and not line.startswith("#")]
_PART = r'[A-Z]+(?:\{[^{}]+\})?(?:==|!=|=|\+=|:=)"[^"]*"'


def test_every_line_is_a_rule() -> None:
    for line in LINES:
        assert re.fullmatch(rf"{_PART}(?:, {_PART})*", line), line


def test_every_jump_has_a_later_place_to_go_to() -> None:
    labels = {found[1]: at for at, line in enumerate(LINES) if (found := re.match(r'LABEL="(\w+)"', line))}
    jumps = [(at, found) for at, line in enumerate(LINES) for found in re.findall(r'GOTO="(\w+)"', line)]
    assert jumps
    assert all(labels[target] > at for at, target in jumps)


def test_it_is_read_before_the_rules_of_modemmanager() -> None:
    assert int(RULES.name.partition("-")[0]) < 77
    assert any('ENV{ID_MM_DEVICE_IGNORE}="1"' in line for line in LINES)


def test_programs_are_named_with_their_path() -> None:
    programs = re.findall(r'RUN\+="(\S+)', " ".join(LINES))
    assert programs
    assert all(program.startswith("/") for program in programs)
