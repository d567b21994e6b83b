"""The public page: put up from an approved notice, compared with what was meant, taken down.

What goes up are the words that a second person approved, in every language of the people. It is
put up whole or not at all, and never with anything in it that names one of the people.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from incident_engine.domain.errors import BadInput, NotApproved, NotFound, Refused
from incident_engine.domain.permits import Act
from incident_engine.domain.places import zone_of
from incident_engine.domain.words import CampaignState
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.public import site
from incident_engine.notices.public.announcement import Announcement as Page
from incident_engine.notices.public.announcement import build_site, build_trace
from incident_engine.notices.slots import Telling
from incident_engine.notices.wording import Wording
from incident_engine.store import announcements, campaigns, incidents
from incident_engine.store.tables import (
    Announcement,
    AnnouncementVersion,
    Campaign,
    Entry,
    Incident,
)
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import CLOCK, Actor, Engine, Transaction
from incident_engine.workflow.notices.hold import must_not_be_held
from incident_engine.workflow.notices.readers import sender_of
from incident_engine.workflow.people.particulars import must_name_nobody
from incident_engine.workflow.public.announcement_case import Case, announcement_case
from incident_engine.workflow.public.publish_page import differences_of, publish_page

CHECK_EVERY = timedelta(hours=1)
_APPROVED = (
    CampaignState.APPROVED,
    CampaignState.SENDING,
    CampaignState.PAUSED,
    CampaignState.FINISHED,
)


def put_up(engine: Engine, actor: Actor, reference: str) -> Announcement:
    """Put up the page of the newest approved notice; again: bring the standing page up to date.

    1. Refuse without approval, under a hold, or with anybody's particulars in it.
    2. Book: the journal says what is about to go up. 3. Act: write, swap, read back, also at the
    page's own address where one is set. 4. Book.

    Raises Unreachable when it cannot be written or its address shows another page; then the
    former one stands again, or none.
    """
    actor.may(Act.ANNOUNCE)
    with engine.transaction(actor) as transaction:
        plan = _plan(engine, transaction, reference)
        transaction.record(
            "announcement-going-up",
            incident=reference,
            subject=site.digest(site.hashes_of(plan.files)),
            files=len(plan.files),
        )
    hashes = publish_page(engine, actor, plan.incident, plan.page.url, (plan.files, plan.folder))
    with engine.transaction(actor) as transaction:
        return _write_down(transaction, plan, hashes)


@dataclass(frozen=True)
class _Plan:
    """What is about to go up, and where."""

    incident: Incident
    campaign: Campaign
    page: Page
    files: dict[str, bytes]
    folder: Path


def _plan(engine: Engine, transaction: Transaction, reference: str) -> _Plan:
    session = transaction.session
    incident = incidents.by_reference(session, reference)
    campaign = _approved(session, incident)
    must_not_be_held(session, incident)
    standing = announcements.standing(session, incident.id or 0)
    page = _page(engine, session, incident, campaign, standing, transaction.at)
    files = build_site(page, templates=engine.settings.notices.templates)
    ours = (page.organisation, page.email, page.hotline, page.address)
    must_name_nobody(engine, session, incident, files, ours=ours)
    folder = Path(standing.folder) if standing else _folder(engine, incident)
    return _Plan(incident, campaign, page, files, folder)


def _write_down(transaction: Transaction, plan: _Plan, hashes: dict[str, str]) -> Announcement:
    standing = announcements.standing(transaction.session, plan.incident.id or 0)
    row = standing or Announcement(
        incident_id=plan.incident.id or 0,
        campaign_id=plan.campaign.id or 0,
        folder=str(plan.folder),
        put_up_at=transaction.at,
        put_up_by=transaction.actor.name,
        files="",
        sha256="",
    )
    row.campaign_id, row.url, row.checked_at = plan.campaign.id or 0, plan.page.url, transaction.at
    row.files, row.sha256 = json.dumps(hashes), site.digest(hashes)
    transaction.session.add(row)
    entry = transaction.record(
        "announcement-changed" if standing else "announcement-put-up",
        incident=plan.incident.reference,
        subject=row.sha256,
        notice=plan.campaign.number,
        url=row.url,
    )
    return _with_version(transaction, row, entry)


def _with_version(transaction: Transaction, row: Announcement, entry: Entry) -> Announcement:
    transaction.session.flush()
    transaction.session.add(
        AnnouncementVersion(
            announcement_id=row.id or 0,
            sha256=row.sha256,
            files=row.files,
            since=transaction.at,
            by=transaction.actor.name,
            entry=entry.id or 0,
        )
    )
    return row


def take_down(
    engine: Engine, actor: Actor, reference: str, *, why: str, early: bool = False
) -> Announcement:
    """Replace the page by a trace that says from when to when it was up. Needs a reason.

    Raises Refused while a law's days are not over, unless `early` says that this is known.
    """
    actor.may(Act.ANNOUNCE)
    if not why.strip():
        raise BadInput("no-reason", "announce take-down", "has no --why", expected="the reason")
    with engine.transaction(actor) as transaction:
        session = transaction.session
        incident = incidents.by_reference(session, reference)
        row = _standing(session, incident)
        if not early:
            _must_not_be_wanted(engine, session, incident, transaction.at)
        campaign = session.get_one(Campaign, row.campaign_id)
        page = _page(engine, session, incident, campaign, row, transaction.at)
        files = build_trace(
            replace(page, updated_at=None),
            taken_down_at=transaction.at,
            templates=engine.settings.notices.templates,
        )
        transaction.record(
            "announcement-coming-down", incident=incident.reference, subject=row.sha256, why=why
        )
    hashes = publish_page(engine, actor, incident, row.url, (files, Path(row.folder)))
    with engine.transaction(actor) as transaction:
        row = _standing(transaction.session, incident)
        row.taken_down_at, row.taken_down_by, row.why = transaction.at, actor.name, why
        row.files, row.sha256 = json.dumps(hashes), site.digest(hashes)
        transaction.session.add(row)
        entry = transaction.record(
            "announcement-taken-down", incident=incident.reference, subject=row.sha256, why=why
        )
        return _with_version(transaction, row, entry)


@dataclass(frozen=True)
class Standing:
    """The page as it was put up, and what is no longer so in its folder or at its address."""

    announcement: Announcement
    differences: tuple[str, ...]


def status(engine: Engine, actor: Actor, reference: str) -> list[Standing]:
    """Every page ever put up for the incident, each compared with what lies in its folder and
    with what its address answers."""
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        rows = announcements.of_incident(session, incident.id or 0)
    return [Standing(row, differences_of(row)) for row in rows]


def case_of(engine: Engine, actor: Actor, reference: str) -> Case:
    """What the laws say of a page for this incident, and the dossier of attempts."""
    with engine.reading() as session:
        return announcement_case(engine, session, incidents.by_reference(session, reference))


def look_after(engine: Engine, now: datetime) -> int:
    """Compare every standing page with what was put up, at most hourly, and write down what was
    found: the evidence that it was there. Returns how many are not as they were."""
    with engine.reading() as session:
        due = announcements.unchecked_since(session, now - CHECK_EVERY)
    return sum(_look_at(engine, row) for row in due)


def _look_at(engine: Engine, row: Announcement) -> bool:
    different = differences_of(row)
    with engine.transaction(CLOCK) as transaction:
        kept = transaction.session.get_one(Announcement, row.id)
        kept.checked_at = transaction.at
        transaction.session.add(kept)
        incident = transaction.session.get_one(Incident, row.incident_id)
        transaction.record(
            "announcement-differs" if different else "announcement-stands",
            incident=incident.reference,
            subject=row.sha256,
            differences=list(different),
            looked_at=row.url or "the folder",
        )
    return bool(different)


def _must_not_be_wanted(
    engine: Engine, session: Session, incident: Incident, now: datetime
) -> None:
    wanted = announcement_case(engine, session, incident).still_wanted(now)
    if not wanted:
        return
    longest = max(wanted, key=lambda each: each.until or now)
    raise Refused(
        "still-wanted",
        incident.reference,
        f"{longest.duty} wants the page up until {longest.until:%Y-%m-%d %H:%M %Z}",
        expected=f"the days of {longest.citation} to be over",
        next_step="Leave it up; or take it down with --early and a reason.",
    )


def _approved(session: Session, incident: Incident) -> Campaign:
    found = campaigns.in_state(session, incident.id or 0, *_APPROVED)
    if found is None:
        raise NotApproved(
            "not-approved",
            incident.reference,
            "has no approved notice to announce",
            next_step=f"Run `incident-engine notice prepare {incident.reference}`, then have a "
            "second person approve it.",
        )
    return found


def _standing(session: Session, incident: Incident) -> Announcement:
    found = announcements.standing(session, incident.id or 0)
    if found is None:
        raise NotFound(
            "no-announcement",
            incident.reference,
            "has no page up",
            next_step=f"Run `incident-engine announce put-up {incident.reference}`.",
        )
    return found


def _page(
    engine: Engine,
    session: Session,
    incident: Incident,
    campaign: Campaign,
    standing: Announcement | None,
    at: datetime,
) -> Page:
    settings, facts = engine.settings, known_facts(session, incident)
    public = [
        Wording.from_json(json.loads(each.body))
        for each in campaigns.wordings(session, campaign.id or 0)
        if each.group.startswith("public/")
    ]
    catalogue = catalogue_of(public[0].language, settings.notices.templates)
    contact = Telling(facts, catalogue).contact(sender_of(engine))
    url = settings.announcement.url.replace("{reference}", incident.reference)
    return Page(
        reference=incident.reference,
        organisation=settings.organisation.name,
        email=contact["email"],
        hotline=contact["phone"],
        address=settings.organisation.address,
        put_up_at=standing.put_up_at if standing else at,
        updated_at=at if standing else None,
        zone=zone_of(settings.organisation.country) if settings.organisation.country else "UTC",
        articles=tuple(each.article for each in public),
        url=f"{url.rstrip('/')}/" if url else "",
    )


def _folder(engine: Engine, incident: Incident) -> Path:
    named = engine.settings.announcement.folder.replace("{reference}", incident.reference)
    return (engine.home.folder / Path(named).expanduser()).absolute()
