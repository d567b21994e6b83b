"""Whom a duty to tell people speaks of: which person is owed a notice under which law. Pure."""

from __future__ import annotations

from incident_engine.domain.facts.document import Facts
from incident_engine.domain.law.playbook import Playbook
from incident_engine.domain.places import lies_in


def is_owed(place: str, *, law: Playbook | None, facts: Facts, duty_place: str) -> bool:
    """Whether somebody who lives in `place` is among those whom that duty protects.

    `place` is an ISO 3166 code or empty; `duty_place` is the duty's own. One of unknown place may
    live anywhere, and one of "US" may live in California: both count, since a notice too many
    harms nobody. A law that follows its organisation's seat protects everyone.
    """
    if not place or (law and _follows_us(law, facts)):
        return True
    return lies_in(place, duty_place) is not False


def is_spoken_to(*, minor: bool, under_14: bool, as_guardian: bool) -> bool:
    """Whether a notice goes to the person, or to the guardian on their behalf.

    A child under 14 is spoken to through the guardian; an older minor gets a notice and the
    guardian another (Regulations on the Protection of Minors in Cyberspace, art. 35).
    """
    return minor if as_guardian else not under_14


def _follows_us(law: Playbook, facts: Facts) -> bool:
    country = facts.organisation.country
    return bool(
        law.scope.by_seat
        and country
        and any(lies_in(country, territory) for territory in law.scope.territory)
    )
