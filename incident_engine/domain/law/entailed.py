"""What comes with a duty: what must be said, offered, kept, and how else people may be told."""

from __future__ import annotations

from collections.abc import Mapping

from incident_engine.domain.law.assessment import Kept, Offer, Substitute, Wording
from incident_engine.domain.law.case import Case
from incident_engine.domain.law.content import ContentItem
from incident_engine.domain.law.playbook import Exempting, Obligation, Playbook
from incident_engine.domain.law.truth import Truth
from incident_engine.domain.law.words import Effect, Remedy

_PLACES = {item: place for place, item in enumerate(ContentItem)}
_OFFERED = {
    Remedy.IDENTITY_SERVICE: ContentItem.IDENTITY_SERVICE,
    Remedy.CREDIT_MONITORING: ContentItem.IDENTITY_SERVICE,
    Remedy.CREDIT_REPORT: ContentItem.CREDIT_REPORT,
}


def wording(law: Playbook, duty: Obligation, case: Case) -> Wording:
    """What a text for this duty must, may and must not say in this case."""
    content = duty.content
    required = _cited(law, content.required)
    for conditional in content.conditional:
        # Not known is said all the same: one line too many frightens nobody.
        if conditional.when.read(case).value is not False:
            required += [(item, law.cite(conditional.source)[0]) for item in conditional.items]
    for benefit in duty.benefit:
        if benefit.when.read(case).value is not False:
            required.append((_OFFERED[benefit.kind], law.cite(benefit.source)[0]))
    forbidden = _cited(law, content.forbidden)
    never = {item for item, _ in forbidden}
    return Wording(
        required=_sorted([pair for pair in required if pair[0] not in never]),
        forbidden=_sorted(forbidden), optional=_sorted(_cited(law, content.optional)),
        title=content.title, headings=content.headings, type_size=content.type_size,
        evidence=content.evidence,
    )  # fmt: skip


def _cited(law: Playbook, listed: Mapping[ContentItem, str]) -> list[tuple[ContentItem, str]]:
    return [(item, law.cite(source)[0]) for item, source in listed.items()]


def _sorted(cited: list[tuple[ContentItem, str]]) -> tuple[tuple[ContentItem, str], ...]:
    return tuple(sorted(dict.fromkeys(cited), key=lambda pair: (_PLACES[pair[0]], pair[1])))


def offers(law: Playbook, duty: Obligation, case: Case) -> tuple[Offer, ...]:
    """What must be offered; where a fact not known decides, it is offered as not sure."""
    found = [(benefit, benefit.when.read(case).value) for benefit in duty.benefit]
    return tuple(
        Offer(
            kind=benefit.kind.value, months=benefit.months, says=benefit.says,
            citation=law.cite(benefit.source)[0], sure=sure is True,
        )
        for benefit, sure in found
        if sure is not False
    )  # fmt: skip


def substitutes(law: Playbook, exceptions: list[tuple[Exempting, Truth]]) -> tuple[Substitute, ...]:
    """The other ways of telling people that are permitted, or may be."""
    return tuple(
        Substitute(
            id=e.id, holds=truth.value, reaches=e.reaches.value, how_many=e.how_many.value,
            forms=tuple((form.kind.value, form.days) for form in e.forms),
            says=e.says, citation=law.cite(e.source)[0],
        )
        for e, truth in exceptions
        if e.effect is Effect.ANOTHER_WAY and truth.value is not False
    )  # fmt: skip


def decisions_kept(
    law: Playbook, duty: Obligation, hold: tuple[Exempting, ...]
) -> tuple[Kept, ...]:
    """What must be kept of a decision that rests on exceptions that hold."""
    return tuple(
        Kept(
            playbook=law.id, id=f"{duty.id}/{e.id}", keep=str(e.keep) if e.keep else None,
            says="the decision and its reasons, in writing" + (f"; {e.file}" if e.file else ""),
            citation=law.cite(e.source)[0], evidence=e.evidence,
        )
        for e in hold
        if e.keep or e.file
    )  # fmt: skip


def records_kept(law: Playbook, case: Case) -> tuple[Kept, ...]:
    """What a law that reaches the incident obliges to keep, whoever is told."""
    return tuple(
        Kept(
            playbook=law.id, id=kept.id, keep=str(kept.keep) if kept.keep else None,
            says=kept.says, citation=law.cite(kept.source)[0], evidence=kept.evidence,
        )
        for kept in law.retention
        if kept.when.read(case).value is not False
    )  # fmt: skip


def addressees(duty: Obligation, case: Case) -> tuple[str, ...]:
    """Those a duty is owed to; one whose case is not known is named."""
    return tuple(who.name for who in duty.to if who.when.read(case).value is not False)


def filing(duty: Obligation) -> tuple[str, ...]:
    """Where, in which form and language a report goes in, a sentence each."""
    found = duty.filing
    if found is None:
        return ()
    languages = f"language: {', '.join(found.languages)}" if found.languages else None
    return tuple(filter(None, (found.says, found.form, languages, found.url)))
