"""An assessment for people: the duties by deadline, and on demand the reasons behind each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from incident_engine.cli.door import say, table

if TYPE_CHECKING:
    from incident_engine.domain.assessment import (
        Assessment,
        DueDate,
        Kept,
        Obligation,
        Offer,
        Substitute,
    )
    from incident_engine.domain.content import ContentItem
    from incident_engine.intake.foreign import Left, Translated


def show_import(read: Translated) -> None:
    """What a person should see of a file in a foreign form: what was read as what, and left."""
    for text in read.taken:
        say(f"Read from {read.form}: {text}")
    if read.left:
        table(f"Not taken over from {read.form}", ["what", "found", "why"], _by_reason(read.left))
        say("--json lists each of them.")


def _by_reason(left: Iterable[Left]) -> list[list[str]]:
    """What was left, the values of one list and of one reason together."""
    found: dict[tuple[str, str], list[str]] = {}
    for each in left:
        part = re.sub(r"\[\d+\]", "", each.path)
        name = "plus" if part.startswith("plus.") else part
        found.setdefault((name, each.why), []).append(each.found)
    return [[name, _several(values), why] for (name, why), values in found.items()]


def _several(values: list[str]) -> str:
    return f"{len(values)} values" if len(values) > 3 else ", ".join(values)


def summary(found: Assessment) -> None:
    """The duties by deadline, the risk over them, what to find out under them."""
    _head(found)
    table(
        "Obligations, by deadline",
        ["due", "left", "status", "tell", "law"],
        [_row(duty, found.now) for duty in found.by_due()],
    )
    _foot(found)


def _row(duty: Obligation, now: datetime) -> list[str]:
    mark = " (!)" if duty.evidence == "unverified" else ""
    phase = "" if duty.phase == "notify" else f", {duty.phase}"
    at = duty.due.at if duty.due else None
    return [
        _due(duty.due), _left(at, now) if at else "", duty.status.value,
        f"{duty.audience}{phase} in {duty.where}", f"{duty.citation}{mark}",
    ]  # fmt: skip


def _due(due: DueDate | None) -> str:
    if due is None:
        return ""
    aim = f"; our aim {due.target:%Y-%m-%d}" if due.target else ""
    if due.at is None:
        return (due.words or due.rule) + aim
    return due.at.isoformat(sep=" ") + aim


def _left(at: datetime, now: datetime) -> str:
    seconds = int((at - now).total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    days, hours = divmod(hours, 24)
    length = f"{days} d {hours} h" if days else f"{hours} h {minutes} min"
    return f"{length} left" if seconds >= 0 else f"LATE by {length}"


def _head(found: Assessment) -> None:
    risk = found.risk
    level = risk.level.value if risk.level else "not known"
    say(f"Risk to people: {level} ({'decided' if risk.decided else 'proposed; a person decides'})")
    for reason in risk.because:
        say(f"  {reason}")


def _foot(found: Assessment) -> None:
    from incident_engine.domain.fact_questions import ask

    say("Record this incident, whatever is owed: facts, effects, measures and reasoning.")
    if found.asks:
        say("What to find out, what settles most first:")
        for key in found.asks:
            say(f"  {key}: {ask(key)}")
    _banner(found)
    unsigned = [law.id for law in found.playbooks if not law.reviewed_by]
    if unsigned:
        say(f"Not legal advice. No lawyer has signed: {', '.join(unsigned)}.")


def _banner(found: Assessment) -> None:
    unread = sum(duty.evidence == "unverified" for duty in found.obligations)
    if unread:
        say(
            f"(!) Written from memory and NOT CHECKED against the law: {unread} of "
            f"{len(found.obligations)} duties. Read the source first."
        )


def explanation(found: Assessment) -> None:
    """The same, with the law's words in the table, and then each duty with all of its reasons."""
    _head(found)
    _banner(found)
    table(
        "Obligations, by deadline",
        ["due", "left", "status", "duty", "to", "the law says"],
        [_line(duty, found.now) for duty in found.by_due()],
    )
    for duty in found.by_due():
        say("")
        say(f"{duty.playbook}/{duty.id}/{duty.where}: {duty.title}: {duty.status}")
        for name, texts in _paragraphs(duty, found.now):
            for text in texts:
                say(f"  {name:<13} {text}")
    say("")
    for each in found.kept:
        say(f"Keep ({each.playbook}): {_kept(each)}")
    _foot(found)


def _line(duty: Obligation, now: datetime) -> list[str]:
    at = duty.due.at if duty.due else None
    to = f"{duty.audience} in {duty.where}"
    mark = " (!)" if duty.evidence == "unverified" else ""
    return [
        _due(duty.due), _left(at, now) if at else "", duty.status.value,
        f"{duty.playbook}/{duty.id}", f"{to}: {', '.join(duty.to)}" if duty.to else to,
        f"{_first_sentence(duty.says)} ({duty.citation}){mark}",
    ]  # fmt: skip


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.;:]) ", text, maxsplit=1)[0].rstrip(".;:")


def _said(items: tuple[ContentItem, ...]) -> tuple[str, ...]:
    return (", ".join(item.value for item in items),) if items else ()


def _offer(offer: Offer) -> str:
    months = f", {offer.months} months" if offer.months else ""
    sure = "" if offer.sure else " (a fact not known decides)"
    return f"{offer.kind}{months}{sure}: {offer.says} ({offer.citation})"


def _substitute(way: Substitute) -> str:
    permitted = "permitted" if way.holds else "permitted if the facts allow it"
    forms = [f"{kind} {days} days" if days else kind for kind, days in way.forms]
    shown = f"; {way.how_many} of: {', '.join(forms)}" if forms else ""
    return f"{permitted}, for {way.reaches}{shown}: {way.says} ({way.citation})"


def _kept(kept: Kept) -> str:
    return f"{kept.says}: {kept.keep or 'the law names no time'} ({kept.citation}; {kept.evidence})"


def _paragraphs(duty: Obligation, now: datetime) -> list[tuple[str, tuple[str, ...]]]:
    due = duty.due
    unread = "; NOT CHECKED against the law" if duty.evidence == "unverified" else ""
    return [
        ("due", (_due(due),) if due else ()),
        ("left", (_left(due.at, now),) if due and due.at else ()),
        ("rule", (f"{due.rule} ({due.binding})",) if due else ()),
        ("our aim", (f"{due.target.isoformat()} (not the law's)",) if due and due.target else ()),
        ("law", (duty.says,)),
        ("source", (f"{duty.citation}, {duty.url}",)),
        ("evidence", (f"{duty.evidence}{unread}",)),
        ("because", duty.because),
        ("counted", due.steps if due else ()),
        ("order", duty.order),
        ("to", duty.to),
        ("file", duty.filing),
        ("offer", tuple(_offer(each) for each in duty.offers)),
        ("another way", tuple(_substitute(each) for each in duty.substitutes)),
        ("must say", _said(duty.wording.items)),
        ("never say", _said(tuple(item for item, _ in duty.wording.forbidden))),
        ("keep", tuple(_kept(each) for each in duty.kept)),
        ("to find out", duty.asks),
        ("would change", duty.would_change),
    ]
