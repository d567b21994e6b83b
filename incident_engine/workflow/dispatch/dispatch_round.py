"""One batch on its way: the book that the channel asks, and the answers written into it.

What is booked and not answered is what a kill leaves in doubt. So an answer never waits long: the
next booking writes down, in its own transaction, every answer heard until then.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from incident_engine.channels import Reply
from incident_engine.domain import bulk_rows
from incident_engine.domain.delivery.ladder import OPENS_NEXT
from incident_engine.domain.delivery.retry import decide as decide_retry
from incident_engine.domain.delivery.retry import no_later_than
from incident_engine.domain.delivery.timetable import Standing, Window, gives_up_at
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.store import campaigns, deliveries
from incident_engine.store.deliveries import Held, Settlement
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Campaign, Entry, Incident
from incident_engine.workflow.dispatch.launch import window_of
from incident_engine.workflow.dispatch.next_rung import open_next
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.people.reach import GUARDIAN, addressee_of


@dataclass(frozen=True)
class _Answer:
    """One reply and what it makes of its delivery."""

    held: Held
    reply: Reply
    settlement: Settlement
    booked: bool  # its try stands in the book; else it ended before anything irrevocable
    opens_next: bool


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
    is_held_back: Callable[[], bool] = lambda: False  # nothing more is booked while it says so
    claimed: dict[str, Held] = field(default_factory=dict)
    heard: list[Reply] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def _plan(self) -> list[ChannelName]:
        return [ChannelName(each) for each in json.loads(self.campaign.plan)]

    @cached_property
    def _window(self) -> Window:
        return window_of(self.campaign)

    @cached_property
    def _gives_up_at(self) -> datetime | None:
        frozen = json.loads(self.campaign.manifest).get("start_by", {})
        starts = {ChannelName(name): datetime.fromisoformat(at) for name, at in frozen.items()}
        launched = self.campaign.launched_at or self.campaign.prepared_at
        return gives_up_at(self._plan, self.channel, starts, launched)

    def _tried_until(self, held: Held) -> datetime | None:
        """Until when this channel tries again; for whom no later one is left, by its own rule."""
        if self._gives_up_at is None:
            return None
        addressee = addressee_of(held, self.seal, guardian=held.addressee == GUARDIAN)
        behind = self._plan[self._plan.index(self.channel) + 1 :]
        return self._gives_up_at if set(behind) & set(addressee.channels) else None

    def sending(self, references: Sequence[str]) -> set[str]:
        """The book: commit that these are about to leave. Called from the channel's threads."""
        with self.lock:
            replies = list(self.heard)
            with self.engine.transaction(self.actor) as transaction:
                self._write(transaction, replies)
                booked = self._book(transaction, references)
            self._forget(replies)
            for each in booked:
                each.outcome, each.attempts = Outcome.SENDING.value, each.attempts + 1
        return {each.reference for each in booked}

    def write_down(self) -> None:
        """Commit every answer heard until now."""
        with self.lock:
            replies = list(self.heard)
            if replies:
                with self.engine.transaction(self.actor) as transaction:
                    self._write(transaction, replies)
                self._forget(replies)

    def told(self, transaction: Transaction, replies: Sequence[Reply]) -> None:
        """Book and answer at once what a person has done already: it cannot be held back."""
        for each in self._enter(transaction, [reply.reference for reply in replies]):
            each.outcome, each.attempts = Outcome.SENDING.value, each.attempts + 1
        self._write(transaction, replies)

    def give_back(self) -> None:
        """The round ended, perhaps early: the untried wait again, the rest is in doubt."""
        self.write_down()
        if not self.claimed:
            return
        with self.engine.transaction(self.actor) as transaction:
            left = [
                Settlement(each.id, _left_as(each), each.attempts) for each in self.claimed.values()
            ]
            rows = [(each.reference, _left_as(each)) for each in self.claimed.values()]
            deliveries.settle(transaction.session, left, fence=self.fence, at=transaction.at)
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

    def _book(self, transaction: Transaction, references: Sequence[str]) -> list[Held]:
        if state_of(transaction, self.campaign) != CampaignState.SENDING:
            return []
        if self._window.standing(transaction.at) != Standing.OPEN or self.is_held_back():
            return []
        return self._enter(transaction, references)

    def _enter(self, transaction: Transaction, references: Sequence[str]) -> list[Held]:
        wanted = [self.claimed[each] for each in references if each in self.claimed]
        booked = deliveries.book(transaction.session, wanted, fence=self.fence)
        if booked:
            rows = [(each.reference, Outcome.SENDING.value) for each in booked]
            entry = self.record(transaction, "sending", rows)
            tries = [
                {
                    "delivery_id": each.id,
                    "number": each.attempts + 1,
                    "fence": self.fence,
                    "booked_at": transaction.at,
                    "booked_entry": entry.id,
                }
                for each in booked
            ]
            deliveries.write_attempts(transaction.session, tries)
        return booked

    def _write(self, transaction: Transaction, replies: Sequence[Reply]) -> None:
        answers, waiting = self._judged(transaction, replies)
        ends = [each.settlement for each in answers] + [end for _, end in waiting]
        deliveries.settle(transaction.session, ends, fence=self.fence, at=transaction.at)
        for each in answers:
            if each.opens_next:
                open_next(transaction, self.seal, self.campaign, each.held, each.settlement.outcome)
        if waiting:
            rows = [(reference, end.outcome.value) for reference, end in waiting]
            self.record(transaction, "given-back", rows)
        self._write_answers(transaction, answers)

    def _judged(
        self, transaction: Transaction, replies: Sequence[Reply]
    ) -> tuple[list[_Answer], list[tuple[str, Settlement]]]:
        """What each reply makes of its delivery: an answer, or a try that never was."""
        mine = {each.reference: each for each in replies if each.reference in self.claimed}
        if not mine:
            return [], []
        stopped = state_of(transaction, self.campaign) == CampaignState.STOPPED
        ids = [self.claimed[reference].id for reference in mine]
        still = deliveries.still_held(transaction.session, ids, fence=self.fence)
        answers, waiting = [], []
        for reference, reply in mine.items():
            held = self.claimed[reference]
            if held.id not in still:
                continue
            if left := _left_untried(reply, transaction.at):
                outcome, again_at = left
                end = Settlement(held.id, outcome, held.attempts, again_at)
                waiting.append((reference, end))
            else:
                answers.append(self._answer(held, reply, transaction.at, stopped=stopped))
        return answers, waiting

    def _answer(self, held: Held, reply: Reply, now: datetime, *, stopped: bool) -> _Answer:
        booked = held.outcome == Outcome.SENDING
        number = held.attempts if booked else held.attempts + 1
        decision = decide_retry(
            reply.outcome,
            attempts=number,
            channel=self.channel,
            now=now,
            retry_after=reply.retry_after,
            reference=held.reference,
        )
        if decision.again_at:
            decision = no_later_than(decision, self._tried_until(held))
        outcome: Outcome = reply.outcome
        if outcome == Outcome.DEFERRED and (stopped or decision.again_at is None):
            outcome = Outcome.CANCELLED if stopped else Outcome.UNDELIVERABLE
        again_at = decision.again_at if outcome == Outcome.DEFERRED else None
        return _Answer(
            held,
            reply,
            Settlement(held.id, outcome, number, again_at),
            booked=booked,
            opens_next=outcome in OPENS_NEXT and not stopped,
        )

    def _write_answers(self, transaction: Transaction, answers: Sequence[_Answer]) -> None:
        if not answers:
            return
        rows = [self._attempt(each, transaction.at) for each in answers]
        proven = [
            bulk_rows.answered_row(
                each.held.reference,
                number=row["number"],
                settled_as=row["settled_as"],
                answer=(row["outcome"], row["phase"], row["code"], row["provider_reference"]),
                said=row["reply_digest"],
            )
            for each, row in zip(answers, rows, strict=True)
        ]
        entry = self._record(transaction, "answered", [row["settled_as"] for row in rows], proven)
        for row in rows:
            row["answered_entry"] = entry.id
        booked = [row for each, row in zip(answers, rows, strict=True) if each.booked]
        new = [row for each, row in zip(answers, rows, strict=True) if not each.booked]
        deliveries.answer_attempts(transaction.session, booked)
        deliveries.write_attempts(transaction.session, new)

    def _attempt(self, answer: _Answer, at: datetime) -> dict[str, Any]:
        """The columns of the try that this answer ends."""
        reply, number = answer.reply, answer.settlement.attempts
        cell = reply_cell(reply.reference, number)
        return {
            "delivery_id": answer.held.id,
            "number": number,
            "fence": self.fence,
            "ended_at": at,
            "outcome": reply.outcome.value,
            "phase": reply.phase,
            "code": reply.code,
            "provider_reference": reply.provider_reference,
            "sealed_reply": self.seal.close(cell, reply.said),
            "reply_digest": bulk_rows.reply_digest(salt_of(self.seal, cell), reply.said),
            "settled_as": answer.settlement.outcome.value,
        }

    def _forget(self, replies: Sequence[Reply]) -> None:
        """These are committed: drop them, and nothing heard meanwhile."""
        del self.heard[: len(replies)]
        for reply in replies:
            self.claimed.pop(reply.reference, None)


def reply_cell(reference: str, number: int) -> str:
    """The associated data of a sealed reply: it opens in no other row."""
    return f"reply/{reference}/{number}"


def salt_of(seal: Seal, cell: str) -> str:
    """The salt of a reply's digest: shown with the words, and never without them."""
    return seal.blind("reply salt", cell)


def state_of(transaction: Transaction, campaign: Campaign) -> CampaignState:
    """Where the campaign stands now, as this transaction sees it."""
    return campaigns.state_now(transaction.session, campaign.id or 0)


def _left_as(delivery: Held) -> Outcome:
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
