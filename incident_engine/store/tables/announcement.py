"""The public page of an incident."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class Announcement(SQLModel, table=True):
    """One page put up from an approved campaign; taken down with a trace."""

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    folder: str
    url: str = ""
    files: str  # JSON: path to sha256, as read back after putting up
    sha256: str
    put_up_at: datetime
    put_up_by: str
    checked_at: datetime | None = None
    taken_down_at: datetime | None = None
    taken_down_by: str = ""
    why: str = ""


class AnnouncementVersion(SQLModel, table=True):
    """The page as it stood from one moment on: put up, changed, or the trace left after its end.

    A copy of every file is kept among the evidence, by its hash: the folder has only the last.
    """

    __tablename__ = "announcement_version"

    id: int | None = Field(default=None, primary_key=True)
    announcement_id: int = Field(foreign_key="announcement.id", index=True)
    sha256: str
    files: str  # JSON: path to sha256
    since: datetime
    by: str
    entry: int  # the journal entry of its own
