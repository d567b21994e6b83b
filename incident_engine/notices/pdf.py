"""Paper: a typst template and data in, a tagged PDF/A out.

Data reaches a template only as JSON text in its inputs, so nothing in it is ever taken for
markup. Fonts come from three wheels and never from the machine, so that the same input gives
the same bytes everywhere. Templates import no packages: nothing is fetched.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from incident_engine.domain.errors import BadInput, Refused

if TYPE_CHECKING:
    import typst

# noto-cjk-sans-otc 0.0.1; the file is byte for byte the one Debian ships in fonts-noto-cjk.
CJK_SHA256 = "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a"

_UNPRINTABLE = re.compile(r'the text `"(?P<text>.+?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{(?P<code>[0-9a-f]+)\}")
_compiling = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A text file that travels inside the PDF. The template places it by its number."""

    name: str
    text: str
    mime: str
    description: str


class Unprintable(BadInput):
    """A text has characters that no shipped font can draw. `characters` lists them."""

    def __init__(self, place: str, characters: tuple[str, ...]) -> None:
        self.characters = characters
        listed = ", ".join(_code_point(character) for character in characters[:5])
        more = f" and {len(characters) - 5} more" if len(characters) > 5 else ""
        super().__init__(
            "unprintable",
            place,
            f"no shipped font has {listed}{more}",
            expected="Latin, Greek, Cyrillic, Arabic, Chinese, Japanese or Korean text",
            next_step="Write those characters in another way.",
        )


def typeset(
    template: Path,
    data: Mapping[str, Any],
    *,
    at: datetime,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The PDF that `template` makes of `data`: PDF/A-3a where something is attached, else A-2a;
    always made to PDF/UA-1.

    `at` (aware) is the document's date; the same input gives the same bytes. The template sets
    title and language and reads its inputs `data` and `attachments` as JSON.
    Raises Unprintable, or BadInput with what typst said of the template.
    """
    import typst

    inputs = {
        "data": json.dumps(data, ensure_ascii=False),
        "attachments": json.dumps([vars(each) for each in attachments], ensure_ascii=False),
    }
    compiler = _compiler(template.parent.resolve())
    try:
        # One compiler keeps the state of one compilation; two threads would mix their inputs.
        with _compiling:
            pdf = compiler.compile(
                input=template.resolve(),
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=["a-3a" if attachments else "a-2a", "ua-1"],
                timestamp=at.replace(microsecond=0),  # it takes whole seconds
            )
    except typst.TypstError as error:
        raise _own_words(template.name, error) from None
    if not isinstance(pdf, bytes):
        raise BadInput("cannot-typeset", template.name, "typst gave no document")
    return pdf


def spell(value: Any, characters: Sequence[str]) -> Any:
    """The same data with each of `characters` written as its code point: [U+1F600]."""
    if isinstance(value, str):
        return value.translate({ord(one): f"[{_code_point(one)}]" for one in characters})
    if isinstance(value, Mapping):
        return {key: spell(each, characters) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [spell(each, characters) for each in value]
    return value


@cache
def _compiler(root: Path) -> typst.Compiler:
    import typst

    return typst.Compiler(root=root, font_paths=_fonts(), ignore_system_fonts=True)


@cache
def _fonts() -> typst.Fonts:
    import fontpkg_noto_sans
    import fontpkg_noto_sans_arabic
    import noto_cjk_sans_otc
    import typst

    cjk = Path(str(noto_cjk_sans_otc.FONT_PATH))
    must_be_the_font(cjk)
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[
            str(fontpkg_noto_sans.ROOT / "files"),
            str(fontpkg_noto_sans_arabic.ROOT / "files"),
            str(cjk.parent),
        ],
    )


def must_be_the_font(file: Path) -> None:
    """Refuse a CJK font that is not, byte for byte, the one whose glyphs were checked."""
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != CJK_SHA256:
        raise Refused(
            "unknown-font",
            file.name,
            f"has the SHA-256 {found[:16]}…",
            expected=f"{CJK_SHA256[:16]}…",
            next_step="Install noto-cjk-sans-otc 0.0.1 again.",
        )


def _own_words(place: str, error: typst.TypstError) -> BadInput:
    told = f"{error.message}\n{error.diagnostic}"
    if texts := [_plain(match["text"]) for match in _UNPRINTABLE.finditer(told)]:
        return Unprintable(place, tuple(dict.fromkeys("".join(texts))))
    return BadInput(
        "cannot-typeset",
        place,
        error.message,
        expected="a typst template that compiles to PDF/A and PDF/UA-1",
        next_step="Correct the template, or use the shipped one.",
    )


def _plain(shown: str) -> str:
    # typst shows what it cannot draw as Rust does: a joiner as \\u{200d}.
    return _ESCAPED.sub(lambda match: chr(int(match["code"], 16)), shown)


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"
