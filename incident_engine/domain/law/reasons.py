"""Why a duty stands as it does, in paragraphs for people: the rule, its source, the arithmetic."""

from __future__ import annotations

from incident_engine.domain.facts.questions import ask
from incident_engine.domain.law.assessment import Kept, Obligation, Offer, Substitute
from incident_engine.domain.law.content import ContentItem

Paragraph = tuple[str, tuple[str, ...]]  # its name, and a sentence each


def reasons(duty: Obligation) -> list[Paragraph]:
    """Everything that is to be said of a duty, in the order in which one asks; empty ones left out.

    Nothing in it depends on the hour at which it is read.
    """
    due = duty.due
    unread = "; NOT CHECKED against the law" if duty.evidence == "unverified" else ""
    found: list[Paragraph] = [
        ("rule", (f"{due.rule} ({due.binding})",) if due else ()),
        ("our aim", (f"{due.target.isoformat()} (not the law's)",) if due and due.target else ()),
        ("law", (duty.says,)),
        ("source", (f"{duty.citation}, {duty.url}",)),
        ("evidence", (f"{duty.evidence}{unread}",)),
        ("because", duty.because),
        ("counted", due.steps if due else ()),
        ("order", duty.order),
        ("to", duty.to),
        ("file", duty.filing),
        ("offer", tuple(_offer(each) for each in duty.offers)),
        ("another way", tuple(_substitute(each) for each in duty.substitutes)),
        ("must say", _said(duty.wording.items)),
        ("never say", _said(tuple(item for item, _ in duty.wording.forbidden))),
        ("keep", tuple(kept_in_words(each) for each in duty.kept)),
        ("to find out", tuple(f"{key}: {ask(key)}" for key in duty.asks)),
        ("would change", duty.would_change),
    ]
    return [(name, texts) for name, texts in found if texts]


def kept_in_words(kept: Kept) -> str:
    """What must be kept, and how long."""
    return f"{kept.says}: {kept.keep or 'the law names no time'} ({kept.citation}; {kept.evidence})"


def _said(items: tuple[ContentItem, ...]) -> tuple[str, ...]:
    return (", ".join(item.value for item in items),) if items else ()


def _offer(offer: Offer) -> str:
    months = f", {offer.months} months" if offer.months else ""
    sure = "" if offer.sure else " (a fact not known decides)"
    return f"{offer.kind}{months}{sure}: {offer.says} ({offer.citation})"


def _substitute(way: Substitute) -> str:
    permitted = "permitted" if way.holds else "permitted if the facts allow it"
    forms = [f"{kind} {days} days" if days else kind for kind, days in way.forms]
    shown = f"; {way.how_many} of: {', '.join(forms)}" if forms else ""
    return f"{permitted}, for {way.reaches}{shown}: {way.says} ({way.citation})"
