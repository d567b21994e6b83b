"""Prepare a notice: word it for every group of readers, check it against the law, freeze it.

What is frozen is one campaign: the words, the people (by Merkle root), the facts' version, the
plan of channels and the sender, bound by one hash. Nothing is sent; a second person judges it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import rfc8785
from sqlmodel import Session

from incident_engine.domain.delivery.timetable import Window, must_be_a_window
from incident_engine.domain.errors import BadFile, BadInput, Refused
from incident_engine.domain.notice_changes import what_changed
from incident_engine.domain.permits import Act
from incident_engine.domain.words import ChannelName
from incident_engine.notices.wording import Wording
from incident_engine.store import campaigns, incidents, people
from incident_engine.store.tables import Campaign, FrozenWording, Incident
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.notices.check_notice import Examined, examine
from incident_engine.workflow.notices.planned import first_due, planned_starts
from incident_engine.workflow.notices.readers import Notice, readers_root
from incident_engine.workflow.notices.terms import pace_now
from incident_engine.workflow.people.reach import origin_of

SENDABLE = tuple(each for each in ChannelName if each != ChannelName.ANNOUNCEMENT)


def prepare(
    engine: Engine,
    actor: Actor,
    reference: str,
    channels: Sequence[ChannelName],
    *,
    late_because: Mapping[str, str] | None = None,
    window: Window | None = None,
) -> Campaign:
    """Freeze a notice to everyone imported, by these channels in this order.

    `late_because` says, by language, why it comes later than the law asks; `window` when it may
    leave. Raises BadFile with
    every missing part of the notice, Refused when nobody was imported. A hold does not stop the
    preparing, only the launch. What was frozen before and not launched is void.
    """
    actor.may(Act.PREPARE_NOTICE)
    plan = _plan(channels)
    _must_be_answerable(engine, plan)
    window = window or Window()
    must_be_a_window(window, engine.now())
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        if not people.count(session, incident.id or 0):
            raise Refused(
                "nobody",
                incident.reference,
                "has no people to tell yet",
                next_step=f"Run `incident-engine people import {incident.reference} FILE`.",
            )
        campaigns.void_unlaunched(session, incident.id or 0)
        notice = _notice(session, incident, transaction.at, late_because or {})
        found = examine(engine, session, incident, notice)
        if found.faults:
            raise BadFile(found.faults)
        manifest = _manifest(engine, session, incident, notice, plan, found)
        manifest |= {"window": window.as_json(), **_timetable(engine, session, incident, plan)}
        return _freeze(transaction, incident, manifest, found.wordings)


def _notice(
    session: Session, incident: Incident, at: datetime, late_because: Mapping[str, str]
) -> Notice:
    """Notice 1 of the incident; from the second on it says first what has changed."""
    sent = [each for each in campaigns.of_incident(session, incident.id or 0) if each.launched_at]
    changed = (
        incidents.fact_keys_since(session, incident.id or 0, sent[-1].facts_version) if sent else []
    )
    return Notice(
        reference=incident.reference,
        number=len(sent) + 1,
        at=at,
        changes=what_changed(changed),
        delay=late_because,
    )


def _plan(channels: Sequence[ChannelName]) -> list[ChannelName]:
    wrong = [each for each in channels if each not in SENDABLE]
    if wrong or not channels or len(set(channels)) != len(channels):
        raise BadInput(
            "bad-plan",
            "--channels",
            f"found {', '.join(channels) or 'nothing'}",
            expected=f"{', '.join(SENDABLE)}, each once, in the order they are tried",
            next_step="For example --channels email,sms.",
        )
    return list(channels)


def _must_be_answerable(engine: Engine, plan: Sequence[ChannelName]) -> None:
    if ChannelName.VOICE in plan and not engine.settings.web.base_url:
        raise Refused(
            "no-callbacks",
            "--channels voice",
            "cannot be used: the notice is read only after a key press, and web.base_url is not "
            "set, so the provider has nowhere to ask for it",
            expected="web.base_url, where the provider reaches this installation",
            next_step="Use by-hand instead: `incident-engine calls list` then says whom to call.",
        )


def _manifest(
    engine: Engine,
    session: Session,
    incident: Incident,
    notice: Notice,
    plan: Sequence[ChannelName],
    found: Examined,
) -> dict[str, Any]:
    return {
        "incident": incident.reference,
        "notice": notice.number,
        # Also what the codes are bound to; and the same words frozen again are another campaign.
        "campaign": campaigns.next_number(session, incident.id or 0),
        "facts_version": incidents.facts_version(session, incident.id or 0),
        "people": {
            "count": people.count(session, incident.id or 0),
            "root": people.root(session, incident.id or 0),
        },
        "plan": [str(each) for each in plan],
        "pace": pace_now(engine),
        "sender": origin_of(engine),
        "readers": readers_root(engine, session, incident, known_facts(session, incident)),
        "wordings": {key: wording.sha256 for key, wording in found.wordings.items()},
        "plain_language": {
            each.language: {
                "measure": each.level.formula,
                "value": str(each.level.value),
                "findings": each.count,
            }
            for each in found.readings
        },
        "playbooks": {each.id: each.sha256 for each in engine.playbooks},
    }


def _timetable(
    engine: Engine, session: Session, incident: Incident, plan: Sequence[ChannelName]
) -> dict[str, Any]:
    """By when each channel has to be under way, and at which hours no telephone may sound."""
    everyone = dict.fromkeys(plan, people.count(session, incident.id or 0))
    starts = planned_starts(engine, plan, first_due(session, incident), everyone)
    return {
        "start_by": {str(channel): at.isoformat() for channel, at in starts.items()},
        "quiet_hours": engine.settings.sms.quiet_hours,
    }


def _freeze(
    transaction: Transaction,
    incident: Incident,
    manifest: dict[str, Any],
    wordings: Mapping[str, Wording],
) -> Campaign:
    text = rfc8785.dumps(manifest)
    campaign = Campaign(
        incident_id=incident.id or 0,
        number=manifest["campaign"],
        sha256=sha256(text).hexdigest(),
        manifest=text.decode(),
        plan=json.dumps(manifest["plan"]),
        facts_version=manifest["facts_version"],
        people_count=manifest["people"]["count"],
        prepared_at=transaction.at,
        prepared_by=transaction.actor.name,
    )
    transaction.session.add(campaign)
    transaction.session.flush()
    for key, wording in wordings.items():
        transaction.session.add(
            FrozenWording(
                campaign_id=campaign.id or 0,
                group=key,
                language=wording.language,
                sha256=wording.sha256,
                body=rfc8785.dumps(wording.as_json()).decode(),
            )
        )
    transaction.record(
        "notice-prepared",
        incident=incident.reference,
        subject=campaign.sha256,
        people=campaign.people_count,
        plan=manifest["plan"],
        wordings=len(wordings),
    )
    return campaign
