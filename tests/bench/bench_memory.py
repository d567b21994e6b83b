"""What a dispatch to many people takes in memory, step by step, each in a process of its own.

`python -m tests.bench.bench_memory [FEW [MANY]]`: 100,000 and 1,000,000 people. Import, prepare,
approve, launch and deliver (to Postfix's smtp-sink). The limits: no process holds more than 150 MB
(the import 300), and none with many people more than 1.1 times what it holds with few. Needs
smtp-sink (Debian: postfix). Exits with 1 above a limit.
"""

from __future__ import annotations

import sys
from typing import Any

from tests.bench import ground
from tests.bench.bench_dispatch import sink
from tests.bench.one_step import STEPS

FEW, MANY = 100_000, 1_000_000
MEGABYTES, IMPORT_MEGABYTES, GROWTH = 150, 300, 1.1
LANES = 100


def measured(people: int) -> dict[str, dict[str, Any]]:
    """Each step's seconds and most megabytes."""
    with ground.folder() as folder:
        folder.chmod(0o755)
        file = ground.people_file(folder / "people.csv", people)
        with sink(folder) as port:
            engine = ground.founded(
                folder / "home", email_host="127.0.0.1", email_port=str(port),
                email_security="none", email_sender="notice@kestrel.example",
                email_lanes=str(LANES),
            )  # fmt: skip
            ground.opened(engine)
            engine.database.close()
            found = {}
            for step in STEPS:
                found[step] = ground.child("tests.bench.one_step", folder / "home", step, file)
                told = found[step]
                sys.stdout.write(
                    f"{people:11,}  {step:8}{told['seconds']:9.1f} s{told['peak_mb']:8.0f} MB\n"
                )
                sys.stdout.flush()
        assert found["deliver"]["found"] == {"accepted": people}, found["deliver"]
        return found


def main() -> int:
    few, many = [int(word) for word in sys.argv[1:]] + [FEW, MANY][len(sys.argv) - 1 :]
    small, large = measured(few), measured(many)
    kept = True
    for step in STEPS:
        most, growth = large[step]["peak_mb"], large[step]["peak_mb"] / small[step]["peak_mb"]
        is_import = step == "import"
        good = most <= IMPORT_MEGABYTES if is_import else most <= MEGABYTES and growth <= GROWTH
        kept &= good
        sys.stdout.write(
            f"{step:8}{most:6.0f} MB, {growth:.2f} times {'kept' if good else 'NOT KEPT'}\n"
        )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
