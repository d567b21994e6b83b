"""People whom one of us calls: the list of those who wait, and what each call came to.

A delivery by hand is on no wire. It waits until somebody says who called, when, and how it ended;
that is booked and answered in one transaction, since nothing can be lost in between.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlmodel import Session

from incident_engine.channels import Receipt, Reply
from incident_engine.channels.by_hand import Call, call_sheet, one_call, read_call_sheet
from incident_engine.domain.delivery.quiet_hours import read_quiet_hours
from incident_engine.domain.errors import NotFound
from incident_engine.domain.permits import Act
from incident_engine.domain.places import zone_of
from incident_engine.domain.words import ChannelName, Outcome
from incident_engine.store import campaigns, deliveries, incidents
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Campaign, Delivery, FrozenWording, Incident, PersonRow
from incident_engine.workflow.dispatch.dispatch_round import Round
from incident_engine.workflow.dispatch.receive import Received, receive
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.notices.terms import quiet_hours_of
from incident_engine.workflow.people.reach import GUARDIAN, addressee_of

_TO_CALL = (Outcome.PENDING, Outcome.UNANSWERED)


def list_calls(engine: Engine, actor: Actor, reference: str) -> tuple[bytes, int]:
    """The sheet of everyone who waits for a call, as CSV, and how many they are.

    It names people: that it was written is in the journal. Raises NotFound when nobody waits.
    """
    actor.may(Act.DISPATCH)
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        seal = engine.keyring.seal(incident.wrapped_key)
        calls = [
            _call(session, seal, *each)
            for each in _by_hand(session, incident)
            if each[0].outcome in _TO_CALL
        ]
        if not calls:
            raise NotFound(
                "nobody-to-call",
                incident.reference,
                "nobody waits for a call",
                next_step="People are called where `notice prepare --channels` ends in by-hand.",
            )
        transaction.record("calls-listed", incident=incident.reference, people=len(calls))
        return call_sheet(calls), len(calls)


def book_calls(
    engine: Engine, actor: Actor, reference: str, content: bytes, *, name: str
) -> Received:
    """Take a sheet that came back filled in. Raises BadFile with every line at fault; then
    nothing of it counts."""
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        asked = [each.reference for each, _ in _by_hand(session, incident)]
    return _book(engine, actor, read_call_sheet(content, asked, name=name))


def book_call(
    engine: Engine, actor: Actor, delivery: str, outcome: str, *, who: str, when: str
) -> Delivery:
    """Take what one call came to. Raises BadInput for a word that is none of the sheet's, NotFound
    where the delivery is none by hand."""
    with engine.reading() as session:
        row = deliveries.by_reference(session, delivery)
        if row.channel != ChannelName.BY_HAND:
            raise NotFound(
                "not-by-hand",
                f"delivery {row.reference[:12]}",
                f"travels by {row.channel}",
                expected="a delivery by hand",
                next_step="`incident-engine calls list INCIDENT` shows whom to call.",
            )
    _book(engine, actor, [one_call(row.reference, outcome, who, when)])
    with engine.reading() as session:
        return deliveries.by_reference(session, row.reference)


def _book(engine: Engine, actor: Actor, told: Sequence[Receipt]) -> Received:
    """First calls are tries of their own; what is said of one that had ended is later news."""
    actor.may(Act.DISPATCH)
    first = _tried_now(engine, actor, told)
    later = receive(engine, actor, [each for each in told if each.reference not in first])
    return later.plus(Received(new=len(first), changed=len(first)))


def _tried_now(engine: Engine, actor: Actor, told: Iterable[Receipt]) -> set[str]:
    done: set[str] = set()
    with engine.transaction(actor) as transaction:
        of_campaign = defaultdict(list)
        for each in told:
            row = deliveries.by_reference(transaction.session, each.reference)
            if row.outcome == Outcome.PENDING:
                of_campaign[row.campaign_id].append(each)
        for campaign_id, receipts in of_campaign.items():
            done |= _tried(engine, transaction, campaign_id, receipts)
    return done


def _tried(
    engine: Engine, transaction: Transaction, campaign_id: int, told: Sequence[Receipt]
) -> set[str]:
    session, fence = transaction.session, secrets.token_hex(8)
    campaign = session.get_one(Campaign, campaign_id)
    incident = session.get_one(Incident, campaign.incident_id)
    held = deliveries.take(
        session, [each.reference for each in told], fence=fence, now=transaction.at
    )
    round_ = Round(
        engine,
        transaction.actor,
        incident,
        campaign,
        ChannelName.BY_HAND,
        fence,
        engine.keyring.seal(incident.wrapped_key),
        claimed={each.reference: each for each in held},
    )
    round_.told(transaction, [_reply(each) for each in told if each.reference in round_.claimed])
    return {each.reference for each in held}


def _reply(told: Receipt) -> Reply:
    outcome = told.outcome or Outcome.UNANSWERED
    return Reply(
        reference=told.reference, outcome=outcome, said=told.said, phase="call", code=told.kind
    )


def _by_hand(session: Session, incident: Incident) -> list[tuple[Delivery, PersonRow]]:
    launched = [each.id or 0 for each in campaigns.of_incident(session, incident.id or 0)]
    return deliveries.of_channel(session, launched, ChannelName.BY_HAND)


def _call(session: Session, seal: Seal, delivery: Delivery, row: PersonRow) -> Call:
    addressee = addressee_of(row, seal, guardian=delivery.addressee == GUARDIAN)
    campaign = session.get_one(Campaign, delivery.campaign_id)
    hours = read_quiet_hours(quiet_hours_of(campaign))
    zone = zone_of(row.place) if row.place else ""
    return Call(
        reference=delivery.reference,
        name=addressee.name,
        number=addressee.addresses.get(ChannelName.BY_HAND, ""),
        language=session.get_one(FrozenWording, delivery.wording_id).language,
        call_from=f"{hours.ends:%H:%M} {zone}" if hours else "",
        call_until=f"{hours.begins:%H:%M} {zone}" if hours else "",
    )
