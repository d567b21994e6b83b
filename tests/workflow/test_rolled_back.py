"""An old database put back sends nothing before somebody has looked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from incident_engine.cli.checkup import Check, checkup
from incident_engine.domain.errors import Refused
from incident_engine.workflow.checkpoint import checkpoint
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.launch import launch
from tests.cast import EVE, INCIDENT, OTTO, House, typed


def journal_line(house: House) -> Check:
    [found] = [each for each in checkup(house.engine) if each.what == "journal"]
    return found


@pytest.fixture
def old_copy(house: House) -> Path:
    """The database of before the notices left."""
    house.launched()
    house.engine.database.close()
    return Path(shutil.copy(house.engine.home.database, house.folder / "old.db"))


def put_back(house: House, old: Path) -> None:
    house.engine.database.close()
    shutil.copy(old, house.engine.home.database)


def test_an_old_copy_put_back_tells_nobody_twice(house: House, old_copy: Path) -> None:
    deliver(house.engine, OTTO, INCIDENT)
    checkpoint(house.engine, EVE)
    told = len(house.mail.written)
    put_back(house, old_copy)
    with pytest.raises(Refused, match="ends at entry"):
        deliver(house.engine, OTTO, INCIDENT)
    with pytest.raises(Refused, match="Put back the newest copy"):
        launch(house.engine, OTTO, INCIDENT)
    answer = typed("send", INCIDENT, "--wait")
    assert answer.status == 1
    answer.must_be_one_sentence("ends at entry", "people could be told twice")
    assert len(house.mail.written) == told
    assert journal_line(house).verdict == "fail"


def test_a_journal_written_on_over_the_old_copy_is_found_too(house: House, old_copy: Path) -> None:
    deliver(house.engine, OTTO, INCIDENT)
    signed = checkpoint(house.engine, EVE)["entries"]
    put_back(house, old_copy)
    while len(house.acts()) <= int(signed):
        typed("incident", "note", INCIDENT, "business as usual")
    with pytest.raises(Refused, match="has another entry"):
        deliver(house.engine, OTTO, INCIDENT)


def test_once_somebody_has_put_the_checkpoints_aside_it_goes_on(
    house: House, old_copy: Path
) -> None:
    checkpoint(house.engine, EVE)
    put_back(house, old_copy)
    house.engine.home.checkpoints.rename(house.folder / "evidence.jsonl")
    assert deliver(house.engine, OTTO, INCIDENT).counts["accepted"] == 3


def test_the_checkup_wants_a_checkpoint_a_day(house: House) -> None:
    house.opened()
    assert journal_line(house).verdict == "warn"
    checkpoint(house.engine, EVE)
    assert journal_line(house).verdict == "ok"
    house.clock.passes(days=1, minutes=1)
    line = journal_line(house)
    assert line.verdict == "warn"
    assert "journal checkpoint" in line.found


def test_a_whole_home_rolled_back_is_found_by_the_copy_kept_elsewhere(house: House) -> None:
    house.opened()
    checkpoint(house.engine, EVE)
    home = house.engine.home
    house.engine.database.close()
    shutil.copytree(home.folder, house.folder / "backup")
    house.clock.passes(hours=1)
    checkpoint(house.engine, EVE)
    kept = house.folder / "kept.jsonl"
    shutil.copy(home.checkpoints, kept)
    assert typed("journal", "verify", "--against", kept).status == 0
    house.engine.database.close()
    shutil.rmtree(home.folder)
    shutil.copytree(house.folder / "backup", home.folder)
    assert typed("journal", "verify").status == 0, "by itself it looks whole"
    found = typed("journal", "verify", "--against", kept)
    assert found.status == 1
    found.must_be_one_sentence("the journal ends at entry", "a checkpoint signed")


@pytest.mark.parametrize("content", [None, b"", b"not json\n"])
def test_a_copy_that_is_none_is_bad_input(house: House, content: bytes | None) -> None:
    house.opened()
    file = house.folder / "kept.jsonl"
    if content is not None:
        file.write_bytes(content)
    answer = typed("journal", "verify", "--against", file)
    assert answer.status == 2
    answer.must_be_one_sentence("kept.jsonl", "checkpoint")
