"""Write a line into an incident's journal."""

from __future__ import annotations

from incident_engine.domain.errors import BadInput
from incident_engine.domain.permits import Act
from incident_engine.store import incidents
from incident_engine.workflow.engine import Actor, Engine

LONGEST = 2000


def note(engine: Engine, actor: Actor, reference: str, text: str) -> None:
    """Add a note. Raises BadInput when it is empty, too long or holds control characters."""
    actor.may(Act.RECORD_FACT)
    line = text.strip()
    if not line or len(line) > LONGEST or not line.replace("\n", " ").isprintable():
        raise BadInput(
            "bad-note",
            "the note",
            "is empty" if not line else f"has {len(line)} characters, or some that do not print",
            expected=f"plain text of at most {LONGEST} characters",
        )
    with engine.transaction(actor) as transaction:
        incident = incidents.by_reference(transaction.session, reference)
        transaction.record("note", incident=incident.reference, text=line)
