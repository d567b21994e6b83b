"""A dispatcher that can be killed again and again without paying for its start each time.

`python -m tests.stories.dispatcher HOME INCIDENT` forks one child a line of standard input; the
child builds its own engine and delivers. Prints each child's pid and, after one more line, how it
ended: until that line a child that came to its end by itself keeps its number, and can be killed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from incident_engine import app
from incident_engine.channels.mail import email  # noqa: F401 - loaded before the children are born
from incident_engine.home import Home
from incident_engine.workflow.dispatch.deliver import deliver
from tests.cast import OTTO


def tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main(home: Path, reference: str) -> None:
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            deliver(app.build(Home(home)), OTTO, reference)
            os._exit(0)
        tell(child)
        sys.stdin.readline()
        _, status = os.waitpid(child, 0)
        tell(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
