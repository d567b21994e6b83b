"""What became of each message to each person, and every try."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from incident_engine.domain.words import ChannelName, Outcome
from incident_engine.store.tables.columns import one_of


class Delivery(SQLModel, table=True):
    """One notice × one person × one channel. Written before the wire is touched."""

    __table_args__ = (
        UniqueConstraint("campaign_id", "person_id", "addressee", "channel"),
        one_of("outcome", Outcome),
        one_of("channel", ChannelName),
        Index("delivery_by_outcome", "campaign_id", "outcome", "next_try_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    wording_id: int = Field(foreign_key="wording.id")
    addressee: str = "person"  # or guardian
    channel: str
    reference: str = Field(unique=True)  # ours, 32 hex digits; the same on every attempt
    # Keyed or one-way, so that they outlive the list: by them a person asks, years later.
    blind_address: str = Field(default="", index=True)  # where it went
    code_sha256: str = Field(default="", index=True)  # the code printed in it
    outcome: str = Outcome.PENDING
    fence: str = ""  # who holds the claim; every later write carries it
    claimed_until: datetime | None = None
    next_try_at: datetime | None = None
    attempts: int = 0
    opened_by: int | None = Field(default=None, foreign_key="delivery.id")  # the rung that failed
    created_at: datetime
    settled_at: datetime | None = None


class Attempt(SQLModel, table=True):
    """One try on the wire: booked before the byte that cannot be taken back, answered after."""

    __table_args__ = (UniqueConstraint("delivery_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    delivery_id: int = Field(foreign_key="delivery.id", index=True)
    number: int
    fence: str
    booked_at: datetime | None = None  # None: it ended before anything irrevocable left
    ended_at: datetime | None = None
    outcome: str = ""
    phase: str = ""
    code: str = ""
    provider_reference: str = ""
    sealed_reply: bytes = b""  # the other side's words; they may repeat the address
    reply_digest: str = ""  # salted hash of those words: provable without showing them
    settled_as: str = ""  # what the delivery became by it: put off for ever is undeliverable
    booked_entry: int | None = None  # the journal entry whose root this booking is under
    answered_entry: int | None = None  # and that of the answer
