"""Law files from a folder. A set with one fault in it is refused whole, every fault named.

A file may name a `base`: the pattern it shares with others, in the folder `base` beside it. What
the two come to is one law; its hash is that of the whole text, as `whole_text` gives it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import tomli

from incident_engine.domain.errors import BadFile, Fault
from incident_engine.domain.law.faults import clashes_between, parse_playbook
from incident_engine.domain.law.pattern import Base, Merged, lay_over, words_in
from incident_engine.domain.law.playbook import Playbook
from incident_engine.intake.toml_lines import line_of, lines_of
from incident_engine.intake.toml_text import toml_text

LARGEST = 512 * 1024  # bytes of one law file
MOST_FILES = 1_000
BASES = "base"  # the folder of patterns beside the law files


class Law(NamedTuple):
    """A law with the document it was read from, its base filled in."""

    playbook: Playbook
    document: Mapping[str, Any]


def read_playbooks(folder: Path) -> list[Playbook]:
    """Every `*.toml` of a folder as a law, by id, each with the sha256 of its whole text.

    Raises BadFile with every fault of every file: file, line, key, found, expected.
    """
    return [law.playbook for law in read_laws(folder)]


def read_laws(folder: Path) -> list[Law]:
    """The same, each with its document. Raises BadFile."""
    if not folder.is_dir():
        raise BadFile([Fault(
            place=str(folder), code="no-playbooks", found="is not a folder",
            expected="a folder of law files", next_step="Set playbooks.folder in config.toml.",
        )])  # fmt: skip
    reading = _Reading(folder)
    read: list[Law] = []
    faults: list[Fault] = []
    for path in law_files(folder):
        try:
            read.append(reading.law(path))
        except BadFile as bad:
            faults += bad.faults
    if not read and not faults:
        faults.append(Fault(
            place=str(folder), code="no-playbooks", found="holds no law file",
            expected="at least one *.toml",
        ))  # fmt: skip
    faults += clashes_between([law.playbook for law in read]) if not faults else []
    if faults:
        raise BadFile(list(dict.fromkeys(faults)))  # that of a pattern is every state's
    return sorted(read, key=lambda law: law.playbook.id)


def law_files(folder: Path) -> list[Path]:
    """The law files of a folder, without the patterns they share."""
    return sorted(folder.glob("*.toml"))[:MOST_FILES]


def read_playbook(path: Path, *, inside: Path | None = None) -> Playbook:
    """One law file. `inside`: the folder it may not lead out of. Raises BadFile."""
    return _Reading(inside or path.parent).law(path).playbook


def whole_text(path: Path) -> str:
    """A law as one text: the file's own, or with its base filled in. Its sha256 is the law's.

    Raises BadFile.
    """
    return _Reading(path.parent).whole(path).text


class _File:
    """One TOML file: its text, and its document read once."""

    def __init__(self, path: Path, inside: Path, name: str) -> None:
        self.name = name
        content = _bytes(path, inside)
        try:
            self.text = content.decode("utf-8")
            # The standard library's own reader, compiled: a third of the time.
            self.document: dict[str, Any] = tomli.loads(self.text)
        except UnicodeDecodeError as error:
            raise _bad(
                name, "not-utf8", f"byte {error.start} is not UTF-8", "a text in UTF-8"
            ) from None
        except tomli.TOMLDecodeError as error:
            raise _bad(name, "not-toml", str(error), "TOML") from None
        except RecursionError:
            raise _bad(name, "not-toml", "is nested too deeply", "TOML") from None

    def line(self, path: str) -> int | None:
        """The line of a path."""
        return line_of(lines_of(self.text), path)


def _located(file: _File, fault: Fault) -> Fault:
    """A fault of laying a law over its base, with the line of the law's own file."""
    path = fault.place.removeprefix(f"{file.name}: ")
    line = file.line(path)
    return replace(fault, place=f"{file.name} line {line}: {path}") if line else fault


class _Whole:
    """A law document with all of its bases, its text, and where each part was written."""

    def __init__(self, files: Mapping[str, _File], own: _File, merged: Merged | None) -> None:
        self._files = files
        self._own = own
        self._merged = merged
        self.document = merged.document if merged else own.document
        self.text = toml_text(self.document) if merged else own.text

    def located(self, fault: Fault) -> Fault:
        """A fault with the file and line it stands in."""
        path = fault.place.removeprefix(f"{self._own.name}: ")
        file, inner = self._own, path
        origin = self._merged.came_from(path) if self._merged else None
        if origin:
            file, inner = self._files[origin[0]], origin[1]
        line = file.line(inner)
        spot = f"{file.name} line {line}" if line else file.name
        return replace(fault, place=f"{spot}: {inner}") if line or origin else fault


class _Reading:
    """The law files of one folder, each base read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bases: dict[str, tuple[_File, frozenset[str]]] = {}

    def law(self, path: Path) -> Law:
        """One law, whole. Raises BadFile."""
        whole = self.whole(path)
        digest = hashlib.sha256(whole.text.encode()).hexdigest()
        try:
            playbook = parse_playbook(whole.document, place=path.name, sha256=digest)
        except BadFile as bad:
            raise BadFile([whole.located(fault) for fault in bad.faults]) from None
        if playbook.id != path.stem:
            raise _bad(
                path.name, "wrong-name", f"id {playbook.id}", f"the file's own name, {path.stem}"
            )
        return Law(playbook.with_text(whole.text), whole.document)

    def whole(self, path: Path) -> _Whole:
        """The document of one law with its base filled in. Raises BadFile."""
        own = _File(path, self._folder, path.name)
        if "base" not in own.document:
            return _Whole({}, own, None)
        above, words = self._base(own)
        base = Base(above.document, above.name, words)
        try:
            merged = lay_over(base, own.document, place=own.name)
        except BadFile as bad:
            raise BadFile([_located(own, fault) for fault in bad.faults]) from None
        return _Whole({own.name: own, above.name: above}, own, merged)

    def _base(self, own: _File) -> tuple[_File, frozenset[str]]:
        name = own.document["base"]
        known = {path.stem: path for path in (self._folder / BASES).glob("*.toml")}
        if not isinstance(name, str) or name not in known:
            expected = f"a file of {BASES}/: {', '.join(sorted(known)) or 'there is none'}"
            raise _bad(own.name, "unknown-base", str(name)[:60], expected)
        if name not in self._bases:
            file = _File(known[name], self._folder, f"{BASES}/{name}.toml")
            self._bases[name] = file, frozenset(words_in(file.document))
        return self._bases[name]


def _bytes(path: Path, inside: Path) -> bytes:
    """The file's bytes. A link out of the folder would let a name stand for any file."""
    name = path.name
    if not path.resolve().is_relative_to(inside.resolve()):
        raise _bad(name, "outside", "leads out of its folder", f"a file in {inside}")
    if not path.is_file():
        raise _bad(name, "no-file", "is not a file", "a law file")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise _bad(name, "unreadable", error.strerror or "cannot be read", "a file") from None
    if len(content) > LARGEST:
        raise _bad(name, "too-large", f"is over {LARGEST} bytes", "a law file")
    return content


def _bad(name: str, code: str, found: str, expected: str) -> BadFile:
    return BadFile([Fault(place=name, code=code, found=found, expected=expected)])
