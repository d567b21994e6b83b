"""One batch on its way: the book that the channel asks, and the answers written into it.

What is booked and not answered is what a kill leaves in doubt. So an answer never waits long: the
next booking writes down, in its own transaction, every answer heard until then.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from incident_engine.channels import Reply
from incident_engine.domain import merkle
from incident_engine.domain.ladder import OPENS_NEXT
from incident_engine.domain.retry import decide as decide_retry
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.store import deliveries
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Attempt, Campaign, Delivery, Incident
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.next_rung import open_next


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
    booked: dict[str, int] = field(default_factory=dict)  # reference to the attempt's row
    heard: list[Reply] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sending(self, references: Sequence[str]) -> set[str]:
        """The book: commit that these are about to leave. Called from the channel's threads."""
        with self.lock:
            replies = list(self.heard)
            with self.engine.transaction(self.actor) as transaction:
                self._write(transaction, replies)
                booked = self._book(transaction, references)
            self._forget(replies)
            for each, attempt in booked:
                self.claimed[each.reference] = each
                self.booked[each.reference] = attempt.id or 0
        return {each.reference for each, _ in booked}

    def write_down(self) -> None:
        """Commit every answer heard until now."""
        with self.lock:
            replies = list(self.heard)
            if replies:
                with self.engine.transaction(self.actor) as transaction:
                    self._write(transaction, replies)
                self._forget(replies)

    def give_back(self) -> None:
        """The round ended, perhaps early: the untried wait again, the rest is in doubt."""
        self.write_down()
        if not self.claimed:
            return
        with self.engine.transaction(self.actor) as transaction:
            rows = [(each.reference, _left_as(each)) for each in self.claimed.values()]
            for each in self.claimed.values():
                deliveries.settle(
                    transaction.session,
                    each,
                    _left_as(each),
                    fence=self.fence,
                    at=transaction.at,
                    next_try_at=None,
                )
            self.record(transaction, "given-back", rows)

    def record(self, transaction: Transaction, act: str, rows: Sequence[tuple[str, str]]) -> None:
        """One entry for many rows: how many, and the Merkle root that proves each of them."""
        if not rows:
            return
        transaction.record(
            f"deliveries-{act}",
            incident=self.incident.reference,
            subject=self.campaign.sha256,
            channel=self.channel.value,
            outcomes=dict(Counter(outcome for _, outcome in rows)),
            root=merkle.root(merkle.leaf(f"{r} {o}".encode()) for r, o in rows),
        )

    def _book(
        self, transaction: Transaction, references: Sequence[str]
    ) -> list[tuple[Delivery, Attempt]]:
        if state_of(transaction, self.campaign) != CampaignState.SENDING:
            return []
        booked = deliveries.book(
            transaction.session, references, fence=self.fence, at=transaction.at
        )
        self.record(transaction, "sending", [(each.reference, "sending") for each, _ in booked])
        return booked

    def _write(self, transaction: Transaction, replies: Sequence[Reply]) -> None:
        stopped = state_of(transaction, self.campaign) == CampaignState.STOPPED
        written = [
            (reply.reference, outcome)
            for reply in replies
            if (outcome := self._answer(transaction, reply, stopped=stopped))
        ]
        self.record(transaction, "answered", written)

    def _answer(self, transaction: Transaction, reply: Reply, *, stopped: bool) -> str:
        """Write one answer; returns the outcome written, or nothing when the claim was lost."""
        delivery = self.claimed.get(reply.reference)
        if delivery is None:
            return ""
        if reply.outcome == Outcome.CANCELLED:
            # The book said no and nothing left. Paused is not ended: it waits for `resume`.
            return self._settle(transaction, delivery, Outcome.PENDING)
        if not reply.tried:
            # Held back by a limit of ours or theirs: no try was spent, and it waits its turn.
            again_at = transaction.at + timedelta(seconds=reply.retry_after or 60)
            return self._settle(transaction, delivery, Outcome.DEFERRED, again_at=again_at)
        attempt = self._attempt(transaction, delivery)
        decision = decide_retry(
            reply.outcome,
            attempts=attempt.number,
            channel=self.channel,
            now=transaction.at,
            retry_after=reply.retry_after,
            reference=delivery.reference,
        )
        outcome: Outcome = reply.outcome
        if outcome == Outcome.DEFERRED and (stopped or decision.again_at is None):
            outcome = Outcome.CANCELLED if stopped else Outcome.UNDELIVERABLE
        written = self._settle(transaction, delivery, outcome, attempt, again_at=decision.again_at)
        if not written:
            return ""
        self._fill(attempt, reply, transaction)
        if outcome in OPENS_NEXT and not stopped:
            open_next(transaction, self.seal, self.campaign, delivery, outcome)
        return written

    def _settle(
        self,
        transaction: Transaction,
        delivery: Delivery,
        outcome: Outcome,
        attempt: Attempt | None = None,
        *,
        again_at: datetime | None = None,
    ) -> str:
        if attempt:
            delivery.attempts = attempt.number
        kept = deliveries.settle(
            transaction.session,
            delivery,
            outcome,
            fence=self.fence,
            at=transaction.at,
            next_try_at=again_at if outcome == Outcome.DEFERRED else None,
        )
        return outcome.value if kept else ""

    def _attempt(self, transaction: Transaction, delivery: Delivery) -> Attempt:
        """The attempt booked under this fence, or a new one for a try that ended before booking."""
        booked = self.booked.get(delivery.reference)
        if booked is not None:
            return transaction.session.get_one(Attempt, booked)
        return Attempt(delivery_id=delivery.id or 0, number=delivery.attempts + 1, fence=self.fence)

    def _fill(self, attempt: Attempt, reply: Reply, transaction: Transaction) -> None:
        attempt.ended_at = transaction.at
        attempt.outcome = reply.outcome
        attempt.phase = reply.phase
        attempt.code = reply.code
        attempt.provider_reference = reply.provider_reference
        cell = f"reply/{reply.reference}/{attempt.number}"
        attempt.sealed_reply = self.seal.close(cell, reply.said)
        transaction.session.add(attempt)

    def _forget(self, replies: Sequence[Reply]) -> None:
        """These are committed: drop them, and nothing heard meanwhile."""
        del self.heard[: len(replies)]
        for reply in replies:
            self.claimed.pop(reply.reference, None)
            self.booked.pop(reply.reference, None)


def state_of(transaction: Transaction, campaign: Campaign) -> CampaignState:
    """Where the campaign stands now, as this transaction sees it."""
    return CampaignState(transaction.session.get_one(Campaign, campaign.id).state)


def _left_as(delivery: Delivery) -> Outcome:
    return Outcome.IN_DOUBT if delivery.outcome == Outcome.SENDING else Outcome.PENDING
