"""Incidents and what is known of them."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from incident_engine.domain.words import IncidentState, Standing
from incident_engine.store.tables.columns import one_of


class Incident(SQLModel, table=True):
    """One incident. Its state moves by compare-and-swap on (state, version) alone."""

    __table_args__ = (one_of("state", IncidentState),)

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True)  # INC-2026-0001
    title: str
    state: str = IncidentState.DETECTED
    version: int = 0
    opened_at: datetime
    opened_by: str
    wrapped_key: bytes  # its people's data key under the master key; empty: destroyed


class FactRow(SQLModel, table=True):
    """One answer about an incident. Corrected by a later row of the same key, never overwritten."""

    __tablename__ = "fact"
    __table_args__ = (one_of("standing", Standing),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    key: str  # dotted, as in the facts file: people.DE.count
    value: str | None = None  # JSON as given, a moment with its own offset; None: not known
    standing: str
    source: str  # where it comes from: a file's name, a log, a person
    said_by: str
    said_at: datetime
    why: str = ""
