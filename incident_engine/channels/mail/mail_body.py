"""One body of a mail, from the pieces its words were filled from.

What all readers share is written in quoted-printable once; of each reader's own only the lines it
stands in. No line begins with a dot, and every line ends in CRLF: there is nothing left to be done
to it on the wire.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from incident_engine.channels.mail.standard_mail import PLAIN_LINE

_LONGEST_QUOTED = 76  # RFC 2045 6.7 (5)
_LINE_END = re.compile("\r\n|\r|\n")


@dataclass(frozen=True)
class _Lines:
    """A piece with line ends in it: how it ends a line, its own whole lines, how it begins one."""

    head: str
    plain: bytes | None  # its whole lines, each behind a line end; None where they need quoting
    quoted: bytes  # the same in quoted-printable
    tail: str


def body_part(kind: str, pieces: Sequence[str], more: bytes = b"") -> bytes:
    """One part with its header, without the end of its last line.

    `pieces` make up the text; every second one, from the second on, is one reader's own. `kind` is
    `plain` or `html`, `more` further header lines.
    """
    broken, blocks = _put_together(pieces)
    plain = [each.plain for each in blocks if each.plain is not None]
    if len(plain) == len(blocks) and all(map(_is_plain, broken)):
        encoding, lines = b"7bit", [line.encode("ascii") for line in broken]
        written = _interleaved(lines, plain)
    else:
        encoding, lines = b"quoted-printable", list(map(_quoted, broken))
        written = _interleaved(lines, [each.quoted for each in blocks])
    return (
        b'Content-Type: text/%b; charset="utf-8"\r\nContent-Transfer-Encoding: %b\r\n%b\r\n%b'
        % (kind.encode("ascii"), encoding, more, written)
    )


def _put_together(pieces: Sequence[str]) -> tuple[list[str], list[_Lines]]:
    """The lines that several pieces make together, and what stands whole between them."""
    broken, blocks = [""], []
    for number, piece in enumerate(pieces):
        lines = _cut(piece) if number % 2 else _cut_once(piece)
        if lines is None:
            broken[-1] += piece
        else:
            broken[-1] += lines.head
            blocks.append(lines)
            broken.append(lines.tail)
    return broken, blocks


def _cut(piece: str) -> _Lines | None:
    """The piece by its lines; None where it lies within one."""
    lines = _LINE_END.split(piece) if "\r" in piece else piece.split("\n")
    if len(lines) == 1:
        return None
    head, *whole, tail = lines
    plain = None
    if all(map(_is_plain, whole)):
        plain = b"".join(b"\r\n" + line.encode("ascii") for line in whole)
    return _Lines(head, plain, b"".join(b"\r\n" + _quoted(line) for line in whole), tail)


_cut_once = lru_cache(maxsize=512)(_cut)  # what readers share


def _interleaved(lines: Sequence[bytes], blocks: Sequence[bytes]) -> bytes:
    written = [lines[0]]
    for block, line in zip(blocks, lines[1:], strict=True):
        written += (block, b"\r\n", line)
    if len(written) > 1 and not written[-1]:
        del written[-2:]  # it ended with a line end
    return b"".join(written)


def _is_plain(line: str) -> bool:
    return line.isascii() and len(line) <= PLAIN_LINE and not line.startswith(".")


def _quoted(line: str) -> bytes:
    """One line in quoted-printable."""
    coded = binascii.b2a_qp(line.encode(), quotetabs=False, istext=True)
    if len(coded) > _LONGEST_QUOTED:
        return b"=\r\n".join(_folded(coded.replace(b"=\n", b"")))
    return b"=2E" + coded[1:] if coded.startswith(b".") else coded


def _folded(coded: bytes) -> Iterator[bytes]:
    """In pieces of at most 75, none of which ends inside an =XX (the library's may be longer), and
    none of which begins with a dot."""
    while len(coded) > _LONGEST_QUOTED:
        coded = b"=2E" + coded[1:] if coded.startswith(b".") else coded
        end = _LONGEST_QUOTED - 1
        last = coded.rfind(b"=", end - 2, end)
        end = last if last >= 0 else end
        yield coded[:end]
        coded = coded[end:]
    yield b"=2E" + coded[1:] if coded.startswith(b".") else coded
