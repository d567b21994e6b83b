"""News from outside about messages that left: each piece kept once, whatever became of it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class ReceiptRow(SQLModel, table=True):
    """One bounce, callback or printer's line. The words are sealed; a forged one is kept too."""

    __tablename__ = "receipt"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)  # the same for the same news told twice
    delivery_id: int | None = Field(default=None, foreign_key="delivery.id", index=True)
    kind: str
    outcome: str = ""  # what it says; empty where it is no news of the delivery
    code: str = ""
    provider_reference: str = ""
    believed: bool = True
    why: str = ""  # why not believed, or what it changed
    sealed_said: bytes = b""
    said_digest: str = ""  # salted hash of those words: provable without showing them
    entry: int | None = None  # the journal entry of its own; none where it is about nothing of ours
    received_at: datetime
