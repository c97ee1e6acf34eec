"""Who may import whom (`docs/architecture.md`), and what the pure modules must not touch. Read from the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("config", "modem", "gateway", "sync")
PURE_SYNC = ("sync.entries", "sync.frame", "sync.protocol", "sync.rows", "sync.dictionary", "sync.pacing")

# The longest prefix of a module's name that stands here decides what of ours it may import.
ALLOWED: dict[str, tuple[str, ...]] = {
    "config": ("config",),
    "modem": ("modem", "config"),
    "gateway": ("gateway", "modem", "config", "sync.entries"),
    "gateway.cli": OURS,  # the composition root
    "sync": ("sync", "gateway", "modem", "config"),
    "sync.entries": (),
    "sync.rows": PURE_SYNC,
    "sync.dictionary": PURE_SYNC,
    "sync.dictionary.build": ("config", *PURE_SYNC),  # the script that makes the shipped dictionary
    "sync.frame": PURE_SYNC,
    "sync.protocol": PURE_SYNC,
    "sync.pacing": PURE_SYNC,
    "sync.central": ("sync.central", "config", *PURE_SYNC),
}

NOT_PURE = ("sync.dictionary.build",)
PURE = (
    "modem.at",
    "modem.answers",
    "modem.parts",
    "modem.gsm7",
    "modem.life",
    "modem.received",
    "modem.masking",
    "modem.codes",
    "modem.ussd",
    "gateway.reports",
    *PURE_SYNC,
)
IMPURE = {
    "serial", "socket", "socketserver", "ssl", "selectors", "select", "flask", "requests", "urllib", "http", "sqlalchemy",
    "sqlite3", "psycopg", "time", "random", "secrets", "threading", "subprocess", "gammu", "os",
}  # fmt: skip
POSIX_ONLY = {"fcntl", "termios", "tty", "pty", "pwd", "grp", "resource"}


def modules() -> Iterator[tuple[str, Path]]:
    for package in OURS:
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


MODULES = dict(modules())


def imports(name: str, file: Path) -> Iterator[tuple[str, int]]:
    """Every import of a module, absolute, with its line. `from a import b` gives a.b where that is a module."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                stem = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*stem, base] if base else stem)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield (inner if inner in MODULES else base), node.lineno


def allowed_for(name: str) -> tuple[str, ...]:
    rules = [prefix for prefix in ALLOWED if name == prefix or name.startswith(prefix + ".")]
    return ALLOWED[max(rules, key=len)]


def within(name: str, prefixes: tuple[str, ...] | set[str]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


@pytest.mark.parametrize("name", MODULES)
def test_imports_only_what_it_may(name: str) -> None:
    wrong = [
        f"line {line}: {imported}"
        for imported, line in imports(name, MODULES[name])
        if within(imported, OURS) and not within(imported, allowed_for(name)) and imported not in OURS
    ]
    assert not wrong, f"{name} must not import {wrong}"


@pytest.mark.parametrize("name", [name for name in MODULES if within(name, PURE) and name not in NOT_PURE])
def test_pure_modules_touch_nothing_outside(name: str) -> None:
    wrong = [f"line {line}: {imported}" for imported, line in imports(name, MODULES[name]) if within(imported, IMPURE)]
    assert not wrong, f"{name} is pure and must not import {wrong}"


@pytest.mark.parametrize("name", MODULES)
def test_posix_only_modules_are_imported_where_windows_never_comes(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    at_the_top = [
        node.lineno
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        and within((node.names[0].name if isinstance(node, ast.Import) else node.module or ""), POSIX_ONLY)
    ]
    assert not at_the_top, f"{name} imports a POSIX-only module at lines {at_the_top}"


def test_the_rule_sees_a_forbidden_import(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text("from gateway.store import ledger\nimport sqlalchemy.orm\n")
    found = [imported for imported, _ in imports("modem.wrong", file)]
    assert not within(found[0], allowed_for("modem.wrong"))
    assert within(found[1], IMPURE)
