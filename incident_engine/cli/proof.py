"""proof: make the inspection pack of an incident, and check one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from incident_engine.cli.door import AsJson, Reference, actor, answer, engine, group, home, say
from incident_engine.domain.errors import BadInput, Refused


class _PackByDefault(TyperGroup):
    """`proof INCIDENT` is short for `proof pack INCIDENT`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "--help"):
            args = ["pack", *args]
        return super().parse_args(ctx, args)


proof = group("The inspection pack: `proof INCIDENT` makes one, `proof verify FILE` checks one.")
proof.info.cls = _PackByDefault
Elsewhere = typer.Option(help="A copy kept elsewhere; else this home's own, where there is one.")


@proof.command("pack")
def proof_pack(
    ctx: typer.Context,
    reference: Reference,
    out: Annotated[Path, typer.Option(help="The new file to write.")],
    personal_data: Annotated[
        bool,
        typer.Option("--with-personal-data", help="With names, addresses and replies in clear."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write everything of one incident into a file that can be checked off line, anywhere.

    The first word may be left out: `incident-engine proof INC-2026-0001 --out proof.zip`.
    Example: incident-engine proof pack INC-2026-0001 --out proof.zip
    """
    from incident_engine.workflow.proof.prove import prove

    made = prove(engine(ctx), actor(ctx), reference, out.absolute(), personal_data=personal_data)
    if as_json:
        return answer(
            {"file": str(made.path), "sha256": made.sha256, "size": made.size, **made.statement}
        )
    counts = ", ".join(f"{number} {what}" for what, number in made.statement["counts"].items())
    gone = [each["law"] for each in made.statement["law"] if not each["file"]]
    say(f"{made.path}: {made.size:,} bytes, {counts}. SHA-256 {made.sha256}")
    if gone:
        say(f"No copy was kept of the law as read then: {', '.join(gone)}. The pack says so.")
    if personal_data:
        say("It holds personal data: keep it as carefully as the people's own.")
    return say(
        f"Whoever gets it runs `python3 verify.py {made.path.name}`, and compares the key's "
        f"fingerprint: {made.statement['fingerprint']}"
    )


@proof.command("verify")
def proof_verify(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A pack.")],
    key: Annotated[Path | None, Elsewhere] = None,
    checkpoints: Annotated[Path | None, Elsewhere] = None,
    roots: Annotated[
        Path | None,
        typer.Option(help="Certificates (PEM) of time-stamping authorities that you trust."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a pack, off line: what is whole, what is not, what cannot be told. Needs no home.

    Exit status 1 when anything in it is not as it was. The same check is in the pack: verify.py.
    Example: incident-engine proof verify proof.zip --checkpoints kept/checkpoints.jsonl
    """
    from incident_engine.proof.verify import verify

    at = home(ctx)
    kept_key = _bytes(key) if key else _own(at.keys / "journal.pub")
    kept = _bytes(checkpoints) if checkpoints else _own(at.checkpoints)
    _bytes(file, only_look=True)
    found = verify(str(file), kept_key, kept, _bytes(roots) if roots else None)
    if as_json:
        answer({
            "sound": not found.faults,
            "fingerprint": found.fingerprint,
            "found": [{"mark": mark, "sentence": sentence} for mark, sentence in found.lines],
        })  # fmt: skip
    else:
        for mark, sentence in found.lines:
            say(f"{mark:5}  {sentence}")
    if found.faults:
        more = len(found.faults) - 1
        raise Refused(
            "proof-broken",
            str(file),
            f"is not whole: {found.faults[0].rstrip('.')}{f' ({more} more)' if more else ''}",
            next_step="Keep this copy as it is, and ask its maker for another.",
        )


def _own(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _bytes(path: Path, *, only_look: bool = False) -> bytes:
    try:
        with path.open("rb") as file:
            return b"" if only_look else file.read()
    except OSError as error:
        raise BadInput(
            "unreadable", str(path), f"cannot be read ({error.strerror})", expected="a file"
        ) from error
