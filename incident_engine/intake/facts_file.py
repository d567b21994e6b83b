"""A facts file from disk or standard input: TOML or JSON in, a document or `Facts` out."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from incident_engine.domain.errors import BadFile, Fault
from incident_engine.domain.facts.document import Facts, parse_facts

LARGEST = 5 * 1024 * 1024  # bytes
DEEPEST = 50  # tables and lists inside one another

STANDARD_INPUT = "standard input"
_VERIS_TABLES = {"action", "actor", "asset", "attribute"}
_FACT_TABLES = {"format", "cause", "data", "people", "clocks"}
_AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")


def read_facts(path: str | Path, *, stream: BinaryIO | None = None) -> Facts:
    """Facts from a `.toml` or `.json` file, or JSON from `stream` where `path` is `-`.

    Raises BadFile, with every fault naming the file.
    """
    document = read_facts_document(path, stream=stream)
    return parse_facts(document, place=name_of(path))


def read_facts_document(path: str | Path, *, stream: BinaryIO | None = None) -> dict[str, object]:
    """The file's own tables, not yet checked against the list of facts.

    `stream` is read where `path` is `-`; left out, standard input. Raises BadFile for a file that
    is missing, a directory, over 5 MB, not UTF-8, no TOML or JSON, not a table, or in VERIS.
    """
    document = read_table(path, stream=stream)
    if _is_veris(document):
        _refuse(
            name_of(path), "veris", "a VERIS incident, which is not a facts file",
            "the keys of a facts file (format, role, cause, data, people)", "Add --format veris.",
        )  # fmt: skip
    return document


def read_table(path: str | Path, *, stream: BinaryIO | None = None) -> dict[str, object]:
    """The table that a TOML or JSON file holds, whatever form its keys have. Raises BadFile."""
    name = name_of(path)
    if str(path) == "-":
        document = _from_json(_text(_bounded(stream or sys.stdin.buffer, name), name), name)
    else:
        document = _from_file(Path(path), name)
    _check_depth(document, name)
    return _table(document, name)


def name_of(path: str | Path) -> str:
    """What faults call the file."""
    return STANDARD_INPUT if str(path) == "-" else Path(path).name


def _from_file(path: Path, name: str) -> object:
    ending = path.suffix.lower()
    if ending not in (".toml", ".json"):
        _refuse(name, "unknown-ending", f"a file ending in {ending or 'nothing'}", ".toml or .json")
    if path.is_dir():
        _refuse(name, "directory", "a directory", "a facts file")
    try:
        with path.open("rb") as stream:
            text = _text(_bounded(stream, name), name)
    except FileNotFoundError:
        _refuse(name, "missing", "no such file", "a facts file", "Check the path.")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "a path that cannot be opened"
        _refuse(name, "unreadable", reason, "a file this user may read")
    return _from_toml(text, name) if ending == ".toml" else _from_json(text, name)


def _bounded(stream: BinaryIO, name: str) -> bytes:
    content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        _refuse(name, "too-large", "more than 5 MB", "a facts file of at most 5 MB")
    return content


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        spot = f"{name}: line {line}"
        _refuse(spot, "not-utf-8", "bytes that are not UTF-8", "UTF-8", "Save the file as UTF-8.")


def _from_toml(text: str, name: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        place = _AT_LINE.search(said)
        line = place[1] if place and place[1] else str(text.count("\n") + 1)
        reason = _AT_LINE.sub("", said).strip()
        _refuse(f"{name}: line {line}", "not-toml", f"TOML that cannot be read ({reason})", "TOML")
    except RecursionError:
        _too_deep(name)
    except ValueError:  # a number with more digits than Python reads
        _refuse(name, "not-toml", "a number beyond measure", "a number of people or records")


def _from_json(text: str, name: str) -> object:
    def no_constant(word: str) -> NoReturn:
        _refuse(name, "not-a-number", word, "a number")

    def no_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
        table = dict(pairs)
        if len(table) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            _refuse(name, "key-twice", f"the key {twice[:80]!r} twice in one table", "it once")
        return table

    try:
        return json.loads(text, object_pairs_hook=no_doubles, parse_constant=no_constant)
    except json.JSONDecodeError as error:
        spot = f"{name}: line {error.lineno}"
        _refuse(spot, "not-json", f"JSON that cannot be read ({error.msg})", "JSON")
    except RecursionError:
        _too_deep(name)
    except ValueError:  # a number with more digits than Python reads
        _refuse(name, "not-json", "a number beyond measure", "a number of people or records")


def _check_depth(document: object, name: str) -> None:
    floor: list[Any] = [document]
    for _ in range(DEEPEST + 1):
        floor = [inner for found in floor for inner in _inner(found)]
        if not floor:
            return
    _too_deep(name)


def _inner(found: Any) -> list[Any]:
    values = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return [value for value in values if isinstance(value, (dict, list))]


def _too_deep(name: str) -> NoReturn:
    _refuse(name, "too-deep", f"more than {DEEPEST} tables inside one another", "a facts file")


def _table(document: object, name: str) -> dict[str, object]:
    if not isinstance(document, dict):
        _refuse(name, "not-a-table", "a list or a single value", "a table of facts")
    return document


def _is_veris(document: Mapping[str, object]) -> bool:
    tables = len(_VERIS_TABLES & document.keys())
    return tables >= 2 and not _FACT_TABLES & document.keys()


def _refuse(place: str, code: str, found: str, expected: str, next_step: str = "") -> NoReturn:
    fault = Fault(place=place, code=code, found=found, expected=expected, next_step=next_step)
    raise BadFile([fault])
