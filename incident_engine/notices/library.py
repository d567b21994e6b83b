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


@dataclass(frozen=True)
class Library:
    """Folders of notice templates; of two files with one path the first folder's counts."""

    folders: tuple[Path, ...]

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Every language that has a notice, as BCP 47 tags in alphabetical order."""
        return tuple(sorted({
            notice.parent.name
            for folder in self.folders
            for notice in folder.glob(f"*/{NOTICE}")
        }))  # fmt: skip

    def text(self, path: str) -> str:
        """A file's text. Raises BadInput when no folder has it or it is not UTF-8."""
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

    def is_own(self, path: str) -> bool:
        """Whether the file is the organisation's, and not the one shipped."""
        return any((folder / path).is_file() for folder in self.folders[:-1])

    def table(self, path: str) -> Mapping[str, Any]:
        """A TOML file as a table. Raises BadInput naming the file and what is wrong."""
        try:
            return tomllib.loads(self.text(path))
        except tomllib.TOMLDecodeError as error:
            raise BadInput("bad-template", path, f"is not readable TOML ({error})") from error


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


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput("not-utf-8", file.name, f"is not UTF-8 (byte {error.start})",
                       expected="UTF-8 text") from error  # fmt: skip
