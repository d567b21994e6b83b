"""The texts of law files that assessments used, by their hash."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from incident_engine.domain.law.playbook import Playbook
from incident_engine.store.tables import LawText


def keep(session: Session, laws: Iterable[Playbook], at: datetime) -> None:
    """Keep each law that is not kept yet. One made in memory has no text and is passed over."""
    wanted = {law.sha256: law for law in laws if law.text}
    known = set(session.exec(select(LawText.sha256).where(col(LawText.sha256).in_(wanted))).all())
    for sha256, law in wanted.items():
        if sha256 not in known:
            session.add(LawText(sha256=sha256, playbook=law.id, text=law.text, kept_at=at))


def by_hash(session: Session, hashes: Collection[str]) -> dict[str, LawText]:
    """Those of these law texts that are kept, by hash."""
    rows = session.exec(select(LawText).where(col(LawText.sha256).in_(hashes))).all()
    return {row.sha256: row for row in rows}
