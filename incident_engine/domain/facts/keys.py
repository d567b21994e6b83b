"""One fact at a time: a facts document as dotted keys with a value each, and back.

A key names one leaf: `data.encrypted`, `people.DE.count`, `measures.0.text.en`,
`done."us-ca/individuals/notify"`. A list of words and a count are one value. A part that is not
a bare word stands in double quotes, as in TOML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel

from incident_engine.domain.countries import is_place, nearest_place
from incident_engine.domain.errors import BadFile, Fault
from incident_engine.domain.facts.count import Count
from incident_engine.domain.facts.document import Facts, parse_facts

UNKNOWN = "unknown"

_COUNTS = {("data", "records")}
_LISTS = ("measures", "told")
_BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_PART = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Za-z0-9_-]+', re.ASCII)
_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)
_INDEX = re.compile(r"0|[1-9]\d{0,3}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,9})?", re.ASCII)
_RANGE = re.compile(r"(\d{1,15})\.\.(\d{1,15})", re.ASCII)
_ABOUT = re.compile(r"~\s*(\d{1,15})", re.ASCII)
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}

Parts = tuple[str, ...]


def flatten(document: Mapping[str, object]) -> list[tuple[str, object]]:
    """The document, which `parse_facts` accepts, as (key, value) pairs in its own order.

    Values fit JSON: moments become text. A people block always has its `people.XX.where`.
    """
    return [(join_key(parts), _plain(value)) for parts, value in _leaves(document, ())]


def _leaves(found: object, parts: Parts) -> Iterable[tuple[Parts, object]]:
    if parts == ("people",) and isinstance(found, (list, tuple)):
        for block in found:
            yield from _leaves(block, (*parts, block["where"]))
    elif parts and parts[-1] in _LISTS and len(parts) == 1 and isinstance(found, (list, tuple)):
        for index, item in enumerate(found):
            yield from _leaves(item, (*parts, str(index)))
    elif isinstance(found, Mapping) and found and not _is_count(parts):
        for key, value in found.items():
            yield from _leaves(value, (*parts, key))
    elif parts:
        yield parts, found


def _is_count(parts: Parts) -> bool:
    return parts in _COUNTS or (len(parts) == 3 and parts[0] == "people" and parts[2] == "count")


def _plain(value: object) -> object:
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def assemble(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """A facts document from (key, value) pairs; of two with one key the later counts.

    A value of None is a fact not known, and is left out; `people.DE.where` of None leaves the
    whole block out. Raises BadFile for a key that cannot be taken apart.
    """
    tree: dict[str, Any] = {}
    for key, value in pairs:
        _put(tree, split_key(key), value)
    document = _known(tree)
    people = document.get("people")
    if isinstance(people, dict):
        asked = tree["people"].items()
        gone = {where for where, block in asked if block.get("where", where) is None}
        document["people"] = [
            {**block, "where": where} for where, block in people.items() if where not in gone
        ]
    for name in _LISTS:
        if isinstance(items := document.get(name), dict):
            document[name] = [items[index] for index in sorted(items, key=_index)]
    return document


def _index(part: str) -> tuple[int, str]:
    return (int(part), part) if _WHOLE.fullmatch(part) else (10**15, part)


def _put(tree: dict[str, Any], parts: Parts, value: object) -> None:
    for part in parts[:-1]:
        inner = tree.get(part)
        if not isinstance(inner, dict):
            inner = tree[part] = {}
        tree = inner
    tree[parts[-1]] = value


def _known(tree: dict[str, Any]) -> dict[str, Any]:
    found = {key: _known(v) if isinstance(v, dict) else v for key, v in tree.items()}
    return {key: value for key, value in found.items() if value is not None}


def join_key(parts: Sequence[str]) -> str:
    """The parts of a key as one text, which `split_key` takes apart again."""
    return ".".join(part if _BARE.fullmatch(part) else json.dumps(part) for part in parts)


def split_key(key: str) -> Parts:
    """The parts of a key. Raises BadFile where a part is empty or a quote stays open."""
    parts: list[str] = []
    at = 0
    while match := _PART.match(key, at):
        part = match.group()
        parts.append(_unquoted(key, part) if part[0] == '"' else part)
        at = match.end()
        if at == len(key):
            return tuple(parts)
        if key[at] != ".":
            break
        at += 1
    raise _bad(key, "bad-key", "a key that cannot be taken apart", 'as in data.types or done."x/y"')


def _unquoted(key: str, part: str) -> str:
    try:
        return str(json.loads(part))
    except ValueError:
        raise _bad(
            key, "bad-key", "a quoted part that cannot be read", 'as in done."x/y"'
        ) from None


def parse_value(key: str, text: str) -> object:
    """The value of one fact as typed on a command line; `unknown` gives None.

    Lists of words are separated by commas; a count is `1500`, `~1500` (an estimate),
    `900..1500`, `undetermined` or `undeterminable`. Raises BadFile, each fault at the key.
    """
    parts = split_key(key)
    annotation = _annotation(key, parts)
    if text.strip().lower() == UNKNOWN:
        return None
    value = _read(text.strip(), _bases(annotation))
    try:
        parse_facts(assemble([(key, value)]))
    except BadFile as bad:
        raise BadFile([_at_key(key, fault) for fault in bad.faults]) from None
    return value


def _at_key(key: str, fault: Fault) -> Fault:
    return Fault(
        place=key, code=fault.code, found=fault.found, expected=fault.expected,
        next_step=fault.next_step,
    )  # fmt: skip


def _read(text: str, bases: frozenset[Any]) -> object:
    if tuple in bases:
        return [word.strip() for word in text.split(",") if word.strip()]
    if Count in bases:
        return _count(text)
    if bool in bases and text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    if int in bases and _WHOLE.fullmatch(text):
        return int(text)
    if float in bases and _DECIMAL.fullmatch(text):
        return float(text)
    return text


def _count(text: str) -> object:
    if _WHOLE.fullmatch(text):
        return int(text)
    if about := _ABOUT.fullmatch(text):
        return {"value": int(about[1]), "basis": "estimate"}
    if between := _RANGE.fullmatch(text):
        return {"min": int(between[1]), "max": int(between[2]), "basis": "estimate"}
    return {"basis": text} if text in ("undetermined", "undeterminable") else text


def check_value(key: str, value: object) -> object:
    """A value as a document holds it, checked for one fact; a text is read as if typed.

    Raises BadFile, each fault at the key.
    """
    if isinstance(value, str):
        return parse_value(key, value)
    parts = split_key(key)
    bases = _bases(_annotation(key, parts))
    if isinstance(value, list):
        value = list(dict.fromkeys(map(str, value))) if tuple in bases else value
    elif isinstance(value, int) and not isinstance(value, bool) and float in bases:
        value = float(value)
    elif isinstance(value, float) and value.is_integer() and float not in bases:
        value = int(value)
    try:
        parse_facts(assemble([(key, value)]))
    except BadFile as bad:
        raise BadFile([_at_key(key, fault) for fault in bad.faults]) from None
    return value


def check_key(key: str) -> bool:
    """Whether one fact may have several values. Raises BadFile where there is no such fact."""
    return tuple in _bases(_annotation(key, split_key(key)))


def _annotation(key: str, parts: Parts) -> Any:
    """The declared type of the leaf a key names. Raises BadFile for a key that names none."""
    _check_which(key, parts)
    annotation: Any = Facts
    for part in parts:
        annotation = _inside(annotation, part)
        if annotation is None:
            raise _unknown_key(key)
    if _fields(annotation) or Mapping in _bases(annotation):
        raise _bad(key, "not-one-fact", "a table", "the key of one fact inside it")
    return annotation


def _check_which(key: str, parts: Parts) -> None:
    if len(parts) < 2:
        return
    table, which = parts[:2]
    if table == "people" and not is_place(which):
        nearest = nearest_place(which)
        hint = f"Did you mean {nearest}?" if nearest else ""
        raise _bad(key, "unknown-place", which, "people.PLACE.fact, with an ISO 3166 code", hint)
    if table in _LISTS and not _INDEX.fullmatch(which):
        raise _bad(key, "not-an-index", which, f"{table}.NUMBER.fact, counted from 0")


def _inside(annotation: Any, part: str) -> Any:
    if fields := _fields(annotation):
        if tuple in _bases(annotation):  # people.DE, measures.0
            return next(a for a in _walk(annotation) if _is_table(a))
        return fields[part].annotation if part in fields else None
    if Mapping in _bases(annotation):
        return get_args(annotation)[1]
    return None


def _fields(annotation: Any) -> Mapping[str, Any]:
    table = next((a for a in _walk(annotation) if _is_table(a)), None)
    return table.model_fields if table and Mapping not in _bases(annotation) else {}


def _is_table(annotation: Any) -> bool:
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return is_model and annotation.__module__ == Facts.__module__


def _walk(annotation: Any) -> Iterable[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from _walk(argument)


def _bases(annotation: Any) -> frozenset[Any]:
    seen = {getattr(inner, "__origin__", inner) for inner in _walk(annotation)}
    return frozenset(inner for inner in seen if isinstance(inner, type))


def _unknown_key(key: str) -> BadFile:
    close = get_close_matches(key, known_keys(), n=1, cutoff=0.6)
    hint = f"Did you mean {close[0]}?" if close else ""
    return _bad(key, "unknown-key", "no such fact", "a key of a facts file", hint)


def known_keys() -> list[str]:
    """Every key with fixed parts: those of tables, and of people blocks as `people.count`."""
    return list(_keys_of(Facts, ""))


def _keys_of(table: type[BaseModel], before: str) -> Iterable[str]:
    for name, field in table.model_fields.items():
        inner = next((a for a in _walk(field.annotation) if _is_table(a)), None)
        if inner is None:
            yield before + name
        elif name in ("people", *_LISTS) or Mapping not in _bases(field.annotation):
            yield from _keys_of(inner, f"{before}{name}.")


def _bad(key: str, code: str, found: str, expected: str, next_step: str = "") -> BadFile:
    fault = Fault(place=key[:200], code=code, found=found, expected=expected, next_step=next_step)
    return BadFile([fault])
