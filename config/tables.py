"""Reading the TOML files of a district into typed tables; a mistake is named with file, line, column, key and what to do."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from config import StartError

Word = Annotated[str, Meta(pattern=r"\S")]
"""Not empty."""
Words = tuple[Word, ...]
Level = Annotated[int, Meta(ge=0, le=9)]
Step = str | int
"""One step of the way to a value: a key, or the number (from 0) of a table in a list of tables."""
Way = tuple[Step, ...]
MOST_MISTAKES = 20
"""So many wrong keys of one file are named before it is read no further."""


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all tables: a key nobody knows is a mistake, not a wish."""


class KnowledgeError(StartError):
    """A form or vocabulary file that cannot be used. The text is complete: print it and stop."""


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands in a file, both counted from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True)
class Mistake:
    """One thing wrong in a file. `what` says what is wrong and what to do, without a full stop."""

    file: Path
    place: Place
    key: str
    what: str

    def __str__(self) -> str:
        key = f"{self.key}: " if self.key else ""
        return f"{self.file}, line {self.place.line}, column {self.place.column}: {key}{self.what}."

    def error(self) -> KnowledgeError:
        """The same as what stops a start."""
        return KnowledgeError(str(self))


Read = TypeVar("Read")


class Source:
    """A TOML file as read: its tables, and where each key stands."""

    def __init__(self, file: Path) -> None:
        """Raises KnowledgeError where the file cannot be read, or is no TOML."""
        self.file = file
        try:
            self.text = file.read_text(encoding="utf-8")
            self.tables: dict[str, Any] = tomllib.loads(self.text)
        except FileNotFoundError:
            raise KnowledgeError(f"{file} is missing; check its name, or put it back from the release.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise KnowledgeError(f"{file} cannot be read ({error}); mend its rights or its content.") from None
        except tomllib.TOMLDecodeError as error:
            raise KnowledgeError(_syntax(file, self.text, error)) from None

    def mistake(self, way: Way, what: str, value: str = "") -> Mistake:
        """A mistake at a key, or at the word `value` of its list."""
        return Mistake(self.file, place_of(self.text, way, value), key_of(way), what)

    def read(self, kind: type[Read]) -> tuple[Read | None, list[Mistake]]:
        """The tables as `kind` (None where they are malformed) and every malformed key."""
        tables = self.tables
        mistakes: list[Mistake] = []
        gone: dict[Way, list[int]] = {}
        for _ in range(MOST_MISTAKES):
            try:
                found = msgspec.convert(tables, kind)
                return (None if mistakes else found), mistakes
            except msgspec.ValidationError as error:
                what, _, where = str(error).partition(" - at `")
                way = _exact(tables, kind, str(error), _steps(where.strip("`")))
            if mistakes and _is_missing(what) and not any(isinstance(step, int) for step in way):
                break  # taken out below
            mistakes.append(self._malformed(_as_written(way, gone), what))
            left = _without(tables, way, gone)
            if left is None:
                break
            tables = left
        return None, mistakes

    def _malformed(self, way: Way, what: str) -> Mistake:
        named = re.search(r"`(.+?)`", what)
        what = what[:1].lower() + what[1:]
        if named and _is_missing(what):
            return self.mistake(way, f"the key {named.group(1)} is missing; add it")
        if named and "unknown field" in what:
            return self.mistake((*way, named.group(1)), "there is no such key; correct its spelling or take it out")
        return self.mistake(way, f"{what}; correct it")


def read_table(file: Path, kind: type[Read]) -> Read:
    """One TOML file as `kind`. Raises KnowledgeError naming file, line, key and mistake (the first of them)."""
    found, mistakes = Source(file).read(kind)
    if found is None:
        raise mistakes[0].error()
    return found


def key_of(way: Way) -> str:
    """A way as people write it: `jenis 3: words`."""
    said = ""
    for step in way:
        said += f" {step + 1}" if isinstance(step, int) else f"{': ' if said else ''}{step}"
    return said


def _syntax(file: Path, text: str, error: tomllib.TOMLDecodeError) -> str:
    said = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", str(error), re.DOTALL)
    if said is None:
        end = text.rstrip().count("\n") + 1
        what, place = str(error).partition(" (")[0], Place(end)
    else:
        what, place = said.group(1), Place(int(said.group(2)), int(said.group(3)))
    return str(Mistake(file, place, "", f"no valid TOML: {what[:1].lower()}{what[1:]}; mend that line"))


def _is_missing(what: str) -> bool:
    return "missing required field" in what


def _steps(where: str) -> list[str]:
    """`$.jenis[...].level` as steps; `[...]` and `*` stand for one of many."""
    return re.findall(r"\[\.\.\.\]|\[\d+\]|[^.\[\]$`]+", where)


def _exact(tables: Any, kind: type[Any], said: str, steps: list[str]) -> Way:
    """The way with every `[...]` replaced by the number, and keys of free tables by the name, that is wrong."""
    way: list[Step] = []
    node = tables
    for step in steps:
        if step == "[...]" and isinstance(node, list):
            chosen = next((i for i in range(len(node)) if _says(tables, kind, said, (*way, i))), 0)
            way.append(chosen)
            node = node[chosen] if node else None
        elif step.startswith("[") and step[1:-1].isdigit():
            way.append(int(step[1:-1]))
            node = node[int(step[1:-1])] if isinstance(node, list) and int(step[1:-1]) < len(node) else None
        elif step == "[...]" and isinstance(node, dict):
            name = next((key for key in node if _says(tables, kind, said, (*way, key))), next(iter(node), ""))
            way.append(name)
            node = node.get(name)
        else:
            way.append(step)
            node = node.get(step) if isinstance(node, dict) else None
    return tuple(way)


def _says(tables: Any, kind: type[Any], said: str, way: Way) -> bool:
    """Whether the same mistake is found where nothing but this one of many is left."""
    left = copy.deepcopy(tables)
    node = left
    for step in way[:-1]:
        node = node[step]
    last = way[-1]
    if isinstance(last, int):
        node[:] = [node[last]]
    else:
        for key in [key for key in node if key != last]:
            del node[key]
    try:
        msgspec.convert(left, kind)
    except msgspec.ValidationError as error:
        return str(error) == said
    return False


def _without(tables: dict[str, Any], way: Way, gone: dict[Way, list[int]]) -> dict[str, Any] | None:
    """The tables without what is malformed, so that the next mistake can be found; None where nothing sensible is left.

    Of a list the whole table that holds it goes: `gone` keeps which ones did, by the way to the list, as they were numbered.
    """
    number = next((index for index, step in enumerate(way) if isinstance(step, int)), len(way) - 1)
    if number < 0:
        return None
    left = copy.deepcopy(tables)
    node: Any = left
    for step in way[:number]:
        node = node[step]
    try:
        del node[way[number]]
    except (KeyError, IndexError, TypeError):
        return None
    if isinstance(way[number], int):
        gone.setdefault(way[:number], []).append(int(_as_written(way[: number + 1], gone)[-1]))
    return left


def _as_written(way: Way, gone: dict[Way, list[int]]) -> Way:
    """A way with the number its list's table had before others were taken out."""
    for index, step in enumerate(way):
        if isinstance(step, int):
            for lost in sorted(gone.get(way[:index], ())):
                step += lost <= step
            return (*way[:index], step, *way[index + 1 :])
    return way


# where a key stands

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+))*)\s*=""")
_PIECE = re.compile(r"""\"[^"]*"|'[^']*'|[A-Za-z0-9_-]+""")
_STRINGS = re.compile(r'''"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*''', re.DOTALL)


def place_of(text: str, way: Way, value: str = "") -> Place:
    """Where the key at the end of a way stands in a TOML text, or the word `value` in its list.

    The nearest table around it where the key itself is not written (it is missing, or stands in an inline table).
    """
    best, depth = Place(), 0
    for start, end, found in _keys(text):
        common = _common(found, way)
        if common > depth or (common == depth == len(found) and depth and best == Place()):
            line = text.count("\n", 0, start) + 1
            best, depth = Place(line, start - text.rfind("\n", 0, start)), common
            if common == len(found) and value:
                quoted = re.search(rf"""["']{re.escape(value)}["']""", text[start:end])
                if quoted:
                    at = start + quoted.start()
                    best = Place(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
    return best


def _common(found: Way, way: Way) -> int:
    """How many steps of `way` the written key `found` covers; 0 where it leads elsewhere."""
    return len(found) if found == way[: len(found)] else 0


def _keys(text: str) -> Iterator[tuple[int, int, Way]]:
    """(start, end, way) of every header and key of a TOML text; offsets in characters, the value included."""
    # What stands in strings and comments is no syntax: blanked, lengths kept.
    bare = _STRINGS.sub(
        lambda found: re.sub(r"[^\n]", "\0", found.group()) if _is_value(text, found) else found.group(), text
    )
    table: Way = ()
    counts: dict[Way, int] = {}
    open_brackets, key_start, key_way = 0, -1, table
    offset = 0
    for line in bare.splitlines(keepends=True):
        if open_brackets == 0:
            if key_start >= 0:
                yield key_start, offset, key_way
                key_start = -1
            if header := _HEADER.match(line):
                table = _entered(_pieces(header.group(2)), counts, many=header.group(1) == "[[")
                yield offset + header.start(1), offset + len(line), table
            elif key := _KEY.match(line):
                key_start, key_way = offset + key.start(1), (*table, *_pieces(key.group(1)))
                open_brackets += _opened(line[key.end() :])
        else:
            open_brackets += _opened(line)
        offset += len(line)
    if key_start >= 0:
        yield key_start, offset, key_way


def _is_value(text: str, found: re.Match[str]) -> bool:
    """Whether a quoted piece is a value or comment, and not a quoted key or header."""
    if found.group().startswith("#"):
        return True
    line_end = text.find("\n", found.end())
    behind = text[found.end() : line_end if line_end >= 0 else len(text)].lstrip()
    line_start = text[text.rfind("\n", 0, found.start()) + 1 : found.start()].strip()
    return not (behind.startswith(("=", ".")) and "=" not in line_start) and not line_start.startswith("[")


def _pieces(dotted: str) -> tuple[str, ...]:
    return tuple(piece.strip("\"'") for piece in _PIECE.findall(dotted))


def _entered(pieces: tuple[str, ...], counts: dict[Way, int], *, many: bool) -> Way:
    """The way of a header, with the numbers of the tables in lists it goes through."""
    way: Way = ()
    for position, piece in enumerate(pieces):
        way = (*way, piece)
        if many and position == len(pieces) - 1:
            counts[way] = counts.get(way, -1) + 1
        if way in counts:
            way = (*way, counts[way])
    return way


def _opened(line: str) -> int:
    return sum(line.count(mark) for mark in "[{") - sum(line.count(mark) for mark in "]}")
