"""Law files from a folder. A set with one fault in it is refused whole, every fault named."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import replace
from pathlib import Path

from incident_engine.domain.errors import BadFile, Fault
from incident_engine.domain.playbook import Playbook
from incident_engine.domain.playbook_faults import parse_playbook
from incident_engine.intake.toml_lines import line_of, lines_of

LARGEST = 512 * 1024  # bytes of one law file
MOST_FILES = 1_000


def read_playbooks(folder: Path) -> list[Playbook]:
    """Every `*.toml` of a folder as a law, by id, each with the sha256 of its bytes.

    Raises BadFile with every fault of every file: file, line, key, found, expected.
    """
    if not folder.is_dir():
        raise BadFile([Fault(
            place=str(folder), code="no-playbooks", found="is not a folder",
            expected="a folder of law files", next_step="Set playbooks.folder in config.toml.",
        )])  # fmt: skip
    read: list[Playbook] = []
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.toml"))[:MOST_FILES]:
        try:
            read.append(read_playbook(path, inside=folder))
        except BadFile as bad:
            faults += bad.faults
    if not read and not faults:
        faults.append(Fault(
            place=str(folder), code="no-playbooks", found="holds no law file",
            expected="at least one *.toml",
        ))  # fmt: skip
    if faults:
        raise BadFile(faults)
    return sorted(read, key=lambda playbook: playbook.id)


def read_playbook(path: Path, *, inside: Path | None = None) -> Playbook:
    """One law file. `inside`: the folder it may not lead out of. Raises BadFile."""
    content = _bytes(path, inside or path.parent)
    try:
        text = content.decode("utf-8")
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise _bad(
            path, "not-utf8", f"byte {error.start} is not UTF-8", "a text in UTF-8"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise _bad(path, "not-toml", str(error), "TOML") from None
    except RecursionError:
        raise _bad(path, "not-toml", "is nested too deeply", "TOML") from None
    try:
        playbook = parse_playbook(
            document, place=path.name, sha256=hashlib.sha256(content).hexdigest()
        )
    except BadFile as bad:
        raise BadFile(
            [_located(fault, path.name, lines_of(text)) for fault in bad.faults]
        ) from None
    if playbook.id != path.stem:
        raise _bad(path, "wrong-name", f"id {playbook.id}", f"the file's own name, {path.stem}")
    return playbook


def _bytes(path: Path, inside: Path) -> bytes:
    """The file's bytes. A link out of the folder would let a name stand for any file."""
    if not path.resolve().is_relative_to(inside.resolve()):
        raise _bad(path, "outside", "leads out of its folder", f"a file in {inside}")
    if not path.is_file():
        raise _bad(path, "no-file", "is not a file", "a law file")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise _bad(path, "unreadable", error.strerror or "cannot be read", "a file") from None
    if len(content) > LARGEST:
        raise _bad(path, "too-large", f"is over {LARGEST} bytes", "a law file")
    return content


def _bad(path: Path, code: str, found: str, expected: str) -> BadFile:
    return BadFile([Fault(place=path.name, code=code, found=found, expected=expected)])


def _located(fault: Fault, name: str, lines: dict[str, int]) -> Fault:
    path = fault.place.removeprefix(f"{name}: ")
    line = line_of(lines, path)
    return replace(fault, place=f"{name} line {line}: {path}") if line else fault
