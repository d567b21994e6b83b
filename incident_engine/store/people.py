"""Questions about the people of an incident. What names a person stays in its sealed cell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any

from sqlalchemy import CompoundSelect, Table, insert, union
from sqlmodel import Session, col, func, select

from incident_engine.domain import merkle
from incident_engine.domain.errors import NotFound
from incident_engine.store.tables import (
    Delivery,
    Incident,
    PeopleImport,
    PersonRow,
    RefusedRow,
)

_BATCH = 1000
_PERSON: Table = PersonRow.__table__  # type: ignore[attr-defined]  # made by SQLModel
_PROVED = (
    "public_id", "place", "language", "data_types", "minor", "under_14", "deceased",
    "do_not_contact", "sealed",
)  # fmt: skip


def of_incident(session: Session, incident_id: int) -> Iterator[PersonRow]:
    """Every person of an incident in a fixed order, read in batches."""
    after = 0
    while True:
        rows = session.exec(
            select(PersonRow)
            .where(PersonRow.incident_id == incident_id, col(PersonRow.id) > after)
            .order_by(col(PersonRow.id))
            .limit(_BATCH)
        ).all()
        if not rows:
            return
        yield from rows
        after = rows[-1].id or 0


def count(session: Session, incident_id: int) -> int:
    """How many people the incident has."""
    return session.exec(
        select(func.count()).select_from(PersonRow).where(PersonRow.incident_id == incident_id)
    ).one()


def count_all(session: Session) -> int:
    """How many people all incidents have."""
    return session.exec(select(func.count()).select_from(PersonRow)).one()


def add(
    session: Session, incident_id: int, import_id: int, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Write people of one import; each row has the columns of `person` but the two given here."""
    if not rows:
        return
    connection = session.connection()
    names = [*rows[0], "incident_id", "import_id"]
    statement = insert(_PERSON).compile(dialect=connection.dialect, column_keys=names)
    whole = [{**row, "incident_id": incident_id, "import_id": import_id} for row in rows]
    if not statement.positional:
        connection.execute(insert(_PERSON), whole)
        return
    # The driver takes a million rows as they are; making each a statement's costs as much again.
    order = itemgetter(*(statement.positiontup or ()))
    connection.exec_driver_sql(str(statement), [order(row) for row in whole])


def root(session: Session, incident_id: int) -> str:
    """The Merkle root over everyone: any added, removed or changed person changes it."""
    return merkle.root(merkle.leaf(each) for each in _leaves(session, incident_id))


def by_public_id(session: Session, incident_id: int, public_id: str) -> PersonRow:
    """The person of that public id. Raises NotFound."""
    found = session.exec(
        select(PersonRow).where(
            PersonRow.incident_id == incident_id, PersonRow.public_id == public_id
        )
    ).first()
    if found is None:
        raise NotFound(
            "no-person",
            public_id[:40],
            "there is no such person in this incident",
            next_step="`incident-engine people list INCIDENT` shows them, masked.",
        )
    return found


def by_blind_id(session: Session, incident_id: int, blind_id: str) -> PersonRow | None:
    """The person whose own number has this keyed hash, if there is one."""
    return session.exec(
        select(PersonRow).where(
            PersonRow.incident_id == incident_id, PersonRow.blind_id == blind_id
        )
    ).first()


def by_address(
    session: Session, incident_id: int, blind_email: str, blind_phone: str
) -> list[PersonRow]:
    """Everyone who has this email or this phone, by their keyed hashes; empty ones match nobody."""
    return list(
        session.exec(
            select(PersonRow)
            .where(PersonRow.incident_id == incident_id)
            .where(
                ((col(PersonRow.blind_email) == blind_email) & (col(PersonRow.blind_email) != ""))
                | ((col(PersonRow.blind_phone) == blind_phone) & (col(PersonRow.blind_phone) != ""))
            )
        ).all()
    )


def known_by(
    session: Session, incident_id: int, *, public_id: str, blinds: Collection[str], code: str
) -> list[PersonRow]:
    """Whoever has this public id, one of these keyed hashes or this code's hash, in one question.

    Asked of the rows that stay when the people's own cells are deleted: the person's keyed hashes,
    and of each delivery where it went and which code was printed in it. Empty ones match nobody.
    """
    wanted = [each for each in blinds if each]
    # The incident is asked for outside: inside, its index would be walked for every address.
    own, theirs = select(PersonRow.id), select(Delivery.person_id)
    found: CompoundSelect[Any] = union(
        own.where(PersonRow.public_id == public_id),
        own.where(PersonRow.incident_id == incident_id, col(PersonRow.blind_id).in_(wanted)),
        own.where(col(PersonRow.blind_email).in_(wanted)),
        own.where(col(PersonRow.blind_phone).in_(wanted)),
        theirs.where(col(Delivery.blind_address).in_(wanted)),
        theirs.where(Delivery.code_sha256 == code, Delivery.code_sha256 != ""),
    )
    return list(
        session.exec(
            select(PersonRow)
            .where(col(PersonRow.id).in_(found), PersonRow.incident_id == incident_id)
            .order_by(col(PersonRow.id))
        ).all()
    )


def imports(session: Session, incident_id: int) -> list[PeopleImport]:
    """Every import of the incident, oldest first."""
    return list(
        session.exec(
            select(PeopleImport)
            .where(PeopleImport.incident_id == incident_id)
            .order_by(col(PeopleImport.id))
        ).all()
    )


def imported_for(session: Session, file_sha256: str) -> list[str]:
    """The references of the incidents for which this very file was imported."""
    return list(
        session.exec(
            select(Incident.reference)
            .join(PeopleImport, col(PeopleImport.incident_id) == col(Incident.id))
            .where(PeopleImport.file_sha256 == file_sha256)
            .order_by(Incident.reference)
        ).all()
    )


def refused(session: Session, incident_id: int) -> list[RefusedRow]:
    """Rows that could not be read: people still to be reached."""
    return list(
        session.exec(
            select(RefusedRow)
            .join(PeopleImport, col(PeopleImport.id) == col(RefusedRow.import_id))
            .where(PeopleImport.incident_id == incident_id)
            .order_by(col(RefusedRow.id))
        ).all()
    )


def _leaves(session: Session, incident_id: int) -> Iterator[bytes]:
    asked = select(_PERSON.c.id, *(_PERSON.c[name] for name in _PROVED))
    after = 0
    while True:
        rows = (
            session.connection()
            .execute(
                asked.where(_PERSON.c.incident_id == incident_id, _PERSON.c.id > after)
                .order_by(_PERSON.c.id)
                .limit(_BATCH)
            )
            .all()
        )
        for _, *words, minor, under_14, deceased, silent, sealed in rows:
            open_part = "\0".join((*words, f"{minor}{under_14}{deceased}{silent}"))
            yield open_part.encode() + sha256(sealed).digest()
        if not rows:
            return
        after = rows[-1].id
