"""What is kept of law files: the same laws sooner, and the last good ones when the files break."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from incident_engine.domain.errors import BadFile
from incident_engine.intake.law_set import last_good, read_law_set
from incident_engine.intake.playbook_file import read_playbooks

SHIPPED = Path(__file__).parents[2] / "playbooks"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder of law: one by itself, one over a pattern."""
    found = tmp_path / "laws"
    (found / "base").mkdir(parents=True)
    for name in ("my-pdpa.toml", "us-ia.toml", "base/us-state.toml"):
        shutil.copy(SHIPPED / name, found / name)
    return found


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "laws.json"


def spoil(folder: Path, name: str = "my-pdpa.toml") -> None:
    path = folder / name
    path.write_text(path.read_text("utf-8").replace('audience = "regulator"', 'audience = "x"'))


def test_what_was_kept_is_the_same_law_with_the_same_hash(kept: Path) -> None:
    read = read_law_set(SHIPPED, kept).laws
    again = read_law_set(SHIPPED, kept).laws
    bare = [law.model_copy(update={"example": ()}) for law in read_playbooks(SHIPPED)]
    assert [law.sha256 for law in read] == [law.sha256 for law in again]
    assert list(again) == bare


def test_a_changed_file_or_pattern_is_read_anew(folder: Path, kept: Path) -> None:
    before = {law.id: law.sha256 for law in read_law_set(folder, kept).laws}
    pattern = folder / "base" / "us-state.toml"
    pattern.write_text(pattern.read_text("utf-8").replace("without unreasonable", "without undue"))
    after = {law.id: law.sha256 for law in read_law_set(folder, kept).laws}
    assert before["us-ia"] != after["us-ia"]
    assert before["my-pdpa"] == after["my-pdpa"]


def test_of_a_broken_folder_the_last_good_set_goes_on_and_says_so(folder: Path, kept: Path) -> None:
    good = last_good(folder, kept)
    assert (good.broken, good.warning) == ((), "")
    spoil(folder)
    found = last_good(folder, kept)
    assert {law.id for law in found.laws} == {"my-pdpa", "us-ia"}
    for words in ("my-pdpa.toml line", "audience", "last good set of 2 laws", "playbook check"):
        assert words in found.warning
    shutil.copy(SHIPPED / "my-pdpa.toml", folder)
    assert last_good(folder, kept).broken == ()


def test_a_broken_folder_of_which_nothing_was_kept_is_refused(folder: Path, kept: Path) -> None:
    spoil(folder)
    with pytest.raises(BadFile):
        last_good(folder, kept)
    with pytest.raises(BadFile):
        read_law_set(folder, kept)
    assert not kept.exists()


def test_who_asks_for_the_files_themselves_gets_no_last_good_set(folder: Path, kept: Path) -> None:
    read_law_set(folder, kept)
    spoil(folder)
    with pytest.raises(BadFile):
        read_law_set(folder, kept)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"key": 1}', b"\xff", b"[" * 100_000, b'{"laws": [1]}']
)
def test_what_was_kept_and_is_no_set_any_more_is_read_anew(
    folder: Path, kept: Path, content: bytes
) -> None:
    kept.parent.mkdir()
    kept.write_bytes(content)
    assert len(read_law_set(folder, kept).laws) == 2
    assert json.loads(kept.read_text("utf-8"))["key"]


def test_a_kept_set_without_its_laws_is_read_anew(folder: Path, kept: Path) -> None:
    read_law_set(folder, kept)
    found = json.loads(kept.read_text("utf-8"))
    for laws in ([{"sha256": "0"}], [{"document": {"id": 7}, "sha256": ""}], None):
        kept.write_text(json.dumps(found | {"laws": laws}), "utf-8")
        assert len(read_law_set(folder, kept).laws) == 2


def test_a_file_that_others_can_write_is_not_believed(folder: Path, kept: Path) -> None:
    read_law_set(folder, kept)
    kept.chmod(0o666)
    spoil(folder)
    with pytest.raises(BadFile):
        last_good(folder, kept)


def test_where_nothing_can_be_written_the_laws_are_read_all_the_same(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    assert len(read_law_set(folder, tmp_path / "file" / "laws.json").laws) == 2
    assert len(read_law_set(folder, None).laws) == 2
