"""The public page: whole in every language, followed by nobody, read by people and programs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from incident_engine.domain.errors import BadInput
from incident_engine.notices.public.announcement import build_site, build_trace
from tests.notices.conftest import TOLD, article, facts_with, page

ATOM = {"a": "http://www.w3.org/2005/Atom"}
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
LATER = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)


class Page(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, text: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


SITE = build_site(page())
PAGES = ["index.html", *(f"{language}/index.html" for language in TOLD)]


def test_a_site_is_a_chooser_a_feed_a_document_and_a_language_a_page_a_banner_a_press_text() -> (
    None
):
    assert list(SITE) == [
        "announcement.json", "en/banner.html", "en/index.html", "en/press.txt", "feed.atom",
        "index.html", "zh-Hans/banner.html", "zh-Hans/index.html", "zh-Hans/press.txt",
    ]  # fmt: skip
    assert build_site(page()) == SITE  # the same words, the same bytes: they can be compared


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fetches_nothing_runs_nothing_and_asks_nothing(path: str) -> None:
    elements = Page(SITE[path]).elements
    tags = {tag for tag, _ in elements}
    assert not tags & {
        "script",
        "form",
        "input",
        "iframe",
        "img",
        "object",
        "embed",
        "audio",
        "video",
    }
    for tag, attributes in elements:
        assert not [name for name in attributes if name.startswith("on")]
        if tag == "link":
            assert not re.match(r"https?:|//", attributes["href"] or "")
    policy = next(a["content"] for t, a in elements if a.get("http-equiv"))
    assert "default-src 'none'" in str(policy)
    assert "form-action 'none'" in str(policy)
    assert b"url(" not in SITE[path]


@pytest.mark.parametrize("language", TOLD)
def test_the_press_may_print_the_whole_notice_and_the_banner_leads_to_the_page(
    language: str,
) -> None:
    press = SITE[f"{language}/press.txt"].decode()
    assert article(language=language).title in press
    assert article(language=language).press == press
    banner = Page(SITE[f"{language}/banner.html"]).elements
    assert ("aside", "ltr", language) in [(t, a.get("dir"), a.get("lang")) for t, a in banner]
    at = replace(page(), url="https://kestrel.example/incident/")
    leads = Page(build_site(at)[f"{language}/banner.html"]).elements
    assert f"https://kestrel.example/incident/{language}/index.html" in [
        a.get("href") for _, a in leads
    ]
    words = article(language=language).banner.encode()
    assert words in SITE[f"{language}/banner.html"]
    assert ("a", {"href": "press.txt"}) in Page(SITE[f"{language}/index.html"]).elements


@pytest.mark.parametrize("language", TOLD)
def test_a_page_says_its_language_and_leads_to_the_others(language: str) -> None:
    elements = Page(SITE[f"{language}/index.html"]).elements
    assert ("html", {"lang": language, "dir": "ltr"}) in elements
    links = {a["href"] for t, a in elements if t == "a"}
    assert {f"../{each}/index.html" for each in TOLD} <= links
    assert "mailto:incident@kestrel.example" in links
    assert "tel:+861055550199" in links


@pytest.mark.parametrize(
    ("language", "when"),
    [("en", "7 March 2026, 12:00 (China Standard Time)"),
     ("zh-Hans", "2026年3月7日 12:00（中国标准时间）")],
)  # fmt: skip
def test_moments_are_shown_in_the_organisations_zone_with_its_name(
    language: str, when: str
) -> None:
    assert when in SITE[f"{language}/index.html"].decode()


def test_what_nobody_gave_is_left_out_whole() -> None:
    bare = build_site(page(email="", hotline="", address="", url=""))
    for path in PAGES[1:]:
        assert b"mailto:" not in bare[path]
        assert b"tel:" not in bare[path]
    [first, *_] = json.loads(bare["announcement.json"])["@graph"]
    assert first["publisher"]["contactPoint"] == {"@type": "ContactPoint"}


def test_markup_in_a_story_is_text_on_the_page_and_in_the_feed() -> None:
    attack = '</title><script>alert(1)</script>"><img src=x onerror=alert(1)> \u202eodd]]>'
    facts = facts_with({"story.en.summary": attack.replace("\u202e", "")})
    site = build_site(page(articles=(article(facts),), organisation=attack.replace("\u202e", "")))
    for path in ("index.html", "en/index.html"):
        assert not {t for t, _ in Page(site[path]).elements} & {"script", "img"}
    entry = ElementTree.fromstring(site["feed.atom"]).find("a:entry/a:content", ATOM)
    assert entry is not None
    assert "<script>alert(1)</script>" in (entry.text or "")
    assert "<script>" in json.loads(site["announcement.json"])["@graph"][0]["text"]


@pytest.mark.parametrize("odd", ["\uffff", "\ufffe", "\U0001ffff", "\ufdd0", "\ue000"])
def test_a_character_that_xml_cannot_hold_never_gets_into_the_feed(odd: str) -> None:
    facts = facts_with({"story.en.cause": f"We left{odd} it open."})
    site = build_site(page(articles=(article(facts),)))
    assert odd not in site["feed.atom"].decode()
    assert ElementTree.fromstring(site["feed.atom"]).tag.endswith("feed")


# --- for programs ---------------------------------------------------------------------------


def test_the_feed_is_atom_with_every_part_that_it_must_have() -> None:
    """RFC 4287, 4.1.1 and 4.1.2."""
    feed = ElementTree.fromstring(SITE["feed.atom"])
    assert feed.tag == f"{{{ATOM['a']}}}feed"
    entries = feed.findall("a:entry", ATOM)
    assert len(entries) == 2
    ids = [each.findtext("a:id", "", ATOM) for each in (feed, *entries)]
    assert len(set(ids)) == 3
    assert all(each.startswith("urn:uuid:") for each in ids)
    assert feed.findtext("a:author/a:name", "", ATOM) == "Kestrel Cloud"
    assert [link.get("rel") for link in feed.findall("a:link", ATOM)] == ["self"]
    for each in (feed, *entries):
        assert len(each.findall("a:title", ATOM)) == 1
        assert len(each.findall("a:updated", ATOM)) == 1
        assert RFC_3339.fullmatch(each.findtext("a:updated", "", ATOM))
    for entry, language in zip(entries, TOLD, strict=True):
        assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == language
        link = entry.find("a:link[@rel='alternate']", ATOM)
        assert link is not None
        assert link.get("href") == f"https://www.kestrel.example/incident/{language}/index.html"
        assert RFC_3339.fullmatch(entry.findtext("a:published", "", ATOM))
        assert entry.findtext("a:summary", "", ATOM)
        assert entry.findtext("a:content", "", ATOM)


def test_a_change_keeps_the_ids_and_moves_the_date() -> None:
    before = ElementTree.fromstring(SITE["feed.atom"])
    after = ElementTree.fromstring(build_site(page(updated_at=LATER))["feed.atom"])
    ids = [[e.text for e in each.iter(f"{{{ATOM['a']}}}id")] for each in (before, after)]
    assert ids[0] == ids[1]
    assert after.findtext("a:updated", "", ATOM) == LATER.isoformat()
    assert after.findtext("a:entry/a:published", "", ATOM) != LATER.isoformat()


def test_two_organisations_that_count_alike_have_feeds_of_their_own() -> None:
    other = ElementTree.fromstring(build_site(page(organisation="Heron Bank"))["feed.atom"])
    ours = ElementTree.fromstring(SITE["feed.atom"])
    assert other.findtext("a:id", "", ATOM) != ours.findtext("a:id", "", ATOM)


def test_the_document_is_json_ld_of_special_announcements() -> None:
    document = json.loads(SITE["announcement.json"])
    assert document["@context"] == "https://schema.org"
    for each, language in zip(document["@graph"], TOLD, strict=True):
        assert each["@type"] == "SpecialAnnouncement"
        assert each["identifier"] == "INC-2026-0001"
        assert each["inLanguage"] == language
        assert each["name"]
        assert each["text"]
        assert RFC_3339.fullmatch(each["datePosted"])
        assert RFC_3339.fullmatch(each["dateModified"])
        assert "expires" not in each
        assert each["publisher"] == {
            "@type": "Organization",
            "name": "Kestrel Cloud",
            "contactPoint": {
                "@type": "ContactPoint",
                "email": "incident@kestrel.example",
                "telephone": "+86 10 5555 0199",
            },
        }
        assert each["url"] == f"https://www.kestrel.example/incident/{language}/index.html"


# --- after its end --------------------------------------------------------------------------


@pytest.mark.parametrize("language", TOLD)
def test_what_is_taken_down_leaves_a_trace_that_no_longer_says_what_happened(language: str) -> None:
    trace = build_trace(page(), taken_down_at=LATER)
    text = trace[f"{language}/index.html"].decode()
    assert list(trace) == [path for path in SITE if not path.endswith(("banner.html", "press.txt"))]
    assert {"en": "from 7 March 2026, 12:00", "zh-Hans": "2026年3月7日 12:00"}[language] in text
    assert {"en": "until 9 March 2026, 16:30", "zh-Hans": "至 2026年3月9日 16:30"}[language] in text
    assert "incident@kestrel.example" in text  # whom to ask stays
    for path, data in trace.items():
        assert "We made a copy" not in data.decode(), path
        assert "复制了一份客户数据库" not in data.decode(), path
    assert {e["expires"] for e in json.loads(trace["announcement.json"])["@graph"]} == {
        LATER.isoformat()
    }


# --- refused --------------------------------------------------------------------------------


def test_a_page_without_a_text_or_with_two_in_one_language_is_refused() -> None:
    with pytest.raises(BadInput, match="the announcement has no text"):
        build_site(page(articles=()))
    with pytest.raises(BadInput, match="has two articles in en"):
        build_site(page(articles=(article(), article())))
