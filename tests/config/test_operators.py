"""operators.toml: what is shipped can be used, and a mistake in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.knowledge import KnowledgeError
from config.operators import FILE, load_operators, plain

GOOD = FILE.read_text(encoding="utf-8")


def test_the_shipped_operators_can_all_be_asked_and_heard() -> None:
    operators = load_operators()
    assert {"telkomsel", "indosat", "tri", "xl", "smartfren"} == {operator.key for operator in operators}
    for operator in operators:
        assert operator.balance_code.endswith("#")
        assert plain(operator.name) in operator.senders
        assert all(operator.patterns[what] for what in ("balance", "until", "low", "empty", "ending", "grace"))


@pytest.mark.parametrize(
    ("good", "wrong", "sentence"),
    [
        ('"51089"', '"51010"', "51010 is Telkomsel's already"),
        ('key = "tri"', 'key = "xl"', "xl is Tri's already"),
        ("'(?<!akan )", "'(?<!akan ", "is no regular expression"),
        ("{balance}'", "x'", "lacks {balance}"),
        ('balance_code = "*888#"', 'balance_code = "888"', "balance_code"),
        ('networks = ["51010"]', "networks = []", "networks"),
        ('key = "tri"', 'key = "tri"\ncolour = "black"', "colour"),
        ("[every]", "[every", "no valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, good: str, wrong: str, sentence: str) -> None:
    assert good in GOOD
    file = tmp_path / "operators.toml"
    file.write_text(GOOD.replace(good, wrong, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError) as fault:
        load_operators(file)
    assert sentence in str(fault.value)
    assert str(file) in str(fault.value)


def test_a_missing_file_says_where_it_belongs(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="is missing"):
        load_operators(tmp_path / "operators.toml")
