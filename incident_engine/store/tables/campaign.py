"""A frozen notice to a set of people, and who approved exactly that."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel, UniqueConstraint

from incident_engine.domain.words import CampaignState
from incident_engine.store.tables.columns import one_of


class Campaign(SQLModel, table=True):
    """One notice × one set of people × one plan of channels, bound by one hash."""

    __table_args__ = (
        UniqueConstraint("incident_id", "number"),
        one_of("state", CampaignState),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    number: int  # notice 1, notice 2 of this incident
    state: str = CampaignState.PREPARED
    version: int = 0
    sha256: str = Field(unique=True)
    manifest: str  # the canonical JSON that the hash is of
    plan: str  # JSON: channels in order
    facts_version: int  # the last fact row it was worded from
    people_count: int
    prepared_at: datetime
    prepared_by: str
    start_at: datetime | None = None  # when the worker launches it, where a person said so
    launched_at: datetime | None = None
    looked_at: datetime | None = None  # when a person last let it go on after a stop
    finished_at: datetime | None = None


class FrozenWording(SQLModel, table=True):
    """The words for one group of readers of one campaign, personal slots still empty."""

    __tablename__ = "wording"
    __table_args__ = (UniqueConstraint("campaign_id", "group"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    group: str  # language, data types and addressee in one key; "public/<language>" for the page
    language: str
    sha256: str
    body: str  # canonical JSON


class Approval(SQLModel, table=True):
    """A second person's word on one hash."""

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    sha256: str
    verdict: str
    by: str
    at: datetime
    why: str = ""
