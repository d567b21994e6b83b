"""The clock inside a process: APScheduler turns it, the rows hold the truth.

Memory store only, two interval jobs known by code. No job holds a deadline: a persistent job
store drops what fell due while the process slept, and doubles it when two processes share it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

from incident_engine.domain.errors import IncidentEngineError, own_fault

# A dispatch of an hour outlasts its next turn: that it was left out is no news to anybody.
logging.getLogger("apscheduler").setLevel(logging.ERROR)

TICK_SECONDS = 30
DISPATCH_SECONDS = 2

Say = Callable[[str], None]


def run(
    tick: Callable[[], object],
    dispatch: Callable[[], object],
    *,
    say: Say,
    until: threading.Event,
    tick_seconds: float = TICK_SECONDS,
    dispatch_seconds: float = DISPATCH_SECONDS,
) -> None:
    """Turn the clock until `until` is set. One failing turn is said and the next one comes."""
    scheduler = BackgroundScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    scheduler.add_job(_guarded(tick, say), "interval", seconds=tick_seconds, id="tick")
    scheduler.add_job(_guarded(dispatch, say), "interval", seconds=dispatch_seconds, id="dispatch")
    _guarded(tick, say)()
    _guarded(dispatch, say)()
    scheduler.start()
    try:
        until.wait()
    finally:
        scheduler.shutdown(wait=True)


def _guarded(turn: Callable[[], object], say: Say) -> Callable[[], None]:
    def once() -> None:
        try:
            turn()
        except IncidentEngineError as error:
            say(str(error))
        except Exception as error:
            # Logged by the library it would be a traceback, which may repeat personal data; and
            # a clock that stops for one fault of ours misses every deadline after it.
            say(own_fault(error))

    return once
