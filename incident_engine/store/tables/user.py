"""Who may act in this installation."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from incident_engine.domain.words import Role
from incident_engine.store.tables.columns import one_of


class User(SQLModel, table=True):
    """A person of the organisation, with a role and the hash of one token."""

    __table_args__ = (one_of("role", Role),)

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    role: str
    token_sha256: str = Field(unique=True)  # the token itself is shown once and never kept
    created_at: datetime
    disabled_at: datetime | None = None
