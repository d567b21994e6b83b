"""What a verb may need, in one frozen value that `app` fills and every verb takes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from incident_engine.channels import Channel
from incident_engine.domain.permits import Act, permit
from incident_engine.domain.words import Role
from incident_engine.home import Home
from incident_engine.settings import Settings
from incident_engine.store import journal
from incident_engine.store.db import Database
from incident_engine.store.sealing import Keyring
from incident_engine.store.tables import Entry

if TYPE_CHECKING:
    from incident_engine.domain.law.playbook import Playbook
    from incident_engine.intake.law_set import LawSet


@dataclass(frozen=True)
class Actor:
    """Who acts, proven by a token at the door."""

    name: str
    role: Role

    def may(self, act: Act) -> None:
        """Raise NotPermitted unless this role includes the act."""
        permit(self.role, act, name=self.name)


CLOCK = Actor("clock", Role.ADMIN)
"""The engine itself, where no person acts: the tick, the worker. It never approves."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """The house's outside: rows, keys, law, wires, the time. Built once, in `app`."""

    home: Home
    settings: Settings
    database: Database
    keyring: Keyring
    read_laws: Callable[[], LawSet]
    channel: Callable[[str], Channel]
    now: Callable[[], datetime]

    @cached_property
    def law_set(self) -> LawSet:
        """The law files, read once, when first asked for."""
        return self.read_laws()

    @property
    def playbooks(self) -> tuple[Playbook, ...]:
        """The laws in use."""
        return self.law_set.laws

    def reading(self) -> AbstractContextManager[Session]:
        """A session for questions only."""
        return self.database.reading()

    @contextmanager
    def transaction(self, actor: Actor) -> Iterator[Transaction]:
        """One transaction of one actor at one moment: everything in it is kept, or nothing."""
        with self.database.transaction() as session:
            yield Transaction(session, actor, self.now())


@dataclass(frozen=True)
class Transaction:
    """A writing session with who and when beside it, so that no change goes unjournaled."""

    session: Session
    actor: Actor
    at: datetime

    def record(self, act: str, *, incident: str = "", subject: str = "", **body: Any) -> Entry:
        """Append the journal entry of what this transaction does."""
        return journal.write(
            self.session,
            at=self.at,
            actor=self.actor.name,
            act=act,
            incident=incident,
            subject=subject,
            body=body,
        )
