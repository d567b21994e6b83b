"""Where the words of notices lie: the organisation's own folder first, then what is shipped.

steps.toml                                which steps belong to which data, in any language
email.txt  email.html  email.css          one for all languages: the medium, no words
<language>/notice.txt                     the whole notice from top to bottom
<language>/words.toml                     causes, consequences, dates, subject, SMS, labels
<language>/data-types.toml  steps.toml    each kind of data and each step, for readers
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from incident_engine.domain.errors import BadInput
from incident_engine.home import shipped

NOTICE = "notice.txt"
LARGEST = 1024 * 1024  # bytes of a file; the longest shipped one has a twentieth of it


@dataclass(frozen=True)
class Library:
    """Folders of notice templates. Of two texts with one path the first folder's counts; of two
    tables each value of the first, and the rest of the second."""

    folders: tuple[Path, ...]  # the last holds what is shipped

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Every language that has a notice, as BCP 47 tags in alphabetical order."""
        return tuple(sorted({
            notice.parent.name
            for folder in self.folders
            for notice in folder.glob(f"*/{NOTICE}")
        }))  # fmt: skip

    def is_own(self, path: str) -> bool:
        """Whether the organisation wrote it: it is not the shipped one that `text` gives."""
        return any((folder / path).is_file() for folder in self.folders[:-1])

    def text(self, path: str) -> str:
        """A file's text. Raises BadInput when no folder has it, or it is too long or not UTF-8."""
        for folder in self.folders:
            file = folder / path
            if file.is_file():
                return _read(file)
        raise BadInput(
            "no-template",
            path,
            "is in none of the folders of notices",
            expected=f"a file in {' or '.join(str(folder) for folder in self.folders)}",
            next_step="Add it, or set notices.templates back to the shipped ones.",
        )

    def table(self, path: str, *, closed: bool = False) -> Mapping[str, Any]:
        """A TOML file as a table; what the organisation's own leaves out is as shipped.

        `closed` refuses names that the shipped file has not. Raises BadInput naming the file and
        what is wrong.
        """
        files = [folder / path for folder in reversed(self.folders) if (folder / path).is_file()]
        if not files:
            self.text(path)  # says where it was looked for
        merged: dict[str, Any] = {}
        for file in files:
            table = _table(path, _read(file))
            if closed and merged:
                _must_be_used(path, table, merged)
            merged = _laid_over(merged, table)
        return merged


def open_library(own: str = "") -> Library:
    """The shipped notices, behind those of the folder `own` where one is set.

    Raises BadInput when that folder does not exist.
    """
    folders = [shipped("templates") / "notices"]
    if own:
        folder = Path(own).expanduser()
        if not folder.is_dir():
            raise BadInput(
                "no-folder",
                "notices.templates",
                f"{own} is not a folder",
                expected="a folder of notices, or nothing for those shipped",
                next_step="Run `incident-engine config set notices.templates …`.",
            )
        folders.insert(0, folder)
    return Library(tuple(folders))


def _table(path: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput("bad-template", path, f"is not readable TOML ({error})") from error
    except RecursionError:
        raise BadInput("bad-template", path, "is nested too deeply",
                       expected="a table or two in a table") from None  # fmt: skip


def _must_be_used(path: str, own: Mapping[str, Any], shipped: Mapping[str, Any]) -> None:
    """Refuse a misspelt name, which would change nothing and be missed by nobody."""
    for name, value in own.items():
        if name not in shipped:
            file, _, table = path.partition(" ")
            raise BadInput(
                "no-such-word",
                f"{file} [{table}]" if table else file,
                f"has {name}, which nothing uses",
                expected=f"one of {', '.join(sorted(shipped))}",
                next_step="Correct the name.",
            )
        if isinstance(value, Mapping) and isinstance(shipped[name], Mapping):
            _must_be_used(
                f"{path}.{name}" if " " in path else f"{path} {name}", value, shipped[name]
            )


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both tables in one; of two values of one name that of `above`."""
    return {
        **below,
        **{
            name: _laid_over(below[name], value)
            if isinstance(value, Mapping) and isinstance(below.get(name), Mapping)
            else value
            for name, value in above.items()
        },
    }


def _read(file: Path) -> str:
    if (size := file.stat().st_size) > LARGEST:
        raise BadInput("too-long", file.name, f"has {size:,} bytes",
                       expected=f"at most {LARGEST:,}")  # fmt: skip
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("not-utf-8", file.name, f"is not UTF-8 (byte {error.start})",
                       expected="UTF-8 text") from error  # fmt: skip
