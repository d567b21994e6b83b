"""How a campaign stands, without counting everybody after every batch.

Counting a million deliveries takes longer than sending two hundred. So they are counted when the
answers heard since then are a twentieth of those before: a count then costs each delivery the same
small share, however many there are. In between, what this dispatcher heard is added.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlmodel import Session

from incident_engine.domain.delivery.pacing import Signal, answered, judge
from incident_engine.domain.words import ChannelName, Outcome
from incident_engine.notices.wording import Wording
from incident_engine.store import campaigns, deliveries, receipts
from incident_engine.store.tables import Campaign
from incident_engine.workflow.engine import Engine

_SHARE = 20


@dataclass
class _Count:
    """What the rows said at one moment, and what was heard since."""

    counted: Counter[str] = field(default_factory=Counter)
    since: Counter[str] = field(default_factory=Counter)
    looked_at: datetime | None = None
    is_new: bool = True

    @property
    def is_old(self) -> bool:
        return self.is_new or self.since.total() * _SHARE > answered(self.counted)

    def again(self, rows: dict[str, int], looked_at: datetime | None = None) -> None:
        self.counted, self.since = Counter(rows), Counter()
        self.looked_at, self.is_new = looked_at, False

    def now(self) -> dict[str, int]:
        return dict(self.counted + self.since)


class Tally:
    """One channel of one campaign while it is dispatched: counts, and the words to be filled."""

    def __init__(self, engine: Engine, campaign: Campaign, channel: ChannelName) -> None:
        self.engine, self.campaign, self.channel = engine, campaign, channel
        self.warned = False  # a warning is said once
        self._all, self._ours, self._judged = _Count(), _Count(), _Count()
        self._lock = threading.Lock()  # a lane may ask while the next answer is counted

    @cached_property
    def wordings(self) -> dict[int, Wording]:
        """The frozen wordings by their rows' ids."""
        with self.engine.reading() as session:
            rows = campaigns.wordings(session, self.campaign.id or 0)
        return {each.id or 0: Wording.from_json(json.loads(each.body)) for each in rows}

    def heard(self, outcome: Outcome) -> None:
        """One more answer; it may not be written down yet."""
        with self._lock:
            for count in (self._all, self._ours, self._judged):
                count.since[outcome.value] += 1

    def answered(self, session: Session) -> int:
        """How many on this channel have an answer of any kind."""
        if self._ours.is_old:
            self._ours.again(
                deliveries.counts_since(session, self.campaign.id or 0, self.channel, None)
            )
        return answered(self._ours.now())

    def since(self, session: Session, looked_at: datetime | None) -> dict[str, int]:
        """Outcomes on this channel since a person last looked."""
        if self._judged.is_old or self._judged.looked_at != looked_at:
            found = deliveries.counts_since(session, self.campaign.id or 0, self.channel, looked_at)
            self._judged.again(found, looked_at)
        return self._judged.now()

    @property
    def calls_for_a_look(self) -> bool:
        """Whether what was heard so far would stop the campaign. Asks no rows, so it can be asked
        before each booking, and in whatever thread that is."""
        with self._lock:
            found = self._judged.now()
        return judge(found).signal == Signal.STOP

    def complaints(self, session: Session, looked_at: datetime | None) -> int:
        """Readers of this channel who called it unwanted since a person last looked."""
        return receipts.complaints(session, self.campaign.id or 0, self.channel, looked_at)

    def campaign_counts(self) -> dict[str, int]:
        """The whole campaign by outcome, for people to look at."""
        if self._all.is_old:
            with self.engine.reading() as session:
                self._all.again(deliveries.counts(session, [self.campaign.id or 0]))
        found = Counter(self._all.counted)
        left = self._all.since.total()
        for waiting in (Outcome.SENDING, Outcome.CLAIMED, Outcome.PENDING):
            taken = min(left, found[waiting.value])
            found[waiting.value] -= taken
            left -= taken
        return {name: number for name, number in (found + self._all.since).items() if number}
