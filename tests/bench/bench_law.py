"""How fast the law is asked. Run by hand: `python -m tests.bench.bench_law`; not collected.

Times are processor seconds of this process or of its child, the best of several runs, so that a
busy machine does not fail them. Prints each figure beside its limit; exit status 1 beyond one.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from incident_engine.domain.facts.document import parse_facts
from incident_engine.domain.law.assess import assess
from incident_engine.intake.law_set import read_law_set
from incident_engine.intake.veris_file import from_veris

ROOT = Path(__file__).parents[2]
LAWS = ROOT / "playbooks"
INCIDENTS = sorted((ROOT / "tests" / "cases" / "veris" / "incidents").glob("*.json"))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
STATES = "CA MA NY TX IA WA OR VT FL IL MD NJ CO CT OH PA VA GA NC MI AZ AL AK AR DE HI ID IN KS KY"
COUNTRIES = "DE FR IT ES NL PL SE FI IE AT GB CH CN SG JP KR TW HK IN BR AU NZ ZA TH ID VN TR MY"
PLACES = [*(f"US-{state}" for state in STATES.split()), *COUNTRIES.split(), "CA-QC", "CA-ON"]
MANY = 10_000


class Figure(NamedTuple):
    """One measured thing, its unit, and what it may be at most."""

    what: str
    found: float
    limit: float
    unit: str

    def __str__(self) -> str:
        verdict = "ok" if self.found <= self.limit else "BEYOND"
        ratio = self.found / self.limit
        return (
            f"{self.what:<52} {self.found:>9.1f} {self.unit:<3} limit {self.limit:>7.0f}"
            f"  {ratio:5.2f}  {verdict}"
        )


def best(act: Callable[[], object], times: int = 7) -> float:
    """Milliseconds of this process, the best of several."""
    spent = []
    for _ in range(times):
        before = time.process_time()
        act()
        spent.append(time.process_time() - before)
    return min(spent) * 1_000


def sixty_places() -> dict[str, Any]:
    return {
        "role": "controller", "kinds": ["confidentiality"],
        "organisation": {"country": "US", "sectors": ["cloud", "listed-company"]},
        "clocks": {"aware": "2026-11-23T09:00:00-05:00", "discovered": "2026-11-23"},
        "cause": {"intent": "malicious", "exfiltrated": True, "scenario": "exfiltration"},
        "data": {"types": ["name", "ssn", "bank_account", "health"], "encrypted": False},
        "people": [{"where": place, "count": 900} for place in PLACES],
    }  # fmt: skip


def warm(kept: Path) -> Figure:
    laws = read_law_set(LAWS, kept).laws
    facts = parse_facts(sixty_places())
    return Figure(f"assess {len(PLACES)} places, {len(laws)} laws, warm",
                  best(lambda: assess(facts, laws, now=NOW).as_json()), 150, "ms")  # fmt: skip


def loading(kept: Path) -> list[Figure]:
    first = best(lambda: (kept.unlink(missing_ok=True), read_law_set(LAWS, kept)), 3)
    again = best(lambda: read_law_set(LAWS, kept))
    return [
        Figure("load all laws, files changed (for comparison)", first, 3_000, "ms"),
        Figure("load all laws, as kept", again, 300, "ms"),
    ]


def cold(folder: Path) -> list[Figure]:
    """From the command line, where Python may write bytecode and where it may not."""
    facts = folder / "facts.json"
    facts.write_text(json.dumps(sixty_places()), "utf-8")
    plain = {name: value for name, value in os.environ.items() if "BYTECODE" not in name}
    plain |= {"XDG_CACHE_HOME": str(folder), "INCIDENT_ENGINE_HOME": str(folder / "no")}
    written = plain | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    return [
        Figure("assess, cold, from the command line", _child(facts, written), 1_500, "ms"),
        Figure("the same, where no bytecode may be written",
               _child(facts, plain | {"PYTHONDONTWRITEBYTECODE": "1"}), 1_500, "ms"),
    ]  # fmt: skip


def _child(facts: Path, around: dict[str, str]) -> float:
    command = [sys.executable, "-m", "incident_engine", "assess", str(facts), "--json"]
    spent = []
    for _ in range(6):  # the first keeps the laws, and the bytecode
        before = os.times()
        subprocess.run(command, cwd=ROOT, env=around, check=True, capture_output=True)
        after = os.times()
        spent.append(after.children_user + after.children_system
                     - before.children_user - before.children_system)  # fmt: skip
    return min(spent) * 1_000


def many_incidents(kept: Path) -> list[Figure]:
    laws = read_law_set(LAWS, kept).laws
    records = [json.loads(path.read_text("utf-8")) for path in INCIDENTS]
    began, peak, early = time.process_time(), 0, 0
    for number, record in enumerate(islice(cycle(records), MANY)):
        facts = parse_facts(from_veris(record, place="incident.json").document)
        assess(facts, laws, now=NOW).as_json()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        early = peak if number == MANY // 10 else early
    spent = time.process_time() - began
    return [
        Figure(f"{MANY} VERIS incidents on one core", spent, 600, "s"),
        Figure("memory after all of them, in % of after a tenth", 100 * peak / early, 110, "%"),
    ]


def main() -> int:
    """Measure, print, and say by the exit status whether all is within its limits."""
    with tempfile.TemporaryDirectory() as name:
        kept = Path(name) / "laws.json"
        figures = [*loading(kept), warm(kept), *cold(Path(name)), *many_incidents(kept)]
    for figure in figures:
        sys.stdout.write(f"{figure}\n")
    return int(any(figure.found > figure.limit for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
