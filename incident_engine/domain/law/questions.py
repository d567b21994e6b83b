"""What a condition may ask about: every key of a facts file, and what is worked out from them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from incident_engine.domain.facts.count import Count
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.facts.keys import known_keys
from incident_engine.domain.facts.words import Risk
from incident_engine.domain.law.case import CATEGORIES, COUNTED

_TRUTHS = ("true", "false")
_DONE = re.compile(r"done [a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*){0,2}", re.ASCII)
_COST = re.compile(r"finding\.notice_cost\.[A-Z]{3}", re.ASCII)


@dataclass(frozen=True)
class Sort:
    """What a key's value can be: counted, or one of a closed list (empty: any text)."""

    counted: bool = False
    words: tuple[str, ...] = ()

    def nearest(self, word: str) -> str:
        """The word of the list somebody who wrote `word` most likely meant, or nothing."""
        return next(iter(get_close_matches(word.lower(), self.words, n=1, cutoff=0.5)), "")


def _worked_out() -> dict[str, Sort]:
    number, truth = Sort(counted=True), Sort(words=_TRUTHS)
    risk = Sort(words=tuple(level.value for level in Risk))
    found = {"risk": risk, "shown risk": risk, "decided risk": risk, "establishment": Sort()}
    found |= {"hold": truth, "late": truth, "grade": Sort()}
    for part in ("people", *(f"people.{name}" for name in (*COUNTED, *CATEGORIES))):
        found |= {part: number, f"{part} here": number, f"{part} everywhere": number}
    return found


@cache
def _sorts() -> dict[str, Sort]:
    plain = (key for key in known_keys() if not key.startswith(("people.", "told.", "measures.")))
    return {key: _sort(_annotation(key)) for key in plain} | _worked_out()


def _annotation(key: str) -> Any:
    annotation: Any = Facts
    for part in key.split("."):
        annotation = next(_tables(annotation)).model_fields[part].annotation
    return annotation


def _tables(annotation: Any) -> Iterator[type[BaseModel]]:
    for found in _walk(annotation):
        if isinstance(found, type) and issubclass(found, BaseModel):
            yield found


def _walk(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from _walk(argument)


def _sort(annotation: Any) -> Sort:
    kinds = list(_walk(annotation))
    words = [a for a in kinds if isinstance(a, type) and issubclass(a, StrEnum)]
    if words:
        return Sort(words=tuple(member.value for member in words[0]))
    if bool in kinds:
        return Sort(words=(*_TRUTHS, *_literals(kinds)))
    if Count in kinds:
        return Sort(counted=True)
    if str in kinds and int in kinds:
        return Sort(counted=True)  # organisation.size: a class or a head count
    mixed = str in kinds or any(get_origin(kind) in (Mapping, tuple) for kind in kinds)
    return Sort(counted=not mixed and any(kind in (int, float) for kind in kinds))


def _literals(kinds: list[Any]) -> list[str]:
    found = [a for a in kinds if get_origin(a) is Literal]
    return [str(word) for literal in found for word in get_args(literal)]


def sort_of(key: str) -> Sort | None:
    """What sort of fact a key names, or None where there is no such fact."""
    if _COST.fullmatch(key):
        return Sort(counted=True)
    return Sort() if _DONE.fullmatch(key) else _sorts().get(key)


def nearest_key(key: str) -> str | None:
    """The key somebody who wrote `key` most likely meant."""
    return next(iter(get_close_matches(key, _sorts(), n=1, cutoff=0.5)), None)
