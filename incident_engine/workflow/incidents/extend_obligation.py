"""Put off a duty's day: granted by an authority or taken by us, on a ground that its law knows.

What is written down are facts, so the law itself says by how much the day moves.
"""

from __future__ import annotations

from dataclasses import dataclass

from incident_engine.domain.errors import BadInput, Refused
from incident_engine.domain.facts.keys import join_key
from incident_engine.domain.law.playbook import Extending
from incident_engine.store import incidents
from incident_engine.store.tables import Obligation
from incident_engine.workflow.engine import Actor, Engine
from incident_engine.workflow.incidents.record_fact import record_facts
from incident_engine.workflow.incidents.settle_obligation import find


@dataclass(frozen=True, kw_only=True)
class Postponement:
    """What a person says of it. `until`: a day, or an instant with its offset, as typed."""

    until: str
    by: str
    why: str
    ground: str = ""  # may be left out where the law knows one only


def extend(
    engine: Engine, actor: Actor, reference: str, duty: str, what: Postponement
) -> Obligation:
    """Record the extension of one duty, named `playbook/name` or `playbook/name/place`.

    Returns the duty as the law now has it. Raises Refused where its law knows no extension,
    BadInput for a ground it does not know or a missing reason, BadFile for a day that is none.
    """
    if not what.why.strip():
        raise BadInput("no-reason", duty[:80], "is put off for no reason", expected="a reason",
                       next_step='Add --why "…".')  # fmt: skip
    with engine.reading() as session:
        row = find(session, incidents.by_reference(session, reference), duty)
        name = f"{row.playbook}/{row.name}"
    ground = _ground(engine, row, what.ground)
    said = {"until": what.until, "ground": ground.id, "by": what.by or actor.name, "why": what.why}
    answers = [(join_key(("extended", name, key)), text) for key, text in said.items()]
    at = (join_key(("extended", name, "at")), engine.now().isoformat())
    record_facts(engine, actor, reference, [*answers, at], why=what.why)
    with engine.reading() as session:
        return find(session, incidents.by_reference(session, reference), duty)


def _ground(engine: Engine, row: Obligation, named: str) -> Extending:
    law = next((law for law in engine.playbooks if law.id == row.playbook), None)
    known = next((d.extension for d in law.obligation if d.id == row.name), ()) if law else ()
    if not known:
        raise Refused(
            "no-extension", f"{row.playbook}/{row.name}", "cannot be put off: its law knows no way",
            next_step="`obligation hold` is for law enforcement, `obligation waive` decides.",
        )  # fmt: skip
    chosen = [ground for ground in known if named in ("", ground.id)]
    if len(chosen) != 1:
        raise BadInput(
            "which-ground", "--ground", f"found {named[:60]!r}" if named else "left out",
            expected=" or ".join(f"{ground.id} ({ground.says})" for ground in known),
        )  # fmt: skip
    return chosen[0]
