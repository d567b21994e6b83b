"""An incident as a STIX 2.1 bundle (OASIS, 10 June 2021): the incident, whose it is, and a note.

STIX's incident is a stub (4.6): a name and a description. What else is known stands in a note
about it, in plain words. Nobody affected is in it; it is marked TLP:AMBER, for the reader's
organisation and no further, and whoever shares it decides on another mark.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from incident_engine.domain.facts.document import Facts

_FAMILY = uuid.UUID("5f3f0a5e-61c5-5d0b-9a0e-5b8f1d6f0f7c")
AMBER = {
    # The mark's id and date are STIX's own (7.2.1.4).
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
    "created": "2017-01-20T00:00:00.000Z",
    "definition_type": "tlp",
    "name": "TLP:AMBER",
    "definition": {"tlp": "amber"},
}


def as_stix(
    facts: Facts, *, reference: str, organisation: str, opened: datetime, changed: datetime
) -> dict[str, Any]:
    """A bundle, JSON-safe. The same incident keeps its ids, so that a later one replaces it."""
    owner = f"{organisation}/{reference}"
    common = {
        "spec_version": "2.1",
        "created": _instant(opened),
        "modified": _instant(max(opened, changed)),
        "object_marking_refs": [AMBER["id"]],
    }
    identity = _id("identity", organisation or "unnamed")
    story = facts.story.get("en") or next(iter(facts.story.values()), None)
    incident: dict[str, Any] = {
        "type": "incident",
        "id": _id("incident", owner),
        **common,
        "created_by_ref": identity,
        "name": facts.title or reference,
        "external_references": [{"source_name": "incident-engine", "external_id": reference}],
    }
    if story and story.summary:
        incident["description"] = story.summary
    note = {
        "type": "note",
        "id": _id("note", owner),
        **common,
        "created_by_ref": identity,
        "abstract": "What is known of the incident",
        "content": "\n".join(_known(facts)) or "Nothing more is known.",
        "object_refs": [incident["id"]],
    }
    whose = {
        "type": "identity",
        "id": identity,
        **common,
        "name": organisation or "The organisation",
        "identity_class": "organization",
    }
    objects = [AMBER, whose, incident, note]
    return {"type": "bundle", "id": _id("bundle", owner), "objects": objects}


def _id(kind: str, name: str) -> str:
    return f"{kind}--{_as_random(uuid.uuid5(_FAMILY, f'{kind}/{name}'))}"


def _as_random(made: uuid.UUID) -> uuid.UUID:
    # STIX wants version 4 for objects of this kind (2.9); the bits come from the name all the same.
    return uuid.UUID(bytes=made.bytes, version=4)


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _known(facts: Facts) -> list[str]:
    cause, data = facts.cause, facts.data
    said = {
        "kinds": ", ".join(facts.kinds),
        "action": cause.action,
        "scenario": cause.scenario,
        "actor": cause.actor,
        "data left": None if cause.exfiltrated is None else str(cause.exfiltrated).lower(),
        "kinds of data": ", ".join(data.types),
        "encrypted": data.encrypted if data.encrypted is None else str(data.encrypted).lower(),
        "began": facts.clocks.occurred_from,
        "detected": facts.clocks.detected,
        "contained": facts.clocks.contained,
        "places": ", ".join(block.where for block in facts.people),
    }
    return [f"{name}: {value}" for name, value in said.items() if value]
