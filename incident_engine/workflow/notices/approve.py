"""The second person's word on exactly what is to go out.

Whoever prepared the notice or imported the people cannot approve it, whatever their role.
An approval names a hash; anything that changed since makes the campaign void.
"""

from __future__ import annotations

import json

from sqlmodel import Session

from incident_engine.domain.errors import Conflict, NotPermitted, Refused
from incident_engine.domain.permits import Act
from incident_engine.domain.words import CampaignState
from incident_engine.store import campaigns, incidents, people
from incident_engine.store.tables import Approval, Campaign, Incident
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.notices.readers import readers_root
from incident_engine.workflow.notices.terms import pace_now
from incident_engine.workflow.people.reach import origin_of


def approve(
    engine: Engine, actor: Actor, reference: str, sha256: str, *, why: str = ""
) -> Campaign:
    """Approve a frozen campaign. Raises NotPermitted for its author, Conflict when it is stale."""
    return _judge(engine, actor, reference, sha256, CampaignState.APPROVED, why)


def reject(engine: Engine, actor: Actor, reference: str, sha256: str, *, why: str) -> Campaign:
    """Reject a frozen campaign with a reason."""
    return _judge(engine, actor, reference, sha256, CampaignState.REJECTED, why)


def must_be_fresh(engine: Engine, session: Session, incident: Incident, campaign: Campaign) -> None:
    """Raise Conflict when facts, people or who gets which words are not those frozen."""
    frozen = json.loads(campaign.manifest)
    version = incidents.facts_version(session, incident.id or 0)
    if version != campaign.facts_version:
        raise _stale(incident, campaign, "the facts changed after it was prepared")
    if people.root(session, incident.id or 0) != frozen["people"]["root"]:
        raise _stale(incident, campaign, "the people changed after it was prepared")
    if readers_root(engine, session, incident, known_facts(session, incident)) != frozen["readers"]:
        raise _stale(incident, campaign, "the laws changed after it was prepared")
    if frozen["playbooks"] != {each.id: each.sha256 for each in engine.playbooks}:
        raise _stale(incident, campaign, "a law file changed after it was prepared")
    if frozen.get("quiet_hours", "") != engine.settings.sms.quiet_hours:
        raise _stale(incident, campaign, "the quiet hours were set differently after it")
    if frozen.get("pace") != pace_now(engine):
        raise _stale(incident, campaign, "how fast it leaves, or what stops it, was set otherwise")
    if frozen["sender"] != origin_of(engine):
        raise _stale(incident, campaign, "the sender was set differently after it was prepared")


def _judge(
    engine: Engine,
    actor: Actor,
    reference: str,
    sha256: str,
    verdict: CampaignState,
    why: str,
) -> Campaign:
    actor.may(Act.JUDGE_NOTICE)
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        campaign = campaigns.by_hash(session, incident.id or 0, sha256)
        _must_be_another_person(session, incident, campaign, actor)
        if campaign.state != CampaignState.PREPARED:
            raise Conflict(
                "not-waiting",
                f"notice {campaign.number}",
                f"is {campaign.state}",
                expected="prepared, waiting for a second person",
                next_step=f"`incident-engine notice list {incident.reference}` shows where it is.",
            )
        if verdict == CampaignState.APPROVED:
            must_be_fresh(engine, session, incident, campaign)
            _must_read_plainly(engine, incident, campaign, why)
        if not campaigns.move(session, campaign, verdict):
            raise Conflict("not-first", f"notice {campaign.number}", "was judged by somebody else")
        _write_down(transaction, incident, campaign, verdict, why)
        return campaign


def _must_read_plainly(engine: Engine, incident: Incident, campaign: Campaign, why: str) -> None:
    """Raise Refused above the findings that the settings allow, unless a reason is given."""
    readings = json.loads(campaign.manifest)["plain_language"]
    found = {language: each["findings"] for language, each in readings.items()}
    allowed = engine.settings.notices.findings_allowed
    if sum(found.values()) <= allowed or why.strip():
        return
    listed = ", ".join(f"{count} in {language}" for language, count in found.items() if count)
    raise Refused(
        "hard-to-read",
        f"notice {campaign.number}",
        f"has plain-language findings: {listed}",
        expected=f"at most {allowed}, or --why it is approved all the same",
        next_step=f"`incident-engine notice check {incident.reference}` shows each with a better "
        "sentence.",
    )


def _write_down(
    transaction: Transaction,
    incident: Incident,
    campaign: Campaign,
    verdict: CampaignState,
    why: str,
) -> None:
    transaction.session.add(
        Approval(
            campaign_id=campaign.id or 0,
            sha256=campaign.sha256,
            verdict=verdict,
            by=transaction.actor.name,
            at=transaction.at,
            why=why,
        )
    )
    transaction.record(
        f"notice-{verdict}", incident=incident.reference, subject=campaign.sha256, why=why
    )


def _must_be_another_person(
    session: Session, incident: Incident, campaign: Campaign, actor: Actor
) -> None:
    authors = {campaign.prepared_by}
    authors |= {each.imported_by for each in people.imports(session, incident.id or 0)}
    if actor.name in authors:
        raise NotPermitted(
            "own-work",
            actor.name,
            "prepared this notice or imported its people",
            expected="somebody else to judge it",
            next_step="Ask another approver: two people stand behind every notice.",
        )


def _stale(incident: Incident, campaign: Campaign, what: str) -> Conflict:
    return Conflict(
        "stale",
        f"notice {campaign.number} of {incident.reference}",
        what,
        expected="exactly what was frozen",
        next_step=f"Prepare it again: `incident-engine notice prepare {incident.reference}`.",
    )
