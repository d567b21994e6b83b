"""An assessment for people: the duties by deadline, and on demand the reasons behind each."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from incident_engine.cli.door import say, table

if TYPE_CHECKING:
    from incident_engine.domain.law.assessment import Assessment, DueDate, Obligation
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
    aim = f"; our aim {_day_or_hour(due.target)}" if due.target else ""
    if due.at is None:
        return (due.words or due.rule) + aim
    return due.at.isoformat(sep=" ") + aim


def _day_or_hour(at: datetime) -> str:
    """Of what ends with its day the day; else the hour too."""
    whole = (at.hour, at.minute) == (23, 59)
    return f"{at:%Y-%m-%d}" if whole else at.isoformat(sep=" ", timespec="minutes")


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
    from incident_engine.domain.facts.questions import ask

    say("Record this incident, whatever is owed: facts, effects, measures and reasoning.")
    if found.asks:
        say("What to find out, what settles most first:")
        for key in found.asks:
            say(f"  {key}: {ask(key)}")
    _banner(found)
    used = {duty.playbook for duty in found.obligations}
    unsigned = [law.id for law in found.playbooks if not law.reviewed_by]
    if named := [name for name in unsigned if name in used]:
        say(f"Not legal advice. No lawyer has signed: {', '.join(named)}.")
    elif unsigned:
        say(f"Not legal advice. No lawyer has signed {len(unsigned)} of the laws that were asked.")


def _banner(found: Assessment) -> None:
    unread = sum(duty.evidence == "unverified" for duty in found.obligations)
    if unread:
        say(
            f"(!) Written from memory and NOT CHECKED against the law: {unread} of "
            f"{len(found.obligations)} duties. Read the source first."
        )


def explanation(found: Assessment) -> None:
    """The same, with the law's words in the table, and then each duty with all of its reasons."""
    from incident_engine.domain.law.reasons import kept_in_words, reasons

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
        _show_term(duty, found.now)
        show_reasons(reasons(duty))
    say("")
    for each in found.kept:
        say(f"Keep ({each.playbook}): {kept_in_words(each)}")
    _foot(found)


def _show_term(duty: Obligation, now: datetime) -> None:
    due = duty.due
    left = [("left", (_left(due.at, now),))] if due and due.at else []
    show_reasons([("due", (_due(due),)), *left] if due else [])


def show_reasons(paragraphs: Iterable[tuple[str, Iterable[str]]]) -> None:
    """The paragraphs on one duty, each sentence behind the name of its paragraph."""
    for name, texts in paragraphs:
        for text in texts:
            say(f"  {name:<13} {text}")


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
