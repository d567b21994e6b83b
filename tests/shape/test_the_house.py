"""The architecture, kept by a machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from enum import StrEnum
from fnmatch import fnmatch
from pathlib import Path

import pytest

from incident_engine.domain import errors, words
from incident_engine.settings import setting_names

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "incident_engine"
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if "migrations/versions" not in path.as_posix()
)
EMPTY_WORDS = {"utils", "util", "manager", "helper", "helpers", "service", "handler", "common"}


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of code: the docstring explains and is not counted."""
    first = function.body[0]
    said = ast.get_docstring(function) is not None
    doc = (first.end_lineno or 0) - first.lineno + 1 if said else 0
    return (function.end_lineno or 0) - function.lineno + 1 - doc


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_module_is_over_500_lines(path: Path) -> None:
    # The verifier travels alone in every pack, as one file that an auditor can read.
    longest = 1100 if named(path) == "proof/verify.py" else 500
    assert len(path.read_text().splitlines()) <= longest


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_function_is_over_60_lines(path: Path) -> None:
    assert [f.name for f in functions(path) if length(f) > 60] == []


def test_the_median_function_is_under_ten_lines_and_few_are_over_forty() -> None:
    lengths = sorted(length(f) for path in MODULES for f in functions(path))
    assert lengths[len(lengths) // 2] < 10
    assert sum(n > 40 for n in lengths) <= len(lengths) // 50


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_file_is_named_for_a_pattern(path: Path) -> None:
    assert not EMPTY_WORDS & set(re.split(r"[_.]", path.stem))


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_every_module_and_public_function_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "the module has no docstring"
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    assert [node.name for node in public if not ast.get_docstring(node)] == []


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (r"\.commit\(", {"store/db.py", "store/migrations/env.py"}),
        (r"datetime\.now\(|time\.time\(|utcnow\(", {"app.py", "cli/assess.py", "demo/provider.py"}),
        (r"os\.environ|getenv\(", {"home.py", "settings.py"}),
        (r"\bprint\(", set()),
    ],
)
def test_what_may_stand_only_in_one_place_does(pattern: str, allowed: set[str]) -> None:
    found = {
        named(path)
        for path in MODULES
        if any(
            re.search(pattern, line.split("#")[0]) and "console().print" not in line
            for line in path.read_text().splitlines()
        )
    }
    assert found <= allowed


def test_only_verbs_open_a_transaction() -> None:
    found = {
        named(path)
        for path in MODULES
        if re.search(r"\.transaction\(", path.read_text())
        and not named(path).startswith(("workflow/", "store/db.py"))
    }
    assert found == set()


def test_imports_point_downward() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "kind",
    [
        k
        for k in vars(words).values()
        if isinstance(k, type) and issubclass(k, StrEnum) and k is not StrEnum
    ],
    ids=lambda kind: kind.__name__,
)
def test_every_word_has_a_line_that_says_what_it_means(kind: type[StrEnum]) -> None:
    source = (PACKAGE / "domain/words.py").read_text()
    for member in kind:
        line = next(x for x in source.splitlines() if x.strip().startswith(f"{member.name} = "))
        assert "# " in line, member


def test_every_error_is_drawn_in_the_tree_and_says_what_happened() -> None:
    tree = errors.__doc__ or ""
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, Exception):
            assert kind.__name__ in tree
            assert kind.__doc__


def test_the_example_config_holds_every_setting_and_no_other() -> None:
    table = tomllib.loads((ROOT / "config.example.toml").read_text())
    shown = [(section, name) for section, part in table.items() for name in part]
    assert sorted(shown) == sorted(setting_names())


def test_the_top_level_is_what_it_is_meant_to_be() -> None:
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()]
    found = {path.name for path in ROOT.iterdir()} - {".git"}
    top = {name for name in found if not any(fnmatch(name, each) for each in ignored)}
    assert top <= {
        "incident_engine",
        "templates",
        "playbooks",
        "tests",
        "config.example.toml",
        "pyproject.toml",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "uv.lock",
        ".ci",
        ".gitignore",
    }
