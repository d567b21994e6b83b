"""The answer: what is owed to whom, by when and why. `as_json` is its fixed outer form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from incident_engine.domain.law.content import ContentItem
from incident_engine.domain.law.truth import distinct
from incident_engine.domain.risk.proposal import RiskOpinion
from incident_engine.domain.words import Audience, Binding, DutyStatus, Evidence, Phase

FORMAT = 1
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class DueDate:
    """By when. `at` is aware, with the offset of `zone`; None where the law gives no number."""

    at: datetime | None
    words: str | None  # the law's own words, where it gives no number
    rule: str  # "72 hours after aware"
    start: str | None  # the moment counted from, word for word as it was given
    zone: str  # IANA
    binding: Binding
    target: datetime | None = None  # an earlier aim, never the law's
    steps: tuple[str, ...] = ()  # the arithmetic, a sentence each

    def as_json(self) -> dict[str, object]:
        """at, words, rule, from, zone, binding, target."""
        return {
            "at": _instant(self.at), "words": self.words, "rule": self.rule, "from": self.start,
            "zone": self.zone, "binding": self.binding.value, "target": _instant(self.target),
        }  # fmt: skip


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a notice or report for one duty has to say, with the citation of each item."""

    required: tuple[tuple[ContentItem, str], ...] = ()
    forbidden: tuple[tuple[ContentItem, str], ...] = ()
    optional: tuple[tuple[ContentItem, str], ...] = ()
    title: str | None = None
    headings: tuple[str, ...] = ()
    type_size: int | None = None  # points, no smaller
    evidence: Evidence = Evidence.UNVERIFIED

    @property
    def items(self) -> tuple[ContentItem, ...]:
        """The items that must be said, each once."""
        return tuple(dict.fromkeys(item for item, _ in self.required))


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What must be offered to people free of charge, and for how many months if the law says."""

    kind: str  # identity-service, credit-monitoring, credit-report
    months: int | None
    says: str
    citation: str
    sure: bool  # False: a fact not known decides whether it must


@dataclass(frozen=True, kw_only=True)
class Substitute:
    """Another way to tell people that the law permits: its forms, with days where it says."""

    id: str
    holds: bool | None  # None: a fact not known decides whether it may be used
    reaches: str  # everyone, or only the unreachable
    how_many: str  # all of the forms, any, two
    forms: tuple[tuple[str, int | None], ...]
    says: str
    citation: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What must be kept on record, and for how long (None: the law names no time)."""

    playbook: str
    id: str
    keep: str | None
    says: str
    citation: str
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """One duty of one law in one place, as the law read over the facts has it."""

    playbook: str
    id: str
    title: str
    audience: Audience
    phase: Phase
    where: str  # ISO 3166, or EU
    to: tuple[str, ...]
    status: DutyStatus
    due: DueDate | None
    asks: tuple[str, ...]
    because: tuple[str, ...]
    citation: str
    url: str
    evidence: Evidence
    in_force: bool
    says: str = ""  # our paraphrase of the law
    exceptions: tuple[str, ...] = ()  # ids of those that hold
    wording: Wording = Wording()
    would_change: tuple[str, ...] = ()  # what would make the answer another one, a sentence each
    order: tuple[str, ...] = ()  # before or after which other duty, a sentence each
    offers: tuple[Offer, ...] = ()
    substitutes: tuple[Substitute, ...] = ()
    kept: tuple[Kept, ...] = ()  # what relying on the exceptions that hold obliges us to keep
    filing: tuple[str, ...] = ()  # where and how it goes in, a sentence each

    @property
    def key(self) -> tuple[str, str, str]:
        """Which duty of an incident this is: playbook, id, place."""
        return self.playbook, self.id, self.where

    def late(self, now: datetime) -> bool:
        """Whether its deadline has passed."""
        return self.due is not None and self.due.at is not None and self.due.at < now

    def as_json(self) -> dict[str, object]:
        """The obligation as other programs read it; `to` only where it names several."""
        shown: dict[str, object] = {
            "playbook": self.playbook, "id": self.id, "title": self.title,
            "audience": self.audience.value, "phase": self.phase.value, "where": self.where,
            "status": self.status.value, "due": self.due.as_json() if self.due else None,
            "asks": list(self.asks), "because": list(self.because), "citation": self.citation,
            "url": self.url, "evidence": self.evidence.value, "in_force": self.in_force,
        }  # fmt: skip
        return shown | ({"to": list(self.to)} if len(self.to) > 1 else {})


@dataclass(frozen=True, kw_only=True)
class Consulted:
    """A law file that was read for an answer."""

    id: str
    version: str
    sha256: str
    reviewed_by: str | None

    def as_json(self) -> dict[str, object]:
        """id, version, sha256, reviewed_by (null: no lawyer has signed it)."""
        return dict(vars(self))


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """Everything that some laws ask over some facts at one moment (`now`, aware)."""

    now: datetime
    risk: RiskOpinion
    obligations: tuple[Obligation, ...]
    playbooks: tuple[Consulted, ...]
    kept: tuple[Kept, ...] = ()  # what the laws that reach the incident oblige us to keep

    @property
    def asks(self) -> tuple[str, ...]:
        """The facts not known that decide something, those that settle most first."""
        return by_weight(duty.asks for duty in self.obligations)

    def by_due(self) -> tuple[Obligation, ...]:
        """The obligations by deadline or aim; then those without, what binds before the rest."""
        return tuple(sorted(self.obligations, key=_urgency))

    def as_json(self) -> dict[str, object]:
        """The answer as other programs read it. `record` is true of every incident."""
        return {
            "format": FORMAT,
            "record": True,
            "risk": _risk(self.risk),
            "asks": list(self.asks),
            "obligations": [duty.as_json() for duty in self.obligations],
            "playbooks": [consulted.as_json() for consulted in self.playbooks],
        }


def by_weight(asked: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Each question once: what touches most duties first, then what alone decides.

    Of two that touch as many the one that a law asks sooner: whether it speaks to the case at all
    comes before what would free us from it.
    """
    alone: Counter[str] = Counter()
    touched: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for asks in asked:
        each = distinct(asks)
        touched.update(each)
        alone.update(each if len(each) == 1 else ())
        places.update({key: place for place, key in enumerate(each)})
    return tuple(sorted(touched, key=lambda key: (-touched[key], -alone[key], places[key], key)))


_FIRST = (
    DutyStatus.PROHIBITED, DutyStatus.REQUIRED, DutyStatus.OPEN, DutyStatus.WAITING,
    DutyStatus.POSTPONED, DutyStatus.VOLUNTARY, DutyStatus.NOT_IN_FORCE, DutyStatus.NOT_REQUIRED,
)  # fmt: skip


def _urgency(duty: Obligation) -> tuple[datetime, int, str, str, str]:
    due = duty.due
    at = (due.at or due.target or _NEVER) if due else _NEVER  # an aim of ours warns as well
    return (at.astimezone(UTC), _FIRST.index(duty.status), *duty.key)


def _risk(risk: RiskOpinion) -> dict[str, object]:
    return {
        "level": risk.level.value if risk.level else None, "decided": risk.decided,
        "score": risk.score, "band": risk.band, "because": list(risk.because),
    }  # fmt: skip
