"""Every attack that is listed as tried is tried by a test that says so."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
LISTED = {
    attack: said
    for part in tomllib.loads((TESTS / "attacks.toml").read_text("utf-8")).values()
    for attack, said in part.items()
}


def ids(first: int, last: int) -> set[str]:
    return {f"A{number:02d}" for number in range(first, last + 1)}


TRIED = ids(1, 63)  # each of these has a test; add yours


def marked(file: Path) -> Iterator[str]:
    """The ids written in `pytest.mark.attack(…)` anywhere in a file of tests."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.attack"):
            yield from (ast.literal_eval(each) for each in node.args)


MARKED = {attack: file for file in sorted(TESTS.rglob("test_*.py")) for attack in marked(file)}


@pytest.mark.parametrize("attack", sorted(TRIED))
def test_a_listed_attack_is_tried(attack: str) -> None:
    assert attack in MARKED, LISTED[attack]


def test_no_test_is_marked_with_an_attack_that_nobody_listed() -> None:
    assert set(MARKED) <= set(LISTED)


def test_the_list_has_no_gap_and_each_is_one_sentence() -> None:
    assert set(LISTED) == ids(1, 63)
    assert all(said.endswith(".") and "\n" not in said for said in LISTED.values())
