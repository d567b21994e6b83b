"""The lifecycles as pictures, drawn from their tables (Mermaid). Pure."""

from __future__ import annotations

from typing import Any

from incident_engine.domain.delivery.states import OWN
from incident_engine.domain.machine import Lifecycle
from incident_engine.domain.words import Outcome


def lifecycle_picture(lifecycle: Lifecycle[Any, Any]) -> str:
    """A state diagram of a lifecycle, in the order of its table."""
    lines = ["stateDiagram-v2", f"    [*] --> {lifecycle.begins}"]
    for move in lifecycle.moves:
        lines += [f"    {source} --> {move.to}: {move.trigger}" for source in move.sources]
    lines += [f"    {state} --> [*]" for state in lifecycle.states if state in lifecycle.ends]
    return "\n".join(lines)


def delivery_picture() -> str:
    """A state diagram of a delivery, in the order of its table."""
    lines = ["stateDiagram-v2", f"    [*] --> {Outcome.PENDING}"]
    for was, following in OWN.items():
        lines += [f"    {was} --> {to}" for to in following]
    return "\n".join(lines)
