"""One hash for many rows, from which each row can later be proved alone (RFC 6962, 2.1)."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

EMPTY = sha256(b"").hexdigest()


def leaf(content: bytes) -> bytes:
    """The hash of one row. The prefix keeps a row from passing for an inner node."""
    return sha256(b"\x00" + content).digest()


def root(leaves: Iterable[bytes]) -> str:
    """The Merkle root (hex) over leaf hashes in the order given; memory grows with their log."""
    # Each place of the stack holds the root of a full tree of 2**height leaves.
    stack: list[tuple[int, bytes]] = []
    for each in leaves:
        height, node = 0, each
        while stack and stack[-1][0] == height:
            node = _join(stack.pop()[1], node)
            height += 1
        stack.append((height, node))
    if not stack:
        return EMPTY
    node = stack.pop()[1]
    while stack:
        node = _join(stack.pop()[1], node)
    return node.hex()


def _join(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
