"""We are the processor: one packet per controller, with its own people and nobody else's.

Whose a person is stands in the people file's own column `controller`. The packet is what the
contract owes (GDPR Art 33(2)): the controller tells its authority and its people, not we. What
names another controller never leaves in it.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from incident_engine.domain.errors import NotFound, Refused
from incident_engine.domain.facts.document import Count, Facts, PeopleBlock
from incident_engine.domain.facts.words import OurRole
from incident_engine.domain.permits import Act
from incident_engine.domain.words import Phase
from incident_engine.notices.reports.forms import PLAIN, form_by_id
from incident_engine.notices.reports.report import fill
from incident_engine.notices.reports.report_csv import defused, render_csv
from incident_engine.notices.reports.report_document import Report
from incident_engine.notices.reports.report_pdf import render_pdf
from incident_engine.notices.reports.submission import Submission
from incident_engine.store import evidence, incidents, packets, people
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import ControllerPacket, Incident, Obligation, PersonRow
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.incidents.settle_obligation import find
from incident_engine.workflow.people.reach import opened
from incident_engine.workflow.reports.draft_report import duty_name, with_ourselves

COLUMN = "controller"
DUTY = "contract/controller"
_PERSON = ("id", "name", "email", "phone", "where", "data types", "minor")


@dataclass(frozen=True)
class Packet:
    """What was written for one controller: the files, how many people, under which duty."""

    folder: Path
    files: tuple[str, ...]
    people: int
    duty: Obligation
    report: Report


@dataclass(frozen=True)
class _Person:
    """One person of this controller, opened."""

    row: PersonRow
    known: dict[str, Any]


def pack_for_controller(
    engine: Engine, actor: Actor, reference: str, controller: str, folder: Path, *, duty: str = DUTY
) -> Packet:
    """Write one controller's packet into `folder`: report.pdf, .json, .csv and people.csv.

    Raises Refused unless our role is processor, when the folder holds something already, or when
    a text names another controller; NotFound for a controller nobody belongs to.
    """
    actor.may(Act.FILE_REPORT)
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        facts = known_facts(session, incident)
        _must_be_processor(facts, incident)
        row = find(session, incident, duty)
        whose = _by_controller(engine, incident, people.of_incident(session, incident.id or 0))
    name, theirs = _named(whose, controller)
    report = _report(engine, incident, row, _facts_of(facts, theirs), engine.now())
    _must_name_nobody_else(report, name, set(whose) - {name})
    files = {
        "report.pdf": render_pdf(report),
        "report.json": report.as_json(),
        "report.csv": render_csv(report),
        "people.csv": _people_csv(theirs),
    }
    _must_be_free(folder, files)
    with engine.transaction(actor) as transaction:
        hashes = {file: evidence.write(folder / file, content) for file, content in files.items()}
        seal = engine.keyring.seal(incident.wrapped_key)
        packets.keep(engine.home, seal, incident.reference, report.sha256, files)
        entry = transaction.record(
            "controller-packet",
            incident=incident.reference,
            subject=report.sha256,
            controller=name,
            duty=duty_name(row),
            people=len(theirs),
            files=hashes,
        )
        transaction.session.add(
            ControllerPacket(
                incident_id=incident.id or 0,
                controller=name,
                duty=duty_name(row),
                people=len(theirs),
                sha256=report.sha256,
                files=json.dumps(hashes),
                made_at=transaction.at,
                made_by=actor.name,
                entry=entry.id or 0,
            )
        )
    return Packet(folder, tuple(files), len(theirs), row, report)


def _must_be_processor(facts: Facts, incident: Incident) -> None:
    if facts.role is not OurRole.PROCESSOR:
        raise Refused(
            "not-a-processor",
            incident.reference,
            f"our role is {facts.role or 'not known'}",
            expected="processor: a controller tells its own authority and people",
            next_step=f"`incident-engine fact set {incident.reference} role=processor` if we are.",
        )


def _by_controller(
    engine: Engine, incident: Incident, rows: Iterator[PersonRow]
) -> dict[str, list[_Person]]:
    """Everyone by the controller their row names; under an empty name those who have none."""
    seal: Seal = engine.keyring.seal(incident.wrapped_key)
    whose: dict[str, list[_Person]] = {}
    for row in rows:
        known = opened(row, seal)
        own = {key.strip().casefold(): text for key, text in known.get("extra", {}).items()}
        whose.setdefault(own.get(COLUMN, "").strip(), []).append(_Person(row, known))
    return whose


def _named(whose: dict[str, list[_Person]], asked: str) -> tuple[str, list[_Person]]:
    spelled = asked.strip().casefold()
    found = [name for name in whose if name and name.casefold() == spelled]
    if not found:
        known = ", ".join(sorted(name for name in whose if name))
        raise NotFound(
            "no-controller",
            asked[:60],
            "no person of this incident belongs to it",
            expected=f"one of {known}" if known else f"a column {COLUMN!r} in the people file",
        )
    return found[0], [each for name in found for each in whose[name]]


def _facts_of(facts: Facts, theirs: list[_Person]) -> Facts:
    """The incident's facts with this controller's people alone; what counts all is dropped."""
    places = Counter(each.row.place for each in theirs if each.row.place)
    minors = Counter(each.row.place for each in theirs if each.row.minor and each.row.place)
    blocks = tuple(
        PeopleBlock(where=where, count=Count(value=number), minors=minors[where])
        for where, number in sorted(places.items())
    )
    types = {kind for each in theirs for kind in json.loads(each.row.data_types)}
    data = facts.data.model_copy(
        update={
            "records": None,
            "types": tuple(kind for kind in facts.data.types if kind in types) or facts.data.types,
        }
    )
    return facts.model_copy(update={"people": blocks, "data": data, "told": (), "done": {}})


def _report(
    engine: Engine, incident: Incident, row: Obligation, facts: Facts, at: datetime
) -> Report:
    submission = Submission(incident=incident.reference, phase=Phase.NOTIFY, version=1, at=at,
                            zone=row.due_zone)  # fmt: skip
    ours = with_ourselves(facts, engine.settings.organisation)
    return fill(form_by_id(PLAIN), ours, json.loads(row.answer), submission)


def _must_name_nobody_else(report: Report, name: str, others: set[str]) -> None:
    text = report.as_json().decode().casefold()
    if named := sorted(other for other in others if other and other.casefold() in text):
        raise Refused(
            "names-another",
            f"the packet for {name}",
            f"its text names {len(named)} other controller{'s' if len(named) > 1 else ''}",
            expected="nothing about another customer",
            next_step="Word the story of the incident without the customers' names.",
        )


def _people_csv(theirs: list[_Person]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(_PERSON)
    for each in theirs:
        known, row = each.known, each.row
        kinds = "; ".join(json.loads(row.data_types))
        cells = (known.get("id", ""), known.get("name", ""), known.get("email", ""),
                 known.get("phone", ""), row.place, kinds, "yes" if row.minor else "")  # fmt: skip
        writer.writerow([defused(str(cell)) for cell in cells])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _must_be_free(folder: Path, files: dict[str, bytes]) -> None:
    if any((folder / file).exists() for file in files):
        raise Refused("not-empty", str(folder), "holds a packet already",
                      expected="a new folder")  # fmt: skip
