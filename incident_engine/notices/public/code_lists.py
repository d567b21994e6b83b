"""The codes of notices as a public host may hold them: 256 lists of hashes, all of one length.

A reader's browser asks for the one list in which a code would stand and looks itself. A list says
nothing of how many notices there are: it is filled up with lines that look like any other.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import sha256

from incident_engine.domain.notice_code import fingerprint

FOLDER = "codes"
_SHORTEST = 64  # lines; from there on doubled, so that a length tells the number only roughly


def code_lists(codes: Iterable[tuple[str, int]], *, key: bytes, notices: int) -> dict[str, bytes]:
    """The lists by path. Each line: the hash of a code without its first two digits, and which of
    the `notices` (1 to 255) it belongs to, in hex.

    `key` makes the lines that stand for nobody: the same whenever it is asked, and told from the
    others by nobody without it.
    """
    lists: dict[str, list[str]] = {f"{number:02x}": [] for number in range(256)}
    for code, notice in codes:
        hashed = fingerprint(code)
        lists[hashed[:2]].append(f"{hashed[2:]}{notice:02x}")
    longest, length = max(map(len, lists.values())), _SHORTEST
    while length < longest:
        length *= 2
    return {
        f"{FOLDER}/{prefix}.txt": _filled_up(prefix, lines, length, key, notices)
        for prefix, lines in lists.items()
    }


def _filled_up(prefix: str, lines: list[str], length: int, key: bytes, notices: int) -> bytes:
    lines = list(lines)
    for number in range(length - len(lines)):
        filling = hmac.digest(key, f"{prefix}/{number}".encode(), sha256)
        lines.append(f"{filling.hex()[:62]}{filling[-1] % notices + 1:02x}")
    return ("\n".join(sorted(lines)) + "\n").encode()
