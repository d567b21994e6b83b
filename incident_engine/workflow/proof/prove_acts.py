"""What was known, decided and worded, as files of the pack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from incident_engine.notices.outline import CLOSE, OPEN
from incident_engine.notices.wording import Wording
from incident_engine.proof.pack import PackFile
from incident_engine.store import (
    campaigns,
    incidents,
    journal,
    law_texts,
    obligations,
)
from incident_engine.store.tables import (
    Campaign,
    Entry,
    FactRow,
    FrozenWording,
    Incident,
    Obligation,
)
from incident_engine.workflow.engine import Engine
from incident_engine.workflow.reports.draft_report import duty_name

_DECIDED = (
    "obligation-", "incident-moved", "notice-approved", "notice-rejected", "campaign-",
    "doubt-resolved", "report-filed", "announcement-", "note",
)  # fmt: skip


def add_facts(pack: PackFile, session: Session, incident: Incident) -> int:
    """Every answer ever given, oldest first. `text` is the JSON as it was kept and hashed."""
    rows = incidents.fact_history(session, incident.id or 0)
    return pack.add_lines("facts.jsonl", (line(_fact(row)) for row in rows))


def add_decisions(pack: PackFile, session: Session, incident: Incident) -> None:
    """What each law asks and what was done about it; and the decisions in their order."""
    duties = obligations.of_incident(session, incident.id or 0)
    pack.add_json("decisions/obligations.json", [_duty(each) for each in duties])
    pack.add_lines("decisions/log.jsonl", _decisions(session, incident))


def add_law(
    pack: PackFile, engine: Engine, session: Session, incident: Incident
) -> list[dict[str, str]]:
    """The law files that assessments of this incident used; one whose copy is gone says so."""
    used: dict[str, str] = {}
    for entry in journal.of_act(session, incident.reference, "assessed"):
        used |= {sha256: law for law, sha256 in json.loads(entry.body)["playbooks"].items()}
    kept = law_texts.by_hash(session, set(used))
    index = []
    for sha256, law in sorted(used.items(), key=lambda each: (each[1], each[0])):
        file = f"law/{law}-{sha256[:16]}.toml" if sha256 in kept else ""
        if file:
            pack.add(file, kept[sha256].text.encode())
        since = kept[sha256].kept_at.isoformat() if file else ""
        index.append({"law": law, "sha256": sha256, "file": file, "kept_at": since})
    pack.add_json("law/index.json", index)
    return index


def add_notices(pack: PackFile, session: Session, incident: Incident) -> list[Campaign]:
    """Every notice that a second person judged or that left, word for word. Returns them."""
    found = []
    index = []
    for each in campaigns.of_incident(session, incident.id or 0):
        judged = campaigns.approvals(session, each.id or 0)
        if judged or each.launched_at:
            found.append(each)
            words = campaigns.wordings(session, each.id or 0)
            index.append(_notice(each) | {
                "approvals": [
                    {"verdict": a.verdict, "by": a.by, "at": a.at.isoformat(), "why": a.why}
                    for a in judged
                ],
                "wordings": [_wording(pack, each, n, w) for n, w in enumerate(words, start=1)],
            })  # fmt: skip
            pack.add(f"notices/{each.number}/manifest.json", each.manifest.encode())
    pack.add_json("notices/index.json", index)
    return found


def moment(at: datetime | None) -> str | None:
    """A moment in UTC to the microsecond, as the journal writes it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds") if at else None


def line(value: object) -> bytes:
    """One line of a JSON-lines file, without its end."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _fact(row: FactRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "value": None if row.value is None else json.loads(row.value),
        "text": row.value,
        "standing": row.standing,
        "source": row.source,
        "said_by": row.said_by,
        "said_at": moment(row.said_at),
        "why": row.why,
    }


def _duty(row: Obligation) -> dict[str, Any]:
    return {
        "duty": duty_name(row),
        "title": row.title,
        "audience": row.audience,
        "phase": row.phase,
        "citation": row.citation,
        "law_says": row.status,
        "state": row.state,
        "due_at": moment(row.due_at),
        "due_zone": row.due_zone,
        "due_words": row.due_words,
        "rule": row.rule,
        "decided_by": row.settled_by,
        "settled_at": moment(row.settled_at),
        "why": row.why,
        "reference": row.reference,
        "held_until": moment(row.held_until),
        "born_at": moment(row.born_at),
        "assessed_at": moment(row.assessed_at),
        "law_version": row.playbook_version,
        "law_sha256": row.playbook_sha256,
        "answer": json.loads(row.answer),
    }


def _decisions(session: Session, incident: Incident) -> Iterator[bytes]:
    for entry in journal.entries(session, incident=incident.reference):
        if entry.act.startswith(_DECIDED):
            yield line(_decision(entry))


def _decision(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.id,
        "at": entry.at,
        "who": entry.actor,
        "did": entry.act,
        "about": entry.subject,
        "how": json.loads(entry.body),
    }


def _notice(row: Campaign) -> dict[str, Any]:
    return {
        "number": row.number,
        "sha256": row.sha256,
        "state": row.state,
        "people": row.people_count,
        "channels": json.loads(row.plan),
        "prepared_by": row.prepared_by,
        "prepared_at": moment(row.prepared_at),
        "launched_at": moment(row.launched_at),
        "finished_at": moment(row.finished_at),
    }


def _wording(pack: PackFile, campaign: Campaign, number: int, row: FrozenWording) -> dict[str, str]:
    file = f"notices/{campaign.number}/{number:03}-{row.language}"
    pack.add(f"{file}.json", row.body.encode())
    text = Wording.from_json(json.loads(row.body)).text
    shown = text.replace(OPEN, "[").replace(CLOSE, "]")
    pack.add(f"{file}.txt", shown.encode() + b"\n")
    return {
        "group": row.group,
        "language": row.language,
        "sha256": row.sha256,
        "file": f"{file}.json",
        "as_text": f"{file}.txt",
    }
