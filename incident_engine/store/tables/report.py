"""Regulator reports, one row a version."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint


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
