"""Settle a duty: done with its evidence, waived with a reason, held, released.

What the engine can see for itself it settles too (`settle_told`): a duty to tell the people of a
place is met when every one of them was reached, and its first accepted message starts the clocks
that run from our own act.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from incident_engine.domain.delivery.states import is_reached
from incident_engine.domain.errors import BadInput, Conflict, NotFound
from incident_engine.domain.law.audience import is_owed, is_spoken_to
from incident_engine.domain.lifecycle import OBLIGATION, ObligationView
from incident_engine.domain.permits import Act
from incident_engine.domain.words import Audience, ObligationState, Outcome, Standing
from incident_engine.store import campaigns, deliveries, incidents, obligations, people
from incident_engine.store.tables import Campaign, FactRow, Incident, Obligation, PersonRow
from incident_engine.store.tables.obligation import LAW
from incident_engine.workflow.decide import decide_within, known_facts
from incident_engine.workflow.engine import Actor, Engine, Transaction


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What a person says of a duty."""

    trigger: str  # done, waive, hold, release, restore
    why: str = ""
    reference: str = ""
    until: datetime | None = None
    done_at: datetime | None = None  # left out: now


def settle(engine: Engine, actor: Actor, reference: str, duty: str, what: Settlement) -> Obligation:
    """Move one duty of an incident, named `playbook/name` or `playbook/name/place`.

    Done needs a reference, the rest a reason. Raises WrongMove with what is possible, BadInput.
    """
    actor.may(Act.SETTLE_OBLIGATION)
    _must_be_evident(what)
    with engine.transaction(actor) as transaction:
        incident = incidents.by_reference(transaction.session, reference)
        row = find(transaction.session, incident, duty)
        settle_within(engine, transaction, incident, row, what)
        return row


def settle_within(
    engine: Engine, transaction: Transaction, incident: Incident, row: Obligation, what: Settlement
) -> None:
    """The same inside a caller's transaction; what it starts is worked out at once."""
    _move(transaction, incident, row, what)
    by_law = row.origin == LAW  # an answer to an authority starts no clock of the law
    if what.trigger == "done" and by_law and not _is_started(transaction.session, incident, row):
        mark_done(transaction, incident, row, what.done_at or transaction.at)
    decide_within(engine, transaction, incident)


def find(session: Session, incident: Incident, duty: str) -> Obligation:
    """The duty of that name. Raises NotFound, naming those there are, or that more fit."""
    rows = obligations.of_incident(session, incident.id or 0)
    found = [
        row
        for row in rows
        if duty in (f"{row.playbook}/{row.name}", f"{row.playbook}/{row.name}/{row.place}")
    ]
    if len(found) != 1:
        names = ", ".join(f"{row.playbook}/{row.name}/{row.place}" for row in found or rows)
        raise NotFound(
            "no-obligation",
            duty[:80],
            "names more than one duty" if found else "is not a duty of this incident",
            expected=f"one of {names}" if names else "none is owed",
        )
    return found[0]


def mark_done(
    transaction: Transaction, incident: Incident, row: Obligation, when: datetime
) -> None:
    """Write down that we did it, as a fact: other laws' clocks start from our own acts."""
    key = f'done."{row.playbook}/{row.audience}/{row.phase}"'
    fact = FactRow(
        incident_id=incident.id or 0,
        key=key,
        value=json.dumps(when.isoformat()),
        standing=Standing.KNOWN,
        source="our own act",
        said_by=transaction.actor.name,
        said_at=transaction.at,
    )
    transaction.session.add(fact)
    transaction.session.flush()
    transaction.record(
        "facts-recorded",
        incident=incident.reference,
        keys=[key],
        root=incidents.facts_root([fact]),
        why="our own act",
    )


def settle_told(engine: Engine, actor: Actor, reference: str) -> list[Obligation]:
    """Meet every duty to tell people of a place whose people were all reached. Returns them."""
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        sent = [
            each for each in campaigns.of_incident(session, incident.id or 0) if each.launched_at
        ]
        if not sent:
            return []
        reached = _first_reached(session, sent)
        met = [
            row
            for row in obligations.of_incident(session, incident.id or 0)
            if row.audience in (Audience.INDIVIDUALS, Audience.GUARDIANS)
            and row.state == ObligationState.OWED
            and _tell(engine, transaction, incident, row, reached, sent[-1])
        ]
        decide_within(engine, transaction, incident)
        return met


def _tell(
    engine: Engine,
    transaction: Transaction,
    incident: Incident,
    row: Obligation,
    reached: dict[tuple[int, str], datetime],
    campaign: Campaign,
) -> bool:
    """Mark the duty started when one was reached, and met when all were."""
    to = "guardian" if row.audience == Audience.GUARDIANS else "person"
    concerned = _concerned(engine, transaction, incident, row, as_guardian=to == "guardian")
    moments = [reached[key] for p in concerned if (key := (p.id or 0, to)) in reached]
    if not moments:
        return False
    if not _is_started(transaction.session, incident, row):
        mark_done(transaction, incident, row, min(moments))
    if len(moments) < len(concerned):
        return False
    _move(
        transaction,
        incident,
        row,
        Settlement(trigger="done", reference=campaign.sha256, why=f"{len(moments)} reached"),
    )
    return True


def _concerned(
    engine: Engine,
    transaction: Transaction,
    incident: Incident,
    row: Obligation,
    *,
    as_guardian: bool,
) -> list[PersonRow]:
    facts = known_facts(transaction.session, incident)
    law = next((each for each in engine.playbooks if each.id == row.playbook), None)
    return [
        person
        for person in people.of_incident(transaction.session, incident.id or 0)
        if is_owed(person.place, law=law, facts=facts, duty_place=row.place)
        and is_spoken_to(minor=person.minor, under_14=person.under_14, as_guardian=as_guardian)
    ]


def _is_started(session: Session, incident: Incident, row: Obligation) -> bool:
    key = f'done."{row.playbook}/{row.audience}/{row.phase}"'
    return any(key == known for known, _ in incidents.fact_pairs(session, incident.id or 0))


def _first_reached(session: Session, sent: list[Campaign]) -> dict[tuple[int, str], datetime]:
    """When each addressee was first reached by any of these campaigns."""
    first: dict[tuple[int, str], datetime] = {}
    for delivery, person in deliveries.of_campaigns(session, [each.id or 0 for each in sent]):
        if is_reached(Outcome(delivery.outcome)) and delivery.settled_at:
            key = (person.id or 0, delivery.addressee)
            first[key] = min(first.get(key, delivery.settled_at), delivery.settled_at)
    return first


def _move(transaction: Transaction, incident: Incident, row: Obligation, what: Settlement) -> None:
    view = ObligationView(why=what.why, reference=what.reference, status=row.status)
    to = OBLIGATION.next_state(
        ObligationState(row.state), what.trigger, role=transaction.actor.role, view=view
    )
    was = row.state
    if not obligations.move(transaction.session, row, ObligationState(to)):
        raise Conflict("not-first", f"{row.playbook}/{row.name}", "was settled by somebody else")
    row.why, row.reference = what.why, what.reference or row.reference
    row.held_until = what.until
    row.settled_at = transaction.at if to in (ObligationState.MET, ObligationState.WAIVED) else None
    row.settled_by = transaction.actor.name
    transaction.session.add(row)
    transaction.session.flush()
    transaction.record(
        f"obligation-{what.trigger}",
        incident=incident.reference,
        subject=f"{row.playbook}/{row.name}/{row.place}",
        was=was,
        now=str(to),
        why=what.why,
        reference=what.reference,
        until=what.until.isoformat() if what.until else None,
    )


def _must_be_evident(what: Settlement) -> None:
    if what.trigger == "done" and not what.reference.strip():
        raise BadInput(
            "no-evidence",
            "obligation done",
            "has no --reference",
            expected="the authority's number, or what else proves it",
            next_step="Nothing is done without evidence.",
        )
    if what.trigger != "done" and not what.why.strip():
        raise BadInput(
            "no-reason",
            f"obligation {what.trigger}",
            "has no --why",
            expected="the reason, which stays on record",
        )
