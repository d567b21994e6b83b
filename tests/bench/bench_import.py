"""How long a people file of 1,000,000 rows takes to import, and in how much memory.

`python -m tests.bench.bench_import [ROWS]`. The command is the one a responder types, in a process
of its own; time is the wall clock's, memory the most that process ever held. Beside it, in the same
run, what the parts alone would take that nobody can do without: reading the file's rows as CSV, and
writing the rows that were made into an empty table with the same indexes.
"""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS = 1_000_000
SECONDS, MEGABYTES = 90, 300
FACTS = Path(__file__).parents[2] / "incident_engine" / "demo" / "facts.toml"
FIRST = [
    "Ada",
    "Bea",
    "Cy",
    "Di",
    "Eve",
    "Finn",
    "Gus",
    "Hal",
    "Ida",
    "Jo",
    "Kai",
    "Lea",
    "Max",
    "Nia",
    "Ole",
    "Pia",
    "伟",
    "芳",
    "娜",
    "敏",
    "Иван",
    "Ольга",
]
LAST = [
    "Lovell",
    "Roux",
    "Marsh",
    "Weiß",
    "Müller",
    "Смирнов",
    "王",
    "李",
    "张",
    "García",
    "O'Neil",
    "Smith",
    "Nguyen",
    "Kim",
    "Sato",
]
WHERE = (("DE", "+49151{:08d}"), ("CN", "+86138{:08d}"), ("SG", "+659{:07d}"), ("FR", "+336{:08d}"))


def write_people(file: Path, rows: int) -> None:
    """A people file as customers' systems export it: a merge and a fault in every thousand."""
    with file.open("w", newline="", encoding="utf-8") as out:
        sheet = csv.writer(out)
        sheet.writerow(
            [
                "id",
                "name",
                "email",
                "phone",
                "address",
                "where",
                "language",
                "data_types",
                "birth_date",
            ]
        )
        for n in range(rows):
            place, phone = WHERE[n % 4]
            twin = n - 1 if n % 1000 == 999 else n
            sheet.writerow([
                f"K-{twin:07d}", f"{FIRST[twin % len(FIRST)]} {LAST[twin % len(LAST)]}",
                f"u{twin}@{'mail' if n % 3 else 'post'}{n % 97}.example" if n % 1000 else "nowhere",
                phone.format(twin), f"{n % 200} High Street\n{10_000 + n % 89_999} Town",
                place, "en" if n % 2 else "", "name;email;phone" if n % 5 else "",
                f"{1950 + twin % 50}-0{1 + twin % 9}-1{twin % 10}",
            ])  # fmt: skip


def typed(home: Path, *words: str) -> tuple[str, float, tuple[float, int]]:
    """One command in its own process: what it printed, its seconds, (processor s, most kB)."""
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "incident_engine", "--home", str(home), *words],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    assert status == 0, said
    return said, time.monotonic() - began, (used.ru_utime + used.ru_stime, used.ru_maxrss)


def bare_reading(file: Path) -> float:
    """Seconds to read the file's rows and do nothing with them."""
    began = time.process_time()
    with file.open(newline="", encoding="utf-8") as rows:
        for _ in csv.reader(rows):
            pass
    return time.process_time() - began


def bare_writing(home: Path) -> float:
    """Seconds to copy the rows that were kept into an empty database with the same indexes."""
    database = sqlite3.connect(home / "bare.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("ATTACH ? AS made", (str(home / "incident-engine.db"),))
    made = "SELECT sql FROM made.sqlite_master WHERE tbl_name = 'person' AND sql IS NOT NULL"
    for (statement,) in database.execute(made).fetchall():
        database.execute(statement)
    began = time.monotonic()
    database.execute("INSERT INTO main.person SELECT * FROM made.person")
    database.commit()
    return time.monotonic() - began


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        home, file = Path(folder) / "home", Path(folder) / "people.csv"
        write_people(file, rows)
        typed(
            home, "init", "--organisation", "Kestrel Cloud", "--country", "CN", "--admin", "maren"
        )
        incident = typed(home, "incident", "open", str(FACTS))[0].split()[-1]
        faults = str(rows // 1000)
        _, seconds, (busy, kilobytes) = typed(
            home, "people", "import", incident, str(file), "--accept-refused", faults, "--json"
        )
        reading, writing = bare_reading(file), bare_writing(home)
    share = rows / ROWS
    print(
        f"{rows:,} rows in {seconds:.1f} s ({busy:.1f} of the processor), {kilobytes >> 10} MB at most"
    )
    print(f"reading them as CSV alone {reading:.1f} s, writing them alone {writing:.1f} s")
    print(f"limits: {SECONDS * share:.1f} s, {MEGABYTES} MB")
    sys.exit(seconds > SECONDS * share or kilobytes > MEGABYTES * 1024)


if __name__ == "__main__":
    main()
