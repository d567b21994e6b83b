"""The page where a reader types a notice's code: static files, for a host that knows nobody.

It says for a code of ours what was sent, when and by whom, the same for every reader, and for any
other that it is not ours. Beside it lie the texts of the genuine notices with blanks for names.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from incident_engine.home import shipped
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.languages import direction_of
from incident_engine.notices.outline import OPEN
from incident_engine.notices.phrase import phrase
from incident_engine.notices.wording import Wording, blank

_BEGINNINGS = 6  # lines to compare with; more, and nobody compares


@dataclass(frozen=True, kw_only=True)
class Genuine:
    """One notice that was or will be sent. `since` and `until` are aware; `wordings` those of
    people, not of the public page."""

    number: int  # 1, 2 …: how the lists of codes name it
    since: datetime
    until: datetime | None
    wordings: tuple[Wording, ...]


@dataclass(frozen=True, kw_only=True)
class CheckPage:
    """What the page knows. `contacts` are lines by language, the first language comes first;
    `zone` is IANA, in which months are told."""

    organisation: str
    reference: str
    contacts: Mapping[str, tuple[str, ...]]
    zone: str
    notices: tuple[Genuine, ...]


def build_check_page(page: CheckPage, *, templates: str = "") -> dict[str, bytes]:
    """The pages, their script and the canonical copies, by path, UTF-8.

    `templates` is the organisation's own folder of notices. The lists of codes are made apart.
    """
    script = (shipped("templates") / "notices/check/check.js").read_bytes()
    views = [_view(page, language, script, templates) for language in page.contacts]
    files = {f"{view['language']}/index.html": _html(view, views, root="../") for view in views}
    files["index.html"] = _html(views[0], views, root="")
    return files | {"check.js": script} | _copies(page)


def _html(view: Mapping[str, Any], views: list[dict[str, Any]], *, root: str) -> bytes:
    template = _environment().get_template("page.html")
    return template.render(**view, views=views, root=root).encode()


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(shipped("templates") / "notices/check"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _view(page: CheckPage, language: str, script: bytes, templates: str) -> dict[str, Any]:
    words = catalogue_of(language, templates).words
    locale = Locale.parse(language, sep="-")
    name = locale.get_display_name(locale) or language
    style = _style()
    return {
        "language": language,
        "direction": direction_of(language),
        "own_name": name[:1].upper() + name[1:],
        "words": words["check"],
        "around": words["page"],
        "page": page,
        "contact": page.contacts[language],
        "notices": [_told(page, notice, language, words["check"]) for notice in page.notices],
        "style": style,
        "style_hash": _integrity("sha256", style.encode()),
        "script_hash": _integrity("sha384", script),
    }


@cache
def _style() -> str:
    folder = shipped("templates") / "notices"
    sheets = (folder / "announcement/style.css", folder / "check/style.css")
    return "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


def _integrity(algorithm: str, content: bytes) -> str:
    digest = hashlib.new(algorithm, content).digest()
    return f"{algorithm}-{base64.b64encode(digest).decode()}"


def _told(
    page: CheckPage, notice: Genuine, language: str, words: Mapping[str, str]
) -> dict[str, Any]:
    own = [each for each in notice.wordings if each.language == language]
    shown = own or list(notice.wordings)  # this notice went to nobody who reads this language
    belongs = phrase(
        words["belongs"],
        organisation=page.organisation,
        title=shown[0].outline.title if shown else page.reference,
        reference=page.reference,
    )
    return {
        "number": notice.number,
        "belongs": belongs,
        "sent": _sent(notice, page.zone, language, words),
        "beginnings": list(dict.fromkeys(_beginning(each) for each in shown))[:_BEGINNINGS],
    }


def _beginning(wording: Wording) -> str:
    """The first line of a notice that is the same for everyone who got it."""
    plain = (line for line in wording.outline.opening if OPEN not in line)
    return next(plain, wording.outline.title)


def _sent(notice: Genuine, zone: str, language: str, words: Mapping[str, str]) -> str:
    """When, in months: a day would tell more than whoever types a code has to know."""
    first = _month(notice.since, zone, language)
    if notice.until is None:
        return phrase(words["sent_from"], first=first)
    last = _month(notice.until, zone, language)
    return phrase(words["sent_in" if first == last else "sent_between"], first=first, last=last)


def _month(at: datetime, zone: str, language: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return format_skeleton("yMMMM", local, locale=Locale.parse(language, sep="-"))


def _copies(page: CheckPage) -> dict[str, bytes]:
    """The text of every genuine notice once, with blanks, and an index with each one's hash."""
    files: dict[str, bytes] = {}
    index: dict[tuple[int, str], dict[str, Any]] = {}
    for notice, wording in _each(page):
        said = blank(wording)
        text = f"{said.subject}\n\n{said.text}\n".encode()
        digest = hashlib.sha256(text).hexdigest()
        files[f"notices/{digest[:16]}.txt"] = text
        index[notice.number, digest] = {
            "notice": notice.number,
            "language": wording.language,
            "subject": said.subject,
            "sms": said.sms,
            "file": f"{digest[:16]}.txt",
            "sha256": digest,
        }
    ordered = [index[key] for key in sorted(index)]
    document = {"reference": page.reference, "blank": "____", "notices": ordered}
    files["notices/index.json"] = (
        json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    ).encode()
    return files


def _each(page: CheckPage) -> Iterator[tuple[Genuine, Wording]]:
    for notice in page.notices:
        for wording in notice.wordings:
            yield notice, wording
