"""Short proofs that a name in an address came from us: in a return path, in a callback's path.

HMAC-SHA-256 cut to 80 bits, in lower-case base32: it survives mail servers that fold case, and
whoever guesses may ask once a try, so 2^80 is far out of reach.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from dataclasses import dataclass, field
from hashlib import sha256

TOKEN = r"[a-z2-7]{16}"  # as a regular expression
_OCTETS = 10


@dataclass(frozen=True)
class Tokens:
    """The pen of one purpose: `purpose` keeps a token of one place from being used in another."""

    key: bytes = field(repr=False)  # 32 bytes
    purpose: str

    def of(self, *parts: str) -> str:
        """The token for these words, 16 characters; the same every time."""
        told = "\0".join((self.purpose, *parts)).encode()
        return b32encode(hmac.digest(self.key, told, sha256)[:_OCTETS]).decode().lower()

    def fits(self, token: str, *parts: str) -> bool:
        """Whether the token is ours, compared in constant time."""
        return hmac.compare_digest(self.of(*parts).encode(), token.lower().encode())
