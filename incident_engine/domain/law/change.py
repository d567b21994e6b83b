"""What another text of the law would change in one incident: duties new, changed and gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from incident_engine.domain.law.assessment import Assessment, Obligation


@dataclass(frozen=True)
class Difference:
    """One duty that another text changes. `kind` is new, changed or gone; `how` a sentence each."""

    kind: str
    playbook: str
    name: str
    place: str
    how: tuple[str, ...]


def differences(old: Assessment, new: Assessment) -> list[Difference]:
    """Every duty that the new laws have otherwise than the old, over the same facts, by its key."""
    before = {duty.key: duty for duty in old.obligations}
    after = {duty.key: duty for duty in new.obligations}
    found = []
    for key in sorted(before.keys() | after.keys()):
        was, now = before.get(key), after.get(key)
        if was and now:
            how = tuple(_changed(was, now))
            found += [Difference("changed", *key, how)] if how else []
        elif now:
            found.append(Difference("new", *key, (_words(now),)))
        elif was:
            found.append(Difference("gone", *key, (_words(was),)))
    return found


def _words(duty: Obligation) -> str:
    return f"{duty.status}, due {_due(duty)}" if duty.due else duty.status.value


def _due(duty: Obligation) -> str:
    if duty.due is None:
        return "never"
    return duty.due.at.isoformat() if duty.due.at else (duty.due.words or duty.due.rule)


def _changed(was: Obligation, now: Obligation) -> Iterator[str]:
    pairs = (
        ("status", was.status.value, now.status.value),
        ("due", _due(was), _due(now)),
        ("to", ", ".join(was.to), ", ".join(now.to)),
        ("audience", was.audience.value, now.audience.value),
        ("phase", was.phase.value, now.phase.value),
        ("exceptions", ", ".join(was.exceptions), ", ".join(now.exceptions)),
        ("substitutes", *(", ".join(way.id for way in d.substitutes) for d in (was, now))),
        ("offers", *(", ".join(f"{o.kind} {o.months or ''}".strip() for o in d.offers)
                     for d in (was, now))),
        ("order", ", ".join(was.order), ", ".join(now.order)),
    )  # fmt: skip
    for name, one, other in pairs:
        if one != other:
            yield f"{name}: {one or 'none'} -> {other or 'none'}"
    yield from _reworded("must say", was.wording.items, now.wording.items)
    never, from_now = (dict(duty.wording.forbidden) for duty in (was, now))
    yield from _reworded("never say", never, from_now)


def _reworded(name: str, was: Collection[str], now: Collection[str]) -> Iterator[str]:
    if more := sorted(set(now) - set(was)):
        yield f"{name}, from now on: {', '.join(more)}"
    if less := sorted(set(was) - set(now)):
        yield f"{name}, no longer: {', '.join(less)}"
