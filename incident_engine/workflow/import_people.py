"""Take in who is affected: all of a file or nothing of it, and every row accounted for."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

from incident_engine.domain.errors import Refused
from incident_engine.domain.facts import Facts
from incident_engine.domain.people import Census, Person, census, same_person
from incident_engine.domain.permits import Act
from incident_engine.intake.people_file import PeopleReading, read_people
from incident_engine.store import campaigns, incidents, people
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import Incident, PeopleImport, PersonRow, RefusedRow
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine, Transaction
from incident_engine.workflow.reach import cell_name_of, opened

_BATCH = 500


def check_people(path: Path, *, encoding: str | None, today: date) -> dict[str, Any]:
    """Read a people file and say what is in it. Keeps nothing."""
    reading = read_people(path, encoding=encoding, today=today)
    return summary(reading, census(reading.accepted))


def import_people(
    engine: Engine,
    actor: Actor,
    reference: str,
    path: Path,
    *,
    encoding: str | None = None,
    accept_refused: int | None = None,
) -> dict[str, Any]:
    """Import a people file: rows = accepted + refused + merged.

    A file with refused rows is imported only when `accept_refused` names exactly their number;
    they stay on record as people still to be reached. The same file again changes nothing.
    """
    actor.may(Act.IMPORT_PEOPLE)
    reading = read_people(path, encoding=encoding, today=engine.now().date())
    counted = census(reading.accepted)
    with engine.transaction(actor) as transaction:
        incident = incidents.by_reference(transaction.session, reference)
        if _known(transaction.session, incident, reading.sha256):
            return summary(reading, counted) | {"imported": 0, "repeated": True}
        _must_name_refused(reading, accept_refused)
        facts = known_facts(transaction.session, incident)
        row = _write_import(transaction, incident, reading)
        new = _write_people(engine, transaction, incident, row, reading, facts)
        campaigns.void_unlaunched(transaction.session, incident.id or 0)
        transaction.record(
            "people-imported",
            incident=incident.reference,
            subject=reading.sha256,
            rows=reading.rows,
            accepted=len(reading.accepted),
            refused=reading.refused,
            merged=len(reading.merges),
            new=new,
            root=people.root(transaction.session, incident.id or 0),
        )
    return summary(reading, counted) | {"imported": new, "repeated": False}


def summary(reading: PeopleReading, counted: Census) -> dict[str, Any]:
    """What a people file holds, JSON-safe: the sums, every fault, every merge, the counts."""
    return {
        "sha256": reading.sha256,
        "rows": reading.rows,
        "accepted": len(reading.accepted),
        "refused": reading.refused,
        "merged": len(reading.merges),
        "faults": [asdict(each) for each in reading.faults],
        "merges": [asdict(each) for each in reading.merges],
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
        accepted=len(reading.accepted),
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
    reading: PeopleReading,
    facts: Facts,
) -> int:
    """Write everyone who is not there yet: an id known from an earlier file is the same person."""
    seal = engine.keyring.seal(incident.wrapped_key)
    types = tuple(str(each) for each in (facts.data.types if facts.data else None) or ())
    day = _incident_day(facts, transaction.at)
    batch: list[dict[str, Any]] = []
    new = 0
    for person in _not_yet_known(transaction.session, incident, reading, seal):
        batch.append(_row(incident, row, person, seal, types, day))
        if len(batch) >= _BATCH:
            transaction.session.execute(insert(PersonRow), batch)
            batch = []
        new += 1
    if batch:
        transaction.session.execute(insert(PersonRow), batch)
    transaction.session.flush()
    return new


def _not_yet_known(
    session: Session, incident: Incident, reading: PeopleReading, seal: Seal
) -> Iterator[Person]:
    first = people.count(session, incident.id or 0) == 0
    for person in reading.accepted:
        if first or not _is_known(session, incident, person, reading, seal):
            yield person


def _is_known(
    session: Session, incident: Incident, person: Person, reading: PeopleReading, seal: Seal
) -> bool:
    """By the own number; without one, by address and name: a corrected file tells nobody twice."""
    blind = seal.blind("id", _identity(person, reading))
    if people.by_blind_id(session, incident.id or 0, blind):
        return True
    if person.own_id:
        return False
    blinds = (seal.blind("email", person.email), seal.blind("phone", person.phone))
    return any(
        same_person(person, _as_person(row, seal))
        for row in people.by_address(session, incident.id or 0, *blinds)
    )


def _as_person(row: PersonRow, seal: Seal) -> Person:
    """Of a person kept earlier, what tells whether another row is the same one."""
    cell = opened(row, seal)
    born = str(cell.get("birth_date", ""))
    return Person(
        row=row.row,
        id=str(cell.get("id", "")),
        name=str(cell.get("name", "")),
        email=str(cell.get("email", "")),
        phone=str(cell.get("phone", "")),
        birth_date=date.fromisoformat(born) if born else None,
    )


def _identity(person: Person, reading: PeopleReading) -> str:
    """The organisation's own number; one made from a row belongs to its file alone."""
    return person.id if person.own_id else f"{reading.sha256}/{person.id}"


def _row(
    incident: Incident,
    row: PeopleImport,
    person: Person,
    seal: Seal,
    types: tuple[str, ...],
    day: date,
) -> dict[str, Any]:
    public_id = secrets.token_hex(8)
    identity = person.id if person.own_id else f"{row.file_sha256}/{person.id}"
    return {
        "incident_id": incident.id,
        "import_id": row.id,
        "row": person.row,
        "public_id": public_id,
        "blind_id": seal.blind("id", identity),
        "blind_email": seal.blind("email", person.email),
        "blind_phone": seal.blind("phone", person.phone),
        "place": person.where,
        "language": person.language,
        "data_types": json.dumps(sorted(person.data_types or types)),
        "minor": person.is_minor(day),
        "under_14": person.is_under_14(day),
        "deceased": person.deceased,
        "do_not_contact": person.do_not_contact,
        "protected_address": person.protected_address,
        "sealed": seal.close(cell_name_of(public_id), person.particulars()),
    }


def _incident_day(facts: Facts, now: datetime) -> date:
    """The day on which ages are counted: when it happened, else when we knew, else today."""
    clocks = facts.clocks
    for moment in (clocks.occurred_from, clocks.aware, clocks.detected) if clocks else ():
        if moment is not None:
            return moment.earliest.date()
    return now.date()
