"""Publish the codes of an incident's notices: a static site where a reader can check one.

It is written whole or not at all, holds nobody's particulars, and comes before the first send: a
code that nobody can check is one more thing for a forger to copy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlmodel import Session

from incident_engine.domain.errors import BadInput, NotApproved
from incident_engine.domain.notice_code import code_of
from incident_engine.domain.permits import Act
from incident_engine.domain.places import zone_of
from incident_engine.domain.words import CampaignState
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.public import site
from incident_engine.notices.public.check_page import CheckPage, Genuine, build_check_page
from incident_engine.notices.public.code_lists import code_lists
from incident_engine.notices.slots import Telling
from incident_engine.notices.wording import Wording
from incident_engine.store import campaigns, checkpoints, incidents, journal, people
from incident_engine.store.tables import Campaign, Incident
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.notices.codes import code_key, notice_id
from incident_engine.workflow.notices.hold import must_not_be_held
from incident_engine.workflow.notices.readers import sender_of
from incident_engine.workflow.people.particulars import must_name_nobody
from incident_engine.workflow.people.reach import origin_of

_COVERED = (
    CampaignState.APPROVED,
    CampaignState.SENDING,
    CampaignState.PAUSED,
    CampaignState.STOPPED,
    CampaignState.FINISHED,
)
_ACT = "codes-published"
_MOST = 255  # notices of one incident, as the lists count them


@dataclass(frozen=True)
class Published:
    """What was written where: how many codes, of which notices, and the digest of all files."""

    folder: Path
    codes: int
    notices: tuple[int, ...]
    sha256: str


def publish_codes(engine: Engine, actor: Actor, reference: str, folder: Path) -> Published:
    """Write the check page of every approved or launched notice of the incident into `folder`.

    1. Refuse without approval, under a hold, without notices.check_url, or where a file names
       anybody. 2. Write beside, compare, swap. 3. Book digest, count and which notices.
    """
    actor.may(Act.ANNOUNCE)
    _must_have_an_address(engine)
    with engine.reading() as session:
        plan = _plan(engine, session, reference)
    hashes = site.publish(plan.files, folder.expanduser().absolute(), site.CHECK_PAGE)
    found = Published(
        folder, plan.codes, tuple(each.number for each in plan.campaigns), site.digest(hashes)
    )
    with engine.transaction(actor) as transaction:
        transaction.record(
            _ACT,
            incident=reference,
            subject=found.sha256,
            codes=found.codes,
            notices={str(each.number): each.sha256 for each in plan.campaigns},
        )
    return found


def must_be_checkable(
    engine: Engine, session: Session, incident: Incident, campaign: Campaign
) -> None:
    """Raise NotApproved while readers could not check the codes of exactly this notice."""
    if not engine.settings.notices.check_url:
        return
    entry = journal.latest(session, incident.reference, _ACT)
    published = json.loads(entry.body)["notices"] if entry else {}
    if campaign.sha256 not in published.values():
        raise NotApproved(
            "codes-not-published",
            f"notice {campaign.number} of {incident.reference}",
            "has codes that nobody can check yet",
            expected=f"its codes at {engine.settings.notices.check_url} before the first send",
            next_step=f"Run `incident-engine notice codes {incident.reference} --out DIR` and put "
            "DIR there.",
        )


@dataclass(frozen=True)
class _Plan:
    """What is about to be written."""

    files: dict[str, bytes]
    codes: int
    campaigns: Sequence[Campaign]


def _plan(engine: Engine, session: Session, reference: str) -> _Plan:
    incident = incidents.by_reference(session, reference)
    must_not_be_held(session, incident)
    covered = _covered(session, incident)
    page = _page(engine, session, incident, covered)
    files = build_check_page(page, templates=engine.settings.notices.templates)
    codes = list(_codes(engine, session, incident, covered))
    key = engine.keyring.seal(incident.wrapped_key).derive("check page")
    lists = code_lists(codes, key=key, notices=len(covered))
    files["senders.json"] = _senders(engine, page, files)
    ours = [page.organisation, *origin_of(engine).values(), *sum(page.contacts.values(), ())]
    must_name_nobody(engine, session, incident, files, ours=ours)
    return _Plan(files | lists, len(codes), covered)


def _covered(session: Session, incident: Incident) -> list[Campaign]:
    every = campaigns.of_incident(session, incident.id or 0)
    found = [each for each in every if each.state in _COVERED]
    if not found or len(found) > _MOST:
        raise NotApproved(
            "not-approved",
            incident.reference,
            f"has {len(found) or 'no'} approved notices",
            expected=f"1 to {_MOST} whose codes can be checked",
            next_step=f"Have a second person approve it: `incident-engine notice list "
            f"{incident.reference}`.",
        )
    return found


def _codes(
    engine: Engine, session: Session, incident: Incident, covered: Sequence[Campaign]
) -> Iterator[tuple[str, int]]:
    key = code_key(engine.keyring.seal(incident.wrapped_key))
    names = [notice_id(incident.reference, each) for each in covered]
    for row in people.of_incident(session, incident.id or 0):
        for number, name in enumerate(names, start=1):
            yield code_of(key, name, row.public_id), number


def _page(
    engine: Engine, session: Session, incident: Incident, covered: Sequence[Campaign]
) -> CheckPage:
    country = engine.settings.organisation.country
    notices = tuple(
        Genuine(
            number=number,
            since=each.launched_at or engine.now(),
            until=each.finished_at,
            wordings=tuple(_wordings(session, each)),
        )
        for number, each in enumerate(covered, start=1)
    )
    return CheckPage(
        organisation=engine.settings.organisation.name,
        reference=incident.reference,
        contacts=_contacts(engine, session, incident, notices),
        zone=zone_of(country) if country else "UTC",
        notices=notices,
    )


def _wordings(session: Session, campaign: Campaign) -> Iterator[Wording]:
    for each in campaigns.wordings(session, campaign.id or 0):
        if not each.group.startswith("public/"):
            yield Wording.from_json(json.loads(each.body))


def _contacts(
    engine: Engine, session: Session, incident: Incident, notices: Sequence[Genuine]
) -> dict[str, tuple[str, ...]]:
    """Whom to ask, in each language of the notices; the organisation's own comes first."""
    settings, facts = engine.settings.notices, known_facts(session, incident)
    languages = {each.language for notice in notices for each in notice.wordings}
    ordered = sorted(languages, key=lambda each: (each != settings.default_language, each))
    return {
        each: tuple(
            Telling(facts, catalogue_of(each, settings.templates)).contact(sender_of(engine))[
                "lines"
            ]
        )
        for each in ordered
    }


def _senders(engine: Engine, page: CheckPage, files: Mapping[str, bytes]) -> bytes:
    """From which addresses we send and what, signed with this installation's key: for
    journalists, banks and whoever runs mail."""
    origin = {kind: said for kind, said in origin_of(engine).items() if said}
    statement: dict[str, Any] = {
        "purpose": "genuine notices",
        "organisation": page.organisation,
        "reference": page.reference,
        "senders": origin,
        "notices": sorted(
            site.hashes_of({k: v for k, v in files.items() if k.startswith("notices/")}).values()
        ),
    }
    document = {
        "statement": statement,
        "signature": checkpoints.signature_of(statement, engine.home.keys),
        "algorithm": "Ed25519 over the statement's canonical JSON (RFC 8785)",
        "public_key": checkpoints.public_key(engine.home.keys),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _must_have_an_address(engine: Engine) -> None:
    if not engine.settings.notices.check_url:
        raise BadInput(
            "not-set-up",
            "notices.check_url",
            "is not set, so no notice has a code",
            expected="the address that readers type, on your own domain",
            next_step="Run `incident-engine config set notices.check_url …`, then prepare the "
            "notice again.",
        )
