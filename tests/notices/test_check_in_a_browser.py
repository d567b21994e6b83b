"""The check page as a reader meets it, in Chromium, served by a plain web server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from incident_engine.domain.notice_code import ALPHABET, code_of, read_code, spelled
from incident_engine.notices.public import site
from incident_engine.notices.public.check_page import build_check_page
from incident_engine.notices.public.code_lists import code_lists
from tests.notices.conftest import FIRST_TWO
from tests.notices.test_check_page import page
from tests.notices.test_in_a_browser import chromium, overflow, violations

pytestmark = pytest.mark.browser
__all__ = ["chromium"]

KEY = bytes(32)
CODES = [code_of(KEY, "INC-2026-0001/1", f"person-{number}") for number in range(300)]
GENUINE = next(code for code in CODES if "0" in code and "1" in code)
WRONG = GENUINE[:-1] + next(letter for letter in ALPHABET if letter != GENUINE[-1])
PAGES = ("index.html", *(f"{language}/index.html" for language in FIRST_TWO))
YES = {"en": "Yes, this code is ours.", "zh-Hans": "是的，这个核验码是我们的。"}
NO = {"en": "No, this code is not ours.", "zh-Hans": "不是，这个核验码不是我们的。"}


@dataclass
class Host:
    """A static host, and every request it saw with the size of its answer."""

    folder: Path
    address: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    found = Host(tmp_path_factory.mktemp("check") / "www")
    lists = code_lists(((code, 1) for code in CODES), key=KEY, notices=1)
    senders = json.dumps({"statement": {"reference": "INC-2026-0001"}}).encode()
    files = build_check_page(page()) | lists | {"senders.json": senders}
    site.publish(files, found.folder, site.CHECK_PAGE)

    class Server(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            found.asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Server, directory=found.folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        found.address = f"http://127.0.0.1:{server.server_port}"
        yield found
        server.shutdown()
        thread.join()


def opened(browser: Browser, host: Host, path: str = "en/index.html", **context: Any) -> Page:
    tab = browser.new_context(**context).new_page()
    tab.goto(f"{host.address}/{path}")
    return tab


def answer(tab: Page, typed: str) -> str:
    """What the page says to a typed code."""
    tab.evaluate("document.getElementById('answer').replaceChildren()")
    tab.fill("#code", typed)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#answer h2")
    return tab.inner_text("#answer")


@pytest.mark.parametrize("path", PAGES)
def test_a_genuine_code_a_confused_one_and_a_wrong_one(
    chromium: Browser, host: Host, path: str
) -> None:
    tab = opened(chromium, host, path)
    language = "zh-Hans" if path.startswith("zh") else "en"
    for typed in (GENUINE, GENUINE.lower().replace("0", "o").replace("1", "l").replace("-", " ")):
        said = answer(tab, typed)
        assert YES[language] in said
        assert "INC-2026-0001" in said
        assert "Kestrel Cloud" in said
    for typed in (WRONG, "hello", GENUINE[:-1]):
        assert NO[language] in answer(tab, typed)
    tab.context.close()


def test_every_genuine_code_is_answered_with_the_same_words(chromium: Browser, host: Host) -> None:
    tab = opened(chromium, host)
    assert len({answer(tab, code) for code in CODES[:5]}) == 1
    assert len({answer(tab, code) for code in (WRONG, "hello", "1" * 16)}) == 1
    tab.context.close()


def test_only_the_first_two_digits_of_the_hash_leave_the_browser(
    chromium: Browser, host: Host
) -> None:
    tab = opened(chromium, host)
    host.asked.clear()
    sizes = set()
    tab.on("response", lambda response: sizes.add(response.header_value("content-length")))
    for typed in (GENUINE, WRONG, "hello", "a" * 60):
        answer(tab, typed)
    assert len(host.asked) == 4
    assert all(path.startswith("/codes/") and len(path) == len("/codes/00.txt")
               for path in host.asked)  # fmt: skip
    assert len(sizes) == 1
    assert tab.url == f"{host.address}/en/index.html"
    assert tab.context.cookies() == []
    assert tab.evaluate("localStorage.length + sessionStorage.length") == 0
    tab.context.close()


TYPED = [
    *CODES[:20], GENUINE.lower(), GENUINE.replace("-", "\u2011"), GENUINE.replace("-", "\u00a0"),
    "".join(chr(ord(c) + 0xFEE0) for c in GENUINE), GENUINE.replace("0", "O").replace("1", "I"),
    "", "-" * 16, "U" * 16, "ß" * 8, "ı" * 16, "ﬁ" * 8, "𝟎" * 16, GENUINE + "\u200b", "0" * 17,
    "É" * 16, "constructor", "İ" * 16, "١" * 16, GENUINE + "\t\n", "\u2212" + GENUINE, "０" * 16,
]  # fmt: skip


def test_the_browser_reads_a_code_exactly_as_this_house_does(chromium: Browser, host: Host) -> None:
    tab = opened(chromium, host)
    script = """async (typed) => { const our = await import('/check.js');
                return typed.map(each => our.readCode(each)); }"""
    found = tab.evaluate(script, TYPED)
    for typed, theirs in zip(TYPED, found, strict=True):
        ours = read_code(typed)
        assert theirs == (spelled(ours).replace("-", "") if ours is not None else None), typed
    tab.context.close()


def test_when_the_host_does_not_answer_the_page_says_that_it_could_not_check(
    chromium: Browser, host: Host
) -> None:
    tab = opened(chromium, host)
    tab.route("**/codes/*", lambda route: route.abort())
    assert "We were not able to check the code." in answer(tab, GENUINE)
    tab.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_the_page_is_accessible_before_and_after_an_answer(
    chromium: Browser, host: Host, path: str, scheme: str
) -> None:
    tab = opened(chromium, host, path, color_scheme=scheme)
    assert violations(tab) == []
    for typed in (GENUINE, WRONG):
        answer(tab, typed)
        assert violations(tab) == []
    assert tab.get_attribute("#answer", "role") == "status"
    tab.context.close()


@pytest.mark.parametrize("path", PAGES)
def test_the_page_never_scrolls_sideways(chromium: Browser, host: Host, path: str) -> None:
    tab = opened(chromium, host, path)
    for width in (320, 600, 1200):
        tab.set_viewport_size({"width": width, "height": 800})
        for typed in (GENUINE, WRONG):
            answer(tab, typed)
            assert overflow(tab) <= 0, width
    tab.context.close()


def test_the_keyboard_alone_is_enough(chromium: Browser, host: Host) -> None:
    tab = opened(chromium, host)
    for _ in range(10):
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.id") == "code":
            break
    tab.keyboard.type(GENUINE)
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.id") == "button"
    assert tab.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    tab.keyboard.press("Space")
    tab.wait_for_selector("#answer .ours")
    tab.context.close()


def test_with_scripts_off_the_page_says_so_and_whom_to_ask(chromium: Browser, host: Host) -> None:
    tab = opened(chromium, host, java_script_enabled=False)
    assert "only with JavaScript" in tab.inner_text("main")
    assert "+86 10 5555 0199" in tab.inner_text("main")
    assert not tab.is_visible("#form")
    tab.context.close()


def test_a_changed_script_is_not_run(chromium: Browser, host: Host, tmp_path: Path) -> None:
    """Whoever can change one file on the host cannot make the page say yes with it."""
    tab = chromium.new_context().new_page()
    tab.route("**/check.js", lambda route: route.fulfill(
        body="document.body.textContent = 'Yes, this code is ours.'",
        content_type="text/javascript"))  # fmt: skip
    tab.goto(f"{host.address}/en/index.html")
    assert "Yes, this code is ours." not in tab.inner_text("body")
    assert not tab.is_visible("#form")
    tab.context.close()


def test_a_page_from_right_to_left_has_its_code_from_left_to_right(
    chromium: Browser, host: Host
) -> None:
    tab = opened(chromium, host)
    tab.evaluate("document.documentElement.dir = 'rtl'")
    answer(tab, GENUINE)
    assert tab.evaluate("getComputedStyle(document.getElementById('code')).direction") == "ltr"
    edge = "getComputedStyle(document.querySelector('.answer')).borderRightWidth"
    assert float(tab.evaluate(edge).removesuffix("px")) > 4
    assert overflow(tab) <= 0
    tab.context.close()
