"""All of a file or nothing of it; the same file again changes nothing; nobody is told twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from sqlmodel import text

from incident_engine.domain.errors import NotPermitted, Refused
from incident_engine.store import people
from incident_engine.workflow.dispatch.account import people_account
from incident_engine.workflow.people.import_people import check_people, import_people
from tests.cast import DOV, INCIDENT, NOW, OTTO, PEOPLE, House

FAULTY = PEOPLE + "5,Fay,fay@@people.example,,DE,en\n6,Gil,gil@people.example,,Mars,en\n"


def count(house: House) -> int:
    with house.engine.reading() as session:
        return people.count(session, house.incident().id or 0)


def test_what_is_read_is_what_is_kept_and_counted(house: House) -> None:
    house.opened()
    found = import_people(house.engine, OTTO, INCIDENT, house.file(PEOPLE))
    assert (found["rows"], found["accepted"], found["refused"], found["merged"]) == (4, 4, 0, 0)
    assert (found["imported"], found["repeated"], found["unreachable"]) == (4, False, 1)
    assert (found["places"], found["channels"]) == ({"CN": 1, "DE": 3}, {"email": 2, "sms": 2})
    assert count(house) == 4
    [entry] = house.acts("people-imported")
    assert json.loads(entry.body)["rows"] == 4


def indexes(house: House) -> list[str]:
    with house.engine.reading() as session:
        asked = "SELECT sql FROM sqlite_master WHERE tbl_name = 'person' AND sql > '' ORDER BY 1"
        return list(session.execute(text(asked)).scalars())


def test_the_indexes_that_are_made_afterwards_are_those_from_before(house: House) -> None:
    before = indexes(house)
    assert len(before) >= 4
    house.imported()
    assert indexes(house) == before


def test_an_import_that_fails_while_writing_leaves_rows_and_indexes_as_they_were(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.opened()
    before, rows = indexes(house), house.rows()

    def disk_is_full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(people, "add", disk_is_full)
    with pytest.raises(OSError, match="no space"):
        import_people(house.engine, OTTO, INCIDENT, house.file(PEOPLE))
    assert (indexes(house), house.rows()) == (before, rows)


def test_the_same_file_again_changes_nothing_and_says_so(house: House) -> None:
    house.imported()
    before = house.rows()
    found = import_people(house.engine, OTTO, INCIDENT, house.file(PEOPLE))
    assert (found["repeated"], found["imported"]) == (True, 0)
    assert house.rows() == before


@pytest.mark.attack("A63")
def test_the_list_of_another_incident_is_refused_until_somebody_says_it_is_this_ones_too(
    house: House,
) -> None:
    house.imported()
    second = house.opened(title="Another one")
    rows = house.rows()
    with pytest.raises(Refused, match=f"was imported for {INCIDENT}"):
        import_people(house.engine, OTTO, second, house.file(PEOPLE))
    assert house.rows() == rows
    with pytest.raises(Refused):
        import_people(house.engine, OTTO, second, house.file(PEOPLE), also_of="INC-2020-0001")
    found = import_people(house.engine, OTTO, second, house.file(PEOPLE), also_of=INCIDENT)
    assert found["imported"] == 4
    assert import_people(house.engine, OTTO, INCIDENT, house.file(PEOPLE))["repeated"]


@pytest.mark.attack("A62")
def test_our_own_staff_among_the_people_are_shown_to_a_person(house: House) -> None:
    house.set(organisation_contact_email="help@kestrel.example")
    house.opened()
    staff = "9,Eve Adler,Eve@Kestrel.Example,,DE,en\n"
    found = import_people(house.engine, OTTO, INCIDENT, house.file(PEOPLE + staff))
    assert [(each["kind"], each["rows"]) for each in found["shared"]] == [("our own domain", (6,))]
    assert "eve@" not in str(found["shared"]).lower()


def test_a_great_providers_domain_is_nobodys_own(house: House) -> None:
    house.set(organisation_contact_email="kestrel.help@gmail.com")
    house.opened()
    customer = "9,Eve Adler,eve.adler@gmail.com,,DE,en\n"
    found = import_people(house.engine, OTTO, INCIDENT, house.file(PEOPLE + customer))
    assert found["shared"] == []


def test_a_file_with_faults_is_imported_only_by_their_exact_number(house: House) -> None:
    house.opened()
    before, path = house.rows(), house.file(FAULTY)
    for said in (None, 0, 1, 3):
        with pytest.raises(Refused, match=r"2 rows that cannot be used.*--accept-refused 2"):
            import_people(house.engine, OTTO, INCIDENT, path, accept_refused=said)
    assert house.rows() == before
    assert import_people(house.engine, OTTO, INCIDENT, path, accept_refused=2)["imported"] == 4
    refused = people_account(house.engine, OTTO, INCIDENT)["refused"]
    assert [(each["row"], each["column"], each["code"]) for each in refused] == [
        (6, "email", "two-addresses"), (7, "where", "unknown-place"),
    ]  # fmt: skip


def test_the_corrected_file_adds_those_who_were_refused_and_nobody_twice(house: House) -> None:
    house.opened()
    import_people(house.engine, OTTO, INCIDENT, house.file(FAULTY), accept_refused=2)
    corrected = FAULTY.replace("@@", "@").replace("Mars", "DE")
    assert import_people(house.engine, OTTO, INCIDENT, house.file(corrected))["imported"] == 2
    assert count(house) == 6


def test_a_corrected_file_without_ids_tells_nobody_twice_either(house: House) -> None:
    house.opened()
    first = "name,email,where\nAda,ada@people.example,DE\nBo,bo@@people.example,DE\n"
    import_people(house.engine, OTTO, INCIDENT, house.file(first), accept_refused=1)
    found = import_people(house.engine, OTTO, INCIDENT, house.file(first.replace("@@", "@")))
    assert found["imported"] == 1
    assert count(house) == 2


def test_two_people_behind_one_address_are_two_people_in_a_later_file_too(house: House) -> None:
    house.imported("name,email,where\nAda,info@people.example,DE\n")
    more = house.file("name,email,where\nBo,info@people.example,DE\n", "more.csv")
    assert import_people(house.engine, OTTO, INCIDENT, more)["imported"] == 1


def test_checking_keeps_nothing(house: House) -> None:
    house.opened()
    before = house.rows()
    found = check_people(house.file(FAULTY), encoding=None, today=NOW.date())
    assert found["rows"] == found["accepted"] + found["refused"] + found["merged"] == 6
    assert set(found["faults"][0]) >= {"row", "column", "value", "code", "sentence"}
    assert house.rows() == before


def test_an_approver_imports_nobody(house: House) -> None:
    house.opened()
    with pytest.raises(NotPermitted):
        import_people(house.engine, DOV, INCIDENT, house.file(PEOPLE))


def test_a_kill_in_the_middle_of_an_import_keeps_nobody(house: House) -> None:
    house.opened()
    before = house.rows()
    rows = "".join(f"{n},P {n},p{n}@people.example,,DE,en\n" for n in range(2_000))
    path = house.file(f"id,name,email,phone,where,language\n{rows}")
    script = textwrap.dedent(f"""
        import os, signal
        from pathlib import Path
        from incident_engine import app
        from incident_engine.home import Home
        from incident_engine.store.sealing import Seal
        from incident_engine.store import people
        from incident_engine.workflow.people import import_people as verb
        from tests.cast import OTTO
        whole = people.add
        def dies_at_the_second_thousand(session, incident, file, rows):
            if rows[0]["row"] > 1_000:
                os.kill(os.getpid(), signal.SIGKILL)
            whole(session, incident, file, rows)
        people.add = dies_at_the_second_thousand
        engine = app.build(Home(Path({str(house.engine.home.folder)!r})))
        verb.import_people(engine, OTTO, {INCIDENT!r}, Path({str(path)!r}))
    """)
    done = subprocess.run([sys.executable, "-c", script], check=False, env=os.environ | {
        "PYTHONPATH": os.getcwd()})  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert house.rows() == before
    assert import_people(house.engine, OTTO, INCIDENT, path)["imported"] == 2_000


def test_nothing_of_an_import_that_was_refused_lies_about(house: House) -> None:
    """People wait sealed in a file without a name: no folder ever shows it."""
    house.opened()
    before = sorted(house.engine.home.folder.rglob("*"))
    with pytest.raises(Refused):
        import_people(house.engine, OTTO, INCIDENT, house.file(FAULTY))
    assert sorted(house.engine.home.folder.rglob("*")) == before


def test_reading_a_large_file_tells_how_far_it_is(house: House) -> None:
    house.opened()
    told: list[tuple[int, int]] = []
    rows = "".join(f"{n},P {n},p{n}@people.example,,DE,en\n" for n in range(12_000))
    path = house.file(f"id,name,email,phone,where,language\n{rows}")
    import_people(house.engine, OTTO, INCIDENT, path, progress=lambda *at: told.append(at))
    assert told == [(0, 12_000), (5_000, 12_000), (10_000, 12_000), (12_000, 12_000)]
