"""calls: people whom one of us calls, and what each call came to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from incident_engine.cli.door import (
    AsJson,
    Reference,
    actor,
    answer,
    engine,
    group,
    say,
    write_private,
)
from incident_engine.domain.errors import BadInput

calls = group("Calls by hand: the list that goes out, and what the callers wrote into it.")


@calls.command("list")
def calls_list(
    ctx: typer.Context,
    reference: Reference,
    out: Annotated[Path, typer.Option(help="The CSV file to write; it names people.")],
    as_json: AsJson = False,
) -> None:
    """Write the list of everyone who waits for a call, with columns for outcome, who and when.

    Example: incident-engine calls list INC-2026-0001 --out calls.csv
    """
    from incident_engine.workflow.dispatch.call_people import list_calls

    content, people = list_calls(engine(ctx), actor(ctx), reference)
    write_private(content, out)
    if as_json:
        return answer({"incident": reference, "file": str(out), "people": people})
    return say(f"{out}: {people} to call. It names people: hand it to the callers, keep no copy.")


@calls.command("book")
def calls_book(
    ctx: typer.Context,
    reference: Reference,
    file: Annotated[Path, typer.Argument(help="The list, filled in.")],
    as_json: AsJson = False,
) -> None:
    """Take the list that came back: every line filled in becomes what that call came to.

    Outcomes: reached, no answer, wrong number, will not hear it.
    Example: incident-engine calls book INC-2026-0001 calls.csv
    """
    from incident_engine.workflow.dispatch.call_people import book_calls

    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadInput("cannot-read", str(file), f"cannot be read ({error.strerror})",
                       expected="the call list that came back") from error  # fmt: skip
    found = book_calls(engine(ctx), actor(ctx), reference, content, name=file.name)
    if as_json:
        return answer(vars(found))
    return say(f"{found.new} calls booked, {found.changed} of them changed what was known.")


@calls.command("told")
def calls_told(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument(metavar="DELIVERY", help="Its reference.")],
    outcome: Annotated[
        str, typer.Option("--as", help="reached, no answer, wrong number, will not hear it.")
    ],
    who: Annotated[str, typer.Option(help="Who called.")],
    when: Annotated[str, typer.Option(help="When, in the caller's words or as a moment.")],
) -> None:
    """Book one call. A person told by telephone is delivered, with who called and when.

    Example: incident-engine calls told 3fa2b9c1 --as reached --who otto --when 2026-03-06T14:05
    """
    from incident_engine.workflow.dispatch.call_people import book_call

    row = book_call(engine(ctx), actor(ctx), delivery, outcome, who=who, when=when)
    say(f"Delivery {row.reference[:12]} is {row.outcome}.")
