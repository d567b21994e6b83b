"""What was done stays provable, and who was affected stays unreadable."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from incident_engine.domain.errors import BadInput, NotPermitted, Refused
from incident_engine.domain.words import ChannelName
from incident_engine.store import checkpoints
from incident_engine.store.journal import Verdict, link, verify
from incident_engine.store.tables import Entry
from incident_engine.workflow.checkpoint import checkpoint
from incident_engine.workflow.dispatch.account import people_account
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.dispatch.preview import preview
from incident_engine.workflow.incidents.note import note
from incident_engine.workflow.notices.approve import approve
from tests.cast import DOV, EVE, INCIDENT, OTTO, House, typed


def verdict(house: House) -> Verdict:
    home = house.engine.home
    with house.engine.reading() as session:
        return verify(session, checkpoints.read(home.checkpoints, home.keys))


def with_the_disk(house: House, *statements: str) -> None:
    """Change the rows as somebody would who has the file: triggers away first."""
    connection = sqlite3.connect(house.engine.home.database)
    for trigger in ("entry_no_update", "entry_no_delete"):
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def cuts_the_tail(house: House) -> None:
    last = house.acts()[-1].id
    with_the_disk(house, f"DELETE FROM entry WHERE id = {last}")


def edits_an_entry(house: House) -> None:
    with_the_disk(house, "UPDATE entry SET actor = 'dov' WHERE act = 'notice-prepared'")


def drops_one_from_the_middle(house: House) -> None:
    with_the_disk(house, "DELETE FROM entry WHERE act = 'notice-approved'")


def recomputes_the_chain(house: House) -> None:
    """Somebody rewrites who approved, and every hash after it, so that the chain is whole."""
    entries, previous, statements = house.acts(), "0" * 64, []
    for each in entries:
        changed = Entry(**each.model_dump() | {"previous": previous})
        if each.act == "notice-approved":
            changed.actor = "ines"
        changed.sha256 = previous = link(changed)
        statements.append(
            f"UPDATE entry SET actor = '{changed.actor}', previous = '{changed.previous}', "
            f"sha256 = '{changed.sha256}' WHERE id = {each.id}"
        )
    with_the_disk(house, *statements)


def restores_an_old_copy(house: House) -> None:
    shutil.copy(house.folder / "old.db", house.engine.home.database)


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (cuts_the_tail, "but a checkpoint signed"),
        (edits_an_entry, "was changed after it was written"),
        (drops_one_from_the_middle, "is missing"),
        (recomputes_the_chain, "is not the one the checkpoint signed"),
        (restores_an_old_copy, "but a checkpoint signed"),
    ],
)
def test_every_tampering_is_found_and_named(
    house: House, tamper: Callable[[House], None], fault: str
) -> None:
    house.prepared()
    shutil.copy(house.engine.home.database, house.folder / "old.db")
    house.engine.database.close()
    approve(house.engine, DOV, INCIDENT, house.campaign().sha256)
    checkpoint(house.engine, EVE)
    assert verdict(house).sound
    tamper(house)
    assert fault in verdict(house).fault
    answer = typed("journal", "verify")
    assert answer.status == 1
    answer.must_be_one_sentence("the journal", fault, "backup")
    house.clock.passes(minutes=1)
    with pytest.raises(Refused, match="the journal"):
        checkpoint(house.engine, EVE)


def test_a_checkpoint_covers_itself_and_is_signed_by_anyone_but_a_stranger(house: House) -> None:
    house.opened()
    line = checkpoint(house.engine, EVE)
    assert line["entries"] == len(house.acts())
    assert verdict(house).checkpoint == line["entries"]


def test_every_state_change_has_exactly_one_entry_of_its_own(house: House) -> None:
    house.sent()
    finish(house.engine, OTTO, INCIDENT)
    for act in (
        "incident-opened", "people-imported", "notice-prepared", "notice-approved",
        "campaign-launched", "campaign-finished",
    ):  # fmt: skip
        assert len(house.acts(act)) == 1, act


CANARIES = "".join(
    f"77{n:04d},Kanarius{n} Zwitscher,kanari{n}@nest{n}.example,+49151{n:08d},DE,en\n"
    for n in range(20)
)
SECRETS = [b"Kanarius", b"Zwitscher", b"kanari", b"@nest", b"+49151000", b"770001", b"770019"]


def test_a_byte_search_of_the_home_finds_nobody(
    house: House, capfd: pytest.CaptureFixture[str]
) -> None:
    """Database, write-ahead log, journal, keys, and all that was ever printed."""
    rows = f"id,name,email,phone,where,language\n{CANARIES}"
    more = house.file(f"{rows}9,=Kanarius,kanari@@nest,1,DE,en\n", "more.csv")
    house.sent(rows)
    finish(house.engine, OTTO, INCIDENT)
    people_account(house.engine, OTTO, INCIDENT)
    said = [
        typed(*command)
        for command in (
            ["people", "list", INCIDENT], ["people", "list", INCIDENT, "--json"],
            ["deliveries", INCIDENT], ["deliveries", INCIDENT, "--json"],
            ["incident", "timeline", INCIDENT, "--json"], ["journal", "show", "--json"],
            ["incident", "show", INCIDENT], ["notice", "list", INCIDENT], ["doctor"],
            ["people", "import", INCIDENT, more],
        )
    ]  # fmt: skip
    printed = "".join(each.out + each.err for each in said) + "".join(capfd.readouterr())
    files = [path for path in Path(house.engine.home.folder).rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"incident-engine.db", "config.toml"}
    for secret in SECRETS:
        assert secret.decode() not in printed
        for path in files:
            assert secret not in path.read_bytes(), (secret, path.name)
    assert len(house.mail.written) == 20, "and they were all told"


def test_the_preview_shows_one_person_and_is_journaled(house: House) -> None:
    house.prepared()
    people = people_account(house.engine, OTTO, INCIDENT)["people"]
    shown = preview(house.engine, OTTO, INCIDENT, people[0]["person"], ChannelName.EMAIL)
    assert b"Ada Lovell" in shown
    assert b"Di Marsh" not in shown
    [entry] = house.acts("notice-previewed")
    assert (entry.actor, entry.subject) == ("otto", people[0]["person"])


def test_the_database_and_its_keys_are_for_the_owner_alone(house: House) -> None:
    house.opened()
    home = house.engine.home
    for path in (home.folder, home.keys, home.keys / "master.key", home.config, home.login):
        assert os.stat(path).st_mode & 0o077 == 0, path


def test_another_key_opens_nobody(house: House) -> None:
    house.imported()
    (house.engine.home.keys / "master.key").write_bytes(b"x" * 32)
    answer = typed("people", "list", INCIDENT)
    assert answer.status == 2
    answer.must_be_one_sentence("keys/master.key", "keys folder")


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, "bell \x07", "\x1b[31mred"])
def test_a_note_is_plain_and_short(house: House, text: str) -> None:
    house.opened()
    with pytest.raises(BadInput, match="the note"):
        note(house.engine, OTTO, INCIDENT, text)
    assert house.acts("note") == []


def test_the_auditor_writes_no_note(house: House) -> None:
    house.opened()
    with pytest.raises(NotPermitted):
        note(house.engine, EVE, INCIDENT, "I was here")
