"""How each thing a form asks for is read out of the facts.

A source answers with lines to print and a value for programs, or with None where nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from incident_engine.domain.facts.document import Contact, Facts, Measure
from incident_engine.domain.facts.moments import Moment
from incident_engine.domain.facts.words import Actor, MeasureKind, Scenario
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.languages import available_languages, in_language
from incident_engine.notices.reports.form_words import FormWords
from incident_engine.notices.reports.submission import Submission


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is known for one field: `lines` to print, `value` for programs (plain JSON)."""

    lines: tuple[str, ...]
    value: Any
    estimated: bool = False
    language: str = ""  # of free text, where it is not the report's


@dataclass(frozen=True)
class Asked:
    """Everything an answer may be taken from."""

    facts: Facts
    submission: Submission
    words: FormWords


Source = Callable[[Asked], Answer | None]


def others_take_part(facts: Facts) -> bool:
    """Whether a supplier or another controller is part of the incident."""
    return (
        facts.clocks.told_by_processor is not None
        or facts.cause.actor is Actor.PARTNER
        or facts.cause.scenario in (Scenario.VENDOR, Scenario.SUPPLY_CHAIN)
    )


def line(text: str | None) -> Answer | None:
    """One line of text, or nothing where it is empty."""
    return Answer(lines=(text,), value=text) if text else None


def nobody_knows(_: Asked) -> Answer | None:
    """A question that only a person answers: reasons, plans, names of suppliers."""
    return None


def organisation(key: str) -> Source:
    """A text of the organisation's own table."""
    return lambda asked: line(getattr(asked.facts.organisation, key))


def organisation_name(asked: Asked) -> Answer | None:
    """The legal name, with the name people know below it."""
    us = asked.facts.organisation
    if us.name and us.trading_name:
        return Answer(lines=(us.name, us.trading_name), value=us.name)
    return line(us.name)


def organisation_ids(asked: Asked) -> Answer | None:
    """Registered numbers, a line each."""
    ids = asked.facts.organisation.ids
    lines = tuple(asked.words.pair(scheme, number) for scheme, number in ids.items())
    return Answer(lines=lines, value=dict(ids)) if ids else None


def organisation_size(asked: Asked) -> Answer | None:
    """A size class or a head count."""
    size = asked.facts.organisation.size
    return None if size is None else Answer(lines=(str(size),), value=size)


def organisation_place(key: str) -> Source:
    """A country of the organisation, by name."""

    def source(asked: Asked) -> Answer | None:
        code = getattr(asked.facts.organisation, key)
        return Answer(lines=(asked.words.place(code),), value=code) if code else None

    return source


def contact(key: str) -> Source:
    """A contact, a line each for name, function, email, telephone, address."""

    def source(asked: Asked) -> Answer | None:
        contact: Contact | None = getattr(asked.facts.contacts, key)
        if contact is None:
            return None
        known = contact.model_dump(exclude_none=True)
        shown = ("name", "role", "email", "phone", "address")
        lines = tuple(known[part] for part in shown if part in known)
        return Answer(lines=lines, value=known) if lines else None

    return source


def report_kind(asked: Asked) -> Answer | None:
    """Which submission this is, and whether it amends an earlier version."""
    phase = asked.submission.phase
    said = asked.words.of("phase", phase)
    if asked.submission.version > 1:
        amendment = f"{asked.words.label('amendment')} {asked.submission.version}"
        said = asked.words.noted(said, amendment)
    return Answer(lines=(said,), value={"phase": phase, "version": asked.submission.version})


def clock(key: str) -> Source:
    """A moment in the authority's zone; its value is word for word as it was given."""

    def source(asked: Asked) -> Answer | None:
        moment: Moment | None = getattr(asked.facts.clocks, key)
        if moment is None:
            return None
        shown = asked.words.moment(moment, asked.submission.zone)
        return Answer(lines=(shown,), value=moment.said)

    return source


def labelled(key: str, label: str) -> Source:
    """The same with a word before it: from, until."""
    unlabelled = clock(key)

    def source(asked: Asked) -> Answer | None:
        found = unlabelled(asked)
        if found is None:
            return None
        line = f"{asked.words.label(label)} {found.lines[0]}"
        return Answer(lines=(line,), value=found.value)

    return source


def duration(asked: Asked) -> Answer | None:
    """From begin to end, where both are instants; its value is in minutes."""
    start, end = asked.facts.clocks.occurred_from, asked.facts.clocks.occurred_until
    if start is None or end is None or start.at is None or end.at is None:
        return None
    span = end.at - start.at
    return Answer(lines=(asked.words.span(span),), value=int(span / timedelta(minutes=1)))


_STEPS = ("occurred_from", "occurred_until", "suspected", "detected", "told_by_processor", "aware",
          "discovered", "determined", "classified", "assessed", "contained", "ended")  # fmt: skip


def timeline(asked: Asked) -> Answer | None:
    """Every recorded moment and dated measure, in order."""
    steps = [
        (moment, asked.words.of("clock", key))
        for key in _STEPS
        if (moment := getattr(asked.facts.clocks, key))
    ]
    steps += [
        (each.at, text)
        for each in asked.facts.measures
        if each.at and (text := asked.words.text(_told(each))[0])
    ]
    if not steps:
        return None
    steps.sort(key=lambda step: step[0].earliest)
    words, zone = asked.words, asked.submission.zone
    lines = [words.pair(words.moment(moment, zone), what) for moment, what in steps]
    return Answer(lines=tuple(lines), value=[{"at": str(at), "what": what} for at, what in steps])


def story(key: str) -> Source:
    """A text of the story, in the report's language or the nearest there is."""

    def source(asked: Asked) -> Answer | None:
        told = {
            tag: text for tag, each in asked.facts.story.items() if (text := getattr(each, key))
        }
        text, language = asked.words.text(told)
        if not text:
            return None
        lines = tuple(part.strip() for part in text.splitlines() if part.strip())
        return Answer(lines=lines, value=text, language=language)

    return source


def first_of(*sources: Source) -> Source:
    """The first of several sources that knows."""

    def source(asked: Asked) -> Answer | None:
        return next((found for each in sources if (found := each(asked))), None)

    return source


def codes(table: str, codes: Callable[[Facts], Iterable[StrEnum]]) -> Source:
    """Several codes of a closed list, in words."""

    def source(asked: Asked) -> Answer | None:
        found = list(codes(asked.facts))
        lines = tuple(asked.words.of(table, each) for each in found)
        return Answer(lines=lines, value=[each.value for each in found]) if found else None

    return source


def code(table: str, code: Callable[[Facts], StrEnum | None]) -> Source:
    """One code of a closed list, in words."""

    def source(asked: Asked) -> Answer | None:
        found = code(asked.facts)
        if found is None:
            return None
        return Answer(lines=(asked.words.of(table, found),), value=found.value)

    return source


def yes_no(truth: Callable[[Facts], bool | str | None]) -> Source:
    """Yes or no; never no where nothing is known."""

    def source(asked: Asked) -> Answer | None:
        found = truth(asked.facts)
        if found is None:
            return None
        word = found if isinstance(found, str) else ("yes" if found else "no")
        return Answer(lines=(asked.words.of("truth", word),), value=found)

    return source


def measures(*kinds: MeasureKind) -> Source:
    """Measures of these kinds, each with when it was or will be done."""

    def source(asked: Asked) -> Answer | None:
        found = [each for each in asked.facts.measures if each.kind in kinds and _told(each)]
        lines = tuple(_measure_line(each, asked) for each in found)
        language = next((tag for each in found if (tag := asked.words.text(_told(each))[1])), "")
        value = [each.model_dump(mode="json", exclude_none=True) for each in found]
        return Answer(lines=lines, value=value, language=language) if found else None

    return source


def _told(measure: Measure) -> Mapping[str, str]:
    """A measure by language: as somebody wrote it, and in our own words where nobody did."""
    said = dict(measure.text)
    for tag in available_languages() if measure.code else ():
        if not in_language(measure.text, tag):
            said[tag] = str(catalogue_of(tag).words["measure"][measure.code])
    return said


def _measure_line(measure: Measure, asked: Asked) -> str:
    text, _ = asked.words.text(_told(measure))
    when, label = (measure.at, "done_at") if measure.at else (measure.due, "planned_for")
    if when is None:
        return text
    shown = asked.words.moment(when, asked.submission.zone)
    return asked.words.noted(text, f"{asked.words.label(label)} {shown}")


def told(*who: str) -> Source:
    """Whom we told already: those named, else everyone but the police."""

    def source(asked: Asked) -> Answer | None:
        found = [
            each
            for each in asked.facts.told
            if each.who and (each.who in who if who else each.who != "police")
        ]
        lines = [
            " · ".join(
                part
                for part in (
                    asked.words.of("told", each.who or ""),
                    asked.words.place(each.where) if each.where else "",
                    asked.words.moment(each.at, asked.submission.zone) if each.at else "",
                    each.reference,
                )
                if part
            )
            for each in found
        ]
        value = [each.model_dump(mode="json", exclude_none=True) for each in found]
        return Answer(lines=tuple(lines), value=value) if found else None

    return source


def earlier_reference(asked: Asked) -> Answer | None:
    """The number the authority gave to what was filed before."""
    return line(asked.submission.earlier)


def contact_part(key: str, part: str) -> Source:
    """One line of a contact: its name, email or telephone."""

    def source(asked: Asked) -> Answer | None:
        contact: Contact | None = getattr(asked.facts.contacts, key)
        return line(getattr(contact, part)) if contact else None

    return source


def registered(scheme: str) -> Source:
    """The number under one scheme: LEI, EUID."""

    def source(asked: Asked) -> Answer | None:
        ids = asked.facts.organisation.ids
        return line(next((ids[key] for key in ids if key.lower() == scheme), None))

    return source


def registrations(asked: Asked) -> Answer | None:
    """Numbers that authorities gave us, a line each."""
    found = asked.facts.organisation.registrations
    lines = tuple(asked.words.pair(authority, number) for authority, number in found.items())
    return Answer(lines=lines, value=dict(found)) if found else None


def staff(asked: Asked) -> Answer | None:
    """The head count, where the size is one and not a class."""
    size = asked.facts.organisation.size
    if not isinstance(size, int):
        return None
    return Answer(lines=(asked.words.number(size),), value=size)


_NETWORK = frozenset(
    {Scenario.EXFILTRATION, Scenario.SUPPLY_CHAIN, Scenario.DDOS, Scenario.DEFACEMENT,
     Scenario.CREDENTIAL_STUFFING, Scenario.MAILBOX_TAKEOVER, Scenario.PHISHING,
     Scenario.RANSOMWARE, Scenario.MALWARE}
)  # fmt: skip


def is_cyber(facts: Facts) -> bool | None:
    """Whether it came over the network; not known where the scenario is not, or is any other."""
    scenario = facts.cause.scenario
    return None if scenario in (None, Scenario.OTHER, Scenario.VENDOR) else scenario in _NETWORK


def state_of_handling(asked: Asked) -> Answer | None:
    """How far handling the incident has come, from its clocks."""
    clocks = asked.facts.clocks
    states = (("ended", clocks.ended), ("contained", clocks.contained), ("ongoing", clocks.aware))
    found = next((state for state, moment in states if moment), None)
    return Answer(lines=(asked.words.of("handling", found),), value=found) if found else None
