"""The laws in use: the files of a folder, or, where these are broken, the last set that was not.

A set that was read whole is kept as JSON under the hash of every byte it was made of. It serves
twice: files that did not change need not be taken apart again, and of broken files the last good
set is there. Never a pickle: what is kept is data, and its form is checked when it is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from incident_engine.domain.errors import BadFile, Fault
from incident_engine.domain.law.faults import clashes_between, parse_playbook
from incident_engine.domain.law.playbook import Playbook
from incident_engine.intake.playbook_file import BASES, LARGEST, Law, law_files, read_laws

LARGEST_KEPT = 64 * 1024 * 1024  # bytes
_PACKAGE = Path(__file__).parents[1]
_READER = ("domain", "intake")  # whose code makes a law of a text


@dataclass(frozen=True)
class LawSet:
    """Laws by id. `broken`: the faults of the files as they now are; the laws are the last good.

    Laws that come from what was kept are without their examples, which only the check reads.
    """

    laws: tuple[Playbook, ...]
    broken: tuple[Fault, ...] = ()

    @property
    def warning(self) -> str:
        """A sentence on what is wrong with the files, or nothing."""
        if not self.broken:
            return ""
        more = len(self.broken) - 1
        return (
            f"THE LAW FILES ARE BROKEN; the last good set of {len(self.laws)} laws is used. "
            f"{self.broken[0]}{f' ({more} more)' if more else ''} "
            "Run `incident-engine playbook check`."
        )


def read_law_set(folder: Path, kept_at: Path | None) -> LawSet:
    """The laws of a folder; from what is kept at `kept_at` where no byte has changed since.

    Raises BadFile where the folder is broken.
    """
    key = _key(folder)
    kept = _kept(kept_at)
    if kept.get("key") == key:
        with suppress(ValidationError, TypeError, KeyError):
            return LawSet(_made_before(key, kept["laws"]))
    laws = read_laws(folder)
    _keep(kept_at, key, laws)
    return LawSet(tuple(law.playbook for law in laws))


def last_good(folder: Path, kept_at: Path) -> LawSet:
    """The same; where the folder is broken, the last good set beside the faults.

    Raises BadFile where there is no such set.
    """
    try:
        return read_law_set(folder, kept_at)
    except BadFile as bad:
        laws = _checked(_kept(kept_at))
        if not laws:
            raise
        return LawSet(laws, bad.faults)


_MADE: dict[str, tuple[Playbook, ...]] = {}  # the last set made in this process, by its key


def _made_before(key: str, kept: Sequence[Mapping[str, Any]]) -> tuple[Playbook, ...]:
    """The laws that were kept. Nobody can change one, so whoever builds a second engine in this
    process shares those of the first."""
    if key not in _MADE:
        laws = tuple(_as_it_was(law) for law in kept)
        _MADE.clear()
        _MADE[key] = laws
    return _MADE[key]


def _as_it_was(law: Mapping[str, Any]) -> Playbook:
    """A law that this same code has checked already, made from the same bytes."""
    known = Playbook.model_validate(law["document"] | {"sha256": law["sha256"]})
    return known.with_text(law["text"])


def _checked(kept: Mapping[str, Any]) -> tuple[Playbook, ...]:
    """Laws that older code may have kept, checked as if they were files; none if one fails."""
    try:
        laws = [
            parse_playbook(law["document"], sha256=law["sha256"]).with_text(law["text"])
            for law in kept.get("laws", ())
        ]
    except (BadFile, TypeError, KeyError):
        return ()
    return () if clashes_between(laws) else tuple(laws)


# What is kept


def _key(folder: Path) -> str:
    """One hash over all files of the folder and over the code that reads them."""
    digest = hashlib.sha256(_reader().encode())
    for path in (*law_files(folder), *sorted((folder / BASES).glob("*.toml"))):
        digest.update(f"\0{path.relative_to(folder)}\0".encode())
        digest.update(hashlib.sha256(_bytes(path)).digest())
    return digest.hexdigest()


@cache
def _reader() -> str:
    digest = hashlib.sha256()
    for floor in _READER:
        for path in sorted((_PACKAGE / floor).rglob("*.py")):
            digest.update(_bytes(path))
    return digest.hexdigest()


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError:
        return b""  # reading the law itself says what is wrong with it


def _kept(at: Path | None) -> dict[str, Any]:
    """What was kept, or nothing. A file that another user can write is not believed."""
    if at is None:
        return {}
    try:
        with at.open("rb") as file:
            found = os.fstat(file.fileno())
            ours = found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
            kept = json.loads(file.read(LARGEST_KEPT)) if ours else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return kept if isinstance(kept, dict) else {}


def _keep(at: Path | None, key: str, laws: Sequence[Law]) -> None:
    """Keep a good set. Where nothing can be written nothing is kept: the next time is slower."""
    if at is None:
        return
    kept = {"key": key, "laws": [_document(law) for law in laws]}
    with suppress(OSError):
        at.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=at.parent, prefix=f".{at.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(kept, file, ensure_ascii=False, default=_day)
        Path(name).replace(at)


def _document(law: Law) -> dict[str, Any]:
    document = {key: value for key, value in law.document.items() if key != "example"}
    return {"sha256": law.playbook.sha256, "document": document, "text": law.playbook.text}


def _day(value: Any) -> str:
    """A date or an hour as the form reads it back."""
    text: str = value.isoformat()
    return text
