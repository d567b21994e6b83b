"""Where the benchmarks are run: a home of its own, people files of any length, a child to weigh.

Everything lies in one temporary folder and goes with it.
"""

from __future__ import annotations

import json
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from incident_engine import app
from incident_engine import settings as configuration
from incident_engine.cli.installation import make_home
from incident_engine.domain.words import ChannelName
from incident_engine.home import Home
from incident_engine.workflow.dispatch.launch import launch
from incident_engine.workflow.engine import Engine
from incident_engine.workflow.enrol import enrol, enrol_first
from incident_engine.workflow.incidents.open_incident import open_incident
from incident_engine.workflow.notices.approve import approve
from incident_engine.workflow.notices.prepare import prepare
from incident_engine.workflow.people.import_people import import_people
from tests.cast import DOV, EVE, INES, MAREN, OTTO, document

_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
_ROOT = Path(__file__).parents[2]
_GIVEN = [
    "Ada",
    "Bo",
    "Cy",
    "Di",
    "Ève",
    "Finn",
    "Gül",
    "Håkon",
    "Inès",
    "Jürgen",
    "Kaï",
    "Lía",
    "Måns",
    "Noël",
    "Óscar",
    "Pía",
    "Quinn",
    "René",
]
_FAMILY = [
    "Müller",
    "Weiß",
    "Lovell",
    "Roux",
    "Marsh",
    "Ortega",
    "Ødegård",
    "Nuñez",
    "Kováč",
    "Šimić",
    "Smith",
    "Jones",
    "Wilson",
]


@contextmanager
def folder() -> Iterator[Path]:
    """A place for everything one benchmark makes; what is kept of law files stays in it too."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/cache"
        yield Path(name)


def founded(home: Path, **values: str) -> Engine:
    """A new home with its users and these settings (`email_port="25"`)."""
    make_home(Home(home), organisation="Kestrel Cloud", country="CN")
    engine = app.create(Home(home))
    enrol_first(engine, MAREN.name)
    for each in (OTTO, DOV, INES, EVE):
        enrol(engine, MAREN, each.name, each.role)
    engine.database.close()
    return changed(home, **values)


def changed(home: Path, **values: str) -> Engine:
    """The engine of a home after changing its settings."""
    for name, value in values.items():
        configuration.change(Home(home), name.replace("_", ".", 1), value)
    return app.build(Home(home))


def opened(engine: Engine) -> str:
    """An incident of the cast's; its reference."""
    return open_incident(engine, OTTO, document(), source="facts.toml").reference


def launched(engine: Engine, people: Path, plan: Sequence[ChannelName], reference: str = "") -> str:
    """Import, prepare, have approved and launch; the incident's reference."""
    reference = reference or opened(engine)
    import_people(engine, OTTO, reference, people)
    campaign = prepare(engine, OTTO, reference, plan)
    approve(engine, DOV, reference, campaign.sha256)
    launch(engine, OTTO, reference)
    return reference


def people_file(path: Path, count: int, seed: int = 20260306) -> Path:
    """`count` people: names of many languages, an email, a telephone, a birth date each."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        file.write("id,name,email,phone,where,language,birth_date\n")
        for number in range(count):
            name = f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}"
            born = f"19{40 + number % 60:02d}-0{1 + number % 9}-1{number % 10}"
            file.write(
                f"C{number:07d},{name},p{number:07d}@people{number % 500}.example,"
                f"+4915{number:09d},DE,en,{born}\n"
            )
    return path


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for_port(port: int, patience: float = 20) -> None:
    """Until somebody listens there."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nobody listens on port {port}")


def child(module: str, *words: str | Path) -> dict[str, Any]:
    """Run a module of the benchmarks by itself; what it printed last, as JSON."""
    ran = subprocess.run(
        [sys.executable, "-m", module, *map(str, words)],
        cwd=_ROOT, capture_output=True, text=True, check=False, env=_as_installed(),
    )  # fmt: skip
    if ran.returncode:
        raise RuntimeError(f"{module} ended with {ran.returncode}: {ran.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def _as_installed() -> dict[str, str]:
    """Modules keep their bytecode, as on anybody's machine."""
    return {name: it for name, it in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def weighed(work: Callable[[], Any]) -> None:
    """Do it and print its seconds, processor seconds (children's too) and peak memory in MB."""
    began, before = time.perf_counter(), _processor_seconds()
    found = work()
    figures = {
        "seconds": time.perf_counter() - began,
        "cpu": _processor_seconds() - before,
        "peak_mb": max(resource.getrusage(who).ru_maxrss for who in _WHO) / 1024,
        "found": found,
    }
    sys.stdout.write(json.dumps(figures) + "\n")


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in _WHO]
    return sum(each.ru_utime + each.ru_stime for each in used)
