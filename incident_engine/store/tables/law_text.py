"""The law as it was read: what an assessment answered from stays provable when the law moves on."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel


class LawText(SQLModel, table=True):
    """The whole text of one law file, kept in the transaction that first assessed by it."""

    __tablename__ = "law_text"

    sha256: str = Field(primary_key=True)  # of the text, as every assessment's entry names it
    playbook: str
    text: str
    kept_at: datetime
