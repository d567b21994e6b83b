"""Check a notice before anybody approves it: what it lacks, how it reads, who gets which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from incident_engine.domain.errors import Fault
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.law.content import ContentItem
from incident_engine.notices.cage import open_cage
from incident_engine.notices.catalogue import Catalogue, catalogue_of
from incident_engine.notices.compose import compose
from incident_engine.notices.content_check import missing
from incident_engine.notices.plain_language import Finding, Reading, read_plainly, rules_of
from incident_engine.notices.slots import Occasion
from incident_engine.notices.wording import Wording
from incident_engine.store import incidents
from incident_engine.store.tables import Incident
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.notices.readers import (
    Group,
    Notice,
    Telling,
    occasion,
    readers,
    reading_language,
    telling,
)


@dataclass(frozen=True)
class Variant:
    """One text, how many get it, and why it is not the same as the others'."""

    key: str
    readers: int
    why: tuple[str, ...]


@dataclass(frozen=True)
class Examined:
    """Everything known of a notice before it is frozen."""

    wordings: Mapping[str, Wording]
    faults: tuple[Fault, ...]
    readings: tuple[Reading, ...]  # one a language
    variants: tuple[Variant, ...]
    fallbacks: Mapping[tuple[str, str], int]  # language wanted and given, how many people

    @property
    def findings(self) -> int:
        """How many plain-language findings there are in all languages."""
        return sum(reading.count for reading in self.readings)


def check_notice(engine: Engine, actor: Actor, reference: str) -> Examined:
    """What the notice of this incident would be, were it prepared now. Keeps nothing."""
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        notice = Notice(reference=incident.reference, number=1, at=engine.now())
        return examine(engine, session, incident, notice)


def examine(engine: Engine, session: Session, incident: Incident, notice: Notice) -> Examined:
    """Word the notice for every group of readers and the page, and look at the result.

    Where something is missing or two laws cannot both be met, there are faults and no wordings.
    """
    facts = known_facts(session, incident)
    told = telling(engine, session, incident, facts)
    counted, fallbacks = _groups(engine, session, incident, told)
    occasions = _occasions(engine, notice, told, counted)
    faults = [*_conflicts(told, counted), *_missing(facts, occasions)]
    variants = tuple(_variants(told, counted))
    if faults:
        return Examined({}, tuple(faults), (), variants, fallbacks)
    with open_cage() as cage:
        wordings = {key: compose(facts, *each, cage) for key, each in sorted(occasions.items())}
    readings = tuple(_readings(engine, wordings))
    return Examined(wordings, (), readings, variants, fallbacks)


def _groups(
    engine: Engine, session: Session, incident: Incident, told: Telling
) -> tuple[Counter[Group], Counter[tuple[str, str]]]:
    counted: Counter[Group] = Counter()
    fallbacks: Counter[tuple[str, str]] = Counter()
    languages = reading_language(engine, incident, told)
    for row, group in readers(engine, session, incident, told):
        counted[group] += 1
        wanted = _wanted(row.language, languages.first_choice(row.language, row.place))
        if wanted != group.language:
            fallbacks[wanted, group.language] += 1
    return counted, fallbacks


def _wanted(said: str, first_choice: str) -> str:
    """The language somebody would read if we had everything: their own, else their place's."""
    same = said.partition("-")[0] == first_choice.partition("-")[0]
    return first_choice if same or not said else said


def _occasions(
    engine: Engine, notice: Notice, told: Telling, counted: Counter[Group]
) -> dict[str, tuple[Occasion, Catalogue]]:
    templates, default = engine.settings.notices.templates, engine.settings.notices.default_language
    languages = {group.language for group in counted} or {default}
    catalogues = {each: catalogue_of(each, templates) for each in languages}
    found = {
        group.key: (
            occasion(engine, notice, told, group.language, group),
            catalogues[group.language],
        )
        for group in sorted(counted, key=lambda each: each.key)
    }
    for language in sorted(languages):
        page = occasion(engine, notice, told, language, None)
        found[f"public/{language}"] = (page, catalogues[language])
    return found


def _missing(facts: Facts, occasions: Mapping[str, tuple[Occasion, Catalogue]]) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for each in occasions.values():
        for fault in missing(facts, *each):
            if (fault.place, fault.code) not in seen:
                seen.add((fault.place, fault.code))
                yield fault


def _conflicts(told: Telling, counted: Counter[Group]) -> Iterator[Fault]:
    """Two laws that bind for one reader, of which one wants said what the other forbids.

    A law that reaches a reader only because of where we sit yields to that of where they live.
    """
    seen: set[tuple[tuple[str, ...], str]] = set()
    for group in sorted(counted, key=lambda each: each.key):
        required, forbidden = told.required(group.laws), told.forbidden(group.laws)
        for item in sorted(set(required) & set(forbidden)):
            wanting = [law for law in required[item] if told.is_local(law, group.country)]
            if wanting and (group.laws, item) not in seen:
                seen.add((group.laws, item))
                yield _conflict(group.laws, item, wanting, forbidden[item])


def _conflict(
    laws: Sequence[str], item: ContentItem, wanting: Sequence[str], forbidding: Sequence[str]
) -> Fault:
    return Fault(
        place=f"notice under {', '.join(laws)}",
        code="laws-conflict",
        found=f"{', '.join(wanting)} wants {item} said, {', '.join(forbidding)} forbids it",
        expected="one text that meets both",
        next_step="Ask counsel, then waive one: `incident-engine obligation waive`.",
    )


def _variants(told: Telling, counted: Counter[Group]) -> Iterator[Variant]:
    for group, count in sorted(counted.items(), key=lambda pair: pair[0].key):
        wanted = told.required(group.laws)
        silent = [
            f"{', '.join(laws)} forbids {item}"
            + (f", which {', '.join(wanted[item])} wants" if item in wanted else "")
            for item, laws in told.forbidden(group.laws).items()
        ]
        fixed = told.headings(group.laws)
        why = (
            *([f"laws: {', '.join(group.laws)}"] if group.laws else ["no law asks for it"]),
            *silent,
            *([f"title fixed by law: {fixed[0]}"] if fixed else []),
            *(["to the guardian"] if group.guardian else []),
        )
        yield Variant(group.key, count, why)


def _readings(engine: Engine, wordings: Mapping[str, Wording]) -> Iterator[Reading]:
    """One reading a language: the hardest text of it, with the findings of all."""
    for language in sorted({each.language for each in wordings.values()}):
        rules = rules_of(language, engine.settings.notices.templates)
        found = [
            read_plainly(each.outline, language, rules)
            for each in wordings.values()
            if each.language == language
        ]
        hardest = max(found, key=_hardness)
        findings: dict[Finding, None] = {}
        for reading in found:
            findings |= dict.fromkeys(reading.findings)
        yield replace(hardest, findings=tuple(findings))


def _hardness(reading: Reading) -> float:
    level = reading.level
    return -level.value if level.more_is_easier else level.value
