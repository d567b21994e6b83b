"""Whether the laws let a public page stand in for letters, what each asks of it, and until when.

With it goes the dossier: whom nobody reached, by what was tried. Nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from incident_engine.domain.law.assessment import Obligation, Substitute
from incident_engine.store import announcements, deliveries
from incident_engine.store.tables import Incident
from incident_engine.workflow.decide import assessment_of
from incident_engine.workflow.engine import Engine

PAGES = ("website", "announcement")


@dataclass(frozen=True)
class Permission:
    """What one law says of telling people in public. `holds` is None where a fact decides;
    `until` is when the page may come down, where the law says and the page is up."""

    duty: str
    holds: bool | None
    reaches: str
    how_many: str
    forms: tuple[str, ...]
    says: str
    citation: str
    until: datetime | None


@dataclass(frozen=True)
class Unreached:
    """People of one place whom nobody reached, by what the last try came to."""

    place: str
    last: str
    people: int


@dataclass(frozen=True)
class Case:
    """The whole case for a page: what the laws say, and the dossier of attempts."""

    permissions: tuple[Permission, ...]
    unreached: tuple[Unreached, ...]

    def still_wanted(self, now: datetime) -> tuple[Permission, ...]:
        """The laws whose days are not over yet."""
        return tuple(each for each in self.permissions if each.until and each.until > now)


def announcement_case(engine: Engine, session: Session, incident: Incident) -> Case:
    """The case for a public page of this incident as facts and deliveries now stand."""
    standing = announcements.standing(session, incident.id or 0)
    up_since = standing.put_up_at if standing else None
    permissions = [
        _permission(duty, substitute, up_since)
        for duty in assessment_of(engine, session, incident).obligations
        for substitute in duty.substitutes
    ]
    dossier = deliveries.unreached(session, incident.id or 0)
    return Case(tuple(permissions), tuple(Unreached(*row) for row in dossier))


def _permission(duty: Obligation, substitute: Substitute, up_since: datetime | None) -> Permission:
    days = [days for kind, days in substitute.forms if kind in PAGES and days]
    return Permission(
        duty=f"{duty.playbook}/{duty.id}/{duty.where}",
        holds=substitute.holds,
        reaches=substitute.reaches,
        how_many=substitute.how_many,
        forms=tuple(f"{kind}, {days} days" if days else kind for kind, days in substitute.forms),
        says=substitute.says,
        citation=substitute.citation,
        until=up_since + timedelta(days=max(days)) if days and up_since else None,
    )
