"""Where in HTML a slot may stand, and what a mail of ours never has in it.

A slot's value is escaped for text and for quoted attributes, and for nothing else: in an attribute
without quotation marks a name with a space in it writes a second attribute, and in an address even
an escaped value can be a script. So a template that puts one there is refused; so is whatever
acts, loads or looks back at the sender.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser

MARK = "\x1a"  # stands for a slot's value; no template can hold it, for it is no text
INERT = frozenset({"lang", "dir", "title", "alt", "align"})  # attributes whose value does nothing
ACTING = frozenset({
    "script", "iframe", "frame", "object", "embed", "applet", "form", "input", "button", "img",
    "picture", "video", "audio", "source", "track", "link", "base", "svg", "math",
})  # fmt: skip
LOADING = frozenset({
    "href", "src", "srcset", "action", "formaction", "background", "poster", "data", "ping",
    "xlink:href", "http-equiv",
})  # fmt: skip

_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)\s*=\s*("[^"]*"|'[^']*')""")
_TAG = re.compile(f"</?{MARK}")
_ESCAPED = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.IGNORECASE | re.DOTALL)
_LOADED = re.compile(r"url\s*\(|@import|expression\s*\(", re.IGNORECASE)


def faults(page: str) -> Iterator[tuple[int, str, str]]:
    """What is wrong in a template's own markup, with `MARK` for each slot: how many marks stand
    before it, what was found and what was expected."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    yield from reader.found
    if tag := _TAG.search(page):
        yield page.count(MARK, 0, tag.start()), "prints a slot as a tag", _EXPECTED
    if page.rfind("<") > page.rfind(">") and MARK in page[page.rfind("<") :]:
        yield page.count(MARK) - 1, "prints a slot inside a tag that is never closed", _EXPECTED


def loads(style: str) -> bool:
    """Whether a style sheet would fetch something: whoever answers that sees who opened it."""
    plain = _ESCAPED.sub(_letter, re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    return bool(_LOADED.search(plain))


_EXPECTED = "slots in text, or in quotation marks as lang, dir, title or alt"


class _Reader(HTMLParser):
    """Reads a template's own markup once, from top to bottom."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[int, str, str]] = []
        self._marks = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = self.get_starttag_text() or ""
        names = {name: value or "" for name, value in attrs}
        for what in _acting(tag, names):
            self._say(f"has {what}", "nothing that acts or loads")
        if MARK in _ATTRIBUTE.sub(_without_inert, said):
            self._say("prints a slot as a tag or an unquoted or acting attribute", _EXPECTED)
        self._marks += said.count(MARK)

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        # Only style is left here: what stands in a script is refused with its tag.
        if self.cdata_elem and (MARK in data or loads(data)):
            self._say(f"prints a slot, or loads, in <{self.cdata_elem}>", _EXPECTED)
        self._marks += data.count(MARK)

    def handle_comment(self, data: str) -> None:
        if MARK in data:
            self._say("prints a slot in a comment", _EXPECTED)
        self._marks += data.count(MARK)

    def _say(self, found: str, expected: str) -> None:
        self.found.append((self._marks, found, expected))


def _acting(tag: str, attributes: Mapping[str, str]) -> Iterator[str]:
    if tag in ACTING:
        yield f"<{tag}>"
    for name, value in attributes.items():
        if name in LOADING or name.startswith("on"):
            yield f"the attribute {name}"
        if name == "style" and loads(value):
            yield "a style that loads"


def _letter(escaped: re.Match[str]) -> str:
    code = int(escaped[1] or "0", 16)
    return chr(code) if 0 < code < 0x110000 else escaped[2] or ""


def _without_inert(found: re.Match[str]) -> str:
    return "" if found[1].lower() in INERT else found[0]
