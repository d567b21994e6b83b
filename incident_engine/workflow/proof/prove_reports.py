"""What authorities and controllers got, and what authorities answered, as files of the pack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlmodel import Session

from incident_engine.home import Home
from incident_engine.proof.pack import PackFile
from incident_engine.store import filings, packets
from incident_engine.store.sealing import Seal
from incident_engine.store.tables import (
    AuthorityAnswer,
    ControllerPacket,
    Filing,
    Incident,
    Obligation,
)
from incident_engine.workflow.proof.prove_acts import moment
from incident_engine.workflow.reports.draft_report import duty_name

_NAMES = "it names people: it is in a pack with personal data"
_GONE = "no copy of it is there any more"


def add_reports(pack: PackFile, home: Home, session: Session, incident: Incident) -> int:
    """Every version of every report, and its files. Returns how many versions."""
    rows = filings.of_incident(session, incident.id or 0)
    index = [_report(pack, home, filing, duty) for filing, duty in rows]
    pack.add_json("reports/index.json", index)
    return len(index)


def add_answers(pack: PackFile, home: Home, session: Session, incident: Incident) -> int:
    """What each authority answered to which version, with its file. Returns how many answers."""
    rows = filings.answers(session, incident.id or 0)
    index = [
        _answer(pack, home, answer, filing, number)
        for number, (answer, filing) in enumerate(rows, start=1)
    ]
    pack.add_json("reports/answers.json", index)
    return len(index)


def add_packets(
    pack: PackFile,
    home: Home,
    session: Session,
    incident: Incident,
    seal: Seal | None,
) -> int:
    """What each controller was handed. Its list of people only under `seal`. Returns how many."""
    rows = packets.of_incident(session, incident.id or 0)
    index = [
        _packet(pack, home, incident, row, number, seal) for number, row in enumerate(rows, start=1)
    ]
    pack.add_json("packets/index.json", index)
    return len(index)


def _report(pack: PackFile, home: Home, row: Filing, duty: Obligation) -> dict[str, Any]:
    name = f"reports/{duty_name(duty).replace('/', '-')}-{row.phase}-{row.version}"
    pack.add(f"{name}.json", row.body.encode())
    files = {
        "pdf": _copied(pack, home, row.pdf_path, f"{name}.pdf"),
        "receipt": _copied(
            pack, home, row.receipt_path, f"{name}-receipt{Path(row.receipt_path).suffix}"
        ),
    }
    wanted = {"pdf": row.pdf_path, "receipt": row.receipt_path}
    return {
        "duty": duty_name(duty),
        "form": row.form,
        "phase": row.phase,
        "version": row.version,
        "sha256": row.sha256,
        "json": f"{name}.json",
        **files,
        "lacking": [part for part, path in wanted.items() if path and not files[part]],
        "complete": row.complete,
        "fields": row.fields,
        "prepared_by": row.prepared_by,
        "prepared_at": moment(row.prepared_at),
        "sent_to": row.sent_to,
        "sent_at": moment(row.sent_at),
        "sent_outcome": row.sent_outcome,
        "sent_said": row.sent_said,
        "filed_by": row.filed_by,
        "filed_at": moment(row.filed_at),
        "reference": row.reference,
    }


def _answer(
    pack: PackFile, home: Home, row: AuthorityAnswer, filing: Filing, number: int
) -> dict[str, Any]:
    name = f"reports/answer-{number}{Path(row.file_path).suffix}"
    file = _copied(pack, home, row.file_path, name)
    return {
        "number": number,
        "entry": row.entry,
        "report": filing.sha256,
        "verdict": row.verdict,
        "reference": row.reference,
        "said": row.said,
        "answered_at": moment(row.answered_at),
        "due_at": moment(row.due_at),
        "file": file,
        "lacking": bool(row.file_path and not file),
        "recorded_by": row.recorded_by,
        "recorded_at": moment(row.recorded_at),
    }


def _packet(
    pack: PackFile,
    home: Home,
    incident: Incident,
    row: ControllerPacket,
    number: int,
    seal: Seal | None,
) -> dict[str, Any]:
    files: dict[str, str] = json.loads(row.files)
    kept, withheld = {}, {}
    for name in sorted(files):
        if name == packets.PEOPLE and seal is None:
            withheld[name] = _NAMES
            continue
        content = (
            packets.read_people(home, seal, incident.reference, row.sha256)
            if name == packets.PEOPLE and seal
            else packets.read(home, incident.reference, row.sha256, name)
        )
        if not content:
            withheld[name] = _GONE
            continue
        kept[name] = f"packets/{number}/{name}"
        pack.add(kept[name], content)
    return {
        "number": number,
        "entry": row.entry,
        "controller": row.controller,
        "duty": row.duty,
        "people": row.people,
        "report": row.sha256,
        "made_by": row.made_by,
        "made_at": moment(row.made_at),
        "files": files,
        "kept": kept,
        "withheld": withheld,
    }


def _copied(pack: PackFile, home: Home, path: str, name: str) -> str:
    """The file of the home under its name in the pack; nothing when it is not there any more."""
    source = home.folder / path
    if not path or not source.is_file():
        return ""
    pack.add(name, source.read_bytes())
    return name
