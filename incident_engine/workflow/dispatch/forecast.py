"""Forecast a campaign: whom each channel reaches, what it costs, how long it takes, by when it has
to be under way; and who is left for the public page. Nothing is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlmodel import Session

from incident_engine.domain.delivery.ladder import next_channel
from incident_engine.domain.delivery.segments import segments
from incident_engine.domain.delivery.timetable import ARRIVES_WITHIN
from incident_engine.domain.permits import Act
from incident_engine.domain.words import ChannelName
from incident_engine.notices.wording import Wording, fill
from incident_engine.store import incidents
from incident_engine.store.tables import Incident
from incident_engine.workflow.decide import known_facts
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.notices.check_notice import examine
from incident_engine.workflow.notices.planned import first_due, planned_starts, takes
from incident_engine.workflow.notices.readers import Notice, readers, telling
from incident_engine.workflow.people.reach import addressee_of
from incident_engine.workflow.public.announcement_case import Permission, announcement_case

_CODE = "0000-0000-0000-0000"  # as long as every code


@dataclass(frozen=True)
class Rung:
    """One channel of the plan. `first` are those it is tried on first, `reach` all it could reach;
    `pieces` are messages, or segments of texts; `cost` is for `first`, and for `reach` at most."""

    channel: ChannelName
    reach: int
    first: int
    pieces: int
    cost: Decimal | None
    cost_at_most: Decimal | None
    takes: timedelta
    arrives_within: timedelta
    start_by: datetime | None


@dataclass(frozen=True)
class Forecast:
    """The whole plan before it is launched. `due` is the earliest day by which people must know
    and `duty` whose it is; `unreachable` counts addressees without any channel, by place."""

    addressees: int
    rungs: tuple[Rung, ...]
    unreachable: Mapping[str, int]
    due: datetime | None
    duty: str
    currency: str
    permissions: tuple[Permission, ...]

    @property
    def cost_at_most(self) -> Decimal | None:
        """What it costs if every channel has to be tried on all it reaches; None: no price set."""
        known = [each.cost_at_most for each in self.rungs if each.cost_at_most is not None]
        return sum(known, Decimal(0)) if known else None


def forecast(engine: Engine, actor: Actor, reference: str, plan: Sequence[ChannelName]) -> Forecast:
    """What a campaign by these channels in this order would come to. Raises NotFound."""
    actor.may(Act.PREPARE_NOTICE)
    with engine.reading() as session:
        incident = incidents.by_reference(session, reference)
        counted = _count(engine, session, incident, plan)
        duty = first_due(session, incident)
        starts = planned_starts(engine, plan, duty, counted.first)
        return Forecast(
            addressees=counted.addressees,
            rungs=tuple(_rung(engine, each, counted, starts) for each in plan),
            unreachable=dict(sorted(counted.unreachable.items())),
            due=duty.due_at if duty else None,
            duty=f"{duty.playbook}/{duty.name}/{duty.place}" if duty else "",
            currency=engine.settings.prices.currency,
            permissions=announcement_case(engine, session, incident).permissions,
        )


class _Counted:
    def __init__(self) -> None:
        self.addressees = 0
        self.reach: Counter[ChannelName] = Counter()
        self.first: Counter[ChannelName] = Counter()
        self.pieces: Counter[ChannelName] = Counter()
        self.pieces_at_most: Counter[ChannelName] = Counter()
        self.unreachable: Counter[str] = Counter()


def _count(
    engine: Engine, session: Session, incident: Incident, plan: Sequence[ChannelName]
) -> _Counted:
    told = telling(engine, session, incident, known_facts(session, incident))
    notice = Notice(reference=incident.reference, number=1, at=engine.now())
    wordings = examine(engine, session, incident, notice).wordings
    seal = engine.keyring.seal(incident.wrapped_key)
    found, sizes = _Counted(), dict[str, int]()
    for row, group in readers(engine, session, incident, told):
        found.addressees += 1
        addressee = addressee_of(row, seal, guardian=group.guardian)
        first = next_channel(plan, (), addressee.channels)
        if first is None:
            found.unreachable[row.place or "unknown"] += 1
            continue
        found.first[first] += 1
        for channel in plan:
            if channel in addressee.channels:
                pieces = _pieces(channel, group.key, wordings, sizes)
                found.reach[channel] += 1
                found.pieces_at_most[channel] += pieces
                found.pieces[channel] += pieces if channel == first else 0
    return found


def _pieces(
    channel: ChannelName, group: str, wordings: Mapping[str, Wording], sizes: dict[str, int]
) -> int:
    if channel != ChannelName.SMS or group not in wordings:
        return 1
    if group not in sizes:
        sizes[group] = segments(fill(wordings[group], code=_CODE).sms).count
    return sizes[group]


def _rung(
    engine: Engine,
    channel: ChannelName,
    counted: _Counted,
    starts: Mapping[ChannelName, datetime],
) -> Rung:
    price = Decimal(str(getattr(engine.settings.prices, channel.value.replace("-", "_"))))
    return Rung(
        channel=channel,
        reach=counted.reach[channel],
        first=counted.first[channel],
        pieces=counted.pieces[channel],
        cost=price * counted.pieces[channel] if price else None,
        cost_at_most=price * counted.pieces_at_most[channel] if price else None,
        takes=takes(engine, channel, counted.first[channel]),
        arrives_within=ARRIVES_WITHIN[channel],
        start_by=starts.get(channel),
    )
