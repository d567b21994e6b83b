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

from sqlalchemy import update
from sqlmodel import col

from incident_engine.domain import bulk_rows, merkle
from incident_engine.domain.delivery.ladder import next_channel
from incident_engine.domain.delivery.timetable import Standing, Window, window_from
from incident_engine.domain.errors import NotApproved, Refused, WrongMove
from incident_engine.domain.lifecycle import CAMPAIGN, CampaignView
from incident_engine.domain.notice_code import code_of, fingerprint
from incident_engine.domain.permits import Act
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.store import campaigns, deliveries, incidents, people
from incident_engine.store.bulk import batches
from incident_engine.store.db import indexed_afterwards, make_room
from incident_engine.store.sealing import Seal
from incident_engine.store.sorted_leaves import SortedLeaves
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
_MEGABYTES = 12  # of the database in memory: a launch holds 150 in all


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
    """A thousand at a time, so that a million people take no more memory than ten thousand."""
    session, seal = transaction.session, engine.keyring.seal(incident.wrapped_key)
    wordings = {each.group: each for each in campaigns.wordings(session, campaign.id or 0)}
    made = _Outbox(transaction, campaign, seal, notice_id(incident.reference, campaign))
    written = 0
    make_room(session, _MEGABYTES)
    much = people.count(session, incident.id or 0) > deliveries.newest(session)
    with SortedLeaves() as leaves, indexed_afterwards(session, "delivery", much=much):
        for batch in batches(_addressees(engine, transaction, incident, seal), _BATCH):
            rows = []
            for row, key, addressee in batch:
                if delivery := made.delivery(row, wordings[key], addressee):
                    leaves.add(merkle.leaf(_proven(delivery, row, wordings[key])))
                    rows.append(delivery)
            deliveries.write(session, rows)
            written += len(rows)
        return written, made.unreachable, merkle.root(leaves)


class _Outbox:
    """Each addressee's row, on the first channel of the plan that reaches them."""

    def __init__(
        self, transaction: Transaction, campaign: Campaign, seal: Seal, notice: str
    ) -> None:
        self._campaign_id, self._at = campaign.id, transaction.at
        self._plan = [ChannelName(each) for each in json.loads(campaign.plan)]
        self._seal, self._codes = seal, (code_key(seal), notice)
        self.unreachable = 0

    def delivery(
        self, row: PersonRow, wording: FrozenWording, addressee: Addressee
    ) -> dict[str, Any] | None:
        """The columns of one delivery; None where no channel of the plan reaches them."""
        channel = next_channel(self._plan, (), addressee.channels)
        if channel is None:
            self.unreachable += 1
            return None
        return {
            "campaign_id": self._campaign_id,
            "person_id": row.id,
            "wording_id": wording.id,
            "addressee": addressee.kind,
            "channel": channel.value,
            "reference": secrets.token_hex(16),
            "blind_address": blind_address(self._seal, channel, addressee.addresses[channel]),
            "code_sha256": fingerprint(code_of(*self._codes, row.public_id)),
            "outcome": Outcome.PENDING.value,
            "fence": "",
            "attempts": 0,
            "created_at": self._at,
        }


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
