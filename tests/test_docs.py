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


def test_shell_words_of_the_readme_parse() -> None:
    for block in re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                shlex.split(line[2:])
