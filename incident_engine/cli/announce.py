"""announce: the public page put up, looked after and taken down."""

from __future__ import annotations

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
    say,
    table,
)

if TYPE_CHECKING:
    from incident_engine.workflow.public.announce import Standing
    from incident_engine.workflow.public.announcement_case import Permission

announce = group("The public page: put up, compared with what was approved, taken down.")


@announce.command("put-up")
def announce_put_up(ctx: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """Put up the page of the approved notice as static files, or bring the one up to date.

    Example: incident-engine announce put-up INC-2026-0001
    """
    from incident_engine.workflow.public.announce import put_up

    row = put_up(engine(ctx), actor(ctx), reference)
    page = Path(row.folder) / "index.html"
    press = [str(path) for path in sorted(page.parent.glob("*/press.txt"))]
    banners = [str(path) for path in sorted(page.parent.glob("*/banner.html"))]
    if as_json:
        found = {"incident": reference, "page": str(page), "url": row.url}
        return answer(found | {"press": press, "banners": banners})
    if press and banners:
        say(f"For the media: {', '.join(press)}")
        say(f"For the top of your own website: {', '.join(banners)}")
    return say(f"The page of {reference} is up: {page}")


@announce.command("take-down")
def announce_take_down(
    ctx: typer.Context,
    reference: Reference,
    why: Why = "",
    early: Annotated[bool, typer.Option("--early", help="Although a law wants it longer.")] = False,
) -> None:
    """Take the page down; a trace of it stays.

    Example: incident-engine announce take-down INC-2026-0001 --why "90 days have passed"
    """
    from incident_engine.workflow.public.announce import take_down

    row = take_down(engine(ctx), actor(ctx), reference, why=why, early=early)
    say(f"The page of {reference} is down; its trace is in {row.folder}.")


@announce.command("status")
def announce_status(ctx: typer.Context, reference: Reference, as_json: AsJson = False) -> None:
    """Say since when each page is up and whether it is whole, what each law asks of it, and whom
    nobody has reached.

    Example: incident-engine announce status INC-2026-0001
    """
    from incident_engine.workflow.public.announce import case_of, status

    rows = [_shown(each) for each in status(engine(ctx), actor(ctx), reference)]
    case = case_of(engine(ctx), actor(ctx), reference)
    if as_json:
        return answer(
            {
                "pages": rows,
                "laws": [_permission(each) for each in case.permissions],
                "unreached": [vars(each) for each in case.unreached],
            }
        )
    cells = [
        (r["put_up"], r["taken_down"] or "up", r["folder"], "; ".join(r["differences"]) or "whole")
        for r in rows
    ]
    table(f"Pages of {reference}", ["since", "until", "folder", "files"], cells)
    laws = [_law_cells(each) for each in case.permissions]
    columns = ["duty", "may it stand in?", "for", "forms", "until", "source"]
    table("What each law says of telling people in public", columns, laws)
    people = [(u.place or "?", u.last or "no address", str(u.people)) for u in case.unreached]
    return table("Whom nobody has reached", ["where", "last try", "people"], people)


def _law_cells(each: Permission) -> tuple[str, ...]:
    holds = {True: "yes", False: "no", None: "a fact decides"}[each.holds]
    until = f"{each.until:%Y-%m-%d}" if each.until else ""
    forms = f"{each.how_many} of: {'; '.join(each.forms)}" if each.forms else each.says
    return (each.duty, holds, each.reaches, forms, until, each.citation)


def _permission(each: Permission) -> dict[str, Any]:
    return vars(each) | {"until": each.until.isoformat() if each.until else None}


def _shown(each: Standing) -> dict[str, Any]:
    row = each.announcement
    return {
        "put_up": row.put_up_at.isoformat(),
        "put_up_by": row.put_up_by,
        "taken_down": row.taken_down_at.isoformat() if row.taken_down_at else None,
        "folder": row.folder,
        "url": row.url,
        "sha256": row.sha256,
        "differences": list(each.differences),
    }
