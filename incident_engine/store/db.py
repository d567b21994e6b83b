"""The connection, and the only two ways to a session: reading, or one transaction.

SQLite runs in WAL with synchronous=FULL: with NORMAL a power cut loses committed rows, and a lost
"sending" row is a duplicate notice. Writers begin IMMEDIATE: a deferred transaction that reads and
then writes fails at once with "database is locked", whatever the busy timeout.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from incident_engine.domain.errors import Unreachable

BUSY_SECONDS = 30
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
)


class _Kept(threading.local):
    """The connection this thread holds."""

    connection: Connection | None = None


class Database:
    """Where the rows are. One object a process; sessions are short and never shared."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._kept = _Kept()

    @classmethod
    def in_file(cls, path: Path) -> Database:
        """The embedded database of one home."""
        return cls(f"sqlite:///{path}")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only asks. Whatever it changed is thrown away."""
        with _reached(), self._session(writes=False) as session:
            yield session
            session.expunge_all()  # rows read stay readable after the session
            session.rollback()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits on leaving, or keeps nothing at all when anything was raised."""
        with _reached(), self._session(writes=True) as session:
            yield session
            session.commit()

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Hold one connection meanwhile, for work of many small transactions in this thread.

        Whoever closes an SQLite file last writes its log back and deletes it; after every commit
        that costs more than the commit (measured: 240 letters in 6.2 s instead of 10.0). Opening
        one and telling it how we write costs as much again.
        """
        with _reached(), self.engine.connect() as connection:
            before, self._kept.connection = self._kept.connection, connection
            try:
                yield
            finally:
                self._kept.connection = before

    def _session(self, *, writes: bool) -> Session:
        kept: Connection | None = self._kept.connection
        if kept is not None and not kept.in_transaction():
            return Session(
                kept.execution_options(incident_engine_writes=writes), expire_on_commit=False
            )
        engine = self.engine.execution_options(incident_engine_writes=writes)
        return Session(engine, expire_on_commit=False)

    def close(self) -> None:
        """Give the files back."""
        self.engine.dispose()


def make_room(session: Session, megabytes: int = 80) -> None:
    """Keep more of the file in memory for a transaction that writes much.

    SQLite's own 2 MB make every index be read again for nearly every row: 100,000 people were
    written in 4.1 s of processor time with them and in 2.5 s with 64 MB. With more
    than 80 an import of a million people holds over 300 MB in all.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA cache_size={-megabytes * 1024}")


@contextmanager
def indexed_afterwards(session: Session, table: str, *, much: bool) -> Iterator[None]:
    """Make a table's indexes anew after `much` was written into it, where the database can.

    Keyed hashes come in no order, so each row would touch a page of its own in each index; sorted
    once, they take a tenth of that. Those of a constraint stay. Nobody sees the table without
    them: it is one transaction.
    """
    connection = session.connection()
    kept: list[tuple[str, str]] = []
    if much and connection.dialect.name == "sqlite":
        asked = "SELECT name, sql FROM sqlite_master WHERE type='index' AND sql>'' AND tbl_name=?"
        kept = [(row[0], row[1]) for row in connection.exec_driver_sql(asked, (table,))]
    for name, _ in kept:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    yield
    for _, statement in kept:
        connection.exec_driver_sql(statement)


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url)
    engine = create_engine(url, poolclass=NullPool if ":memory:" not in url else None)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: object, _record: object) -> None:
    # The driver's own implicit BEGIN is deferred and comes too late; we say it ourselves.
    connection.isolation_level = None  # type: ignore[attr-defined]  # sqlite3.Connection
    cursor = connection.cursor()  # type: ignore[attr-defined]
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("incident_engine_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except DatabaseError as error:
        if type(error) not in (OperationalError, DatabaseError):
            raise  # a constraint or a statement of ours, not the database's health
        reason = str(error.orig)
        raise Unreachable(
            "database",
            "the database",
            f"did not answer ({reason})",
            next_step="Nothing was lost; look at the disk and the server, then repeat the command.",
        ) from error
