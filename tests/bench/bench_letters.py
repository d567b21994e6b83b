"""A thousand letters in every language there is, on one core: at most a minute.

Counted is the core's own time, so that whatever else the machine does is not; the time that passed
is printed beside it.
Run as `python -m tests.bench.bench_letters`; exits with 1 when it took longer.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from datetime import UTC, datetime
from itertools import cycle, islice

from incident_engine.notices.languages import available_languages
from incident_engine.notices.letter import set_letter
from tests.notices.conftest import worded

LETTERS, SECONDS = 1000, 60
AT = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)


def main() -> int:
    """Set the letters and say how many a second."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    languages = available_languages()
    made = {language: worded(language=language) for language in languages}
    began, size, passed = time.process_time(), 0, time.perf_counter()
    for number, language in enumerate(islice(cycle(languages), LETTERS)):
        address = (f"{number} Harbour Street", f"Flat {number % 40}", "Bristol BS1 4ND")
        pdf = set_letter(
            made[language], name=f"Ada Lovelace {number}", address=address, at=AT,
            code=f"7K3M-9QXA-2BCD-{number:04d}",
        )  # fmt: skip
        size += len(pdf)
    took, passed = time.process_time() - began, time.perf_counter() - passed
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(
        f"{LETTERS} letters in {len(languages)} languages ({', '.join(languages)}) on one core: "
        f"{took:.1f} s of it ({passed:.1f} s passed), {LETTERS / took:.0f} a second, "
        f"{size / LETTERS / 1024:.0f} kB each, "
        f"{memory:.0f} MB at most. Allowed: {SECONDS} s.\n"
    )
    return 0 if took <= SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
