"""The public page of an incident: static files that any web server can hand out.

A chooser of languages; for each language a page, a text for the press and a banner to stand on
the organisation's own website; an Atom feed and a JSON-LD document. No script, no cookie, no
image, nothing fetched from anywhere: whoever reads it in fear is not followed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_time, get_timezone_name
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from incident_engine.domain.errors import BadInput
from incident_engine.home import shipped
from incident_engine.notices.article import Article
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.phrase import phrase
from incident_engine.notices.unbroken import unbroken
from incident_engine.notices.written_day import written_day

ATOM = "http://www.w3.org/2005/Atom"
_FAMILY = uuid.UUID("5f3f0a5e-61c5-5d0b-9a0e-5b8f1d6f0f7c")  # the root of our feed ids


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """One public page. Moments are aware and shown in `zone` (IANA); `url` is the site's own
    address with a closing slash, or empty when it is not known yet."""

    reference: str
    organisation: str
    email: str
    put_up_at: datetime
    zone: str
    articles: tuple[Article, ...]
    hotline: str = ""
    address: str = ""
    url: str = ""
    updated_at: datetime | None = None
    taken_down_at: datetime | None = None

    @property
    def changed_at(self) -> datetime:
        """The last moment at which anything was put up, changed or taken down."""
        return self.taken_down_at or self.updated_at or self.put_up_at


def build_site(announcement: Announcement, *, templates: str = "") -> dict[str, bytes]:
    """The files of the site by their path, UTF-8.

    `templates` is the organisation's own folder of notices, for the words around an article.
    Raises BadInput where no article was given, a language comes twice, or a language has no
    words.
    """
    _must_have_articles(announcement)
    views = [_view(announcement, each, templates) for each in announcement.articles]
    files = {
        f"{view['language']}/index.html": _page("page.html", announcement, view, views)
        for view in views
    }
    for view in views:
        files |= _for_others(announcement, view)
    files["index.html"] = _page("chooser.html", announcement, views[0], views)
    files["feed.atom"] = _feed(announcement)
    files["announcement.json"] = _linked_data(announcement)
    return {path: files[path] for path in sorted(files)}


def build_trace(
    announcement: Announcement, *, taken_down_at: datetime, templates: str = ""
) -> dict[str, bytes]:
    """The same site after its end: each page says from when to when the announcement was up,
    and still whom to ask; what it said is no longer there."""
    ended = replace(announcement, taken_down_at=taken_down_at, articles=())
    traces = tuple(_trace(ended, each, templates) for each in announcement.articles)
    return build_site(replace(ended, articles=traces), templates=templates)


def _must_have_articles(announcement: Announcement) -> None:
    languages = [article.language for article in announcement.articles]
    if not languages:
        raise BadInput("no-article", announcement.reference, "the announcement has no text",
                       expected="one article a language")  # fmt: skip
    for language in languages:
        if languages.count(language) > 1:
            raise BadInput("language-twice", announcement.reference,
                           f"has two articles in {language}", expected="one")  # fmt: skip


def _trace(ended: Announcement, article: Article, templates: str) -> Article:
    assert ended.taken_down_at is not None
    said = phrase(
        _words(templates, article.language)["taken_down"],
        first=_when(ended.put_up_at, ended.zone, article.language, templates),
        last=_when(ended.taken_down_at, ended.zone, article.language, templates),
    )
    return replace(article, lead=said, sections=(), press="", banner="")


def _view(announcement: Announcement, article: Article, templates: str) -> dict[str, object]:
    language = article.language
    changed = announcement.updated_at if not announcement.taken_down_at else None
    return {
        "language": language,
        "own_name": _own_name(language),
        "direction": "rtl" if _locale(language).text_direction == "rtl" else "ltr",
        "words": _words(templates, language),
        "press": catalogue_of(language, templates).words["press"]["heading"],
        "article": article,
        "announcement": announcement,
        "put_up": _when(announcement.put_up_at, announcement.zone, language, templates),
        "updated": _when(changed, announcement.zone, language, templates) if changed else "",
        "up": announcement.taken_down_at is None,
    }


def _page(
    template: str,
    announcement: Announcement,
    view: Mapping[str, object],
    views: Sequence[Mapping[str, object]],
) -> bytes:
    folder = shipped("templates/notices/announcement")
    style = (folder / "style.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    page = _environment(folder).get_template(template)
    text = page.render(**view, views=views, style=style, style_hash=f"sha256-{digest}")
    return unbroken(text, announcement.reference).encode()


def _for_others(announcement: Announcement, view: Mapping[str, object]) -> dict[str, bytes]:
    """What others publish in this language: the text for the press, and the banner."""
    article, language = view["article"], view["language"]
    assert isinstance(article, Article)
    found = {}
    if article.press:
        found[f"{language}/press.txt"] = article.press.encode()
    if article.banner:
        banner = _environment(shipped("templates/notices/announcement")).get_template("banner.html")
        page = f"{announcement.url}{language}/index.html" if announcement.url else ""
        found[f"{language}/banner.html"] = banner.render(**view, page=page).encode()
    return found


@cache
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _words(templates: str, language: str) -> Mapping[str, str]:
    words: Mapping[str, str] = catalogue_of(language, templates).words["page"]
    return words


def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def _own_name(language: str) -> str:
    locale = _locale(language)
    name = locale.get_display_name(locale) or language
    return name[:1].upper() + name[1:]


def _when(moment: datetime, zone: str, language: str, templates: str) -> str:
    forms: Mapping[str, str] = catalogue_of(language, templates).words["when"]
    local, locale = moment.astimezone(ZoneInfo(zone)), _locale(language)
    return phrase(
        forms["moment"],
        day=written_day(local.date(), forms, locale),
        time=format_time(local, "HH:mm", locale=locale),
        zone=get_timezone_name(local, locale=locale),
    )


def _feed(announcement: Announcement) -> bytes:
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed")
    name = f"{announcement.organisation} · {announcement.reference}"
    _child(feed, "id", _urn(announcement))
    _child(feed, "title", name)
    _child(feed, "updated", announcement.changed_at.isoformat())
    _child(_child(feed, "author"), "name", announcement.organisation)
    _child(feed, "link", rel="self", href=f"{announcement.url}feed.atom")
    for article in announcement.articles:
        feed.append(_entry(announcement, article))
    ElementTree.indent(feed, " ")
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _entry(announcement: Announcement, article: Article) -> ElementTree.Element:
    entry = ElementTree.Element(f"{{{ATOM}}}entry", {"xml:lang": article.language})
    page = f"{announcement.url}{article.language}/index.html"
    _child(entry, "id", _urn(announcement, article.language))
    _child(entry, "title", article.title)
    _child(entry, "published", announcement.put_up_at.isoformat())
    _child(entry, "updated", announcement.changed_at.isoformat())
    _child(entry, "link", rel="alternate", href=page, hreflang=article.language)
    _child(entry, "summary", article.lead)
    _child(entry, "content", _plain(article), type="text")
    return entry


def _child(
    parent: ElementTree.Element, name: str, text: str = "", **attributes: str
) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
    child.text = text or None
    return child


def _urn(announcement: Announcement, *inside: str) -> str:
    # The organisation is part of it: two of them can count their incidents alike (RFC 4287, 4.2.6).
    name = "/".join([announcement.organisation, announcement.reference, *inside])
    return uuid.uuid5(_FAMILY, name).urn


def _plain(article: Article) -> str:
    lines = [article.lead]
    for section in article.sections:
        lines += ["", section.heading, *section.paragraphs]
        for item in section.items:
            lines += [f"- {item.text}", *([f"  {item.note}"] if item.note else [])]
    return "\n".join(lines)


def _linked_data(announcement: Announcement) -> bytes:
    document = {
        "@context": "https://schema.org",
        "@graph": [_special(announcement, article) for article in announcement.articles],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _special(announcement: Announcement, article: Article) -> dict[str, object]:
    ways = {"email": announcement.email, "telephone": announcement.hotline}
    contact = {"@type": "ContactPoint"} | {way: said for way, said in ways.items() if said}
    special: dict[str, object] = {
        "@type": "SpecialAnnouncement",
        "identifier": announcement.reference,
        "name": article.title,
        "abstract": article.lead,
        "text": _plain(article),
        "inLanguage": article.language,
        "datePosted": announcement.put_up_at.isoformat(),
        "dateModified": announcement.changed_at.isoformat(),
        "publisher": {
            "@type": "Organization",
            "name": announcement.organisation,
            "contactPoint": contact,
        },
        "url": f"{announcement.url}{article.language}/index.html",
    }
    if announcement.taken_down_at:
        special["expires"] = announcement.taken_down_at.isoformat()
    return special
