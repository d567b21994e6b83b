"""What is owed, by when, and who on the staff was told of it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, Index, SQLModel, UniqueConstraint

from incident_engine.domain.words import DutyStatus, ObligationState
from incident_engine.store.tables.columns import one_of

LAW, AUTHORITY = "law", "authority"


class Obligation(SQLModel, table=True):
    """One duty of one law in one place. `status` is what the law says, `state` what we did.

    The deadline is this row's `due_at`: found with <=, never held by a scheduler. Where the law
    gives words and no number, `target_at` is an earlier aim or our own, and never the law's.
    """

    __table_args__ = (
        UniqueConstraint("incident_id", "playbook", "name", "place"),
        one_of("status", DutyStatus),
        one_of("state", ObligationState),
        Index("obligation_by_due", "state", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    playbook: str
    name: str  # the obligation's id inside its playbook
    origin: str = LAW  # what asks: the law, or an authority that answered a report
    title: str
    audience: str
    phase: str
    place: str
    status: str
    state: str = ObligationState.OWED
    version: int = 0
    due_at: datetime | None = None
    due_zone: str = "UTC"
    due_words: str | None = None  # the law's own words where it gives no number
    target_at: datetime | None = None  # by when we mean to have done it; not the law's
    rule: str = ""
    citation: str = ""
    answer: str  # the whole obligation as the assessment gave it, JSON
    content: str = "{}"  # JSON: items required and forbidden in a notice, headings fixed by law
    playbook_version: str = ""
    playbook_sha256: str = ""
    born_at: datetime  # when the fact that gave rise to it was learned
    assessed_at: datetime
    settled_at: datetime | None = None
    settled_by: str = ""
    reference: str = ""  # the authority's number, the campaign's hash: the evidence
    why: str = ""
    held_until: datetime | None = None
    climbed: int = 0  # the highest rung of the escalation ladder told so far

    @property
    def watched_at(self) -> datetime | None:
        """What the clock watches: the law's deadline, else our aim."""
        return self.due_at or self.target_at


class Alert(SQLModel, table=True):
    """One rung climbed for one obligation. The unique key refuses a second teller."""

    __table_args__ = (UniqueConstraint("obligation_id", "due_at", "rung"),)

    id: int | None = Field(default=None, primary_key=True)
    obligation_id: int = Field(foreign_key="obligation.id", index=True)
    due_at: datetime
    rung: int
    whom: str
    at: datetime
    late_by_seconds: int = 0  # how long after its own moment, when we slept
    outcome: str = "pending"
