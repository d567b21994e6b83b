"""From what the models refuse to faults a person can mend: path, found, expected, nearest word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from incident_engine.domain.errors import Fault

MOST_SHOWN = 200  # faults of one file; a file with more is another kind of file
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True)
class Clash:
    """Two facts of one table that cannot both be so. `key` is relative to the table."""

    key: str
    found: str
    expected: str
    code: str = "contradiction"


def clashes(table: _Model, found: Iterable[Clash | None]) -> _Model:
    """The table itself, or a refusal that carries every clash."""
    several = tuple(clash for clash in found if clash)
    if several:
        raise PydanticCustomError("clashes", "contradiction", {"clashes": several})
    return table


def refuse(
    code: str, found: object, expected: str, *, nearest: str | None = None
) -> PydanticCustomError:
    """A refusal to raise from a validator. A text `found` is shown as it stands."""
    said = (found or "an empty text") if isinstance(found, str) else shown(found)
    ctx = {"code": code, "found": _cut(said), "expected": expected, "nearest": nearest or ""}
    return PydanticCustomError("fact", "{found}", ctx)


def shown(found: object) -> str:
    """What was found, fit for a sentence; texts in quotes, whole tables and lists by kind only."""
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, str):
        return _cut(f'"{found}"')
    if isinstance(found, (int, float)) and abs(found) < 10**15:
        return str(found)
    return _kind(found)


def _kind(found: object) -> str:
    if found is None:
        return "nothing"
    if isinstance(found, Mapping):
        return "a table"
    if isinstance(found, (list, tuple)):
        return "a list"
    return "a number beyond measure" if isinstance(found, (int, float)) else "another kind of value"


def _cut(text: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return clean if len(clean) <= 80 else clean[:79] + "…"


def path_of(location: Sequence[int | str]) -> str:
    """A key's path as people write it: `people[0].where`, `done."a b".x`."""
    path = ""
    for part in location:
        if isinstance(part, int):
            path += f"[{part}]"
        elif part != "[key]":
            key = part if _PLAIN_KEY.fullmatch(part) else f'"{_cut(part)}"'
            path += f".{key}" if path else key
    return path


def faults_of(error: ValidationError, model: type[BaseModel], *, place: str) -> list[Fault]:
    """Every fault in what `model` refused. `place` names the file; "facts" adds nothing."""
    faults: list[Fault] = []
    everything = error.errors(include_url=False)[:MOST_SHOWN]
    for details in everything:
        if not _follows_from_another(details, everything):
            faults += _faults(details, model, "" if place == "facts" else place)
    return faults


def _follows_from_another(details: ErrorDetails, everything: Sequence[ErrorDetails]) -> bool:
    """Whether a list is called empty only because what stands in it was refused."""
    around = details["loc"]
    inside = (other["loc"] for other in everything if len(other["loc"]) > len(around))
    return details["type"] == "too_short" and any(loc[: len(around)] == around for loc in inside)


def _faults(details: ErrorDetails, model: type[BaseModel], place: str) -> Iterable[Fault]:
    location, ctx = details["loc"], details.get("ctx", {})
    if details["type"] == "clashes":
        for clash in cast(tuple[Clash, ...], ctx["clashes"]):
            inner = [int(part) if part.isdigit() else part for part in clash.key.split(".")]
            spot = _spot(place, (*location, *inner))
            yield Fault(place=spot, code=clash.code, found=clash.found, expected=clash.expected)
        return
    spot = _spot(place, location)
    if details["type"] == "fact":
        nearest = _did_you_mean(ctx["nearest"])
        yield Fault(
            place=spot, code=ctx["code"], found=ctx["found"], expected=ctx["expected"],
            next_step=nearest,
        )  # fmt: skip
        return
    yield _plain(details, model, spot)


def _spot(place: str, location: Sequence[int | str]) -> str:
    path = path_of(location)
    return f"{place}: {path}" if place and path else (place or path or "facts")


def _plain(details: ErrorDetails, model: type[BaseModel], spot: str) -> Fault:
    kind, location = details["type"], details["loc"]
    if kind == "extra_forbidden":
        return _unknown_key(location, model, spot)
    if kind == "enum":
        return _unknown_word(details, model, spot)
    if kind == "missing":
        return Fault(place=spot, code="missing", found="left out", expected="a value")
    if kind == "string_pattern_mismatch":
        expected = _SHAPES.get(str(details["ctx"]["pattern"])[:3], "a text of another shape")
        return Fault(place=spot, code="wrong-shape", found=shown(details["input"]),
                     expected=expected)  # fmt: skip
    code, expected = _EXPECTED.get(kind, ("wrong-kind", str(details["msg"])))
    limit = details.get("ctx", {})
    expected = expected.format(ge=limit.get("ge"), le=limit.get("le"), most=limit.get("max_length"))
    return Fault(place=spot, code=code, found=shown(details["input"]), expected=expected)


_SHAPES = {  # by how the pattern begins
    "^[a": 'small letters, digits and hyphens ("credit-bureaus"); of a citation the first word',
    "^ht": "a link (https://…)",
}
_EXPECTED = {
    "bool_type": ("wrong-kind", "true or false"),
    "int_type": ("wrong-kind", "a whole number"),
    "float_type": ("wrong-kind", "a number"),
    "finite_number": ("wrong-kind", "a number"),
    "greater_than_equal": ("out-of-range", "at least {ge}"),
    "less_than_equal": ("out-of-range", "at most {le}"),
    "model_type": ("wrong-kind", "a table"),
    "model_attributes_type": ("wrong-kind", "a table"),
    "mapping_type": ("wrong-kind", "a table"),
    "dict_type": ("wrong-kind", "a table"),
    "tuple_type": ("wrong-kind", "a list"),
    "invalid_key": ("wrong-kind", "a key that is text"),
    "too_long": ("too-many", "at most {most}"),
    "too_short": ("too-few", "at least one"),
    "string_type": ("wrong-kind", "text"),
    "string_too_short": ("too-short", "some text"),
    "string_too_long": ("too-long", "at most {most} characters"),
    "date_type": ("wrong-kind", "a day (2026-01-01)"),
    "date_from_datetime_parsing": ("wrong-kind", "a day (2026-01-01)"),
    "date_from_datetime_inexact": ("wrong-kind", "a day (2026-01-01)"),
    "date_parsing": ("wrong-kind", "a day (2026-01-01)"),
    "time_type": ("wrong-kind", "an hour (17:30:00)"),
    "time_parsing": ("wrong-kind", "an hour (17:30:00)"),
}


def _unknown_key(location: Sequence[int | str], model: type[BaseModel], spot: str) -> Fault:
    table = _kind_at(model, location[:-1], BaseModel) or model
    known = list(table.model_fields)
    return Fault(
        place=spot, code="unknown-key", found="an unknown key", expected=", ".join(known),
        next_step=_did_you_mean(_nearest(str(location[-1]), known)),
    )  # fmt: skip


def _unknown_word(details: ErrorDetails, model: type[BaseModel], spot: str) -> Fault:
    words = _kind_at(model, details["loc"], StrEnum)
    known = [str(word) for word in words] if words else []
    found = details["input"]
    nearest = _nearest(found, known) if isinstance(found, str) else ""
    expected = ", ".join(known) if len(known) <= 40 else "a word of its closed list"
    return Fault(
        place=spot, code="unknown-word", found=shown(found), expected=expected,
        next_step=_did_you_mean(nearest),
    )  # fmt: skip


def _nearest(found: str, known: Sequence[str]) -> str:
    wanted = found[:80].lower().replace(" ", "_")
    by_shape = {word.replace("-", "_"): word for word in known}
    close = get_close_matches(wanted.replace("-", "_"), by_shape, n=1, cutoff=0.5)
    return by_shape[close[0]] if close else ""


def _did_you_mean(nearest: str) -> str:
    return f"Did you mean {nearest}?" if nearest else ""


def _kind_at(model: type[BaseModel], location: Sequence[int | str], wanted: type[Any]) -> Any:
    """The class of the `wanted` sort that the models declare where `location` leads, or None."""
    annotation: Any = model
    for part in location:
        table = _find(annotation, BaseModel)
        fields = table.model_fields if table else {}
        if part in fields:
            annotation = fields[str(part)].annotation
    return _find(annotation, wanted)


def _find(annotation: Any, wanted: type[Any]) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, wanted):
        return annotation
    inner = (_find(argument, wanted) for argument in get_args(annotation))
    return next((found for found in inner if found), None)
