"""An incident in any JSON as a facts document, by a mapping file that says which value is which.

    format = 1
    name   = "Our SIEM"
    [facts]
    title            = "$.event.title"                      # a path, RFC 9535
    role             = { value = "controller" }             # the same for every incident
    "data.types"     = { at = "$.labels[*]", words = { mail = "email", pw = "password" } }
    "clocks.detected" = { at = "$.seen", date = "%d.%m.%Y %H:%M", zone = "Europe/Berlin" }
    [[people]]                                              # one block for each value found
    each  = "$.affected[*]"
    where = { at = "$.land", words = { Deutschland = "DE" } }
    count = "$.persons"

What a path does not find is not known. A value that no line of `words` names is left and listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from jsonpath import JSONPathEnvironment
from jsonpath.exceptions import JSONPathError
from pydantic import AfterValidator, BeforeValidator, Field, StrictInt, ValidationError

from incident_engine.domain.errors import BadFile, Fault
from incident_engine.domain.facts.count import Table
from incident_engine.domain.facts.faults import faults_of, refuse
from incident_engine.domain.facts.keys import assemble, check_key, check_value
from incident_engine.domain.facts.text import Line
from incident_engine.domain.law.statement import Zone
from incident_engine.intake.facts_file import read_table
from incident_engine.intake.foreign import Left, Translated, shortly
from incident_engine.intake.toml_lines import line_of, lines_of

_PATHS = JSONPathEnvironment(strict=True)  # RFC 9535 and nothing beside it
_SECONDS = {"unix": 1, "unix-ms": 1_000}
_ANYWHERE = "AQ"  # stands for the place of a block while the mapping itself is checked


def _path(text: str) -> str:
    try:
        _PATHS.compile(text)
    except JSONPathError as error:
        said = str(error).split(", line")[0][:80]
        raise refuse("not-a-path", text, f"a JSONPath of RFC 9535 ($.a.b): {said}") from None
    return text


JsonPath = Annotated[Line, AfterValidator(_path)]


class Source(Table):
    """Where one fact comes from: a path, with its words or date form, or one value for all."""

    at: JsonPath | None = None
    value: Any = None
    words: Mapping[str, Any] = {}
    date: Line | None = None
    zone: Zone | None = None


def _source(found: object) -> object:
    if isinstance(found, str):
        found = {"at": found}
    if not isinstance(found, Mapping) or (found.get("at") is None) == (found.get("value") is None):
        raise refuse("wrong-kind", found, 'a path ("$.a.b"), or a table with one of at and value')
    return found


Sources = Mapping[str, Annotated[Source, BeforeValidator(_source)]]


def _block(found: Sources) -> Sources:
    if not {"each", "where"} <= found.keys():
        raise refuse("missing", ", ".join(found) or "nothing", "each and where in every block")
    return found


class FactMapping(Table):
    """A mapping file."""

    format: StrictInt = Field(ge=1, le=1)
    name: Line
    facts: Sources = Field(default_factory=dict)
    people: tuple[Annotated[Sources, AfterValidator(_block)], ...] = ()


def read_mapping(path: Path) -> FactMapping:
    """A mapping file. Raises BadFile: every unknown fact, word, path and zone by name and line."""
    document = read_table(path)
    try:
        mapping = FactMapping.model_validate(document)
        faults = list(_faults(mapping, path.name))
    except ValidationError as error:
        faults = faults_of(error, FactMapping, place=path.name)
    if faults:
        raise BadFile([_at_line(path, fault) for fault in faults])
    return mapping


def _at_line(path: Path, fault: Fault) -> Fault:
    inner = fault.place.removeprefix(f"{path.name}: ").replace('"', "")
    line = line_of(lines_of(path.read_text("utf-8-sig")), inner)
    if line is None:
        return fault
    return Fault(
        place=f"{path.name} line {line}: {inner}", code=fault.code, found=fault.found,
        expected=fault.expected, next_step=fault.next_step,
    )  # fmt: skip


def _faults(mapping: FactMapping, name: str) -> Iterator[Fault]:
    for key, source in mapping.facts.items():
        yield from _wrong(f"{name}: facts.{key}", key, source)
    for index, block in enumerate(mapping.people):
        for key, source in block.items():
            if key not in ("each", "where"):
                place = f"{name}: people[{index}].{key}"
                yield from _wrong(place, f"people.{_ANYWHERE}.{key}", source)
        for word in block["where"].words.values():
            yield from _wrong(f"{name}: people[{index}].where", f"people.{word}.count", None)


def _wrong(place: str, key: str, source: Source | None) -> Iterator[Fault]:
    """What is wrong with the key itself, and with each value that the mapping may give it."""
    try:
        several = check_key(key)
        values = [source.value, *source.words.values()] if source else []
        for value in values:
            if value is not None:
                check_value(key, [value] if several and not isinstance(value, list) else value)
    except BadFile as bad:
        for fault in bad.faults:
            yield Fault(
                place=place, code=fault.code, found=f"{fault.place}: {fault.found}",
                expected=fault.expected, next_step=fault.next_step,
            )  # fmt: skip


def from_json(document: Mapping[str, object], mapping: FactMapping, *, place: str) -> Translated:
    """The facts that a mapping finds in a JSON document.

    `place` names the file in faults. Raises BadFile for a value that is there and cannot be the
    fact it is mapped to: its path, what was found, what was expected.
    """
    reading = _Reading(mapping, document, place)
    pairs = list(reading.pairs())
    return Translated(assemble(pairs), mapping.name, (), tuple(reading.left))


@dataclass(frozen=True)
class _Found:
    path: str
    value: Any


class _Reading:
    def __init__(self, mapping: FactMapping, document: Mapping[str, object], name: str) -> None:
        self._mapping = mapping
        self._document = document
        self._name = name
        self.left: list[Left] = []

    def pairs(self) -> Iterator[tuple[str, object]]:
        """Every fact found, with its key."""
        for key, source in self._mapping.facts.items():
            yield from self._pair(key, source, self._document, "$")
        for block in self._mapping.people:
            each = block["each"].at or "$"
            for found in _matches(each, self._document, "$"):
                yield from self._block(block, found)

    def _block(self, block: Sources, found: _Found) -> Iterator[tuple[str, object]]:
        wheres = self._values(block["where"], found.value, found.path)
        if len(wheres) != 1:
            why = "says no place, or several"
            self.left.append(Left(found.path, shortly(found.value), why))
            return
        where = str(wheres[0].value)
        yield f"people.{where}.where", self._checked(f"people.{where}.where", wheres[0])
        for name, source in block.items():
            if name not in ("each", "where"):
                yield from self._pair(f"people.{where}.{name}", source, found.value, found.path)

    def _pair(
        self, key: str, source: Source, within: object, at: str
    ) -> Iterator[tuple[str, object]]:
        found = self._values(source, within, at)
        if not found:
            return
        if check_key(key):
            texts = [value for each in found for value in _several(each.value)]
            yield key, self._checked(key, _Found(found[0].path, texts))
        elif len({str(each.value) for each in found}) > 1:
            for each in found:
                self.left.append(Left(each.path, shortly(each.value), f"one of several for {key}"))
        else:
            yield key, self._checked(key, found[0])

    def _values(self, source: Source, within: object, at: str) -> list[_Found]:
        """The values of a source in the mapping's own words; those it does not know are left."""
        if source.at is None:
            return [_Found(at, source.value)]
        found = []
        for each in _matches(source.at, within, at):
            if each.value is None or each.value == "":
                continue
            if not source.words:
                value = self._moment(source, each) if source.date or source.zone else each.value
                found.append(_Found(each.path, value))
            elif _word(each.value) in source.words:
                found.append(_Found(each.path, source.words[_word(each.value)]))
            else:
                self.left.append(Left(each.path, shortly(each.value), "no line of words names it"))
        return found

    def _moment(self, source: Source, found: _Found) -> str:
        """A moment in any form as a facts file holds it."""
        try:
            return _instant(source, found.value)
        except (ValueError, OverflowError, OSError):
            expected = f"a moment as {source.date or 'RFC 3339'}"
            raise self._bad(found, "not-a-moment", shortly(found.value), expected) from None

    def _checked(self, key: str, found: _Found) -> object:
        try:
            return check_value(key, found.value)
        except BadFile as bad:
            fault = bad.faults[0]
            expected = f"{key}: {fault.expected}" if fault.expected else key
            raise self._bad(found, fault.code, fault.found, expected, fault.next_step) from None

    def _bad(
        self, found: _Found, code: str, what: str, expected: str, next_step: str = ""
    ) -> BadFile:
        return BadFile([Fault(
            place=f"{self._name}: {found.path}", code=code, found=what, expected=expected,
            next_step=next_step,
        )])  # fmt: skip


def _matches(path: str, within: object, at: str) -> list[_Found]:
    if not isinstance(within, (Mapping, list)):
        return [_Found(at, within)] if path == "$" else []
    found = _PATHS.compile(path).finditer(within)
    return [_Found(_plain(at + match.path[1:]), match.obj) for match in found]


def _plain(path: str) -> str:
    """A normalised path (`$['a'][0]`) as people write it."""
    return re.sub(r"\['([A-Za-z_][A-Za-z0-9_]*)'\]", r".\1", path)


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _instant(source: Source, value: object) -> str:
    zone = ZoneInfo(source.zone) if source.zone else None
    if source.date in _SECONDS:
        at = datetime.fromtimestamp(float(str(value)) / _SECONDS[source.date], UTC)
    elif source.date:
        at = datetime.strptime(str(value), source.date)  # noqa: DTZ007 (its zone comes next)
        if not re.search(r"%[HIcXs]", source.date):
            return at.date().isoformat()
    else:
        at = datetime.fromisoformat(str(value))
        if len(str(value)) <= len("2026-03-06"):
            return at.date().isoformat()
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone) if zone else at
    return (at.astimezone(zone) if zone and source.date in _SECONDS else at).isoformat()
