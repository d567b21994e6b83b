"""The embedded database keeps its promises."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError
from sqlmodel import text

from incident_engine.domain.errors import Refused, Unreachable
from incident_engine.store import journal, migrate
from incident_engine.store.db import Database
from incident_engine.store.tables import User
from incident_engine.store.version import EXPECTED, must_be_current

AT = datetime(2026, 3, 6, 10, 25, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database.in_file(tmp_path / "rows.db")
    migrate.upgrade(made)
    return made


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)],
)
def test_sqlite_is_set_to_lose_nothing(database: Database, pragma: str, value: object) -> None:
    with database.reading() as session:
        assert session.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_the_tables_are_exactly_what_the_migrations_make(database: Database) -> None:
    config = migrate.alembic_config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_a_database_of_another_version_is_refused_with_the_next_step(tmp_path: Path) -> None:
    empty = Database.in_file(tmp_path / "empty.db")
    with pytest.raises(Refused, match="is at version none"):
        must_be_current(empty)


def test_the_expected_version_is_the_newest_migration(database: Database) -> None:
    assert ScriptDirectory.from_config(migrate.alembic_config()).get_current_head() == EXPECTED
    must_be_current(database)


def test_a_word_outside_its_list_is_refused_by_the_database(database: Database) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(User(name="eve", role="root", token_sha256="x", created_at=AT))


def test_forty_writers_at_once_all_get_their_turn(database: Database) -> None:
    def write(name: str) -> None:
        with database.transaction() as session:
            # Reading first is what makes a deferred transaction fail under load.
            session.execute(text("SELECT count(*) FROM entry")).scalar_one()
            journal.write(session, at=AT, actor=name, act="note")

    threads = [threading.Thread(target=write, args=(f"otto-{n}",)) for n in range(40)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with database.reading() as session:
        assert journal.verify(session) == journal.Verdict(40, journal.verify(session).head)


def test_a_file_that_is_no_database_is_unreachable_not_a_traceback(tmp_path: Path) -> None:
    broken = Database(f"sqlite:///{tmp_path}/no/such/folder/rows.db")
    with pytest.raises(Unreachable, match="did not answer"), broken.reading() as session:
        session.execute(text("SELECT 1"))
