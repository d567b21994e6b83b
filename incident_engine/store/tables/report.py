"""Regulator reports, one row a version, and what the authorities answered."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from incident_engine.domain.words import Verdict
from incident_engine.store.tables.columns import one_of


class Filing(SQLModel, table=True):
    """One version of one report to one authority. Filed only with a reference."""

    __table_args__ = (UniqueConstraint("obligation_id", "phase", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    obligation_id: int = Field(foreign_key="obligation.id", index=True)
    form: str
    phase: str
    version: int
    sha256: str  # of the report's canonical JSON
    body: str  # canonical JSON
    pdf_path: str  # relative to the home
    json_path: str
    complete: int  # fields filled
    fields: int  # fields in all
    prepared_at: datetime
    prepared_by: str
    filed_at: datetime | None = None
    filed_by: str = ""
    reference: str = ""
    receipt_path: str = ""
    receipt_sha256: str = ""
    sent_to: str = ""  # the authority's address, where it went by email
    sent_at: datetime | None = None  # when it was booked to leave
    sent_outcome: str = ""  # sending, accepted, in_doubt …: an Outcome; empty: never sent
    sent_said: str = ""  # what the other side said, word for word


class AuthorityAnswer(SQLModel, table=True):
    """What an authority answered to one filed version, and the duty that its answer starts."""

    __tablename__ = "authority_answer"
    __table_args__ = (one_of("verdict", Verdict),)

    id: int | None = Field(default=None, primary_key=True)
    filing_id: int = Field(foreign_key="filing.id", index=True)
    obligation_id: int | None = Field(default=None, foreign_key="obligation.id")
    verdict: str
    reference: str
    said: str = ""
    answered_at: datetime  # by the authority
    due_at: datetime | None = None
    file_path: str = ""
    file_sha256: str = ""
    recorded_at: datetime
    recorded_by: str
    entry: int | None = None  # the journal entry of its own
