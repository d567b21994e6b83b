"""Deliver: claim, book, send, book — until nothing is left to try now.

1. One dispatcher a home holds the lock; what a dead one left is settled first: claimed goes
   back to pending (nothing irrevocable left), sending becomes in doubt (nobody can know).
2. Claim a batch under a fence, in one update.
3. The channel acts up to the last byte that can be taken back, then asks the book.
4. The book commits `sending` with the attempt; only what it confirms may leave.
5. Each answer is committed as it comes, with the next try or the next channel it opens.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from incident_engine.channels import Channel, Envelope, Reply
from incident_engine.domain import merkle
from incident_engine.domain.errors import BadInput, IncidentEngineError, Unreachable
from incident_engine.domain.ladder import OPENS_NEXT
from incident_engine.domain.retry import decide as decide_retry
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.notices.wording import Wording, fill
from incident_engine.store import campaigns, deliveries, incidents
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Attempt, Campaign, Delivery, Incident, PersonRow
from incident_engine.workflow.dispatch_lock import dispatch_lock
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.next_rung import open_next
from incident_engine.workflow.reach import GUARDIAN, addressee_of

BATCH = 200
_ANSWERS_A_COMMIT = 25

Progress = Callable[[dict[str, int]], None]


@dataclass
class Round:
    """One batch of one campaign on one channel, under one fence."""

    engine: Engine
    actor: Actor
    incident: Incident
    campaign: Campaign
    channel: ChannelName
    fence: str
    seal: Seal
    claimed: dict[str, Delivery] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sending(self, references: Sequence[str]) -> set[str]:
        """The book: commit that these are about to leave. Called from the channel's threads."""
        with self.lock, self.engine.transaction(self.actor) as transaction:
            if not _still_sending(transaction, self.campaign):
                return set()
            booked = deliveries.book(
                transaction.session, references, fence=self.fence, at=transaction.at
            )
            for each, attempt in booked:
                self.claimed[each.reference] = each
                self.attempts[each.reference] = attempt
            _record(
                transaction, self, "sending", [(each.reference, "sending") for each, _ in booked]
            )
            return {each.reference for each, _ in booked}


@dataclass(frozen=True)
class Delivered:
    """Counts by outcome after a round, and what kept a channel from being tried at all."""

    counts: dict[str, int]
    hindered: tuple[IncidentEngineError, ...] = ()


def deliver(
    engine: Engine, actor: Actor, reference: str, *, progress: Progress = lambda counts: None
) -> Delivered:
    """Try everything of this incident's campaign that may be tried now.

    A wire that is not set up or does not answer at all hinders its own channel only: its
    deliveries stay pending, and the same call goes on with them later.
    """
    with dispatch_lock(engine.home):
        settle_orphans(engine, actor)
        campaign, incident = _campaign_under_way(engine, reference)
        if campaign is None:
            return Delivered({})
        hindered = []
        for channel in _plan(campaign):
            try:
                _deliver_on(engine, actor, incident, campaign, channel, progress)
            except (BadInput, Unreachable) as error:
                hindered.append(error)
        return Delivered(_counts(engine, campaign), tuple(hindered))


def settle_orphans(engine: Engine, actor: Actor) -> int:
    """Settle what a dead dispatcher left. Call it only under the dispatch lock."""
    with engine.transaction(actor) as transaction:
        left = deliveries.orphans(transaction.session, now=None)
        for each in left:
            was_sending = each.outcome == Outcome.SENDING
            each.outcome = Outcome.IN_DOUBT if was_sending else Outcome.PENDING
            each.fence, each.claimed_until = "", None
            each.settled_at = transaction.at if was_sending else None
            transaction.session.add(each)
        if left:
            doubtful = [each.reference for each in left if each.outcome == Outcome.IN_DOUBT]
            transaction.record(
                "orphans-settled", in_doubt=doubtful, back_to_pending=len(left) - len(doubtful)
            )
        return len(left)


def _deliver_on(
    engine: Engine,
    actor: Actor,
    incident: Incident,
    campaign: Campaign,
    name: ChannelName,
    progress: Progress,
) -> None:
    wire: Channel | None = None
    while (round_ := _claim(engine, actor, incident, campaign, name)) is not None:
        try:
            wire = wire or engine.channel(name)
            _run(round_, wire, progress)
        finally:
            _give_back(round_)


def _run(round_: Round, wire: Channel, progress: Progress) -> None:
    envelopes = list(_envelopes(round_))
    waiting: list[Reply] = []
    for reply in wire.send(envelopes, round_):
        waiting.append(reply)
        if len(waiting) >= _ANSWERS_A_COMMIT:
            _write_answers(round_, waiting)
            waiting = []
            progress(_counts(round_.engine, round_.campaign))
    _write_answers(round_, waiting)
    progress(_counts(round_.engine, round_.campaign))


def _claim(
    engine: Engine, actor: Actor, incident: Incident, campaign: Campaign, channel: ChannelName
) -> Round | None:
    fence = secrets.token_hex(8)
    with engine.transaction(actor) as transaction:
        if not _still_sending(transaction, campaign):
            return None
        claimed = deliveries.claim(
            transaction.session,
            campaign.id or 0,
            channel,
            fence=fence,
            now=transaction.at,
            limit=BATCH,
        )
        if not claimed:
            return None
        round_ = Round(
            engine,
            actor,
            incident,
            campaign,
            channel,
            fence,
            engine.keyring.seal(incident.wrapped_key),
            {each.reference: each for each in claimed},
        )
        _record(transaction, round_, "claimed", [(r, "claimed") for r in round_.claimed])
        return round_


def _envelopes(round_: Round) -> Iterator[Envelope]:
    with round_.engine.reading() as session:
        frozen = {
            each.id: Wording.from_json(json.loads(each.body))
            for each in campaigns.wordings(session, round_.campaign.id or 0)
        }
        for delivery in list(round_.claimed.values()):
            row = session.get_one(PersonRow, delivery.person_id)
            yield envelope_for(
                delivery, row, frozen[delivery.wording_id], round_.seal, round_.campaign
            )


def envelope_for(
    delivery: Delivery, row: PersonRow, wording: Wording, seal: Seal, campaign: Campaign
) -> Envelope:
    """The frozen words with this addressee's name in them, ready for the wire."""
    addressee = addressee_of(row, seal, guardian=delivery.addressee == GUARDIAN)
    rendered = fill(wording, name=addressee.name, about=addressee.about)
    channel = ChannelName(delivery.channel)
    return Envelope(
        reference=delivery.reference,
        address=addressee.addresses.get(channel, ""),
        language=wording.language,
        subject=rendered.subject,
        text=rendered.sms if channel == ChannelName.SMS else rendered.text,
        html=None if channel == ChannelName.SMS else rendered.html,
        dated=campaign.launched_at or campaign.prepared_at,
    )


def _write_answers(round_: Round, replies: Sequence[Reply]) -> None:
    if not replies:
        return
    with round_.lock, round_.engine.transaction(round_.actor) as transaction:
        written = [
            (reply.reference, str(reply.outcome))
            for reply in replies
            if _write_answer(transaction, round_, reply)
        ]
        _record(transaction, round_, "answered", written)


def _write_answer(transaction: Transaction, round_: Round, reply: Reply) -> bool:
    delivery = round_.claimed.pop(reply.reference, None)
    if delivery is None:
        return False
    attempt = _attempt_of(round_, delivery)
    decision = decide_retry(
        reply.outcome,
        attempts=delivery.attempts,
        channel=round_.channel,
        now=transaction.at,
        retry_after=reply.retry_after,
        reference=delivery.reference,
    )
    outcome = reply.outcome
    if outcome == Outcome.DEFERRED and decision.again_at is None:
        outcome = Outcome.UNDELIVERABLE
    if not deliveries.settle(
        transaction.session,
        delivery,
        outcome,
        fence=round_.fence,
        at=transaction.at,
        next_try_at=decision.again_at,
    ):
        return False
    _answer(attempt, reply, round_.seal, transaction)
    transaction.session.add(attempt)
    if outcome in OPENS_NEXT:
        open_next(transaction, round_.seal, round_.campaign, delivery, outcome)
    return True


def _attempt_of(round_: Round, delivery: Delivery) -> Attempt:
    """The attempt booked under this fence, or a new one for a try that ended before booking."""
    booked = round_.attempts.pop(delivery.reference, None)
    if booked is not None:
        return booked
    delivery.attempts += 1
    return Attempt(delivery_id=delivery.id or 0, number=delivery.attempts, fence=round_.fence)


def _answer(attempt: Attempt, reply: Reply, seal: Seal, transaction: Transaction) -> None:
    attempt.ended_at = transaction.at
    attempt.outcome = reply.outcome
    attempt.phase = reply.phase
    attempt.code = reply.code
    attempt.provider_reference = reply.provider_reference
    attempt.sealed_reply = seal.close(f"reply/{reply.reference}/{attempt.number}", reply.said)


def _give_back(round_: Round) -> None:
    """Return to pending what was claimed and never tried: the round ended early."""
    if not round_.claimed:
        return
    with round_.engine.transaction(round_.actor) as transaction:
        for each in round_.claimed.values():
            deliveries.settle(
                transaction.session,
                each,
                Outcome.IN_DOUBT if each.outcome == Outcome.SENDING else Outcome.PENDING,
                fence=round_.fence,
                at=transaction.at,
                next_try_at=None,
            )
        _record(transaction, round_, "given-back", [(r, "given-back") for r in round_.claimed])


def _record(
    transaction: Transaction, round_: Round, act: str, rows: Sequence[tuple[str, str]]
) -> None:
    """One entry for many rows: how many, and the Merkle root that proves each of them."""
    if not rows:
        return
    tally: dict[str, int] = {}
    for _, outcome in rows:
        tally[outcome] = tally.get(outcome, 0) + 1
    transaction.record(
        f"deliveries-{act}",
        incident=round_.incident.reference,
        subject=round_.campaign.sha256,
        channel=round_.channel.value,
        outcomes=tally,
        root=merkle.root(merkle.leaf(f"{r} {o}".encode()) for r, o in rows),
    )


def _still_sending(transaction: Transaction, campaign: Campaign) -> bool:
    row = transaction.session.get_one(Campaign, campaign.id)
    return row.state == CampaignState.SENDING


def _campaign_under_way(engine: Engine, reference: str) -> tuple[Campaign | None, Incident]:
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        return campaigns.in_state(session, incident.id or 0, CampaignState.SENDING), incident


def _plan(campaign: Campaign) -> list[ChannelName]:
    return [ChannelName(each) for each in json.loads(campaign.plan)]


def _counts(engine: Engine, campaign: Campaign) -> dict[str, int]:
    with engine.reading() as session:
        return deliveries.counts(session, [campaign.id or 0])
