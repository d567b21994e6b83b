"""The short code by which a reader tells a genuine notice from a forged one. Pure.

Sixteen letters and digits of Crockford's alphabet, in groups of four: 40 bits that say which
notice, 40 bits that only the holder of the key can make (HMAC-SHA-256, RFC 2104). Easy to type
and to spell out on the telephone: no I, L, O or U, and what sounds or looks alike is taken for
what was meant. The code is the same in every medium and stands for nobody outside this house.
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from unicodedata import normalize

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MEANT = {"I": "1", "L": "1", "O": "0"}
_GAPS = re.compile(r"[-\u2010-\u2014\u2212._ \t\r\n]")
_ID_BYTES = _MAC_BYTES = 5
_LENGTH = (_ID_BYTES + _MAC_BYTES) * 8 // 5


def code_of(key: bytes, notice: str, public_id: str) -> str:
    """The code of one person's notice: the same whenever and in whatever medium it is asked for.

    `key` is the incident's, `notice` names the campaign, `public_id` is the person's random name
    inside this house. Without the key nothing of it can be told from the code.
    """
    name = hmac.new(key, f"code\0{notice}\0{public_id}".encode(), sha256).digest()[:_ID_BYTES]
    return spelled(name + _mac(key, notice, name))


def is_ours(key: bytes, notice: str, typed: str) -> bool:
    """Whether the holder of the key made this code for this notice. Compares in constant time."""
    found = read_code(typed)
    if found is None:
        return False
    name, mac = found[:_ID_BYTES], found[_ID_BYTES:]
    return hmac.compare_digest(mac, _mac(key, notice, name))


def read_code(typed: str) -> bytes | None:
    """The ten bytes of a code as somebody typed it: any case, gaps or dashes, O for 0, I for 1,
    letters of full width as Chinese keyboards give them. `check.js` reads it in the same way.

    None for what cannot be one.
    """
    said = _GAPS.sub("", normalize("NFKC", typed).upper())
    plain = "".join(_MEANT.get(letter, letter) for letter in said)
    if len(plain) != _LENGTH or any(letter not in ALPHABET for letter in plain):
        return None
    number = 0
    for letter in plain:
        number = number * 32 + ALPHABET.index(letter)
    return number.to_bytes(_ID_BYTES + _MAC_BYTES, "big")


def canonical_code(typed: str) -> str:
    """The code as it is printed, from however it was typed; nothing for what cannot be one."""
    found = read_code(typed)
    return spelled(found) if found else ""


def fingerprint(code: str) -> str:
    """What a public host may hold of a code: its SHA-256, in hex, of the sixteen letters.

    80 bits cannot be guessed from it, and it says nothing of whose notice it is.
    """
    return sha256(code.replace("-", "").encode()).hexdigest()


def spoken(code: str) -> str:
    """The code as a voice reads it: letter by letter, a pause between the groups."""
    return ". ".join(" ".join(group) for group in code.split("-"))


def _mac(key: bytes, notice: str, name: bytes) -> bytes:
    return hmac.new(key, b"mac\0" + notice.encode() + b"\0" + name, sha256).digest()[:_MAC_BYTES]


def spelled(code: bytes) -> str:
    """Ten bytes as a reader sees them: four groups of four letters."""
    number = int.from_bytes(code, "big")
    letters = [ALPHABET[number >> shift & 31] for shift in range(75, -1, -5)]
    return "-".join("".join(letters[at : at + 4]) for at in range(0, _LENGTH, 4))
