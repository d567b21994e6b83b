"""People on their way in: sealed at once, kept in a nameless file, and written all together.

Reading a large file takes a minute, and whoever holds the database's one writer for a minute stops
the dispatch of every other incident. So people wait outside it, sealed, in a file without a name
that dies with this process; the transaction is as long as the writing alone.
"""

from __future__ import annotations

import json
import marshal
import secrets
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any

from incident_engine.domain.people.person import Person
from incident_engine.store.sealing import Seal
from incident_engine.workflow.people.reach import cell_name_of

_BATCH, _LENGTH = 1_000, 8
COLUMNS = (
    "row", "public_id", "blind_id", "blind_email", "blind_phone", "place", "language",
    "data_types", "minor", "under_14", "deceased", "do_not_contact", "protected_address", "sealed",
)  # fmt: skip


class StagedPeople:
    """People of one file, sealed for one incident. A context: leaving it forgets them.

    `types` are the incident's kinds of data, for rows that name none of their own; `day` is the
    day on which ages are counted; `file` stands before the ids made from rows.
    """

    def __init__(
        self, folder: Path, seal: Seal, *, types: tuple[str, ...], day: date, file: str
    ) -> None:
        self._seal, self._types, self._day, self._file = seal, types, day, file
        self._kept: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed on leaving
        self._batch: list[tuple[Any, ...]] = []

    def __enter__(self) -> StagedPeople:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def add(self, person: Person) -> None:
        """Seal one more."""
        self._batch.append(self._sealed(person))
        if len(self._batch) >= _BATCH:
            self._put_down()

    def batches(self) -> Iterator[list[dict[str, Any]]]:
        """Everyone in the order of the file, as columns of `person`, a thousand at a time."""
        self._put_down()
        self._kept.seek(0)
        while length := self._kept.read(_LENGTH):
            rows = marshal.loads(self._kept.read(int.from_bytes(length)))
            yield [dict(zip(COLUMNS, row, strict=True)) for row in rows]

    def _put_down(self) -> None:
        if self._batch:
            packed = marshal.dumps(self._batch)
            self._kept.write(len(packed).to_bytes(_LENGTH))
            self._kept.write(packed)
            self._batch = []

    def _sealed(self, person: Person) -> tuple[Any, ...]:
        seal, public_id = self._seal, secrets.token_hex(8)
        # An id made from a row belongs to its file alone.
        identity = person.id if person.own_id else f"{self._file}/{person.id}"
        return (
            person.row,
            public_id,
            seal.blind("id", identity),
            seal.blind("email", person.email),
            seal.blind("phone", person.phone),
            person.where,
            person.language,
            json.dumps(sorted(person.data_types or self._types)),
            person.is_minor(self._day),
            person.is_under_14(self._day),
            person.deceased,
            person.do_not_contact,
            person.protected_address,
            seal.close(cell_name_of(public_id), person.particulars()),
        )
