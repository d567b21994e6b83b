"""An incident from a file in any form we read: a facts file, VERIS, or JSON with its mapping."""

from __future__ import annotations

from pathlib import Path

from incident_engine.domain.errors import BadInput
from incident_engine.intake.facts_file import name_of, read_facts_document, read_table
from incident_engine.intake.foreign import Translated

FACTS, VERIS = "facts", "veris"


def read_incident(path: str | Path, form: str = FACTS) -> Translated:
    """The incident as a facts document, with what of the file no fact says.

    `form` is `facts`, `veris`, or the path of a mapping file. `path` may be `-`: JSON from
    standard input. Raises BadFile; BadInput where there is no such form.
    """
    if form == FACTS:
        return Translated(read_facts_document(path), FACTS)
    if form == VERIS:
        from incident_engine.intake.veris_file import from_veris

        return from_veris(read_table(path), place=name_of(path))
    if form.endswith(".toml"):
        from incident_engine.intake.mapping_file import from_json, read_mapping

        mapping = read_mapping(Path(form))
        return from_json(read_table(path), mapping, place=name_of(path))
    raise BadInput(
        "unknown-format", "--format", f"found {form[:60]!r}",
        expected="facts, veris, or a mapping file ending in .toml",
    )  # fmt: skip
