"""What `doctor` looks at. Each check says what it found, and ok, warn or fail in words."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from incident_engine.domain.errors import IncidentEngineError
from incident_engine.domain.words import ChannelName
from incident_engine.workflow.rolled_back import must_not_be_rolled_back

if TYPE_CHECKING:
    from incident_engine.workflow.engine import Engine

# CVE-2024-6923: below these the standard library lets an encoded line break become a header.
# Every message is read back before it leaves, so an older Python is a warning, not a stop.
_PATCHED = {(3, 11): 10, (3, 12): 5, (3, 13): 0}
_LOW_DISK = 200 * 1024 * 1024
_STALE = timedelta(days=1)  # after it a roll-back of that long would go unseen


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    verdict: str
    what: str
    found: str


def checkup(engine: Engine) -> list[Check]:
    """Everything worth knowing before an incident rather than in it."""
    return [
        _python(),
        _disk(engine),
        _rights(engine),
        _wire(engine, ChannelName.EMAIL),
        _wire(engine, ChannelName.SMS),
        _law(engine),
        _checkpoint(engine),
    ]


def _python() -> Check:
    version = sys.version_info
    old = version.micro < _PATCHED.get((version.major, version.minor), 0)
    found = f"{version.major}.{version.minor}.{version.micro}"
    return Check("warn" if old else "ok", "Python", f"{found}{': update it' if old else ''}")


def _disk(engine: Engine) -> Check:
    free = shutil.disk_usage(engine.home.folder).free
    return Check("ok" if free > _LOW_DISK else "fail", "free disk", f"{free // 2**20} MB")


def _rights(engine: Engine) -> Check:
    loose = [
        path.name
        for path in (engine.home.folder, engine.home.keys, engine.home.config)
        if path.stat().st_mode & 0o077
    ]
    found = f"others can read {', '.join(loose)}" if loose else "readable by the owner alone"
    return Check("fail" if loose else "ok", "home folder", found)


def _wire(engine: Engine, name: ChannelName) -> Check:
    try:
        engine.channel(name)
    except IncidentEngineError as error:
        return Check("warn", f"channel {name}", str(error))
    if name == ChannelName.EMAIL and not engine.settings.email.sender:
        return Check("warn", "channel email", "email.sender is not set: name one readers know")
    return Check("ok", f"channel {name}", "set up")


def _checkpoint(engine: Engine) -> Check:
    try:
        newest = must_not_be_rolled_back(engine)
    except IncidentEngineError as error:
        return Check("fail", "journal", str(error))
    if newest is None:
        found = "no signed checkpoint yet: run `incident-engine journal checkpoint`"
        return Check("warn", "journal", found)
    age = engine.now() - newest.at
    found = f"{newest.entries} entries signed {newest.at:%Y-%m-%d %H:%M} UTC"
    if age > _STALE:
        found += ": run `incident-engine journal checkpoint`, and keep a copy elsewhere"
    return Check("warn" if age > _STALE else "ok", "journal", found)


def _law(engine: Engine) -> Check:
    try:
        count = len(engine.playbooks)
    except IncidentEngineError as error:
        return Check("fail", "playbooks", str(error))
    return Check("ok" if count else "fail", "playbooks", f"{count} read")
