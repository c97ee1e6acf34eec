"""What the commands know of messages: the shipped forms and words, with the district's own from its data folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.reports.knowledge import Knowledge


def examine(region: str, data: Path | None, forms: Iterable[Path] = ()) -> tuple[Knowledge | None, list[str]]:
    """Knowledge ready to use, or None and a sentence for each mistake. Raises RegionError.

    `data` is the data folder, whose folder `knowledge` holds the district's own files; `forms` are further form files.
    """
    from config.forms import Form
    from config.knowledge import OWN_FOLDER, examine_knowledge, load_knowledge
    from config.tables import KnowledgeError, Source
    from gateway.fitting import fit_mistakes
    from gateway.reports.knowledge import compile_knowledge

    own, forms = data / OWN_FOLDER if data else None, tuple(forms)
    files, mistakes = examine_knowledge(region, own=own, forms=forms)
    known = files or load_knowledge(region)
    listed = {file.name: file for file in (*sorted((own / "forms").glob("*.toml") if own else ()), *forms)}
    for file in listed.values():  # the shipped ones are tested
        try:
            source = Source(file)
        except KnowledgeError:
            continue  # named among the mistakes already
        form, _ = source.read(Form)
        if form is not None:
            mistakes += [str(mistake) for mistake in fit_mistakes(source, form.with_questions(), known)]
    if files is None or mistakes:
        return None, mistakes
    knowledge = compile_knowledge(files)
    assert knowledge.own_forms is not None  # compiled now, not with the first message
    return knowledge, []


def know(region: str, data: Path | None, forms: Iterable[Path] = ()) -> Knowledge:
    """As `examine`. Raises KnowledgeError with the first mistake, or RegionError."""
    from config.knowledge import KnowledgeError

    knowledge, mistakes = examine(region, data, forms)
    if knowledge is None:
        raise KnowledgeError(mistakes[0])
    return knowledge
