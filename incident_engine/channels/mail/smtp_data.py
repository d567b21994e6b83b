"""The content of a mail as DATA wants it (RFC 5321 4.5.2)."""

from __future__ import annotations

import re

_LINE_END = re.compile(rb"\r\n|\n|\r(?!\n)")


def stuffed(content: bytes) -> bytes:
    """The content with CRLF only and leading dots doubled, without its last line end.

    A bare CR or LF would let a body write its own end of data at a lenient server
    (CVE-2023-51764), and quoted-printable's soft breaks do make lines that begin with a dot.
    """
    if not content.count(b"\n") == content.count(b"\r") == content.count(b"\r\n"):
        content = _LINE_END.sub(b"\r\n", content)
    if content.startswith(b"."):
        content = b"." + content
    content = content.replace(b"\n.", b"\n..")
    return content.removesuffix(b"\r\n")
