"""What we know to say in one language: names and harms of data, steps, causes, short words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from incident_engine.domain.errors import BadFile, Fault
from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.facts.words import (
    Action,
    ConsequenceKind,
    Kind,
    MeasureCode,
    RemedyCode,
    Scenario,
    ServiceImpact,
)
from incident_engine.notices.library import NOTICE, Library, open_library
from incident_engine.notices.parts import PARTS
from incident_engine.notices.phrase import braces_in

LEAK, TAMPER, LOSS = "leak", "tamper", "loss"
HAPPENED = {
    Kind.CONFIDENTIALITY: LEAK,
    Kind.INTEGRITY: TAMPER,
    Kind.AUTHENTICITY: TAMPER,
    Kind.AVAILABILITY: LOSS,
}
CHANGES = ("cause", "types", "people", "measures", "remedies", "when", "advice", "contact")
PLACE_KINDS = ("help", "report", "credit", "id", "regulator", "bank", "tax", "health", "emergency")
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
    places: Mapping[str, Sequence[Mapping[str, str]]]  # offices that help, by country
    own: str = ""  # the organisation's folder of notices, empty for those shipped

    def type_name(self, code: str) -> str:
        """A kind of data in plain words."""
        return self.types[code]["name"]

    def harm(self, code: str, happened: Iterable[str]) -> list[str]:
        """What follows for the reader, a sentence or two for each thing that happened."""
        return [self.types[code][each] for each in happened]

    def measure(self, code: MeasureCode) -> str:
        """What was done, in our own words."""
        return str(self.words["measure"][code])

    def advice(
        self, codes: Iterable[str], happened: Iterable[str], *, guardian: bool = False
    ) -> list[Step]:
        """What to do, merged over all kinds of data: each step once, the most urgent first."""
        tables = [self.order["every"], *(self.order["type"][code] for code in codes)]
        tables += [self.order["guardian"]] if guardian else []
        asked = {step for table in tables for each in happened for step in table.get(each, ())}
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
        words=library.table(f"{language}/words.toml", closed=True),
        types=library.table(f"{language}/data-types.toml", closed=True),
        steps=library.table(f"{language}/steps.toml"),
        order=library.table("steps.toml"),
        notice=library.text(f"{language}/{NOTICE}"),
        places=library.table("places.toml"),
        own=templates,
    )
    if faults := [*_gaps(catalogue)] or [*_strays(catalogue), *_odd_braces(catalogue)]:
        raise BadFile(faults)
    return catalogue


def library_of(catalogue: Catalogue) -> Library:
    """The folders a catalogue was read from."""
    return open_library(catalogue.own)


def _gaps(catalogue: Catalogue) -> Iterator[Fault]:
    for file, table, codes in _wanted(catalogue):
        for code in codes:
            if str(code) not in UNSAID and not _at(table, str(code)):
                yield Fault(
                    place=file,
                    code="no-words",
                    found=f"has nothing for {code}",
                    expected="words for every code of the closed lists",
                    next_step="Add it; the English file shows the form.",
                )


def _wanted(catalogue: Catalogue) -> Iterator[tuple[str, Mapping[str, Any], Iterable[str]]]:
    """Each table by the name of its place, and what must stand in it."""
    language, steps = catalogue.language, _table(catalogue.order, "step")
    yield "steps.toml", catalogue.order, ("step", "every", "guardian", "type")
    yield "steps.toml [type]", _table(catalogue.order, "type"), DataType
    yield f"{language}/words.toml", catalogue.words, _TABLES
    for name, codes in _CODES.items():
        yield f"{language}/words.toml [{name}]", _table(catalogue.words, name), codes
    for kind in DataType:
        yield f"{language}/data-types.toml [{kind}]", _table(catalogue.types, kind), _ABOUT_DATA
    for code in steps:
        yield f"steps.toml [step.{code}]", _table(catalogue.order, f"step.{code}"), _ABOUT_A_STEP
        yield f"{language}/steps.toml [{code}]", _table(catalogue.steps, code), ("do", "why")


def _strays(catalogue: Catalogue) -> Iterator[Fault]:
    order = catalogue.order
    tables = {"every": order["every"], "guardian": order["guardian"]}
    tables |= {f"type.{code}": table for code, table in order["type"].items()}
    for place, table in tables.items():
        for code in (step for steps in table.values() for step in steps):
            if code not in order["step"]:
                yield Fault(place=f"steps.toml [{place}]", code="no-step",
                            found=f"names the step {code}", expected="a step of [step]",
                            next_step="Correct it, or add the step.")  # fmt: skip
    for code, step in order["step"].items():
        if step["when"] not in WHEN:
            yield Fault(place=f"steps.toml [step.{code}]", code="no-time",
                        found=f"is for {step['when']}", expected=" or ".join(WHEN),
                        next_step="Correct it.")  # fmt: skip


def _odd_braces(catalogue: Catalogue) -> Iterator[Fault]:
    for path, form in _strings(catalogue.words, ()):
        known = _BRACES.get(path[0], {}).get(path[-1]) or _BRACES.get(path[0], {}).get("", set())
        for odd in sorted(braces_in(form) - known):
            yield Fault(
                place=f"{catalogue.language}/words.toml, {'.'.join(path)}",
                code="no-slot",
                found=f"has {{{odd}}} in it",
                expected=" or ".join(f"{{{each}}}" for each in sorted(known)) or "no braces",
                next_step="The English file shows the form.",
            )


def _strings(found: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(found, Mapping):
        for key, inner in found.items():
            yield from _strings(inner, (*path, key))
    elif isinstance(found, list):
        for inner in found:
            yield from _strings(inner, path)
    else:
        yield path, str(found)


def _table(tables: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    found: Any = tables
    for part in path.split("."):
        found = found.get(part, {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, Mapping) else {}


def _at(table: Mapping[str, Any], code: str) -> bool:
    return code in table and table[code] != ""


_TABLES = (
    "subject", "sms", "call", "write", "minutes", "hotline", "email", "post", "bureaus", "slots",
    "when", "number", "what", "situation", "cause", "impact", "service", "hold", "proof", "page",
    "push", "banner", "banner_suspected", "voice", "letter", "press", "verify", "changed", "delay",
    "places", "law", "parent", "check", "measure", "remedy",
)  # fmt: skip
_ABOUT_DATA = ("name", LEAK, TAMPER, LOSS)
_ABOUT_A_STEP = ("when", "minutes")
_CODES: Mapping[str, Iterable[str]] = {
    "slots": ("greeting", "child"),
    "slots.greeting": ("named", "nameless"),
    "slots.child": ("named", "nameless"),
    "when": ("date", "on", "between", "since", "until", "moment"),
    "number": ("exact", "estimate"),
    "hold": ("none", "asked"),
    "proof": ("identity_service",),
    "cause.scenario": Scenario,
    "cause.action": Action,
    "impact": (*ConsequenceKind, "fraud-seen"),
    "service": ServiceImpact,
    "measure": MeasureCode,
    "remedy": (*RemedyCode, "how"),
    "what": (
        LEAK, TAMPER, LOSS, "leak tamper", "leak loss", "tamper loss", "leak tamper loss",
        "unknown",
    ),
    "sms": ("person", "guardian", "person suspected", "guardian suspected"),
    "situation": (
        "taken", "published", "seen", "open", TAMPER, "altered", LOSS, "authenticity", "backup",
        "suspected",
    ),
    "voice": (
        "machine", "prompt", "content", "content guardian", "content suspected",
        "content guardian suspected", "repeat", "goodbye",
    ),
    "letter": ("page", "reference", "your_code"),
    "press": ("heading", "line", "contact"),
    "verify": ("line", "short"),
    "law": [item for item, part in PARTS.items() if part.slots == ("law",)],
    "changed": CHANGES,
    "places": PLACE_KINDS,
    "check": (
        "title", "lead", "label", "hint", "button", "script", "ours", "belongs", "sent_in",
        "sent_between", "sent_from", "compare", "never", "not_ours", "mistyped", "beware",
        "failed", "again", "ask", "copies", "senders",
    ),
    "page": (
        "notice", "skip", "languages", "choose", "reference", "published", "updated", "hotline",
        "write", "address", "genuine_heading", "genuine", "feed", "data", "ended", "taken_down",
    ),
}  # fmt: skip

# What may stand between braces, by table and, where it differs, by key.
_BRACES: Mapping[str, Mapping[str, set[str]]] = {
    "subject": {"": {"organisation", "reference"}},
    "sms": {"": {"organisation", "reference", "link"}},
    "push": {"": {"organisation", "reference", "link"}},
    "banner": {"": {"organisation", "reference", "link"}},
    "banner_suspected": {"": {"organisation", "reference", "link"}},
    "voice": {"": {"organisation", "reference", "link"}},
    "letter": {"page": {"page", "pages"}},
    "parent": {"": {"name"}},
    "verify": {"line": {"address", "code"}, "short": {"code"}},
    "check": {
        "belongs": {"organisation", "title", "reference"},
        "sent_in": {"first"},
        "sent_between": {"first", "last"},
        "sent_from": {"first"},
    },
    "call": {"": {"phone"}},
    "write": {"": {"email"}},
    "minutes": {"": {"minutes"}},
    "hotline": {"": {"phone"}},
    "email": {"": {"email"}},
    "post": {"": {"address"}},
    "slots": {"named": {"name"}},
    "when": {"": {"first", "last"}, "moment": {"day", "time", "zone"}},
    "number": {"": {"count"}},
    "hold": {"asked": {"when"}},
    "page": {"genuine": {"reference"}, "taken_down": {"first", "last"}},
}
