"""Launch an approved campaign: one transaction writes a delivery for every addressee.

These rows are the outbox; there is no other queue. Pausing, resuming and stopping are one
conditional update each, and take effect before the next message leaves.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col

from incident_engine.domain import bulk_rows
from incident_engine.domain.delivery.ladder import next_channel
from incident_engine.domain.delivery.timetable import Standing, Window, window_from
from incident_engine.domain.errors import NotApproved, Refused, WrongMove
from incident_engine.domain.lifecycle import CAMPAIGN, CampaignView
from incident_engine.domain.notice_code import code_of, fingerprint
from incident_engine.domain.permits import Act
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.store import campaigns, incidents
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Campaign, Delivery, FrozenWording, Incident, PersonRow
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.incidents.move_incident import move_towards_notifying
from incident_engine.workflow.notices.approve import must_be_fresh
from incident_engine.workflow.notices.codes import code_key, notice_id
from incident_engine.workflow.notices.hold import must_not_be_held
from incident_engine.workflow.notices.publish_codes import must_be_checkable
from incident_engine.workflow.notices.readers import readers, telling
from incident_engine.workflow.people.reach import Addressee, addressee_of, blind_address
from incident_engine.workflow.rolled_back import must_not_be_rolled_back

_BATCH = 1000


@dataclass(frozen=True)
class Launched:
    """What a launch wrote: deliveries, and addressees whom no channel of the plan reaches."""

    campaign: Campaign
    deliveries: int
    unreachable: int


def launch(engine: Engine, actor: Actor, reference: str) -> Launched:
    """Write the deliveries of the approved campaign. Raises NotApproved when there is none."""
    actor.may(Act.DISPATCH)
    must_not_be_rolled_back(engine)
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        campaign = campaigns.in_state(session, incident.id or 0, CampaignState.APPROVED)
        if campaign is None:
            raise _nothing_approved(transaction, incident)
        must_not_be_held(session, incident)
        _must_not_be_over(campaign, transaction.at)
        must_be_fresh(engine, session, incident, campaign)
        must_be_checkable(engine, session, incident, campaign)
        move_towards_notifying(transaction, incident)
        _move(transaction, incident, campaign, "launch")
        campaign.launched_at = transaction.at
        session.add(campaign)
        written, unreachable, root = _write_deliveries(engine, transaction, incident, campaign)
        transaction.record(
            "campaign-launched",
            incident=incident.reference,
            subject=campaign.sha256,
            deliveries=written,
            unreachable=unreachable,
            root=root,
        )
        return Launched(campaign, written, unreachable)


def pause(engine: Engine, actor: Actor, reference: str, *, why: str) -> Campaign:
    """Nothing new leaves until `resume`."""
    return _steer(engine, actor, reference, "pause", why)


def resume(engine: Engine, actor: Actor, reference: str, *, why: str) -> Campaign:
    """Go on with a paused campaign."""
    return _steer(engine, actor, reference, "resume", why)


def stop(engine: Engine, actor: Actor, reference: str, *, why: str) -> Campaign:
    """End a campaign for good: what has not left is cancelled; what left keeps its outcome."""
    return _steer(engine, actor, reference, "stop", why)


def window_of(campaign: Campaign) -> Window:
    """When the campaign may leave, as it was approved."""
    return window_from(json.loads(campaign.manifest).get("window", {}))


def _must_not_be_over(campaign: Campaign, now: datetime) -> None:
    window = window_of(campaign)
    if window.standing(now) == Standing.OVER:
        raise Refused(
            "window-over",
            f"notice {campaign.number}",
            f"was approved to leave until {window.not_after:%Y-%m-%d %H:%M %Z}",
            next_step="Prepare it again with another --not-after, and have that approved.",
        )


def _steer(engine: Engine, actor: Actor, reference: str, trigger: str, why: str) -> Campaign:
    actor.may(Act.DISPATCH)
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        campaign = campaigns.in_state(
            session, incident.id or 0, CampaignState.SENDING, CampaignState.PAUSED
        )
        if campaign is None:
            raise WrongMove(
                "nothing-sending",
                incident.reference,
                f"has no campaign to {trigger}",
                expected="one that is sending or paused",
            )
        _move(transaction, incident, campaign, trigger)
        cancelled = _cancel_rest(transaction, campaign) if trigger == "stop" else 0
        if trigger == "resume":
            campaign.looked_at = transaction.at
            session.add(campaign)
        transaction.record(
            f"campaign-{trigger}",
            incident=incident.reference,
            subject=campaign.sha256,
            why=why,
            cancelled=cancelled,
        )
        return campaign


def _move(transaction: Transaction, incident: Incident, campaign: Campaign, trigger: str) -> None:
    was = CampaignState(campaign.state)
    to = CAMPAIGN.next_state(was, trigger, role=transaction.actor.role, view=CampaignView())
    if not campaigns.move(transaction.session, campaign, CampaignState(to)):
        raise WrongMove("not-first", incident.reference, "the campaign was moved by somebody else")


def _cancel_rest(transaction: Transaction, campaign: Campaign) -> int:
    waiting = [Outcome.PENDING, Outcome.CLAIMED, Outcome.DEFERRED]
    changed = transaction.session.execute(
        update(Delivery)
        .where(col(Delivery.campaign_id) == campaign.id, col(Delivery.outcome).in_(waiting))
        .values(outcome=Outcome.CANCELLED, fence="", settled_at=transaction.at)
    )
    return int(getattr(changed, "rowcount", 0))


def _write_deliveries(
    engine: Engine, transaction: Transaction, incident: Incident, campaign: Campaign
) -> tuple[int, int, str]:
    plan = [ChannelName(each) for each in json.loads(campaign.plan)]
    seal = engine.keyring.seal(incident.wrapped_key)
    wordings = {
        each.group: each for each in campaigns.wordings(transaction.session, campaign.id or 0)
    }
    codes = code_key(seal), notice_id(incident.reference, campaign)
    proven, rows, unreachable = [], [], 0
    for row, key, addressee in _addressees(engine, transaction, incident, seal):
        channel = next_channel(plan, (), addressee.channels)
        if channel is None:
            unreachable += 1
            continue
        wording = wordings[key]
        delivery = _row(transaction, campaign, row, wording, addressee, channel) | {
            "blind_address": blind_address(seal, channel, addressee.addresses[channel]),
            "code_sha256": fingerprint(code_of(*codes, row.public_id)),
        }
        proven.append(_proven(delivery, row, wording))
        rows.append(delivery)
    for start in range(0, len(rows), _BATCH):
        transaction.session.execute(insert(Delivery), rows[start : start + _BATCH])
    return len(rows), unreachable, bulk_rows.root(proven)


def _proven(delivery: dict[str, Any], row: PersonRow, wording: FrozenWording) -> bytes:
    """The row as the launch's entry binds it."""
    return bulk_rows.written_row(
        delivery["reference"],
        channel=delivery["channel"],
        person=row.public_id,
        addressee=delivery["addressee"],
        address=delivery["blind_address"],
        wording=wording.sha256,
    )


def _addressees(
    engine: Engine, transaction: Transaction, incident: Incident, seal: Seal
) -> Iterator[tuple[PersonRow, str, Addressee]]:
    session = transaction.session
    told = telling(engine, session, incident, known_facts(session, incident))
    for row, group in readers(engine, session, incident, told):
        yield row, group.key, addressee_of(row, seal, guardian=group.guardian)


def _row(
    transaction: Transaction,
    campaign: Campaign,
    row: PersonRow,
    wording: FrozenWording,
    addressee: Addressee,
    channel: ChannelName,
) -> dict[str, Any]:
    return {
        "campaign_id": campaign.id,
        "person_id": row.id,
        "wording_id": wording.id,
        "addressee": addressee.kind,
        "channel": channel.value,
        "reference": secrets.token_hex(16),
        "outcome": Outcome.PENDING.value,
        "fence": "",
        "attempts": 0,
        "created_at": transaction.at,
    }


def _nothing_approved(transaction: Transaction, incident: Incident) -> NotApproved:
    waiting = campaigns.in_state(transaction.session, incident.id or 0, CampaignState.PREPARED)
    paused = campaigns.in_state(transaction.session, incident.id or 0, CampaignState.PAUSED)
    if paused:
        step = f"Notice {paused.number} is paused: `incident-engine resume {incident.reference}`."
        return NotApproved("paused", incident.reference, "is paused", next_step=step)
    step = (
        f"A second person runs `incident-engine approve {incident.reference} {waiting.sha256}`."
        if waiting
        else f"Run `incident-engine notice prepare {incident.reference}` first."
    )
    return NotApproved(
        "not-approved", incident.reference, "has no approved notice to send", next_step=step
    )
