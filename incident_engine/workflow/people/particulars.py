"""What goes public names nobody: compared, before it does, with everyone's particulars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlmodel import Session

from incident_engine.notices.public.personal_data import Particulars, refuse_personal_data
from incident_engine.store import people
from incident_engine.store.tables import Incident
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Engine
from incident_engine.workflow.people.reach import opened


def must_name_nobody(
    engine: Engine,
    session: Session,
    incident: Incident,
    files: Mapping[str, bytes],
    *,
    ours: Iterable[str],
) -> None:
    """Raise Refused where a file holds anybody's particulars. `ours` are meant to be there.

    The words were approved; this looks for what crept into the facts' story.
    """
    facts = known_facts(session, incident)
    allowed = [*ours, engine.settings.organisation.contact_name]
    for each in (facts.contacts.dpo, facts.contacts.public, facts.contacts.main):
        allowed += [each.name or "", each.email or "", each.phone or ""] if each else []
    everyone = _everyone(engine, session, incident)
    refuse_personal_data(files, everyone, allowed=[each for each in allowed if each])


def _everyone(engine: Engine, session: Session, incident: Incident) -> Iterator[Particulars]:
    seal = engine.keyring.seal(incident.wrapped_key)
    for row in people.of_incident(session, incident.id or 0):
        cell = opened(row, seal)
        yield Particulars(
            names=_said(cell, "name", "guardian_name"),
            emails=_said(cell, "email", "guardian_email"),
            numbers=_said(cell, "phone", "guardian_phone", "id"),
        )


def _said(cell: dict[str, object], *keys: str) -> tuple[str, ...]:
    return tuple(str(cell[key]) for key in keys if cell.get(key))
