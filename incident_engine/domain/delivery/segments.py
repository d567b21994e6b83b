"""How many SMS one text becomes, which is what it costs and whether it arrives in one piece.

3GPP TS 23.038 (the alphabets) and TS 23.040, 9.2.3.24.1 (joining): 140 octets a message, of which
a joined one gives 6 to its header. In the 7-bit alphabet that is 160 or 153 septets; in UCS-2 it
is 70 or 67 code units, and a pair of units that make one character is never cut apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"  # each behind an escape: two septets
_SEPTETS = dict.fromkeys(_BASIC, 1) | dict.fromkeys(_EXTENSION, 2)


class Encoding(StrEnum):
    """The two alphabets a provider sends in."""

    GSM_7 = "gsm-7"  # 160 septets in one message
    UCS_2 = "ucs-2"  # 70 code units in one message


@dataclass(frozen=True)
class Segments:
    """`units` are septets in GSM-7 and 16-bit code units in UCS-2."""

    encoding: Encoding
    count: int
    units: int


_ROOM = {Encoding.GSM_7: (160, 153), Encoding.UCS_2: (70, 67)}


def segments(text: str) -> Segments:
    """The alphabet a text needs, the messages it takes and its length. An empty text takes one."""
    encoding = Encoding.UCS_2 if not_in_gsm_7(text) else Encoding.GSM_7
    sizes = [_size(character, encoding) for character in text]
    units = sum(sizes)
    single, joined = _ROOM[encoding]
    return Segments(encoding, 1 if units <= single else _cut(sizes, joined), units)


def not_in_gsm_7(text: str) -> str:
    """The characters that force a text into UCS-2, each once, in their order."""
    return "".join(dict.fromkeys(each for each in text if each not in _SEPTETS))


def _size(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.GSM_7:
        return _SEPTETS[character]
    return 2 if ord(character) > 0xFFFF else 1


def _cut(sizes: Iterable[int], room: int) -> int:
    # An escape with its character, and a surrogate pair, stay in one message.
    count, used = 1, 0
    for size in sizes:
        if used + size > room:
            count, used = count + 1, 0
        used += size
    return count
