"""The public page as its readers get it: asked for at its own address and compared.

A folder that is whole proves nothing to a reader whose web server answers 500 or still hands out
yesterday's page. Each file is asked for as it is linked; one that a server sends elsewhere is
asked for once more as its folder, since many lead `…/index.html` to `…/`. Nothing else is followed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from hashlib import sha256

from incident_engine.channels.http import Line, NoAnswerError, NotAskedError

_TIMEOUT = 10.0  # seconds for one file
_PAUSE = 1.0  # seconds between two looks
_FRESH = {"Cache-Control": "no-cache", "Accept-Encoding": "identity"}


def seen_otherwise(url: str, files: Mapping[str, str], *, wait: float = 0) -> tuple[str, ...]:
    """What is not at `url` (with its closing slash) as it should be: "en/index.html answers 500".

    `files` is each path with its SHA-256. Looks again for `wait` seconds before it says so: a copy
    job or a cache may take its time. An address that nobody answers at is one line, not many.
    """
    line = Line(timeout=_TIMEOUT, connections=1)
    last = time.monotonic() + wait
    try:
        while True:
            found = _look(line, url, files)
            if not found or time.monotonic() >= last:
                return found
            time.sleep(min(_PAUSE, wait))
    finally:
        line.close()


def _look(line: Line, url: str, files: Mapping[str, str]) -> tuple[str, ...]:
    try:
        said = [_one(line, url, path, expected) for path, expected in sorted(files.items())]
    except (NotAskedError, NoAnswerError) as error:
        return (f"{url} cannot be read ({error})",)
    return tuple(each for each in said if each)


def _one(line: Line, url: str, path: str, expected: str) -> str:
    answer = line.ask("GET", url + path, headers=_FRESH)
    if 300 <= answer.status < 400 and path.endswith("index.html"):
        answer = line.ask("GET", url + path.removesuffix("index.html"), headers=_FRESH)
    if answer.status != 200:
        return f"{url}{path} answers {answer.status}"
    if sha256(answer.body).hexdigest() != expected:
        return f"{url}{path} is another page than the one put up"
    return ""
