"""What a processor handed to the controllers it works for."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class ControllerPacket(SQLModel, table=True):
    """One packet for one controller. Its files are kept among the evidence, people.csv sealed."""

    __tablename__ = "controller_packet"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    controller: str
    duty: str
    people: int
    sha256: str  # of the report's canonical JSON
    files: str  # JSON: name to sha256
    made_at: datetime
    made_by: str
    entry: int  # the journal entry of its own
