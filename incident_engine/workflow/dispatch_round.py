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
from incident_engine.domain import bulk_rows
from incident_engine.domain.ladder import OPENS_NEXT
from incident_engine.domain.retry import decide as decide_retry
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.store import deliveries
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Attempt, Campaign, Delivery, Entry, Incident
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

    def record(self, transaction: Transaction, act: str, rows: Sequence[tuple[str, str]]) -> Entry:
        """One entry for many rows, each a reference and what it became."""
        proven = [bulk_rows.moved_row(reference, outcome) for reference, outcome in rows]
        return self._record(transaction, act, [outcome for _, outcome in rows], proven)

    def _record(
        self, transaction: Transaction, act: str, outcomes: Sequence[str], proven: Sequence[bytes]
    ) -> Entry:
        """How many rows, and the Merkle root that proves each of them."""
        return transaction.record(
            f"deliveries-{act}",
            incident=self.incident.reference,
            subject=self.campaign.sha256,
            channel=self.channel.value,
            outcomes=dict(Counter(outcomes)),
            root=bulk_rows.root(proven),
        )

    def _book(
        self, transaction: Transaction, references: Sequence[str]
    ) -> list[tuple[Delivery, Attempt]]:
        if state_of(transaction, self.campaign) != CampaignState.SENDING:
            return []
        booked = deliveries.book(
            transaction.session, references, fence=self.fence, at=transaction.at
        )
        if booked:
            rows = [(each.reference, Outcome.SENDING.value) for each, _ in booked]
            entry = self.record(transaction, "sending", rows)
            for _, attempt in booked:
                attempt.booked_entry = entry.id
        return booked

    def _write(self, transaction: Transaction, replies: Sequence[Reply]) -> None:
        stopped = state_of(transaction, self.campaign) == CampaignState.STOPPED
        answered: dict[str, Attempt] = {}
        waiting: list[tuple[str, str]] = []
        for reply in replies:
            delivery = self.claimed.get(reply.reference)
            if delivery is None:
                continue
            if left := _left_untried(reply, transaction.at):
                outcome, again_at = left
                if self._settle(transaction, delivery, outcome, again_at=again_at):
                    waiting.append((reply.reference, outcome.value))
            elif attempt := self._answer(transaction, delivery, reply, stopped=stopped):
                answered[reply.reference] = attempt
        if waiting:
            self.record(transaction, "given-back", waiting)
        self._record_answers(transaction, answered)

    def _record_answers(self, transaction: Transaction, answered: dict[str, Attempt]) -> None:
        if not answered:
            return
        proven = [
            bulk_rows.answered_row(
                reference,
                number=attempt.number,
                settled_as=attempt.settled_as,
                answer=(attempt.outcome, attempt.phase, attempt.code, attempt.provider_reference),
                said=attempt.reply_digest,
            )
            for reference, attempt in answered.items()
        ]
        outcomes = [attempt.settled_as for attempt in answered.values()]
        entry = self._record(transaction, "answered", outcomes, proven)
        for attempt in answered.values():
            attempt.answered_entry = entry.id

    def _answer(
        self, transaction: Transaction, delivery: Delivery, reply: Reply, *, stopped: bool
    ) -> Attempt | None:
        """Write one answer; returns the attempt it ends, or None when the claim was lost."""
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
            return None
        attempt.settled_as = written
        self._fill(attempt, reply, transaction)
        if outcome in OPENS_NEXT and not stopped:
            open_next(transaction, self.seal, self.campaign, delivery, outcome)
        return attempt

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
        cell = reply_cell(reply.reference, attempt.number)
        attempt.sealed_reply = self.seal.close(cell, reply.said)
        attempt.reply_digest = bulk_rows.reply_digest(salt_of(self.seal, cell), reply.said)
        transaction.session.add(attempt)

    def _forget(self, replies: Sequence[Reply]) -> None:
        """These are committed: drop them, and nothing heard meanwhile."""
        del self.heard[: len(replies)]
        for reply in replies:
            self.claimed.pop(reply.reference, None)
            self.booked.pop(reply.reference, None)


def reply_cell(reference: str, number: int) -> str:
    """The associated data of a sealed reply: it opens in no other row."""
    return f"reply/{reference}/{number}"


def salt_of(seal: Seal, cell: str) -> str:
    """The salt of a reply's digest: shown with the words, and never without them."""
    return seal.blind("reply salt", cell)


def state_of(transaction: Transaction, campaign: Campaign) -> CampaignState:
    """Where the campaign stands now, as this transaction sees it."""
    return CampaignState(transaction.session.get_one(Campaign, campaign.id).state)


def _left_as(delivery: Delivery) -> Outcome:
    return Outcome.IN_DOUBT if delivery.outcome == Outcome.SENDING else Outcome.PENDING


def _left_untried(reply: Reply, now: datetime) -> tuple[Outcome, datetime | None] | None:
    """What a delivery is that was not tried, and when it may be; None for a true answer."""
    if reply.outcome == Outcome.CANCELLED:
        # The book said no and nothing left. Paused is not ended: it waits for `resume`.
        return Outcome.PENDING, None
    if not reply.tried:
        # Held back by a limit of ours or theirs: no try was spent, and it waits its turn.
        return Outcome.DEFERRED, now + timedelta(seconds=reply.retry_after or 60)
    return None
