"""The mail and the public page as a reader meets them, in Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.law.content import ContentItem
from incident_engine.notices.languages import direction_of
from incident_engine.notices.public.announcement import build_site, build_trace
from incident_engine.notices.public.site import publish
from incident_engine.notices.wording import fill
from tests.notices.conftest import TO_ADA, TOLD, article, facts_with, page, worded

pytestmark = pytest.mark.browser

LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 3
PAGES = ("index.html", *(f"{language}/index.html" for language in TOLD))
WIDTHS = (320, 600, 900)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        assert not os.environ.get("CI"), "CI has no Chromium"
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def mails(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The mail in each language: to Ada, to a guardian, and with the longest words there are."""
    folder, found = tmp_path_factory.mktemp("mails"), {}
    everything = replace(TO_ADA, data_types=())
    for language in TOLD:
        odd = facts_with({f"story.{language}.cause": LONG})
        made = {
            "Ada": worded(occasion=everything, language=language),
            "guardian": worded(occasion=replace(TO_ADA, guardian=True), language=language),
            "long": worded(odd, everything, language),
        }
        for case, wording in made.items():
            found[f"{language} {case}"] = folder / f"{language}-{case}.html"
            name = LONG[:190] if case == "long" else "Ada Lovelace"
            found[f"{language} {case}"].write_text(
                fill(wording, name=name, about="Di").html, "utf-8"
            )
    return found


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The public page while it is up, and the trace it leaves."""
    folder = tmp_path_factory.mktemp("sites")
    up = page(updated_at=page().put_up_at)
    publish(build_site(up), folder / "up")
    publish(build_trace(up, taken_down_at=up.put_up_at), folder / "down")
    return {"up": folder / "up", "down": folder / "down"}


def opened(browser: Browser, file: Path, *, width: int = 600, **context: Any) -> Page:
    """The file in a window of its own. Whatever it asks the network for makes the test fail."""
    tab = browser.new_context(viewport={"width": width, "height": 800}, **context).new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(file.as_uri())
    own = [file.as_uri(), "data:,"]
    assert [url for url in asked if url not in own] == []
    return tab


def violations(tab: Page) -> list[str]:
    found = Axe().run(tab).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def overflow(tab: Page) -> int:
    return int(tab.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("case", [f"{language} Ada" for language in TOLD])
def test_a_mail_is_accessible(
    chromium: Browser, mails: dict[str, Path], case: str, scheme: str
) -> None:
    tab = opened(chromium, mails[case], color_scheme=scheme)
    assert violations(tab) == []
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(20, 24, 29)") is (scheme == "dark")
    tab.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("state", "path"), [*(("up", path) for path in PAGES), ("down", "en/index.html")]
)
def test_the_public_page_is_accessible(
    chromium: Browser, sites: dict[str, Path], state: str, path: str, scheme: str
) -> None:
    tab = opened(chromium, sites[state] / path, color_scheme=scheme)
    assert violations(tab) == []
    tab.context.close()


@pytest.mark.parametrize("case", ["en Ada", "en long", "zh-Hans Ada", "zh-Hans long"])
def test_a_mail_is_one_column_at_any_width_and_never_scrolls_sideways(
    chromium: Browser, mails: dict[str, Path], case: str
) -> None:
    tab = opened(chromium, mails[case])
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 800})
        assert overflow(tab) <= 0, width
        left = tab.evaluate(
            "[...new Set([...document.querySelectorAll('h1,h2,h3,p')]"
            ".map(e => Math.round(e.getBoundingClientRect().left)))]"
        )
        assert len(left) == 1, width
    tab.context.close()


@pytest.mark.parametrize("path", PAGES)
def test_the_public_page_never_scrolls_sideways(
    chromium: Browser, sites: dict[str, Path], path: str
) -> None:
    tab = opened(chromium, sites["up"] / path)
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 800})
        assert overflow(tab) <= 0, width
    tab.context.close()


@pytest.mark.parametrize("language", TOLD)
def test_a_mail_has_a_language_a_direction_and_nothing_that_acts(
    chromium: Browser, mails: dict[str, Path], language: str
) -> None:
    tab = opened(chromium, mails[f"{language} Ada"])
    html = tab.locator("html")
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == (language, "ltr")
    acts = "script, form, input, button, iframe, img, object, embed, link, a, video, svg, base"
    assert tab.locator(acts).count() == 0
    assert tab.locator(".preview").is_hidden()
    assert tab.locator("h1").count() == 1
    tab.context.close()


@pytest.mark.parametrize("language", ["ar", "de", "ru"])
def test_from_the_right_and_with_the_longest_words_nothing_scrolls_sideways(
    chromium: Browser, tmp_path: Path, language: str
) -> None:
    """Arabic lines have Latin names, numbers and addresses in them."""
    everything = replace(TO_ADA, data_types=(), content=frozenset(ContentItem), country="US")
    codes = [str(code) for code in DataType]
    facts = facts_with({"data.types": codes})
    mail = tmp_path / "mail.html"
    mail.write_text(fill(worded(facts, everything, language), name="Ada").html, "utf-8")
    publish(build_site(page(articles=(article(facts, language),))), tmp_path / "site")
    for file in (mail, tmp_path / "site" / language / "index.html"):
        tab = opened(chromium, file)
        assert tab.locator("html").get_attribute("dir") == direction_of(language)
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 800})
            assert overflow(tab) <= 0, (file.name, width)
        tab.context.close()


def test_a_mail_is_as_long_as_mail_programs_show_whole(mails: dict[str, Path]) -> None:
    for case, file in mails.items():
        assert file.stat().st_size < 102_000, case  # Gmail cuts what is longer


@pytest.mark.parametrize("path", PAGES[1:])
def test_the_public_page_works_with_scripts_off(
    chromium: Browser, sites: dict[str, Path], path: str
) -> None:
    tab = opened(chromium, sites["up"] / path, java_script_enabled=False)
    assert "Kestrel Cloud" in tab.inner_text("header")
    assert len(tab.inner_text("main")) > 500
    other = next(each for each in PAGES[1:] if each != path)
    tab.click(f'nav a[href="../{other}"]')
    assert tab.url.endswith(other)
    tab.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_whoever_uses_the_keyboard_sees_where_they_are(
    chromium: Browser, sites: dict[str, Path], path: str, scheme: str
) -> None:
    tab = opened(chromium, sites["up"] / path, color_scheme=scheme)
    seen = []
    for _ in range(tab.locator("a").count()):
        tab.keyboard.press("Tab")
        seen.append(tab.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e),
                       b = e.getBoundingClientRect();
                       return [e.tagName, parseFloat(s.outlineWidth), s.outlineStyle,
                               b.right > 0 && b.bottom > 0]; }"""
        ))  # fmt: skip
    assert {tag for tag, *_ in seen} == {"A"}
    assert all(width >= 2 and style == "solid" and shown for _, width, style, shown in seen)
    tab.context.close()


def test_the_first_key_leads_past_the_top_to_the_text(
    chromium: Browser, sites: dict[str, Path]
) -> None:
    tab = opened(chromium, sites["up"] / "en/index.html")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.textContent") == "Skip to the text"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "text"
    tab.context.close()
