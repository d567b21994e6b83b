"""Sign the head of the journal into a file outside the database."""

from __future__ import annotations

from incident_engine.domain.errors import Refused
from incident_engine.domain.permits import Act
from incident_engine.store import checkpoints, journal
from incident_engine.workflow.engine import Actor, Engine


def checkpoint(engine: Engine, actor: Actor) -> dict[str, str | int]:
    """Verify the journal against earlier checkpoints, then sign its head. Returns the new line."""
    actor.may(Act.CHECKPOINT)
    home = engine.home
    with engine.transaction(actor) as transaction:
        transaction.record("checkpoint-signed")
        verdict = journal.verify(transaction.session, checkpoints.read(home.checkpoints, home.keys))
        if not verdict.sound:
            raise Refused("journal-broken", "the journal", verdict.fault)
        root = journal.root(transaction.session)
    return checkpoints.append(
        home.checkpoints,
        home.keys,
        entries=verdict.entries,
        head=verdict.head,
        at=transaction.at,
        root=root,
    )
