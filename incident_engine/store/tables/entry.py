"""The journal's rows."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class Entry(SQLModel, table=True):
    """One act. Linked to the one before by hash; triggers refuse change and deletion."""

    id: int | None = Field(default=None, primary_key=True)
    at: str  # RFC 3339 in UTC, kept as text: it is hashed byte for byte
    actor: str
    incident: str = Field(default="", index=True)
    act: str
    subject: str = ""
    body: str = "{}"  # canonical JSON; never personal data
    previous: str
    sha256: str = Field(unique=True)
