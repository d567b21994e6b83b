"""What is asked of a time-stamping authority, and what it answers (RFC 3161, 2.4).

The answer is read and checked by the same code that a stranger checks the pack with. A question
is 60 bytes that never change but for hash and nonce, so that no library is needed to write one.
"""

from __future__ import annotations

from hashlib import sha256

from incident_engine.proof.verify import Node, Token

# version 1, SHA-256 without parameters but NULL; then 32 bytes of hash, 8 of nonce, certReq TRUE
_HEAD = bytes.fromhex("30430201013031300d")
_SHA256 = bytes.fromhex("06096086480165030402010500")
_GRANTED = (0, 1)  # granted, granted with modifications


def question(content: bytes, nonce: bytes) -> bytes:
    """The question to stamp the SHA-256 of `content`. `nonce` is 8 bytes, the first of them 1 to
    127, so that it is a number in its shortest form."""
    digest = sha256(content).digest()
    return _HEAD + _SHA256 + b"\x04\x20" + digest + b"\x02\x08" + nonce + bytes.fromhex("0101ff")


def read_answer(body: bytes, content: bytes, nonce: bytes) -> tuple[bytes, Token]:
    """The token (DER) in an answer, read and checked: status, hash, nonce, signature, chain.

    Raises ValueError with the reason.
    """
    try:
        status, *rest = Node(body).parts
        number = int.from_bytes(status.parts[0].body, "big")
    except (ValueError, IndexError):
        raise ValueError("answered what is no time stamp") from None
    if number not in _GRANTED or not rest:
        raise ValueError(f"refused (status {number})")
    token = _checked(rest[0].whole)
    if token.imprint != sha256(content).digest() or token.nonce != nonce:
        raise ValueError("stamped something else than it was asked to")
    return rest[0].whole, token


def _checked(der: bytes) -> Token:
    try:
        token = Token(der)
        token.must_be_signed()
        token.must_be_chained([])
    except Exception as error:  # whatever may stand in an answer
        raise ValueError(f"sent a token that does not hold ({error})") from None
    return token
