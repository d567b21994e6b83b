"""One dispatcher a home: two would each take the other's work for a dead one's."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from incident_engine.domain.errors import Conflict
from incident_engine.home import Home


@contextmanager
def dispatch_lock(home: Home) -> Iterator[None]:
    """Hold the home's dispatch lock. Raises Conflict when another process holds it.

    The kernel gives the lock back when its holder dies, however it dies.
    """
    descriptor = os.open(home.folder / "dispatch.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise Conflict(
            "dispatching",
            str(home.folder),
            "is being dispatched from by another process",
            next_step="Wait for it, or stop it; `incident-engine deliveries` shows how far it is.",
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)
