"""Documentation that cannot lie: generated pages are fresh, links lead somewhere, commands of the README exist."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from gateway.cli import main

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GENERATED: dict[str, Callable[[], str]] = runpy.run_path(str(ROOT / "docs" / "generate.py"))["PAGES"]


@pytest.mark.parametrize("name", GENERATED)
def test_generated_pages_are_fresh(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == GENERATED[name](), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{target} in {page.name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_and_options_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for line in re.findall(r"(?:^|[`$> /\\])waspada ([a-z][^`\n|]*)", text):
        words = [word for word in re.split(r"[\s\[\]]+", line.replace("|", " ")) if word]
        command: click.Command = main
        known = {"--help"}
        for position, word in enumerate(words):
            inner = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
            if word.startswith("--"):
                flag = word.split("=")[0].rstrip(".,;:)")
                assert flag in known, f"{flag} in `waspada {line}` of {page.name}"
            elif inner is not None:
                command = inner
                known |= {name for option in inner.params for name in option.opts}
            assert position or command is not main, f"`waspada {line}` of {page.name}: no such command"


def test_the_makefile_has_the_words_everybody_uses() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    for word in ("demo", "test", "check", "bench", "docs", "lock"):
        assert re.search(rf"^{word}:", text, re.MULTILINE)
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_pin_hashes_and_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    pins = re.findall(r"^[a-z][^\n]*==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))


def test_the_table_of_states_names_every_state_and_what_the_life_table_does_in_it() -> None:
    from modem.life import LADDER, TABLE
    from modem.types import ModemState

    text = (ROOT / "docs" / "modem.md").read_text(encoding="utf-8").partition("## States")[2]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line[:3] == "| `"]
    told = {state: row for row in rows for state in re.findall(r"`(\w+)`", row[0])}
    assert set(told) == set(ModemState)
    reached = {state for state, _ in (*TABLE.values(), *LADDER)}
    assert reached == set(told), "a state of the life table has no row, or a row no way to it"
    for step, words in (("reset", "restarts it"), ("reopen", "opens it again"), ("power", "takes it off the USB")):
        assert any(step == taken for _, taken in LADDER)
        assert words in told["resetting"][2]


def test_the_table_of_states_quotes_what_the_page_says() -> None:
    from gateway.console.said import SAID
    from gateway.console.words import MODEM

    said = [*SAID, *(str(word.help) for word in MODEM.values())]
    text = (ROOT / "docs" / "modem.md").read_text(encoding="utf-8").partition("## States")[2]
    for line in text.splitlines():
        if line.startswith("| `"):
            for quoted in line.strip("|").split(" | ")[1].split(" / "):
                assert any(sentence.startswith(quoted.strip()) for sentence in said), quoted


def test_shell_words_of_the_readme_parse() -> None:
    for block in re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                shlex.split(line[2:])
