"""From which moment a duty counts: a clock of the facts, an act of ours, a person's finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from incident_engine.domain.facts.document import Facts
from incident_engine.domain.facts.moments import Moment
from incident_engine.domain.facts.words import Risk
from incident_engine.domain.law.counting import end_of_year
from incident_engine.domain.law.playbook import Playbook
from incident_engine.domain.law.text import DONE, END_OF_YEAR, FINDING, OUR_ACTS


@dataclass(frozen=True, kw_only=True)
class Start:
    """The clock a duty counts from: its name, its moment if known, and what must be said of it."""

    name: str
    says: str  # the same for people: "aware", "us-ca/individuals/notify is done"
    moment: Moment | None
    because: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()  # the fact that is missing, where it is one

    @property
    def is_our_act(self) -> bool:
        """Whether it is something we do, rather than something that happened to us."""
        plain = self.name.removeprefix(END_OF_YEAR)
        return plain.startswith((DONE, FINDING)) or plain in OUR_ACTS


def first_known(law: Playbook, names: Sequence[str], facts: Facts, zone: ZoneInfo) -> Start:
    """The first of the named clocks that is known; one that serves for another says so."""
    for name in names:
        if moment := started(law, name, facts, zone):
            said = f"clocks.{names[0]} is not known: {name} serves instead"
            because = () if name == names[0] else (said,)
            return Start(name=name, says=_said(law, name), moment=moment, because=because)
    name = names[0]
    return Start(name=name, says=_said(law, name), moment=None, asks=_missing(name, facts))


def started(law: Playbook, name: str, facts: Facts, zone: ZoneInfo) -> Moment | None:
    """The moment of a clock as a law file names it (`done …`, `finding.…`), if it has begun."""
    if name.startswith(END_OF_YEAR):
        inner = started(law, name[len(END_OF_YEAR) :], facts, zone)
        return end_of_year(inner, zone) if inner else None
    if name.startswith(DONE):
        return was_done(law, name[len(DONE) :], facts)
    if name.startswith(FINDING):
        return facts.finding.at if _is_found(name, facts) else None
    found: Moment | None = getattr(facts.clocks, name)
    return found


def was_done(law: Playbook, name: str, facts: Facts) -> Moment | None:
    """When an obligation was met, under either of the keys the facts may give it.

    `name` is an id of this file, or `playbook/obligation` of another.
    """
    if "/" in name:
        return facts.done.get(name)
    found = [moment for key in keys_of(law, name) if (moment := facts.done.get(key))]
    return min(found, key=lambda moment: moment.earliest, default=None)


def keys_of(law: Playbook, name: str) -> tuple[str, str]:
    """The two keys under which facts speak of a duty of this law. Raises KeyError."""
    duty = law.named(name)
    return f"{law.id}/{duty.id}", f"{law.id}/{duty.audience}/{duty.phase}"


def _is_found(name: str, facts: Facts) -> bool | None:
    """Whether a person found that it is so; None: nobody has found anything."""
    value = getattr(facts.finding, name.removeprefix(FINDING))
    if isinstance(value, Risk):
        return value is not Risk.UNLIKELY
    known: bool | None = value
    return known


def _missing(name: str, facts: Facts) -> tuple[str, ...]:
    """The fact whose answer would start a clock; none where only an act of ours would."""
    plain = name.removeprefix(END_OF_YEAR)
    if plain.startswith(DONE):
        return ()
    if not plain.startswith(FINDING):
        return (f"clocks.{plain}",)
    found = _is_found(plain, facts)
    if found is None:
        return (plain,)
    return ("finding.at",) if found else ()


def _said(law: Playbook, name: str) -> str:
    """A clock for people; one that starts with an act of ours names it as a facts file does."""
    if name.startswith(END_OF_YEAR):
        return END_OF_YEAR + _said(law, name[len(END_OF_YEAR) :])
    if name.startswith(FINDING):
        return f"a person's finding ({name})"
    if not name.startswith(DONE):
        return name
    act = name[len(DONE) :]
    return f"{act if '/' in act else keys_of(law, act)[1]} is done"
