"""Personal data at rest: one data key an incident, wrapped by the home's master key.

AES-256-GCM with the row's own name as associated data, so that a sealed cell moved to another
row does not open. Equality is asked of keyed hashes (blind indexes), never of the cells.
Destroying an incident's wrapped key destroys its people everywhere, backups included.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from incident_engine.domain.errors import BadInput

MASTER_KEY_FILE = "master.key"
_NONCE = 12
_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Seal:
    """The open data key of one incident. `row` names the cell: table and public id."""

    key: bytes

    def close(self, row: str, content: object) -> bytes:
        """Seal a JSON value into bytes that open only under this key and this row's name."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, _written(content).encode(), row.encode())

    def open(self, row: str, sealed: bytes) -> object:
        """What `close` was given. Raises BadInput when key, row or bytes are not the same."""
        try:
            plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], row.encode())
        except InvalidTag as error:
            raise BadInput(
                "sealed-cell",
                row,
                "does not open: the cell was changed, moved or sealed under another key",
                next_step="Run `incident-engine journal verify` and restore from a backup.",
            ) from error
        return json.loads(plain)

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for this purpose alone (HKDF-SHA256, RFC 5869): nothing of the data
        key, or of a key for another purpose, can be told from it."""
        if purpose not in self._derived:
            maker = HKDF(SHA256(), length=32, salt=None, info=purpose.encode())
            self._derived[purpose] = maker.derive(self.key)
        return self._derived[purpose]

    def blind(self, kind: str, value: str) -> str:
        """A keyed hash by which equal values of one incident are found; empty for empty."""
        if not value:
            return ""
        asked = self._index.copy()
        asked.update(f"{kind}\0{value}".encode())
        return asked.finalize().hex()

    @cached_property
    def _derived(self) -> dict[str, bytes]:
        return {}

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.key)

    @cached_property
    def _index(self) -> HMAC:
        # Keyed once and copied for every value: a million people have three each.
        return HMAC(hmac.digest(self.key, b"blind index", "sha256"), SHA256())


@dataclass(frozen=True)
class Keyring:
    """The home's master key, which wraps every incident's data key."""

    master: bytes

    def new_data_key(self) -> bytes:
        """A fresh data key, wrapped for storing (40 bytes, RFC 3394)."""
        return aes_key_wrap(self.master, secrets.token_bytes(32))

    def seal_if_kept(self, wrapped: bytes) -> Seal | None:
        """The same, or None where the incident's key was destroyed: nothing wrapped is left."""
        return self.seal(wrapped) if wrapped else None

    def seal(self, wrapped: bytes) -> Seal:
        """Open an incident's data key. Raises BadInput when the master key is another one, or the
        incident's key was destroyed."""
        if not wrapped:
            raise BadInput(
                "key-destroyed",
                "this incident",
                "has no key any more: it was destroyed, and with it whatever names its people",
                next_step="An id of ours or the code in a notice still finds what a person was "
                "told: `incident-engine deliveries INCIDENT --person …`.",
            )
        try:
            return Seal(aes_key_unwrap(self.master, wrapped))
        except InvalidUnwrap as error:
            raise BadInput(
                "master-key",
                "keys/master.key",
                "is not the key this database was sealed with",
                next_step="Put back the keys folder that belongs to this database.",
            ) from error


def create_master_key(folder: Path) -> None:
    """Write a new master key, readable by its owner alone; an existing one is left as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / MASTER_KEY_FILE
    if path.exists():
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
        os.fsync(file.fileno())


def read_keyring(folder: Path) -> Keyring:
    """The keyring of a home. Raises BadInput when the key file is missing or of another length."""
    path = folder / MASTER_KEY_FILE
    try:
        master = path.read_bytes()
    except OSError as error:
        raise BadInput(
            "master-key",
            str(path),
            "cannot be read",
            expected="the 32-byte key that `incident-engine init` wrote",
            next_step="Restore the keys folder; without it sealed people cannot be opened.",
        ) from error
    if len(master) != 32:
        raise BadInput(
            "master-key",
            str(path),
            f"holds {len(master)} bytes",
            expected="32",
            next_step="Restore the keys folder from a backup.",
        )
    return Keyring(master)
