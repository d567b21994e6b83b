"""Files in a folder: put up whole or not at all, read back, compared."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from incident_engine.domain.errors import BadInput, Refused, Unreachable
from incident_engine.notices.public import site
from incident_engine.notices.public.announcement import build_site
from incident_engine.notices.public.site import differences, digest, hashes_of, publish, read_back
from tests.notices.conftest import page

FIRST = build_site(page())
SECOND = build_site(page(hotline="+86 10 5555 0200"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "www"


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.parent.iterdir())


def test_what_is_put_up_is_read_back_file_by_file(folder: Path) -> None:
    assert publish(FIRST, folder) == hashes_of(FIRST) == read_back(folder)
    assert differences(hashes_of(FIRST), folder) == ()
    assert beside(folder) == ["www"]


def test_a_second_time_takes_the_place_of_the_first_and_leaves_nothing_beside(folder: Path) -> None:
    publish(FIRST, folder)
    only_english = {p: d for p, d in SECOND.items() if not p.startswith("zh")}
    assert publish(only_english, folder) == hashes_of(only_english)
    assert read_back(folder) == hashes_of(only_english)
    assert beside(folder) == ["www"]


def test_a_web_server_under_another_user_can_read_it_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0o077)
    try:
        publish(FIRST, folder)
    finally:
        os.umask(before)
    assert {p.stat().st_mode & 0o777 for p in folder.rglob("*") if p.is_file()} == {0o644}
    assert {p.stat().st_mode & 0o777 for p in [folder, folder / "en"]} == {0o755}


def test_each_difference_is_named(folder: Path) -> None:
    publish(FIRST, folder)
    (folder / "en/index.html").write_text("hacked")
    (folder / "feed.atom").unlink()
    (folder / "extra.html").write_text("x")
    assert differences(hashes_of(FIRST), folder) == (
        "en/index.html changed", "extra.html added", "feed.atom missing",
    )  # fmt: skip
    assert read_back(folder / "nowhere") == {}


def test_one_hash_stands_for_all_files_in_any_order() -> None:
    hashes = hashes_of(FIRST)
    assert digest(hashes) == digest(dict(reversed(hashes.items())))
    assert digest(hashes) != digest(hashes_of(SECOND))


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/passwd", "en/../../evil", "", "a\\..\\b", "..", "en/.."]
)
def test_a_path_that_leaves_the_folder_is_refused_and_nothing_is_written(
    folder: Path, name: str
) -> None:
    with pytest.raises(BadInput, match="a path inside the site's folder"):
        publish({**FIRST, name: b"x"}, folder)
    assert beside(folder) == []


@pytest.mark.parametrize("there", ["a page", "another announcement", "a file", "ours and a note"])
def test_a_folder_that_holds_something_else_is_left_as_it_is(folder: Path, there: str) -> None:
    match there:
        case "a page":
            folder.mkdir()
            (folder / "index.html").write_text("our home page")
        case "another announcement":
            publish(build_site(page(reference="INC-2026-0002")), folder)
        case "a file":
            folder.write_text("a file")
        case "ours and a note":
            publish(FIRST, folder)
            (folder / "robots.txt").write_text("User-agent: *")
    before = folder.read_text() if folder.is_file() else read_back(folder)
    with pytest.raises(Refused) as refused:
        publish(SECOND, folder)
    assert refused.value.code == "folder-in-use"
    assert "announcement.folder" in refused.value.next_step
    assert before == (folder.read_text() if folder.is_file() else read_back(folder))
    assert beside(folder) == ["www"]


def test_of_a_link_what_it_leads_to_is_replaced(folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    publish(FIRST, real)
    folder.symlink_to(real)
    publish(SECOND, folder)
    assert folder.is_symlink()
    assert read_back(real) == hashes_of(SECOND)
    assert beside(folder) == ["real", "www"]


# --- when something fails -------------------------------------------------------------------


@pytest.mark.parametrize("call", ["fsync", "fchmod"])
@pytest.mark.parametrize("after", [0, 1, 4])
@pytest.mark.parametrize("standing", [False, True], ids=["nothing up", "a site up"])
def test_a_disk_that_fails_midway_leaves_what_stood_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, after: int, standing: bool
) -> None:
    if standing:
        publish(FIRST, folder)
    real, calls = getattr(os, call), iter(range(99))

    def failing(*arguments: int) -> None:
        if next(calls) >= after:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(*arguments)

    with monkeypatch.context() as disk:
        disk.setattr(os, call, failing)
        with pytest.raises(Unreachable, match=r"cannot be written \(No space left on device\)"):
            publish(SECOND, folder)
    assert read_back(folder) == (hashes_of(FIRST) if standing else {})
    assert publish(SECOND, folder) == hashes_of(SECOND)
    assert beside(folder) == ["www"]


def test_a_folder_that_may_not_be_written_to_is_named_with_what_to_do(folder: Path) -> None:
    folder.parent.joinpath("file").write_text("x")
    with pytest.raises(Unreachable) as refused:
        publish(FIRST, folder.parent / "file/www")
    assert refused.value.place == str(folder.parent / "file/www")
    assert refused.value.next_step.startswith("Correct its rights")


KILLED = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    from incident_engine.notices.public import site
    from tests.notices.test_site import SECOND

    where, folder = sys.argv[1:]
    real = getattr(site, where, None)

    def killed(*arguments):
        if where == "_compare":  # whole, and not yet in its place
            real(*arguments)
        os.kill(os.getpid(), 9)

    if where == "rename":
        site._exchange = lambda one, other: False
        names = iter(range(9))
        rename = Path.rename
        def dying(self, target):
            if next(names) == 1:
                os.kill(os.getpid(), 9)
            return rename(self, target)
        Path.rename = dying
    else:
        setattr(site, where, killed)
    site.publish(SECOND, Path(folder))
    """
)


@pytest.mark.parametrize("where", ["_write", "_compare", "_take_place", "rename"])
def test_a_process_killed_at_any_moment_leaves_one_site_or_the_other(
    folder: Path, where: str
) -> None:
    publish(FIRST, folder)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, where, str(folder)],
        cwd=Path(__file__).parents[2],
        check=False,
        capture_output=True,
    )
    assert done.returncode == -9, done.stderr
    if where != "rename":
        assert read_back(folder) == hashes_of(FIRST)
    assert publish(SECOND, folder) == hashes_of(SECOND)  # and the next time all is well
    assert beside(folder) == ["www"]


def test_where_names_cannot_be_exchanged_it_is_put_up_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(FIRST, folder)
    monkeypatch.setattr(site, "_exchange", lambda one, other: False)  # as on some network disks
    assert publish(SECOND, folder) == hashes_of(SECOND)
    assert beside(folder) == ["www"]


def test_what_reads_back_otherwise_is_taken_down_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(FIRST, folder)
    take_place = site._take_place

    def meddled(fresh: Path, target: Path) -> None:
        take_place(fresh, target)
        if (target / "feed.atom").read_bytes() == SECOND["feed.atom"] and not tampered:
            tampered.append(1)
            (target / "en/index.html").write_text("hacked")

    tampered: list[int] = []
    monkeypatch.setattr(site, "_take_place", meddled)
    with pytest.raises(Unreachable, match=r"en/index\.html changed"):
        publish(SECOND, folder)
    assert read_back(folder) == hashes_of(FIRST)
    assert beside(folder) == ["www"]
