"""Open the next channel of the plan for one addressee, when the last one's end says so."""

from __future__ import annotations

import json
import secrets

from incident_engine.domain import bulk_rows
from incident_engine.domain.delivery.ladder import next_channel
from incident_engine.domain.words import ChannelName, Outcome
from incident_engine.store import deliveries
from incident_engine.store.deliveries import Held
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Campaign, Delivery, FrozenWording, Incident, PersonRow
from incident_engine.workflow.engine import Transaction
from incident_engine.workflow.people.reach import GUARDIAN, addressee_of, blind_address


def open_next(
    transaction: Transaction,
    seal: Seal,
    campaign: Campaign,
    delivery: Delivery | Held,
    outcome: Outcome,
) -> Delivery | None:
    """Write the delivery on the next channel, linked to the one that ended with `outcome`.

    None when the outcome opens nothing, or no channel of the plan is left for this addressee.
    """
    session = transaction.session
    row = session.get_one(PersonRow, delivery.person_id)
    addressee = addressee_of(row, seal, guardian=delivery.addressee == GUARDIAN)
    tried = [
        (ChannelName(each.channel), outcome if each.id == delivery.id else Outcome(each.outcome))
        for each in deliveries.of_person(session, delivery.campaign_id, delivery.person_id)
        if each.addressee == delivery.addressee
    ]
    plan = [ChannelName(each) for each in json.loads(campaign.plan)]
    channel = next_channel(plan, tried, addressee.channels)
    if channel is None:
        return None
    opened = Delivery(
        campaign_id=delivery.campaign_id,
        person_id=delivery.person_id,
        wording_id=delivery.wording_id,
        addressee=delivery.addressee,
        channel=channel,
        reference=secrets.token_hex(16),
        opened_by=delivery.id,
        created_at=transaction.at,
        blind_address=blind_address(seal, channel, addressee.addresses[channel]),
        code_sha256=delivery.code_sha256,
    )
    session.add(opened)
    _record(transaction, campaign, opened, row, after=delivery.reference)
    return opened


def _record(
    transaction: Transaction, campaign: Campaign, opened: Delivery, row: PersonRow, *, after: str
) -> None:
    session = transaction.session
    proven = bulk_rows.written_row(
        opened.reference,
        channel=opened.channel,
        person=row.public_id,
        addressee=opened.addressee,
        address=opened.blind_address,
        wording=session.get_one(FrozenWording, opened.wording_id).sha256,
    )
    transaction.record(
        "delivery-opened",
        incident=session.get_one(Incident, campaign.incident_id).reference,
        subject=opened.reference,
        channel=opened.channel,
        after=after,
        root=bulk_rows.root([proven]),
    )
