"""Put the public page where its readers are, and see it there: in its folder and at its address."""

from __future__ import annotations

import json
from pathlib import Path

from incident_engine.channels.public_page import seen_otherwise
from incident_engine.domain.errors import Unreachable
from incident_engine.notices.public import site
from incident_engine.store import announcement_copies, announcements
from incident_engine.store.tables import Announcement, Incident
from incident_engine.workflow.engine import Actor, Engine


def publish_page(
    engine: Engine,
    actor: Actor,
    incident: Incident,
    url: str,
    target: tuple[dict[str, bytes], Path],
) -> dict[str, str]:
    """Write `target` (files by path, folder) and see it at `url`, where that is not empty. Returns
    each path's SHA-256; a copy of every file is kept among the evidence.

    Raises Unreachable when it cannot be written or its address shows another page; then what
    stood before stands again, or nothing does, and the journal says what was seen instead.
    """
    files, folder = target
    hashes = site.publish(files, folder)
    wait = engine.settings.announcement.wait
    if url and (found := seen_otherwise(url, hashes, wait=wait)):
        _put_back(engine, incident, folder)
        with engine.transaction(actor) as transaction:
            transaction.record(
                "announcement-not-seen",
                incident=incident.reference,
                subject=site.digest(hashes),
                differences=list(found),
            )
        raise _not_seen(folder, found)
    announcement_copies.keep(engine.home, incident.reference, files)
    return hashes


def _put_back(engine: Engine, incident: Incident, folder: Path) -> None:
    """What stood before stands again; where nothing did, nothing does."""
    with engine.reading() as session:
        standing = announcements.standing(session, incident.id or 0)
    former = json.loads(standing.files) if standing else {}
    files = announcement_copies.read(engine.home, incident.reference, former)
    if not former:
        site.withdraw(folder)
    elif len(files) == len(former):
        site.publish(files, folder)


def _not_seen(folder: Path, found: tuple[str, ...]) -> Unreachable:
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return Unreachable(
        "not-seen",
        "announcement.url",
        f"{found[0]}{more}, so that nothing counts as put up",
        expected="at that address the very bytes that were approved",
        next_step=f"Look at the web server of {folder}, or give its copying more time with "
        "`incident-engine config set announcement.wait SECONDS`, then repeat the command.",
    )


def differences_of(row: Announcement) -> tuple[str, ...]:
    """What is not as it was put up: in the page's folder, and at its address where it has one."""
    files = json.loads(row.files)
    in_folder = site.differences(files, Path(row.folder))
    return in_folder + (seen_otherwise(row.url, files) if row.url else ())
