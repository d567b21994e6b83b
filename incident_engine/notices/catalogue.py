"""What we know to say in one language: names and harms of data, steps, causes, short words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from incident_engine.domain.data_types import DataType
from incident_engine.domain.errors import BadFile, Fault
from incident_engine.domain.fact_words import (
    Action,
    ConsequenceKind,
    Kind,
    Scenario,
    ServiceImpact,
)
from incident_engine.notices.library import NOTICE, Library, open_library

LEAK, TAMPER, LOSS = "leak", "tamper", "loss"
HAPPENED = {
    Kind.CONFIDENTIALITY: LEAK,
    Kind.INTEGRITY: TAMPER,
    Kind.AUTHENTICITY: TAMPER,
    Kind.AVAILABILITY: LOSS,
}
WHEN = ("now", "week", "later")

# Said by their story alone: no sentence of ours could be true of every incident of that name.
UNSAID = {Scenario.OTHER.value, ConsequenceKind.OTHER.value, ServiceImpact.NONE.value}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing a reader can do: what, why it helps, about how many minutes it takes."""

    code: str
    when: str  # now, week or later
    minutes: int
    do: str
    why: str


@dataclass(frozen=True)
class Catalogue:
    """The words of one language. Tables as they stand in its files."""

    language: str
    words: Mapping[str, Any]
    types: Mapping[str, Mapping[str, str]]
    steps: Mapping[str, Mapping[str, str]]
    order: Mapping[str, Any]  # steps.toml, which has no language
    notice: str
    own: str = ""  # the organisation's folder of notices, empty for those shipped

    def type_name(self, code: str) -> str:
        """A kind of data in plain words."""
        return self.types[code]["name"]

    def harm(self, code: str, happened: Iterable[str]) -> list[str]:
        """What follows for the reader, a sentence or two for each thing that happened."""
        return [self.types[code][each] for each in happened]

    def advice(
        self, codes: Iterable[str], happened: Iterable[str], *, guardian: bool = False
    ) -> list[Step]:
        """What to do, merged over all kinds of data: each step once, the most urgent first."""
        tables = [self.order["every"], *(self.order["type"][code] for code in codes)]
        tables += [self.order["guardian"]] if guardian else []
        asked = {step for table in tables for each in happened for step in table[each]}
        return [self._step(code) for code in self.order["step"] if code in asked]

    def _step(self, code: str) -> Step:
        table, words = self.order["step"][code], self.steps[code]
        return Step(code=code, when=table["when"], minutes=table["minutes"], **words)


@cache
def catalogue_of(language: str, templates: str = "") -> Catalogue:
    """The catalogue of a language; `templates` is the organisation's own folder.

    Raises BadInput for a missing or unreadable file, BadFile with every gap in the tables.
    """
    library = open_library(templates)
    catalogue = Catalogue(
        language=language,
        words=library.table(f"{language}/words.toml"),
        types=library.table(f"{language}/data-types.toml"),
        steps=library.table(f"{language}/steps.toml"),
        order=library.table("steps.toml"),
        notice=library.text(f"{language}/{NOTICE}"),
        own=templates,
    )
    if faults := [*_gaps(catalogue), *_strays(catalogue)]:
        raise BadFile(faults)
    return catalogue


def library_of(catalogue: Catalogue) -> Library:
    """The folders a catalogue was read from."""
    return open_library(catalogue.own)


def _gaps(catalogue: Catalogue) -> list[Fault]:
    language, words = catalogue.language, catalogue.words
    wanted: list[tuple[str, Mapping[str, Any], Iterable[str]]] = [
        (f"{language}/data-types.toml", catalogue.types, DataType),
        (f"{language}/steps.toml", catalogue.steps, catalogue.order["step"]),
        ("steps.toml [type]", catalogue.order["type"], DataType),
        (f"{language}/words.toml", words, _TABLES),
    ]
    wanted += [
        (f"{language}/words.toml [{name}]", _at(words, name), codes)
        for name, codes in _CODES.items()
    ]
    return [
        Fault(place=place, code="no-words", found=f"has nothing for {code}",
              expected="words for every code of the closed lists",
              next_step="Add it; the English file shows the form.")
        for place, table, codes in wanted
        for code in codes
        if str(code) not in table and str(code) not in UNSAID
    ]  # fmt: skip


def _strays(catalogue: Catalogue) -> list[Fault]:
    known = catalogue.order["step"]
    used = [
        (f"type.{code}", step)
        for code, table in catalogue.order["type"].items()
        for steps in table.values()
        for step in steps
    ]
    return [
        Fault(place=f"steps.toml [{place}]", code="no-step", found=f"names the step {step}",
              expected="a step of [step]")
        for place, step in used
        if step not in known
    ]  # fmt: skip


def _at(words: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    found: Any = words
    for part in path.split("."):
        found = found.get(part, {})
    return found if isinstance(found, Mapping) else {}


_TABLES = (
    "subject", "sms", "sms_guardian", "call", "write", "minutes", "hotline", "email", "post",
    "bureaus", "slots", "when", "number", "what", "situation", "cause", "impact", "service", "hold",
    "proof",
)  # fmt: skip
_CODES: Mapping[str, Iterable[str]] = {
    "cause.scenario": Scenario,
    "cause.action": Action,
    "impact": (*ConsequenceKind, "fraud-seen"),
    "service": ServiceImpact,
    "what": (
        LEAK, TAMPER, LOSS, "leak tamper", "leak loss", "tamper loss", "leak tamper loss",
    ),
    "situation": (
        "taken", "published", "seen", "open", TAMPER, LOSS, "authenticity", "backup", "suspected",
    ),
}  # fmt: skip
