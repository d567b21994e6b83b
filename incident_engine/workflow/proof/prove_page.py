"""The public page as it stood, version by version, and every look at it, as files of the pack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlmodel import Session

from incident_engine.home import Home
from incident_engine.proof.pack import PackFile
from incident_engine.store import announcement_copies, announcements, journal
from incident_engine.store.tables import Announcement, AnnouncementVersion, Incident
from incident_engine.workflow.proof.prove_acts import line, moment

_LOOKS = ("announcement-stands", "announcement-differs", "announcement-not-seen")


def add_announcements(pack: PackFile, home: Home, session: Session, incident: Incident) -> int:
    """Every public page in every version that stood, with its files; and each look at it.
    Returns how many versions."""
    rows = announcements.of_incident(session, incident.id or 0)
    pages = [
        _page(pack, home, session, incident, row, number)
        for number, row in enumerate(rows, start=1)
    ]
    pack.add_json("announcement/index.json", pages)
    pack.add_lines("announcement/checks.jsonl", _looks(session, incident))
    return sum(len(page["versions"]) for page in pages)


def _page(
    pack: PackFile,
    home: Home,
    session: Session,
    incident: Incident,
    row: Announcement,
    number: int,
) -> dict[str, Any]:
    rows = announcements.versions(session, row.id or 0)
    versions = [
        _version(pack, home, incident, each, f"announcement/{number}/{version}")
        for version, each in enumerate(rows, start=1)
    ]
    return {
        "number": number,
        "url": row.url,
        "put_up_by": row.put_up_by,
        "put_up_at": moment(row.put_up_at),
        "checked_at": moment(row.checked_at),
        "taken_down_by": row.taken_down_by,
        "taken_down_at": moment(row.taken_down_at),
        "why": row.why,
        "versions": versions,
    }


def _version(
    pack: PackFile, home: Home, incident: Incident, row: AnnouncementVersion, folder: str
) -> dict[str, Any]:
    files = json.loads(row.files)
    copies = announcement_copies.read(home, incident.reference, files)
    for path, content in sorted(copies.items()):
        pack.add(f"{folder}/{path}", content)
    return {
        "entry": row.entry,
        "since": moment(row.since),
        "by": row.by,
        "sha256": row.sha256,
        "files": files,
        "kept": {path: f"{folder}/{path}" for path in sorted(copies)},
    }


def _looks(session: Session, incident: Incident) -> Iterator[bytes]:
    for entry in journal.entries(session, incident=incident.reference):
        if entry.act in _LOOKS:
            body = json.loads(entry.body)
            yield line({
                "entry": entry.id,
                "at": entry.at,
                "page": entry.subject,
                "found": "as put up" if entry.act == _LOOKS[0] else "otherwise",
                "differences": body["differences"],
                "looked_at": body.get("looked_at", ""),
            })  # fmt: skip
