"""Deliver: claim, book, send, book — until nothing is left to try now.

1. One dispatcher a home holds the lock; what a dead one left is settled first: claimed goes
   back to pending (nothing irrevocable left), sending becomes in doubt (nobody can know).
2. Claim a batch under a fence, in one update.
3. The channel acts up to the last byte that can be taken back, then asks the book.
4. The book commits `sending` with the attempt; only what it confirms may leave.
5. Before each booking the answers say whether to go on; too many bounces pause the campaign.
6. Each answer is committed with the next booking, at the latest when 500 wait, and with it the
   next try or the next channel it opens.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace

from incident_engine.channels import Channel, Envelope, kept_open
from incident_engine.domain.errors import BadInput, IncidentEngineError, Unreachable
from incident_engine.domain.words import CampaignState, ChannelName, Outcome
from incident_engine.notices.letter import set_letter
from incident_engine.notices.wording import Wording, fill
from incident_engine.store import campaigns, deliveries, incidents
from incident_engine.store.deliveries import Held
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Campaign, Delivery, Incident, PersonRow
from incident_engine.workflow.dispatch.dispatch_lock import dispatch_lock
from incident_engine.workflow.dispatch.dispatch_round import Round, state_of
from incident_engine.workflow.dispatch.pace import (
    may_leave_now,
    must_stop,
    next_batch,
    quiet_places,
)
from incident_engine.workflow.dispatch.tally import Tally
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.notices.codes import code_for
from incident_engine.workflow.people.reach import GUARDIAN, addressee_of
from incident_engine.workflow.rolled_back import must_not_be_rolled_back

_ANSWERS_A_COMMIT, _ANSWERS_A_SHOWING = 500, 100

Progress = Callable[[dict[str, int]], None]
Halted = Callable[[], bool]


@dataclass(frozen=True)
class Delivered:
    """Counts by outcome after a round, and what kept a channel from being tried at all."""

    counts: dict[str, int]
    hindered: tuple[IncidentEngineError, ...] = ()


def deliver(
    engine: Engine,
    actor: Actor,
    reference: str,
    *,
    progress: Progress = lambda counts: None,
    halted: Halted = lambda: False,
) -> Delivered:
    """Try everything of this incident's campaign that may be tried now.

    A wire that is not set up or does not answer at all hinders its own channel only: its
    deliveries stay pending, and the same call goes on with them later. Once `halted` says so,
    nothing more is booked.
    """
    must_not_be_rolled_back(engine)
    with dispatch_lock(engine.home), engine.database.kept_open():
        settle_orphans(engine, actor)
        campaign, incident = _campaign_under_way(engine, reference)
        if campaign is None:
            return Delivered({})
        hindered = []
        for channel in _plan(campaign):
            try:
                _deliver_on(engine, actor, (incident, campaign), channel, progress, halted)
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
            each.fence, each.claimed_until, each.next_try_at = "", None, None
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
    under_way: tuple[Incident, Campaign],
    name: ChannelName,
    progress: Progress,
    halted: Halted,
) -> None:
    with ExitStack() as kept:
        tally = Tally(engine, under_way[1], name)
        wire: Channel | None = None
        # What came back since the last round is judged before anything more leaves.
        while not halted() and not must_stop(engine, actor, *under_way, tally):
            round_ = _claim(engine, actor, *under_way, tally, halted)
            if round_ is None:
                return
            try:
                if wire is None:
                    wire = engine.channel(name)
                    kept.enter_context(kept_open(wire))
                _run(round_, wire, tally, progress)
            finally:
                round_.give_back()


def _run(round_: Round, wire: Channel, tally: Tally, progress: Progress) -> None:
    """Hear every answer as it comes; most are written down with the next booking."""
    for number, reply in enumerate(wire.send(_envelopes(round_, tally), round_), start=1):
        round_.heard.append(reply)
        tally.heard(reply.outcome)
        if number % _ANSWERS_A_COMMIT == 0:
            round_.write_down()
        if number % _ANSWERS_A_SHOWING == 0:
            progress(tally.campaign_counts())
    round_.write_down()
    progress(tally.campaign_counts())


def _claim(
    engine: Engine,
    actor: Actor,
    incident: Incident,
    campaign: Campaign,
    tally: Tally,
    halted: Halted,
) -> Round | None:
    fence, channel = secrets.token_hex(8), tally.channel
    with engine.transaction(actor) as transaction:
        if state_of(transaction, campaign) != CampaignState.SENDING:
            return None
        if not may_leave_now(transaction, incident, campaign):
            return None
        claimed = deliveries.claim(
            transaction.session,
            campaign.id or 0,
            channel,
            fence=fence,
            now=transaction.at,
            limit=next_batch(tally, transaction.session),
            quiet=quiet_places(engine, transaction.session, incident, campaign, channel),
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
            lambda: halted() or tally.calls_for_a_look,
            {each.reference: each for each in claimed},
        )
        round_.record(transaction, "claimed", [(each, "claimed") for each in round_.claimed])
        return round_


def _envelopes(round_: Round, tally: Tally) -> list[Envelope]:
    made = []
    for held in round_.claimed.values():
        wording = tally.wordings[held.wording_id]
        try:
            made.append(envelope_for(held, held, wording, round_.seal, round_.campaign))
        except BadInput:
            # One letter that cannot be set stops no other: without a document it is broken.
            broken = Envelope(reference=held.reference, address="?", language=wording.language)
            made.append(broken)
    return made


def envelope_for(
    delivery: Delivery | Held,
    row: PersonRow | Held,
    wording: Wording,
    seal: Seal,
    campaign: Campaign,
) -> Envelope:
    """The frozen words with this addressee's name and code in them, ready for the wire.

    Raises BadInput where a letter cannot be set: an address that does not fit the window.
    """
    addressee = addressee_of(row, seal, guardian=delivery.addressee == GUARDIAN)
    code = code_for(seal, campaign, wording, row)
    rendered = fill(wording, name=addressee.name, about=addressee.about, code=code)
    channel = ChannelName(delivery.channel)
    short = {
        ChannelName.SMS: rendered.sms,
        ChannelName.PUSH: rendered.push,
        ChannelName.VOICE: rendered.voice.get("content", ""),
    }
    spoken = channel == ChannelName.VOICE
    address = addressee.addresses.get(channel, "")
    envelope = Envelope(
        reference=delivery.reference,
        address=address,
        language=wording.language,
        subject=rendered.voice.get("prompt", "") if spoken else rendered.subject,
        text=short.get(channel, rendered.text),
        html=None if channel in short else rendered.html,
        text_pieces=() if channel in short else rendered.text_pieces,
        html_pieces=() if channel in short else rendered.html_pieces,
        dated=campaign.launched_at or campaign.prepared_at,
        attempt=delivery.attempts + 1,
    )
    if channel != ChannelName.LETTER or not address:
        return envelope
    document = set_letter(
        wording,
        name=addressee.name,
        about=addressee.about,
        address=address.split("\n"),
        code=code,
        at=campaign.launched_at or campaign.prepared_at,
    )
    return replace(envelope, document=document)


def _campaign_under_way(engine: Engine, reference: str) -> tuple[Campaign | None, Incident]:
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        return campaigns.in_state(session, incident.id or 0, CampaignState.SENDING), incident


def _plan(campaign: Campaign) -> list[ChannelName]:
    """The channels with a wire; a delivery by hand waits for a person."""
    plan = [ChannelName(each) for each in json.loads(campaign.plan)]
    return [each for each in plan if each != ChannelName.BY_HAND]


def _counts(engine: Engine, campaign: Campaign) -> dict[str, int]:
    with engine.reading() as session:
        return deliveries.counts(session, [campaign.id or 0])
