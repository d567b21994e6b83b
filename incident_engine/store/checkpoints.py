"""Signed heads of the journal, kept outside the database: one JSON line each (Ed25519)."""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
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
    file: Path, keys: Path, *, entries: int, head: str, at: datetime
) -> dict[str, str | int]:
    """Sign (entries, head, at) and append the line; flushed to the disk before returning."""
    statement: dict[str, str | int] = {"entries": entries, "head": head, "at": at.isoformat()}
    line = statement | {"signature": signature_of(statement, keys)}
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as stream:
        stream.write(json.dumps(line) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return line


def signature_of(statement: Mapping[str, Any], keys: Path) -> str:
    """Our signature over the canonical JSON (RFC 8785) of a statement, in base64."""
    key = Ed25519PrivateKey.from_private_bytes((keys / SIGNING_KEY_FILE).read_bytes())
    return b64encode(key.sign(rfc8785.dumps(dict(statement)))).decode()


def public_key(keys: Path) -> str:
    """The key that checks our signatures, in base64: 32 bytes, Ed25519."""
    return (keys / PUBLIC_KEY_FILE).read_text().strip()


def read(file: Path, keys: Path) -> dict[int, str]:
    """Every signed head by its number of entries. Raises BadInput on a line that is not ours."""
    if not file.exists():
        return {}
    public = Ed25519PublicKey.from_public_bytes(b64decode((keys / PUBLIC_KEY_FILE).read_text()))
    heads: dict[int, str] = {}
    for number, text in enumerate(file.read_text().splitlines(), start=1):
        entries, head = _checked(public, text, f"{file.name}, line {number}")
        heads[entries] = head
    return heads


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
