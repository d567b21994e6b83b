"""Take in who is affected: all of a file or nothing of it, and every row accounted for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from incident_engine.domain.delivery.mail_providers import provider_of
from incident_engine.domain.errors import Refused
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.people.person import Census, Counting, Identity, Person, same_person
from incident_engine.domain.permits import Act
from incident_engine.intake.people_file import PeopleReading, Progress, read_people
from incident_engine.intake.sheets import file_hash
from incident_engine.store import campaigns, incidents, people
from incident_engine.store.db import indexed_afterwards, make_room
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Incident, PeopleImport, RefusedRow
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.people.reach import cell_name_of
from incident_engine.workflow.people.staged_people import StagedPeople


def check_people(
    path: Path, *, encoding: str | None, today: date, progress: Progress | None = None
) -> dict[str, Any]:
    """Read a people file and say what is in it. Keeps nothing."""
    counting = Counting()
    reading = read_people(path, counting.add, encoding=encoding, today=today, progress=progress)
    return summary(reading, counting.census())


def import_people(  # noqa: PLR0913  # each is a word that somebody types
    engine: Engine,
    actor: Actor,
    reference: str,
    path: Path,
    *,
    encoding: str | None = None,
    accept_refused: int | None = None,
    also_of: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Import a people file: rows = accepted + refused + merged.

    A file with refused rows is imported only when `accept_refused` names exactly their number;
    they stay on record as people still to be reached. The same file again changes nothing. A file
    that was imported for another incident is refused, unless `also_of` names that incident: the
    wrong list tells a thousand strangers of a breach that was not theirs.
    """
    actor.may(Act.IMPORT_PEOPLE)
    counting = Counting()
    with _staged_for(engine, reference, path) as staged:

        def accept(person: Person) -> None:
            counting.add(person)
            staged.add(person)

        today = engine.now().date()
        reading = read_people(
            path, accept, encoding=encoding, today=today, progress=progress, ours=_ours(engine)
        )
        found = summary(reading, counting.census())
        return found | _keep(engine, actor, reference, reading, staged, accept_refused, also_of)


def _ours(engine: Engine) -> frozenset[str]:
    """The mail domains that are our own: the sender's and the contact's, but no great provider's,
    where our customers have theirs too."""
    email, organisation = engine.settings.email, engine.settings.organisation
    known = (email.sender, organisation.contact_email)
    domains = {each.rpartition("@")[2].lower() for each in known if "@" in each}
    return frozenset(each for each in domains if not provider_of(each))


def _must_be_this_incidents(
    session: Session, incident: Incident, reading: PeopleReading, also_of: str
) -> None:
    found = people.imported_for(session, reading.sha256)
    if found and also_of not in found:
        raise Refused(
            "another-incidents-list",
            "the people file",
            f"was imported for {', '.join(found)}",
            expected=f"the people of {incident.reference}",
            next_step=f"Nothing was kept. If they are concerned here as well, repeat with "
            f"--also-of {found[0]}.",
        )


def _staged_for(engine: Engine, reference: str, path: Path) -> StagedPeople:
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        facts = known_facts(session, incident)
    types = tuple(str(each) for each in (facts.data.types if facts.data else None) or ())
    return StagedPeople(
        engine.home.folder,
        engine.keyring.seal(incident.wrapped_key),
        types=types,
        day=_incident_day(facts, engine.now()),
        file=file_hash(path),
    )


def _keep(
    engine: Engine,
    actor: Actor,
    reference: str,
    reading: PeopleReading,
    staged: StagedPeople,
    accept_refused: int | None,
    also_of: str,
) -> dict[str, Any]:
    with engine.transaction(actor) as transaction:
        incident = incidents.by_reference(transaction.session, reference)
        if _known(transaction.session, incident, reading.sha256):
            return {"imported": 0, "repeated": True}
        _must_be_this_incidents(transaction.session, incident, reading, also_of)
        _must_name_refused(reading, accept_refused)
        row = _write_import(transaction, incident, reading)
        new = _write_people(engine, transaction, incident, row, staged)
        campaigns.void_unlaunched(transaction.session, incident.id or 0)
        transaction.record(
            "people-imported",
            incident=incident.reference,
            subject=reading.sha256,
            rows=reading.rows,
            accepted=reading.accepted,
            refused=reading.refused,
            merged=len(reading.merges),
            new=new,
            root=people.root(transaction.session, incident.id or 0),
        )
    return {"imported": new, "repeated": False}


def summary(reading: PeopleReading, counted: Census) -> dict[str, Any]:
    """What a people file holds, JSON-safe: the sums, every fault, merge and doubt, the counts."""
    return {
        "sha256": reading.sha256,
        "rows": reading.rows,
        "accepted": reading.accepted,
        "refused": reading.refused,
        "merged": len(reading.merges),
        "faults": [asdict(each) for each in reading.faults],
        "merges": [asdict(each) for each in reading.merges],
        "near": [asdict(each) for each in reading.near],
        "shared": [asdict(each) for each in reading.shared],
        "unknown_columns": reading.unknown_columns,
        **asdict(counted),
    }


def _known(session: Session, incident: Incident, sha256: str) -> bool:
    return any(each.file_sha256 == sha256 for each in people.imports(session, incident.id or 0))


def _must_name_refused(reading: PeopleReading, accepted: int | None) -> None:
    if reading.refused and accepted != reading.refused:
        first = reading.faults[0].sentence
        raise Refused(
            "refused-rows",
            "the people file",
            f"has {reading.refused} rows that cannot be used, the first: {first}".rstrip("."),
            next_step=(
                f"Correct them, or import the rest with --accept-refused {reading.refused}; "
                "nothing was kept. `incident-engine people check FILE` lists every fault."
            ),
        )


def _write_import(
    transaction: Transaction, incident: Incident, reading: PeopleReading
) -> PeopleImport:
    row = PeopleImport(
        incident_id=incident.id or 0,
        file_sha256=reading.sha256,
        rows=reading.rows,
        accepted=reading.accepted,
        refused=reading.refused,
        merged=len(reading.merges),
        merges=json.dumps([asdict(each) for each in reading.merges]),
        imported_at=transaction.at,
        imported_by=transaction.actor.name,
    )
    transaction.session.add(row)
    transaction.session.flush()
    for fault in reading.faults:
        transaction.session.add(
            RefusedRow(
                import_id=row.id or 0,
                row=fault.row,
                column=fault.column,
                code=fault.code,
                sentence=fault.sentence,
            )
        )
    return row


def _write_people(
    engine: Engine,
    transaction: Transaction,
    incident: Incident,
    row: PeopleImport,
    staged: StagedPeople,
) -> int:
    """Write everyone who is not there yet: an id known from an earlier file is the same person."""
    session, seal = transaction.session, engine.keyring.seal(incident.wrapped_key)
    first = people.count(session, incident.id or 0) == 0
    make_room(session)
    # Afterwards only where nobody must be found meanwhile, and most of the table is new.
    much = first and row.accepted > people.count_all(session)
    new = 0
    with indexed_afterwards(session, "person", much=much):
        for batch in staged.batches():
            fresh = [e for e in batch if first or not _is_known(session, incident, e, seal)]
            people.add(session, incident.id or 0, row.id or 0, fresh)
            new += len(fresh)
    return new


def _is_known(session: Session, incident: Incident, row: Mapping[str, Any], seal: Seal) -> bool:
    """By the own number; without one, by address and name: a corrected file tells nobody twice."""
    if people.by_blind_id(session, incident.id or 0, row["blind_id"]):
        return True
    person = _identity_of(row, seal)
    if person.own_id:
        return False
    known = people.by_address(session, incident.id or 0, row["blind_email"], row["blind_phone"])
    return any(same_person(person, _identity_of(vars(each), seal)) for each in known)


def _identity_of(row: Mapping[str, Any], seal: Seal) -> Identity:
    """Of a person's row, what tells whether another row is the same one."""
    cell = seal.open(cell_name_of(row["public_id"]), row["sealed"])
    assert isinstance(cell, dict)
    born, number = str(cell.get("birth_date", "")), str(cell.get("id", ""))
    return Identity(
        row=row["row"],
        id=number,
        own_id=seal.blind("id", number) == row["blind_id"],
        name=str(cell.get("name", "")),
        email=str(cell.get("email", "")),
        phone=str(cell.get("phone", "")),
        birth_date=date.fromisoformat(born) if born else None,
    )


def _incident_day(facts: Facts, now: datetime) -> date:
    """The day on which ages are counted: when it happened, else when we knew, else today."""
    clocks = facts.clocks
    for moment in (clocks.occurred_from, clocks.aware, clocks.detected) if clocks else ():
        if moment is not None:
            return moment.earliest.date()
    return now.date()
