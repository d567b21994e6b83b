"""Static files in a folder: put up whole or not at all, read back, compared.

The new site is written beside the old one and takes its place in one step, so that a reader
sees the one or the other and never half of either.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from incident_engine.domain.errors import BadInput, Refused, Unreachable

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # linux/fs.h: both names exist throughout
_PAGE = r"[A-Za-z0-9-]+/index\.html"  # in any language, today's or a former one


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of site of ours: the file that says whose it is, and what a former one may hold."""

    identity: str
    former: re.Pattern[str]
    elsewhere: str  # how to name another folder


ANNOUNCEMENT = Kind(
    identity="announcement.json",
    former=re.compile(rf"(?:{_PAGE}|[A-Za-z0-9-]+/(?:press\.txt|banner\.html))\Z"),
    elsewhere="Name another with `incident-engine config set announcement.folder …`.",
)
CHECK_PAGE = Kind(
    identity="senders.json",
    former=re.compile(rf"(?:{_PAGE}|notices/[0-9a-f]+\.txt)\Z"),
    elsewhere="Name another with --out.",
)


def publish(files: Mapping[str, bytes], folder: Path, kind: Kind = ANNOUNCEMENT) -> dict[str, str]:
    """Put `files` (path to bytes) into `folder`, whole, and return each path's SHA-256 as read
    back afterwards.

    A site of the same reference is replaced; anything else in the folder is refused. Readable
    by all, whatever the umask: a web server under another user hands it out.
    Raises BadInput for a path that leaves the folder, Refused where the folder is not ours,
    Unreachable where it cannot be written or reads back otherwise; then the former site stands.
    """
    folder = folder.resolve()  # of a link, what it leads to is replaced
    _must_stay_inside(files)
    fresh = folder.with_name(f".{folder.name}.new")
    try:
        _finish_the_last(folder)
        _must_be_ours(files, folder, kind)
        shutil.rmtree(fresh, ignore_errors=True)
        _write(files, fresh)
        _compare(files, fresh)
        _take_place(fresh, folder)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        return _compare(files, folder)
    except Unreachable:
        _restore(fresh, folder)
        raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def withdraw(folder: Path) -> None:
    """Take a site away that was never to stand. Raises Unreachable where it cannot be removed."""
    try:
        shutil.rmtree(folder.resolve())
    except OSError as error:
        raise _cannot_write(folder, error) from error


def read_back(folder: Path) -> dict[str, str]:
    """Each file of a published site with its SHA-256, by path; empty where there is none."""
    if not folder.is_dir():
        return {}
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): _sha256(path.read_bytes()) for path in found}


def differences(expected: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """What is not as it was put up: "en/index.html changed", "feed.atom missing"."""
    found = read_back(folder)
    missing = [f"{path} missing" for path in expected if path not in found]
    changed = [f"{path} changed" for path, sha in expected.items() if found.get(path, sha) != sha]
    added = [f"{path} added" for path in found if path not in expected]
    return tuple(sorted(missing + changed + added))


def digest(hashes: Mapping[str, str]) -> str:
    """One SHA-256 over all files of a site: of the lines "hash  path", in order of path."""
    lines = "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes))
    return _sha256(lines.encode())


def hashes_of(files: Mapping[str, bytes]) -> dict[str, str]:
    """Each path's SHA-256, before anything is put up."""
    return {path: _sha256(files[path]) for path in sorted(files)}


def _must_stay_inside(files: Mapping[str, bytes]) -> None:
    for name in files:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\\" in name:
            raise BadInput("path-outside", "the site", f"has the path {name!r}",
                           expected="a path inside the site's folder")  # fmt: skip


def _must_be_ours(files: Mapping[str, bytes], folder: Path, kind: Kind) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    ours, there = _references(files.get(kind.identity, b"")), b""
    if (folder / kind.identity).is_file():
        there = (folder / kind.identity).read_bytes()
    found = read_back(folder)
    strange = [path for path in found if path not in files and not kind.former.match(path)]
    if not ours or _references(there) != ours or strange:
        raise Refused(
            "folder-in-use",
            str(folder),
            f"holds {strange[0] if strange else 'something'} that is not this incident's site",
            expected="an empty folder, or this site's own",
            next_step=kind.elsewhere,
        )


def _finish_the_last(folder: Path) -> None:
    """Where names cannot be exchanged, a process that died between two renamings left the former
    site aside and none in its place."""
    aside = folder.with_name(f".{folder.name}.old")
    if aside.is_dir() and not folder.exists():
        aside.rename(folder)


def _references(document: bytes) -> set[str]:
    try:
        said = json.loads(document)
        if "statement" in said:
            return {str(said["statement"]["reference"])}
        return {str(each["identifier"]) for each in said["@graph"]}
    except (ValueError, KeyError, TypeError):
        return set()


def _write(files: Mapping[str, bytes], fresh: Path) -> None:
    fresh.mkdir(parents=True)
    for name, data in files.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
            os.fsync(file.fileno())
    for folder in [fresh, *(path for path in fresh.rglob("*") if path.is_dir())]:
        folder.chmod(0o755)
        _sync(folder)


def _compare(files: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    if found := differences(hashes_of(files), folder):
        raise Unreachable(
            "read-back-differs",
            str(folder),
            f"what was put up reads back otherwise ({', '.join(found[:3])})",
            expected="the very bytes that were written",
            next_step="Look at the disk and at who else writes there, then repeat the command.",
        )
    return read_back(folder)


def _take_place(fresh: Path, folder: Path) -> None:
    """`fresh` becomes `folder`; what was there before is then at `fresh`, or nothing is."""
    if not folder.exists():
        fresh.rename(folder)
    elif not _exchange(fresh, folder):
        aside = folder.with_name(f".{folder.name}.old")
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
        fresh.rename(folder)
        aside.rename(fresh)
    _sync(folder.parent)


def _restore(former: Path, folder: Path) -> None:
    if former.is_dir():
        _take_place(former, folder)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "renameat2"):
        return False
    names = os.fsencode(one), os.fsencode(other)
    if libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):  # some network file systems
        return False
    raise OSError(number, os.strerror(number), str(other))


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _cannot_write(folder: Path, error: OSError) -> Unreachable:
    return Unreachable(
        "cannot-publish",
        str(folder),
        f"cannot be written ({error.strerror or error})",
        expected="a folder this program may write to",
        next_step="Correct its rights or free some space, then repeat the command.",
    )
