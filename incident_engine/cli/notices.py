"""notice, approve, reject: words prepared, looked at, and judged by a second person."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from incident_engine.cli.door import (
    AsJson,
    Reference,
    Why,
    actor,
    answer,
    engine,
    group,
    instant,
    pairs,
    say,
    table,
    write_private,
)
from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import ChannelName

if TYPE_CHECKING:
    from datetime import timedelta
    from decimal import Decimal

    from incident_engine.workflow.dispatch.forecast import Forecast
    from incident_engine.workflow.notices.check_notice import Examined

notice = group("Notices: prepared, previewed byte for byte, checked.")
Hash = Annotated[str, typer.Argument(help="The hash that `notice prepare` printed.")]


def add_to(program: typer.Typer) -> None:
    """Hang these commands on the root."""
    program.add_typer(notice, name="notice")
    program.command("approve")(approve)
    program.command("reject")(reject)


@notice.command("prepare")
def notice_prepare(
    ctx: typer.Context,
    reference: Reference,
    channels: Annotated[str, typer.Option(help="In the order they are tried.")] = "email,sms",
    late_because: Annotated[
        list[str] | None,
        typer.Option(help="LANGUAGE=REASON: why it comes later than the law asks; repeatable."),
    ] = None,
    not_before: Annotated[
        str, typer.Option(help="It leaves no sooner: an instant with its offset.")
    ] = "",
    not_after: Annotated[
        str, typer.Option(help="It leaves no later: an instant with its offset.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Render, check against the law and freeze. Prints the hash as the last word.

    What is approved is this text, to these people, by these channels, in this window.

    Example: incident-engine notice prepare INC-2026-0001 --channels email,sms
    """
    from incident_engine.domain.delivery.timetable import Window
    from incident_engine.workflow.notices.prepare import prepare

    campaign = prepare(
        engine(ctx),
        actor(ctx),
        reference,
        _channels(channels),
        late_because=dict(pairs(late_because or [])),
        window=Window(instant(not_before, "--not-before"), instant(not_after, "--not-after")),
    )
    if as_json:
        return answer(
            {"notice": campaign.number, **json.loads(campaign.manifest), "sha256": campaign.sha256}
        )
    say(
        f"Notice {campaign.number} of {reference}: {campaign.people_count} people, "
        f"{len(json.loads(campaign.manifest)['wordings'])} wordings, frozen."
    )
    say("Look at it: incident-engine notice preview, then a second person approves this hash:")
    return say(campaign.sha256)


@notice.command("forecast")
def notice_forecast(
    ctx: typer.Context,
    reference: Reference,
    channels: Annotated[str, typer.Option(help="In the order they are tried.")] = "email,sms",
    as_json: AsJson = False,
) -> None:
    """Say whom each channel reaches, what it costs, how long it takes and by when it must begin.

    Prices come from the settings. Example: incident-engine notice forecast INC-2026-0001
    --channels email,sms,letter
    """
    from incident_engine.workflow.dispatch.forecast import forecast

    found = forecast(engine(ctx), actor(ctx), reference, _channels(channels))
    return answer(_as_json(found)) if as_json else _print_forecast(found)


def _as_json(found: Forecast) -> dict[str, Any]:
    return {
        "addressees": found.addressees,
        "due": found.due.isoformat() if found.due else None,
        "duty": found.duty,
        "currency": found.currency,
        "cost_at_most": _money(found.cost_at_most),
        "unreachable": dict(found.unreachable),
        "channels": [
            {
                "channel": each.channel.value, "reach": each.reach, "first": each.first,
                "pieces": each.pieces, "cost": _money(each.cost),
                "cost_at_most": _money(each.cost_at_most),
                "takes_minutes": int(each.takes.total_seconds() // 60),
                "arrives_within_hours": int(each.arrives_within.total_seconds() // 3600),
                "start_by": each.start_by.isoformat() if each.start_by else None,
            }
            for each in found.rungs
        ],
        "public": [
            {"duty": each.duty, "holds": each.holds, "says": each.says, "source": each.citation}
            for each in found.permissions
        ],
    }  # fmt: skip


def _money(cost: Decimal | None) -> str | None:
    return None if cost is None else f"{cost:.2f}"


def _span(time: timedelta) -> str:
    days, minutes = time.days, time.seconds // 60
    if days:
        return f"{days} d"
    return f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"


def _print_forecast(found: Forecast) -> None:
    cells = [
        (
            each.channel.value, each.reach, each.first, each.pieces,
            _money(each.cost) or "no price set", _money(each.cost_at_most) or "",
            _span(each.takes), _span(each.arrives_within),
            f"{each.start_by:%Y-%m-%d %H:%M %Z}" if each.start_by else "",
        )
        for each in found.rungs
    ]  # fmt: skip
    columns = [
        "channel", "can reach", "tried first", "pieces", f"cost, {found.currency}", "at most",
        "sending takes", "arrives within", "begin by",
    ]  # fmt: skip
    table("Forecast", columns, cells)
    if found.due:
        day = f"{found.due:%Y-%m-%d %H:%M %Z}"
        say(f"The first day by which people must know: {day}, {found.duty}.")
    left = sum(found.unreachable.values())
    if not left:
        return say(f"Everybody has a channel: {found.addressees} addressees.")
    places = ", ".join(f"{place} {count}" for place, count in found.unreachable.items())
    say(f"{left} of {found.addressees} have no channel of this plan ({places}).")
    for each in found.permissions:
        holds = {True: "permits", False: "does not permit", None: "may permit"}[each.holds]
        say(f"  {each.duty} {holds} a public notice: {each.says} ({each.citation})")
    return None


@notice.command("check")
def notice_check(ctx: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """Say what the notice lacks, how it reads and who gets which words; freezes nothing.

    Example: incident-engine notice check INC-2026-0001
    """
    from incident_engine.notices.plain_language import as_json as reading_as_json
    from incident_engine.workflow.notices.check_notice import check_notice

    found = check_notice(engine(ctx), actor(ctx), reference)
    if as_json:
        return answer(
            {
                "missing": [vars(each) for each in found.faults],
                "readings": [reading_as_json(each) for each in found.readings],
                "variants": [vars(each) for each in found.variants],
                "fallbacks": [
                    {"wanted": wanted, "given": given, "people": count}
                    for (wanted, given), count in found.fallbacks.items()
                ],
            }
        )
    return _print_check(found)


def _print_check(found: Examined) -> None:
    if found.faults:
        rows = [(f.place, f.found, f.next_step) for f in found.faults]
        table("Still missing", ["where", "what", "next step"], rows)
    else:
        say("Nothing is missing.")
    for (wanted, given), count in found.fallbacks.items():
        say(f"{count} who would read {wanted} get {given}: it is not whole in {wanted}.")
    if found.variants:
        cells = [(v.key[:60], str(v.readers), "; ".join(v.why)) for v in found.variants]
        table("Who gets which words", ["language/to/country/laws", "readers", "because"], cells)
    for reading in found.readings:
        level = reading.level
        verdict = "easy enough" if level.holds else "too hard"
        say(f"{reading.language}: {level.formula} {level.value}, limit {level.limit:g}: {verdict}.")
        rows = [(f.rule, f.sentence, f.better) for f in reading.findings]
        if rows:
            table(f"To mend in {reading.language}", ["rule", "sentence", "better"], rows)


@notice.command("trace")
def notice_trace(
    ctx: typer.Context,
    reference: Reference,
    language: Annotated[str, typer.Option(help="Only the variants in this language.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say for each sentence which facts, laws, settings or catalogue entries it comes from.

    Example: incident-engine notice trace INC-2026-0001 --language en
    """
    from incident_engine.workflow.notices.trace_notice import trace_notice

    found = trace_notice(engine(ctx), actor(ctx), reference, language)
    if as_json:
        return answer(
            [
                {"group": each.group, "sentences": [vars(said) for said in each.sentences]}
                for each in found
            ]
        )
    for each in found:
        rows = [(said.sentence, "\n".join(said.sources)) for said in each.sentences]
        table(each.group, ["sentence", "comes from"], rows)
    return None


@notice.command("preview")
def notice_preview(
    ctx: typer.Context,
    reference: Reference,
    person: Annotated[str, typer.Option(help="A person's id, from `people list`.")] = "",
    channel: Annotated[ChannelName, typer.Option(help="email, sms, letter or announcement.")] = (
        ChannelName.EMAIL
    ),
    language: Annotated[str, typer.Option(help="Another language than the person's.")] = "",
    out: Annotated[str, typer.Option(help="The file to write to; a letter is a PDF.")] = "",
) -> None:
    """Show exactly the bytes that one person would get.

    Example: incident-engine notice preview INC-2026-0001 --channel letter --out letter.pdf
    """
    from incident_engine.workflow.dispatch.preview import preview

    if channel == ChannelName.LETTER and not out and sys.stdout.isatty():
        raise BadInput("not-for-a-terminal", "notice preview", "a letter is a PDF",
                       expected="a file to write it to",
                       next_step="Add --out letter.pdf.")  # fmt: skip
    content = preview(engine(ctx), actor(ctx), reference, person, channel, language)
    if out:
        write_private(content, Path(out))
        size = f"{len(content):,} bytes"
        return say(f"{out}: {size}. It names a person: keep it as carefully as their data.")
    sys.stdout.buffer.write(content)
    return None


@notice.command("codes")
def notice_codes(
    ctx: typer.Context,
    reference: Reference,
    out: Annotated[Path, typer.Option(help="The folder to write: a static site, for any host.")],
    as_json: AsJson = False,
) -> None:
    """Write the page where readers check the code of their notice; it holds nobody's data.

    Example: incident-engine notice codes INC-2026-0001 --out check
    """
    from incident_engine.workflow.notices.publish_codes import publish_codes

    found = publish_codes(engine(ctx), actor(ctx), reference, out)
    address = engine(ctx).settings.notices.check_url
    if as_json:
        return answer(
            {
                "incident": reference,
                "folder": str(found.folder),
                "notices": list(found.notices),
                "codes": found.codes,
                "sha256": found.sha256,
                "address": address,
            }
        )
    say(f"{found.folder}: {found.codes} codes of {len(found.notices)} notices, and nobody's data.")
    return say(f"Put it at https://{address} before you send, and look at it there.")


@notice.command("samples")
def notice_samples(
    ctx: typer.Context,
    reference: Reference,
    out: Annotated[Path, typer.Option(help="A new folder; it will hold people's names.")],
    as_json: AsJson = False,
) -> None:
    """Write what a second person should see before approving: every variant, ten readers drawn
    by lot, and the odd ones, exactly as they would leave.

    Example: incident-engine notice samples INC-2026-0001 --out samples
    """
    from incident_engine.workflow.dispatch.samples import write_samples

    found = write_samples(engine(ctx), actor(ctx), reference, out)
    if as_json:
        return answer([vars(each) for each in found])
    cells = [(each.why, each.person, each.group[:48], " ".join(each.files)) for each in found]
    table(f"Samples of {reference}", ["why", "person", "words", "files"], cells)
    return say(str(out / "index.html"))


@notice.command("list")
def notice_list(ctx: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """List the notices of an incident, their state, hash and who judged them.

    Example: incident-engine notice list INC-2026-0001
    """
    from incident_engine.store import campaigns, incidents

    actor(ctx)
    with engine(ctx).reading() as session:
        row = incidents.by_reference(session, reference)
        rows = [_shown(session, each) for each in campaigns.of_incident(session, row.id or 0)]
    if as_json:
        return answer(rows)
    cells = [
        (r["notice"], r["state"], r["people"], r["prepared_by"], r["judged_by"], r["sha256"])
        for r in rows
    ]
    columns = ["notice", "state", "people", "prepared by", "judged by", "hash"]
    return table(f"Notices of {reference}", columns, cells)


def approve(ctx: typer.Context, reference: Reference, sha256: Hash, why: Why = "") -> None:
    """Approve exactly what was frozen under this hash. Never by its author.

    Example: incident-engine approve INC-2026-0001 3f9c…
    """
    from incident_engine.workflow.notices.approve import approve as verb

    campaign = verb(engine(ctx), actor(ctx), reference, sha256, why=why)
    say(
        f"Notice {campaign.number} of {reference} is approved. Send it: "
        f"incident-engine send {reference} --wait"
    )


def reject(ctx: typer.Context, reference: Reference, sha256: Hash, why: Why = "") -> None:
    """Reject what was frozen under this hash, with the reason.

    Example: incident-engine reject INC-2026-0001 0113f0a92a98 --why "name the hotline"
    """
    from incident_engine.workflow.notices.approve import reject as verb

    if not why:
        raise BadInput("no-reason", "reject", "has no --why", expected="what must change")
    campaign = verb(engine(ctx), actor(ctx), reference, sha256, why=why)
    say(f"Notice {campaign.number} of {reference} is rejected.")


def _channels(text: str) -> list[ChannelName]:
    try:
        return [ChannelName(each.strip()) for each in text.split(",") if each.strip()]
    except ValueError as error:
        raise BadInput(
            "bad-plan",
            "--channels",
            f"found {text[:60]!r}",
            expected="email, sms, push, letter, voice, by-hand",
            next_step="For example --channels email,sms.",
        ) from error


def _shown(session: Any, campaign: Any) -> dict[str, Any]:
    from incident_engine.store import campaigns

    return {
        "notice": campaign.number,
        "state": campaign.state,
        "people": campaign.people_count,
        "prepared_by": campaign.prepared_by,
        "prepared_at": campaign.prepared_at.isoformat(),
        "judged_by": ", ".join(each.by for each in campaigns.approvals(session, campaign.id)),
        "start_at": campaign.start_at.isoformat() if campaign.start_at else "",
        "plan": json.loads(campaign.plan),
        "window": json.loads(campaign.manifest).get("window", {}),
        "sha256": campaign.sha256,
    }
