"""How far telling the people has come, as an authority's form asks it."""

from __future__ import annotations

from incident_engine.notices.reports.form_sources import Answer, Asked


def notice_status(asked: Asked) -> Answer | None:
    """How far telling the people has come."""
    notified = asked.submission.notified
    if notified is None:
        return None
    if not notified.told:
        status = "announced" if notified.announced_at else "not-told"
    else:
        status = "told" if notified.told >= notified.people else "partly-told"
    return Answer(lines=(asked.words.of("notice", status),), value=status)


def notice_dates(asked: Asked) -> Answer | None:
    """When the first of the people was told, or the page put up."""
    notified = asked.submission.notified
    moment = notified and (notified.first_at or notified.announced_at)
    if not moment:
        return None
    shown = asked.words.instant(moment, asked.submission.zone)
    return Answer(lines=(shown,), value=moment.isoformat())


def notice_count(asked: Asked) -> Answer | None:
    """How many of how many were told."""
    notified = asked.submission.notified
    if notified is None:
        return None
    told, people = (asked.words.number(n) for n in (notified.told, notified.people))
    said = asked.words.label("told_of").format(told=told, people=people)
    return Answer(lines=(said,), value={"told": notified.told, "people": notified.people})


def notice_channels(asked: Asked) -> Answer | None:
    """By what means they were told."""
    notified = asked.submission.notified
    if notified is None or not notified.channels:
        return None
    lines = tuple(asked.words.of("channel", each) for each in notified.channels)
    return Answer(lines=lines, value=list(notified.channels))


def notice_sample(asked: Asked) -> Answer | None:
    """That the notice's words are attached."""
    notified = asked.submission.notified
    if notified is None or not notified.sample:
        return None
    return Answer(lines=(asked.words.label("sample_attached"),), value="sample-notice.txt")


def publication(asked: Asked) -> Answer | None:
    """When the public page was put up."""
    notified = asked.submission.notified
    if notified is None or notified.announced_at is None:
        return None
    shown = asked.words.instant(notified.announced_at, asked.submission.zone)
    return Answer(lines=(shown,), value=notified.announced_at.isoformat())


def open_items(asked: Asked) -> Answer | None:
    """What is expected to be known later, by field and day."""
    days = asked.submission.expected
    lines = tuple(asked.words.pair(name, asked.words.day(day)) for name, day in days.items())
    value = {name: day.isoformat() for name, day in days.items()}
    return Answer(lines=lines, value=value) if days else None
