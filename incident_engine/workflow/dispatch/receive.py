"""Receive: what comes back later about messages that left, folded into what we knew.

News comes late, twice and out of order. Each piece is kept once; what is forged, or about nothing
of ours, is kept too and changes nothing. A bounce opens the next channel, also after a campaign
was taken for finished.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from incident_engine.channels import Receipt
from incident_engine.channels.mail.bounces import read_bounce
from incident_engine.channels.mail.mailbox import Returned
from incident_engine.channels.mail.return_path import ReturnPath
from incident_engine.domain import bulk_rows
from incident_engine.domain.delivery.ladder import OPENS_NEXT
from incident_engine.domain.delivery.states import apply
from incident_engine.domain.lifecycle import CAMPAIGN, CampaignView
from incident_engine.domain.permits import Act
from incident_engine.domain.words import CampaignState, Outcome
from incident_engine.store import campaigns, receipts
from incident_engine.store.tables import Campaign, Delivery, Incident, ReceiptRow
from incident_engine.workflow.dispatch.dispatch_round import salt_of
from incident_engine.workflow.dispatch.next_rung import open_next
from incident_engine.workflow.engine import Actor, Engine, Transaction

_LADDER_OPEN = (CampaignState.SENDING, CampaignState.PAUSED, CampaignState.FINISHED)


@dataclass(frozen=True)
class Received:
    """How many pieces of news were new, which of those changed a delivery, and which were about
    nothing of ours or not believed."""

    new: int = 0
    changed: int = 0
    unknown: int = 0
    disbelieved: int = 0

    def plus(self, other: Received) -> Received:
        """The sum of two."""
        return Received(
            self.new + other.new,
            self.changed + other.changed,
            self.unknown + other.unknown,
            self.disbelieved + other.disbelieved,
        )


def receive_mail(
    engine: Engine, actor: Actor, source: Returned, return_path: ReturnPath
) -> Received:
    """Read every unread mail of a source and take what it says; each is marked once it is kept."""
    found = Received()
    for name, raw in source.mails():
        found = found.plus(receive(engine, actor, [read_bounce(raw, return_path)]))
        source.mark_read(name)
    return found


def receive(engine: Engine, actor: Actor, news: Iterable[Receipt]) -> Received:
    """Keep each piece of news, one transaction each, and change what it truly changes."""
    actor.may(Act.DISPATCH)
    found = Received()
    for receipt in news:
        with engine.transaction(actor) as transaction:
            found = found.plus(_take(engine, transaction, receipt))
    return found


def _take(engine: Engine, transaction: Transaction, receipt: Receipt) -> Received:
    session = transaction.session
    if receipts.is_known(session, receipt.key):
        return Received()
    delivery = receipts.delivery_of(session, receipt.reference)
    row = ReceiptRow(
        key=receipt.key,
        delivery_id=delivery.id if delivery else None,
        kind=receipt.kind,
        outcome=receipt.outcome or "",
        code=receipt.code,
        provider_reference=receipt.provider_reference,
        believed=receipt.believed,
        why=receipt.why,
        received_at=transaction.at,
    )
    changed = delivery is not None and _fold(engine, transaction, receipt, row, delivery)
    session.add(row)
    return Received(1, int(changed), int(delivery is None), int(not receipt.believed))


def _fold(
    engine: Engine,
    transaction: Transaction,
    receipt: Receipt,
    row: ReceiptRow,
    delivery: Delivery,
) -> bool:
    """Lay the news over the delivery; whether it is another than before."""
    campaign = transaction.session.get_one(Campaign, delivery.campaign_id)
    incident = transaction.session.get_one(Incident, campaign.incident_id)
    seal = engine.keyring.seal(incident.wrapped_key)
    cell = receipt_cell(receipt.key)
    row.sealed_said = seal.close(cell, receipt.said)
    row.said_digest = bulk_rows.reply_digest(salt_of(seal, cell), receipt.said)
    was = now = Outcome(delivery.outcome)
    if receipt.believed and receipt.outcome is not None:
        now, row.why = apply(was, receipt.outcome)
    moved = now != was and receipts.change(transaction.session, delivery, was, now, transaction.at)
    entry = transaction.record(
        "receipt-taken",
        incident=incident.reference,
        subject=delivery.reference,
        kind=receipt.kind,
        was=was.value,
        now=now.value if moved else was.value,
        why=row.why,
        root=bulk_rows.root([_as_proven(row, delivery)]),
    )
    row.entry = entry.id
    may_open = moved and now in OPENS_NEXT and campaign.state in _LADDER_OPEN
    if may_open and open_next(transaction, seal, campaign, delivery, now):
        _go_on(transaction, incident, campaign)
    return moved


def receipt_cell(key: str) -> str:
    """The associated data of the sealed words of one piece of news: they open in no other row."""
    return f"receipt/{key}"


def _as_proven(row: ReceiptRow, delivery: Delivery) -> bytes:
    news = (row.kind, row.outcome, row.code, row.provider_reference, row.believed, row.why)
    at = row.received_at.astimezone(UTC).isoformat(timespec="microseconds")
    return bulk_rows.receipt_row(delivery.reference, at=at, news=news, said=row.said_digest)


def _go_on(transaction: Transaction, incident: Incident, campaign: Campaign) -> None:
    """A campaign taken for finished goes on: somebody has to be told another way."""
    if campaign.state != CampaignState.FINISHED:
        return
    to = CAMPAIGN.next_state(
        CampaignState.FINISHED, "go-on", role=transaction.actor.role, view=CampaignView()
    )
    if campaigns.move(transaction.session, campaign, CampaignState(to)):
        transaction.record(
            "campaign-goes-on",
            incident=incident.reference,
            subject=campaign.sha256,
            why="news from outside opened the next channel",
        )
