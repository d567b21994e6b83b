"""The whole way of a dispatch, beside its rivals, in one run: ratios, and a limit for each.

`python -m tests.bench.bench_dispatch [PEOPLE [ROUNDS]]`. Ours: a CSV is imported and launched, and
then every message is claimed, booked, sent and its answer kept, in SQLite with synchronous=FULL, in
one process, with at most 250 messages under way. What is measured is `deliver`. The receiver is
Postfix's smtp-sink. The rivals are fetched when first run, into a folder of their own:

- django-post_office, as it comes: queue and send, a row a message;
- nodemailer's pool of 20 connections, which keeps no record;
- Postfix's smtp-source, 20 sessions, which says the same words to everybody;
- aiosmtplib's own `sendmail` over as many connections as ours, 20 ms of round trip away.

Rounds alternate, so that whatever else the machine does meets everybody. The bytes are compared too:
what arrived for 10,000 people, decoded, with what the standard library would have written.
Needs smtp-sink and smtp-source (Debian: postfix), node and npm. Exits with 1 below a limit.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiosmtplib

from incident_engine import app
from incident_engine.domain.words import ChannelName
from incident_engine.home import Home
from tests.bench import ground
from tests.bench.same_bytes import as_the_slow_way, differences

PEOPLE, ROUNDS, COMPARED = 4_000, 3, 10_000
LANES, FAR_LANES, FAR = 100, 20, 0.020
LIMITS = {
    "django-post_office": 12.0,
    "nodemailer's pool": 5.0,
    "smtp-source": 0.4,
    "aiosmtplib at 20 ms": 1.8,
}
HERE = Path(__file__).parent
RIVALS = Path(os.environ.get("BENCH_RIVALS", "/tmp/incident-engine-rivals"))


@contextmanager
def sink(folder: Path, *, dump: bool = False) -> Iterator[int]:
    """Postfix's receiver; with `dump` every message becomes a file in the folder."""
    port = ground.free_port()
    words = ["-d", "%M."] if dump else []
    process = subprocess.Popen(
        ["smtp-sink", *_as_user(), *words, f"127.0.0.1:{port}", "500"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        ground.wait_for_port(port)
        yield port
    finally:
        process.kill()
        process.wait()


def _as_user() -> list[str]:
    return ["-u", "nobody"] if os.getuid() == 0 else []


def rivals() -> tuple[Path, Path]:
    """A Python with django-post_office and a folder with nodemailer; fetched once."""
    python, node = RIVALS / "python", RIVALS / "node"
    if not (python / "bin" / "python").exists():
        venv.create(python, with_pip=True)
        _run([str(python / "bin" / "pip"), "install", "-q", "django-post_office"])
    if not (node / "node_modules" / "nodemailer").exists():
        node.mkdir(parents=True, exist_ok=True)
        _run(["npm", "install", "--silent", "--prefix", str(node), "nodemailer"])
    return python / "bin" / "python", node


def _run(words: list[str]) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


class Course:
    """One campaign launched once, and copied for every round."""

    def __init__(self, folder: Path, people: int) -> None:
        self.folder, self.people = folder, people
        self.csv = ground.people_file(folder / "people.csv", people)
        self.home = folder / "launched"
        engine = ground.founded(
            self.home, email_host="127.0.0.1", email_port="25", email_security="none",
            email_sender="notice@kestrel.example", email_lanes=str(LANES),
        )  # fmt: skip
        self.reference = ground.launched(engine, self.csv, [ChannelName.EMAIL])
        engine.database.close()
        self.text, self.html = self._words()

    def _words(self) -> tuple[Path, Path]:
        """A notice of ours with marks for the name and the code, so that all say the same."""
        engine = app.build(Home(self.home))
        one = as_the_slow_way(engine, self.reference, 1)[0]
        made = []
        for kind, body in (("text", one.text), ("html", one.html or "")):
            words = body.replace(one.name, "{name}").replace(one.code, "{code}")
            made.append(self.folder / f"notice.{kind}")
            made[-1].write_text(words, encoding="utf-8")
        return made[0], made[1]

    def ours(self, port: int, lanes: int = LANES) -> float:
        """Messages a second, and every one of them in the book."""
        home = self.folder / "running"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(self.home, home)
        ground.changed(home, email_port=str(port), email_lanes=str(lanes)).database.close()
        told = ground.child("tests.bench.one_dispatch", home)
        assert told["found"] == {"accepted": self.people}, told
        return self.people / float(told["seconds"])

    def post_office(self, python: Path, port: int) -> float:
        folder = self.folder / "post_office"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        program = HERE / "rivals" / "post_office_queue.py"
        few = ground.people_file(self.folder / "few.csv", min(self.people, 1_500))
        words = [program, folder, port, few, self.text, self.html]
        told = json.loads(_run([str(python), *map(str, words)]))
        return float(told["sent"] / told["seconds"])

    def nodemailer(self, node: Path, port: int) -> float:
        program = HERE / "rivals" / "nodemailer_pool.js"
        words = [program, node, port, self.csv, self.text, self.html]
        told = json.loads(_run(["node", *map(str, words)]))
        return float(self.people / told["seconds"])

    def smtp_source(self, port: int) -> float:
        length = self.text.stat().st_size + self.html.stat().st_size
        began = time.perf_counter()
        _run(["smtp-source", "-s", "20", "-d", "-m", str(self.people * 3), "-l", str(length),
              f"127.0.0.1:{port}"])  # fmt: skip
        return self.people * 3 / (time.perf_counter() - began)

    def aiosmtplib(self, port: int, people: int = 600) -> float:
        """The library's own way, one ready message for everybody: only its round trips count."""
        message = b"Subject: x\r\n\r\n" + self.text.read_bytes().replace(b"\n", b"\r\n")
        return asyncio.run(_plain(port, message, people))


async def _plain(port: int, message: bytes, people: int) -> float:
    waiting = list(range(people))

    async def lane() -> None:
        client = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=port, start_tls=False, local_hostname="kestrel.example"
        )
        await client.connect()
        while waiting:
            number = waiting.pop()
            await client.sendmail("notice@kestrel.example", [f"p{number}@people.example"], message)
        await client.quit()

    began = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(FAR_LANES)))
    return people / (time.perf_counter() - began)


@contextmanager
def far_away(port: int) -> Iterator[int]:
    """The same receiver, 20 ms of round trip away."""
    door = ground.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.delay", str(door), str(port), str(FAR / 2)],
        cwd=HERE.parents[1],
    )
    try:
        ground.wait_for_port(door)
        yield door
    finally:
        process.kill()
        process.wait()


def rounds(course: Course, folder: Path, count: int) -> dict[str, list[tuple[float, float]]]:
    """(ours, theirs) in messages a second, for every rival and round."""
    python, node = rivals()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in LIMITS}
    with sink(folder) as port, far_away(port) as far:
        theirs: dict[str, Callable[[], float]] = {
            "django-post_office": lambda: course.post_office(python, port),
            "nodemailer's pool": lambda: course.nodemailer(node, port),
            "smtp-source": lambda: course.smtp_source(port),
        }
        for number in range(count):
            near = course.ours(port)
            for name in list(theirs)[:: -1 if number % 2 else 1]:
                found[name].append((near, theirs[name]()))
            away = course.ours(far, FAR_LANES)
            found["aiosmtplib at 20 ms"].append((away, course.aiosmtplib(far)))
    return found


def table(found: dict[str, list[tuple[float, float]]]) -> bool:
    """Print what was found; whether every limit was kept."""
    sys.stdout.write(f"{'beside':22}{'ours/s':>9}{'theirs/s':>10}{'ratio':>8}{'limit':>7}\n")
    kept = True
    for name, pairs in found.items():
        ratio = statistics.median(ours / theirs for ours, theirs in pairs)
        ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
        kept &= ratio >= LIMITS[name]
        sys.stdout.write(f"{name:22}{ours:9,.0f}{theirs:10,.0f}{ratio:8.2f}{LIMITS[name]:7.1f}\n")
    return kept


def compare(folder: Path, people: int) -> int:
    """How many messages differ, decoded, from those of the standard way."""
    place = folder / "arrived"
    place.mkdir()
    place.chmod(0o777)
    folder.chmod(0o755)
    course = Course(folder, people)
    with sink(place, dump=True) as port:
        course.ours(port, FAR_LANES)
    home = Home(folder / "running")
    return differences(app.build(home), course.reference, place)


def main() -> int:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    count = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    with ground.folder() as folder:
        course = Course(folder, people)
        kept = table(rounds(course, folder, count))
    with ground.folder() as folder:
        different = compare(folder, min(COMPARED, people))
    sys.stdout.write(f"{different} of {min(COMPARED, people):,} messages differ, decoded.\n")
    return 0 if kept and not different else 1


if __name__ == "__main__":
    sys.exit(main())
