"""The journal is whole, or says where it is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import text

from incident_engine.store import checkpoints, journal, migrate
from incident_engine.store.db import Database
from incident_engine.store.sealing import create_master_key
from incident_engine.store.tables import Entry

AT = datetime(2026, 3, 6, 10, 25, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database.in_file(tmp_path / "rows.db")
    migrate.upgrade(made)
    return made


def write(database: Database, *acts: str) -> None:
    for act in acts:
        with database.transaction() as session:
            journal.write(session, at=AT, actor="maren", act=act, incident="INC-2026-0001")


def verify(database: Database, known: dict[int, str] | None = None) -> journal.Verdict:
    with database.reading() as session:
        return journal.verify(session, known)


def tamper(database: Database, path: Path, *statements: str) -> None:
    """Change the file as somebody with the disk would: triggers away, then the rows."""
    connection = sqlite3.connect(path)
    for trigger in ("entry_no_update", "entry_no_delete"):
        connection.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_an_untouched_journal_is_whole(database: Database) -> None:
    write(database, "opened", "assessed", "closed")
    verdict = verify(database)
    assert verdict.sound
    assert verdict.entries == 3


def test_an_empty_journal_is_whole(database: Database) -> None:
    assert verify(database) == journal.Verdict(0, journal.GENESIS)


def test_an_act_that_fails_leaves_no_entry(database: Database) -> None:
    def act() -> None:
        with database.transaction() as session:
            journal.write(session, at=AT, actor="maren", act="opened")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="disk"):
        act()
    assert verify(database).entries == 0


@pytest.mark.parametrize("statement", ["UPDATE entry SET actor = 'x'", "DELETE FROM entry"])
def test_the_database_itself_refuses_to_change_an_entry(database: Database, statement: str) -> None:
    write(database, "opened")
    with pytest.raises(IntegrityError, match="append-only"), database.transaction() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE entry SET actor = 'otto' WHERE id = 2", "entry 2 was changed"),
        ("UPDATE entry SET body = '{\"n\":1}' WHERE id = 1", "entry 1 was changed"),
        ("UPDATE entry SET body = 'not json' WHERE id = 3", "entry 3 was changed"),
        ("DELETE FROM entry WHERE id = 2", "entry 2 is missing"),
        ("UPDATE entry SET at = '2026-03-06T09:00:00+00:00' WHERE id = 1", "entry 1 was changed"),
    ],
)
def test_a_changed_or_dropped_entry_is_found_and_named(
    database: Database, tmp_path: Path, statement: str, fault: str
) -> None:
    write(database, "opened", "assessed", "closed")
    tamper(database, tmp_path / "rows.db", statement)
    assert fault in verify(database).fault


def test_a_cut_tail_is_found_by_the_checkpoint_alone(database: Database, tmp_path: Path) -> None:
    write(database, "opened", "assessed", "closed")
    signed = {3: verify(database).head}
    tamper(database, tmp_path / "rows.db", "DELETE FROM entry WHERE id = 3")
    assert verify(database).sound, "a chain without a checkpoint cannot see its own end"
    assert "ends at entry 2" in verify(database, signed).fault


def test_a_wholly_recomputed_chain_is_found_by_the_checkpoint(
    tmp_path: Path, database: Database
) -> None:
    write(database, "opened", "assessed")
    signed = {2: verify(database).head}
    other = Database.in_file(tmp_path / "other.db")
    migrate.upgrade(other)
    write(other, "opened", "dismissed", "closed")
    assert verify(other).sound
    assert "not the one the checkpoint signed" in verify(other, signed).fault


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    create_master_key(tmp_path / "keys")
    checkpoints.create_signing_key(tmp_path / "keys")
    return tmp_path / "keys"


def test_a_checkpoint_reads_back_what_was_signed(tmp_path: Path, keys: Path) -> None:
    file = tmp_path / "checkpoints.jsonl"
    checkpoints.append(file, keys, entries=3, head="ab" * 32, at=AT)
    checkpoints.append(file, keys, entries=5, head="cd" * 32, at=AT)
    assert checkpoints.read(file, keys) == {3: "ab" * 32, 5: "cd" * 32}


@pytest.mark.parametrize(
    "forge",
    [
        lambda line: line.replace("abab", "cdcd", 1),
        lambda line: line.replace('"entries": 3', '"entries": 2'),
        lambda line: "not json",
        lambda line: "[]",
        lambda line: line.replace("signature", "signed"),
    ],
)
def test_a_forged_checkpoint_is_refused_by_line(
    tmp_path: Path, keys: Path, forge: Callable[[str], str]
) -> None:
    file = tmp_path / "checkpoints.jsonl"
    checkpoints.append(file, keys, entries=3, head="ab" * 32, at=AT)
    file.write_text(forge(file.read_text()))
    with pytest.raises(Exception, match="line 1"):
        checkpoints.read(file, keys)


@settings(max_examples=50)
@given(st.text(), st.dictionaries(st.text(), st.text() | st.integers(-(2**53) + 1, 2**53 - 1)))
def test_any_words_survive_the_journal(subject: str, body: dict[str, object]) -> None:
    database = Database("sqlite:///:memory:")
    with database.engine.begin() as connection:
        journal.Entry.metadata.create_all(connection)
    try:
        subject.encode()
        str(body).encode()
    except UnicodeEncodeError:
        return
    with database.transaction() as session:
        journal.write(session, at=AT, actor="maren", act="note", subject=subject, body=body)
        assert journal.verify(session).sound
    database.close()


@settings(max_examples=200)
@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(-99, 99)),
)
def test_the_line_put_together_by_hand_is_the_canonical_one(
    actor: str, subject: str, body: dict[str, int]
) -> None:
    entry = Entry(
        id=7, at="2026-03-06T10:25:00+00:00", actor=actor, incident="INC-2026-0001", act="note",
        subject=subject, body=rfc8785.dumps(body).decode(), previous=journal.GENESIS, sha256="",
    )  # fmt: skip
    content = entry.model_dump(exclude={"id", "sha256", "body"}) | {"number": 7, "body": body}
    assert journal.line(entry) == rfc8785.dumps(content)


def test_a_checkpoint_signs_the_root_over_every_entry(
    tmp_path: Path, keys: Path, database: Database
) -> None:
    write(database, "opened", "assessed", "closed")
    with database.reading() as session:
        before = journal.root(session)
    write(database, "reopened")
    with database.reading() as session:
        assert journal.root(session) != before
        assert journal.last(session)[0] == 4
    file = tmp_path / "checkpoints.jsonl"
    checkpoints.append(file, keys, entries=3, head="ab" * 32, at=AT, root=before)
    newest = checkpoints.newest(file, keys)
    assert newest is not None
    assert (newest.entries, newest.at) == (3, AT)
