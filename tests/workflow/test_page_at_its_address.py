"""The page as its readers get it: at its own address, from a real web server."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from incident_engine.domain.errors import Unreachable
from incident_engine.store import announcements
from incident_engine.workflow.public.announce import put_up, status, take_down
from incident_engine.workflow.watch import watch
from tests.cast import INCIDENT, OTTO, House, typed


class WebServer(ThreadingHTTPServer):
    """Hands out a folder, or answers what it is told to."""

    answer = 200

    def serve(self, folder: Path) -> None:
        self.RequestHandlerClass = partial(_Pages, directory=str(folder))  # type: ignore[assignment]


class _Pages(SimpleHTTPRequestHandler):
    server: WebServer

    def do_GET(self) -> None:
        if self.server.answer == 200:
            return super().do_GET()
        return self.send_error(self.server.answer)

    def log_message(self, *_: object) -> None:
        """A test says what it found."""


@pytest.fixture
def web(house: House) -> Iterator[WebServer]:
    server = WebServer(("127.0.0.1", 0), _Pages)
    server.serve(folder_of(house))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    house.set(
        announcement_url=f"http://127.0.0.1:{server.server_address[1]}", announcement_wait="0"
    )
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def folder_of(house: House) -> Path:
    return house.engine.home.folder / "announcement"


def is_up(house: House) -> bool:
    with house.engine.reading() as session:
        return announcements.standing(session, house.incident().id or 0) is not None


def test_a_page_that_its_address_shows_is_up(house: House, web: WebServer) -> None:
    house.approved()
    put_up(house.engine, OTTO, INCIDENT)
    assert is_up(house)
    assert status(house.engine, OTTO, INCIDENT)[0].differences == ()


def test_an_address_that_answers_500_has_no_page_up_and_none_in_the_folder(
    house: House, web: WebServer
) -> None:
    house.approved()
    web.answer = 500
    shown = typed("announce", "put-up", INCIDENT)
    assert shown.status == 3
    shown.must_be_one_sentence("answers 500", "nothing counts as put up")
    assert not is_up(house)
    assert not folder_of(house).exists()
    [entry] = house.acts("announcement-not-seen")
    assert "answers 500" in json.loads(entry.body)["differences"][0]
    assert house.acts("announcement-put-up") == []


def test_an_address_with_yesterdays_page_keeps_yesterdays_page_as_the_one_that_is_up(
    house: House, web: WebServer, tmp_path: Path
) -> None:
    house.approved()
    first = put_up(house.engine, OTTO, INCIDENT)
    cached = shutil.copytree(folder_of(house), tmp_path / "cached")
    web.serve(cached)
    house.clock.passes(days=1)
    with pytest.raises(Unreachable, match="another page than the one put up"):
        put_up(house.engine, OTTO, INCIDENT)
    [still] = status(house.engine, OTTO, INCIDENT)
    assert still.announcement.sha256 == first.sha256
    assert still.differences == (), "the folder holds again what the address shows"
    with pytest.raises(Unreachable):
        take_down(house.engine, OTTO, INCIDENT, why="done", early=True)
    assert is_up(house)


def test_the_hourly_look_sees_what_readers_see(house: House, web: WebServer) -> None:
    house.approved()
    put_up(house.engine, OTTO, INCIDENT)
    house.clock.passes(minutes=61)
    assert watch(house.engine).pages_changed == 0
    web.answer = 503
    house.clock.passes(minutes=61)
    assert watch(house.engine).pages_changed == 1
    [entry] = house.acts("announcement-differs")
    assert "answers 503" in entry.body


def test_an_address_that_nobody_answers_at_is_one_sentence(house: House) -> None:
    house.set(announcement_url="http://127.0.0.1:1", announcement_wait="0")
    house.approved()
    shown = typed("announce", "put-up", INCIDENT)
    assert shown.status == 3
    shown.must_be_one_sentence("cannot be read")


def test_a_server_that_leads_index_html_to_its_folder_is_followed_once(
    house: House, web: WebServer
) -> None:
    class Leading(_Pages):
        def do_GET(self) -> None:
            if not self.path.endswith("index.html"):
                return super().do_GET()
            self.send_response(301)
            self.send_header("Location", self.path.removesuffix("index.html"))
            self.send_header("Content-Length", "0")
            return self.end_headers()

    web.RequestHandlerClass = partial(Leading, directory=str(folder_of(house)))  # type: ignore[assignment]
    house.approved()
    put_up(house.engine, OTTO, INCIDENT)
    assert is_up(house)
