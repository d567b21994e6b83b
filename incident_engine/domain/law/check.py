"""Whether a law file says what its own examples expect, and has what every law file must have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from incident_engine.domain.errors import BadFile
from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.law.assess import assess
from incident_engine.domain.law.assessment import Assessment, Obligation
from incident_engine.domain.law.content import ContentItem
from incident_engine.domain.law.expectation import LEFT_OUT, Expectation
from incident_engine.domain.law.playbook import Example, Playbook
from incident_engine.domain.law.playbook import Obligation as Duty
from incident_engine.domain.law.starts import keys_of
from incident_engine.domain.law.verdict import rivals
from incident_engine.domain.law.words import Effect, Standing
from incident_engine.domain.places import zones_of
from incident_engine.domain.words import Audience, DutyStatus


@dataclass(frozen=True)
class Finding:
    """One thing a check found. A fault means the file may not be trusted; a remark is to know."""

    is_fault: bool
    place: str
    says: str

    def __str__(self) -> str:
        return f"{'fault' if self.is_fault else 'remark'}: {self.place}: {self.says}"


def check(
    playbook: Playbook, *, today: date, fillable: frozenset[ContentItem] | None = None
) -> list[Finding]:
    """Everything worth saying about a law file: examples that fail, what they leave untried,
    what contradicts itself, a review that is due, what was never read in the original.

    `fillable`: the content that templates fill, where the caller knows it.
    """
    findings = [Finding(True, _named(playbook, e), s) for e, s in _wrong_answers(playbook)]
    findings += [Finding(True, _named(playbook, e), s) for e, s in _rivals(playbook)]
    findings += [Finding(True, playbook.id, says) for says in _untried(playbook)]
    if fillable is not None:
        findings += [Finding(True, playbook.id, s) for s in _unfilled(playbook, fillable)]
    findings += [Finding(False, playbook.id, says) for says in _remarks(playbook, today)]
    return findings


def _named(playbook: Playbook, example: Example) -> str:
    return f"{playbook.id}: example {example.name!r}"


def _wrong_answers(playbook: Playbook) -> Iterator[tuple[Example, str]]:
    for example in playbook.example:
        try:
            answer = answer_to(playbook, example)
        except BadFile as bad:
            yield example, str(bad)
            continue
        for key, expected in example.expect.items():
            says = _difference(answer, key, expected)
            if says:
                yield example, f"{key}: {says}"


def _answers(playbook: Playbook) -> Iterator[tuple[Example, Assessment]]:
    for example in playbook.example:
        with suppress(BadFile):
            yield example, answer_to(playbook, example)


def _rivals(playbook: Playbook) -> Iterator[tuple[Example, str]]:
    """Exceptions of equal rank that hold together in an example, none going before the other."""
    for example, answer in _answers(playbook):
        for found in answer.obligations:
            duty = playbook.named(found.id)
            hold = tuple(e for e in duty.exception if e.id in found.exceptions)
            for one, other in rivals(hold):
                says = f"{one.id} and {other.id} both {one.effect.value}, and neither names the"
                yield example, f"{found.id}: {says} other under over"


_READERS = (Audience.INDIVIDUALS, Audience.GUARDIANS, Audience.PUBLIC, Audience.MEDIA)


def _unfilled(playbook: Playbook, fillable: frozenset[ContentItem]) -> Iterator[str]:
    for duty in playbook.obligation:
        if duty.audience not in _READERS:
            continue
        content = duty.content
        asked = {*content.required, *(i for part in content.conditional for i in part.items)}
        lost = sorted(item.value for item in asked - fillable)
        if lost:
            yield f"{duty.id}: no template fills {', '.join(lost)}"


def answer_to(playbook: Playbook, example: Example) -> Assessment:
    """What the law says of an example, read at its own hour or on the day of the last review."""
    noon = datetime.combine(playbook.review.read_on, time(12), UTC)
    return assess(parse_facts(example.facts), [playbook], now=example.at or noon)


def _difference(answer: Assessment, key: str, expected: Expectation) -> str:
    name, _, where = key.partition(" in ")
    found = [d for d in answer.obligations if d.id == name and where in ("", d.where)]
    if not found or expected.status is None:
        said = ", ".join(duty.status.value for duty in found) or LEFT_OUT
        wanted = expected.status.value if expected.status else LEFT_OUT
        return "" if said == wanted else f"expected {wanted}, found {said}"
    return next(filter(None, (_unlike(duty, expected) for duty in found)), "")


def _unlike(duty: Obligation, expected: Expectation) -> str:
    if duty.status is not expected.status:
        return f"expected {expected.status}, found {duty.status} ({'; '.join(duty.because)})"
    if expected.exception and expected.exception not in duty.exceptions:
        return f"expected the exception {expected.exception}, found {duty.exceptions or 'none'}"
    if expected.due and expected.due not in _dues(duty):
        return f"expected due {expected.due}, found {_dues(duty)[0] or 'no due date'}"
    missing = sorted(set(expected.asks) - set(duty.asks))
    return f"does not ask {', '.join(missing)}" if missing else ""


def _dues(duty: Obligation) -> tuple[str, ...]:
    due = duty.due
    if due is None:
        return ("",)
    if due.at is None:
        return (due.words or "",)
    return due.at.isoformat(), due.at.date().isoformat()


_BINDING_STATUS = {
    Standing.VOLUNTARY: DutyStatus.VOLUNTARY,
    Standing.GUIDELINE: DutyStatus.VOLUNTARY,
}


def _untried(playbook: Playbook) -> Iterator[str]:
    """What no example shows, of the whole law and of each of its duties."""
    if playbook.status is Standing.PROPOSAL:
        return
    expected = [e for example in playbook.example for e in example.expect.values()]
    statuses = {expectation.status for expectation in expected}
    binds = _BINDING_STATUS.get(playbook.status, DutyStatus.REQUIRED)
    if binds not in statuses:
        yield f"no example in which it is {binds}"
    frees = any(e.effect is Effect.NOT_REQUIRED for d in playbook.obligation for e in d.exception)
    if frees and DutyStatus.NOT_REQUIRED not in statuses:
        yield "no example freed by an exception"
    if not any(e.asks or e.status is DutyStatus.OPEN for e in expected):
        yield "no example with facts not known"
    reached = {duty.id for _, answer in _answers(playbook) for duty in answer.obligations}
    for duty in playbook.obligation:
        if duty.status is not Standing.PROPOSAL:
            yield from _untried_of(playbook, duty, reached)


def _untried_of(playbook: Playbook, duty: Duty, reached: set[str]) -> Iterator[str]:
    if duty.id not in reached:
        yield f"no example reaches {duty.id}"
    expected = [e for example in playbook.example for e in example.expect.items()]
    timed = {key.partition(" in ")[0] for key, e in expected if e.due[:1].isdigit()}
    if any(due.within for due in duty.due) and duty.id not in timed:
        yield f"no example for the clock of {duty.id}"
    for ground in duty.extension:
        if not any(_puts_off(playbook, duty, ground.id, e) for e in playbook.example):
            yield f"no example in which {ground.id} puts off {duty.id}"


def _puts_off(playbook: Playbook, duty: Duty, ground: str, example: Example) -> bool:
    recorded = example.facts.get("extended")
    found = recorded if isinstance(recorded, Mapping) else {}
    told = [found[key] for key in keys_of(playbook, duty.id) if key in found]
    return any(isinstance(e, Mapping) and e.get("ground", ground) == ground for e in told)


def _remarks(playbook: Playbook, today: date) -> Iterator[str]:
    review = playbook.review
    if not review.read_by:
        yield "no lawyer has signed this file"
    if review.read_next < today:
        yield f"its next reading was due on {review.read_next}"
    if unread := list(playbook.unread()):
        yield f"written from memory: {', '.join(unread)}"
    zones = zones_of(playbook.place)
    if playbook.zone not in zones:
        yield f"its zone {playbook.zone} is not one that {playbook.place} keeps"
