"""Signed heads of the journal, kept outside the database: one JSON line each (Ed25519)."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from incident_engine.domain.errors import BadInput

SIGNING_KEY_FILE = "journal.key"
PUBLIC_KEY_FILE = "journal.pub"


def create_signing_key(folder: Path) -> None:
    """Write a new Ed25519 key pair into the keys folder; an existing one is left as it is."""
    path = folder / SIGNING_KEY_FILE
    if path.exists():
        return
    key = Ed25519PrivateKey.generate()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes_raw())
    (folder / PUBLIC_KEY_FILE).write_text(b64encode(key.public_key().public_bytes_raw()).decode())


def append(
    file: Path, keys: Path, *, entries: int, head: str, at: datetime, root: str = ""
) -> dict[str, str | int]:
    """Sign (entries, head, at) and append the line; flushed to the disk before returning.

    `root` is the Merkle root over the hashes of all these entries, where it was taken.
    """
    statement: dict[str, str | int] = {"entries": entries, "head": head, "at": at.isoformat()}
    if root:
        statement["root"] = root
    line = statement | {"signature": b64encode(sign(keys, rfc8785.dumps(statement))).decode()}
    _append(file, line)
    return line


def _append(file: Path, line: Mapping[str, Any]) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as stream:
        stream.write(json.dumps(line) + "\n")
        stream.flush()
        os.fsync(stream.fileno())


def append_stamp(
    file: Path, line: Mapping[str, Any], *, authority: str, at: datetime, token: bytes
) -> None:
    """Keep what an authority said of a checkpoint: its token (DER), by the checkpoint's hash."""
    stamp = {
        "entries": line["entries"],
        "checkpoint": sha256(stamped(line)).hexdigest(),
        "authority": authority,
        "at": at.isoformat(),
        "token": b64encode(token).decode(),
    }
    _append(file, stamp)


def stamped(line: Mapping[str, Any]) -> bytes:
    """What a time stamp of a checkpoint is over: its whole line, signature included, as canonical
    JSON (RFC 8785)."""
    return rfc8785.dumps(dict(line))


def sign(keys: Path, content: bytes) -> bytes:
    """The installation's Ed25519 signature of these bytes (64 bytes, RFC 8032)."""
    key = Ed25519PrivateKey.from_private_bytes((keys / SIGNING_KEY_FILE).read_bytes())
    return key.sign(content)


def public_key(keys: Path) -> str:
    """The key that the installation's signatures are checked with, in base64."""
    return (keys / PUBLIC_KEY_FILE).read_text().strip()


def public_key_bytes(keys: Path) -> bytes:
    """The same as its 32 bytes."""
    return b64decode(public_key(keys))


@dataclass(frozen=True)
class Checkpoint:
    """One signed head: how many entries, the hash of the last, and when."""

    entries: int
    head: str
    at: datetime


def newest(file: Path, keys: Path) -> Checkpoint | None:
    """The last line alone, checked: quick, however many there are. Raises BadInput."""
    lines = file.read_text().splitlines() if file.exists() else []
    if not lines:
        return None
    public = _public(keys)
    entries, head = _checked(public, lines[-1], f"{file.name}, line {len(lines)}")
    return Checkpoint(entries, head, datetime.fromisoformat(json.loads(lines[-1])["at"]))


def kept_elsewhere(file: Path, keys: Path) -> dict[int, str]:
    """The signed heads of a copy kept elsewhere. Raises BadInput where there are none."""
    heads = read(file, keys)
    if not heads:
        raise BadInput(
            "no-checkpoints",
            str(file),
            "holds no checkpoint" if file.exists() else "is not a file",
            expected="a copy of checkpoints.jsonl that was kept elsewhere",
        )
    return heads


def signature_of(statement: Mapping[str, Any], keys: Path) -> str:
    """Our signature over the canonical JSON (RFC 8785) of a statement, in base64."""
    return b64encode(sign(keys, rfc8785.dumps(dict(statement)))).decode()


def read(file: Path, keys: Path) -> dict[int, str]:
    """Every signed head by its number of entries. Raises BadInput on a line that is not ours."""
    if not file.exists():
        return {}
    public = _public(keys)
    heads: dict[int, str] = {}
    for number, text in enumerate(file.read_text().splitlines(), start=1):
        entries, head = _checked(public, text, f"{file.name}, line {number}")
        heads[entries] = head
    return heads


def _public(keys: Path) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public_key_bytes(keys))


def _checked(public: Ed25519PublicKey, text: str, place: str) -> tuple[int, str]:
    try:
        line = json.loads(text)
        signature = b64decode(line.pop("signature"))
        public.verify(signature, rfc8785.dumps(line))
        return int(line["entries"]), str(line["head"])
    except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            "checkpoint",
            place,
            "is not a checkpoint signed by this installation's key",
            next_step="Compare the file with its last backup: somebody changed it.",
        ) from error
