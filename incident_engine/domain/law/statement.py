"""What every table of a law file is made of: words, citations, places, periods, evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from incident_engine.domain.law.calendars import Closure
from incident_engine.domain.law.counting import Period
from incident_engine.domain.law.text import (
    check_calendar,
    check_closure,
    check_period,
    check_place,
    check_start,
    check_zone,
)
from incident_engine.domain.words import Evidence

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Words = Annotated[str, Field(min_length=1, max_length=2_000)]
Citation = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*( .+)?$", max_length=200)]
Link = Annotated[str, Field(pattern=r"^https?://\S+$", max_length=500)]
Zone = Annotated[str, AfterValidator(check_zone)]
Place = Annotated[str, AfterValidator(check_place)]
Calendar = Annotated[str, AfterValidator(check_calendar)]
Length = Annotated[Period, BeforeValidator(check_period)]
Shut = Annotated[Closure, BeforeValidator(check_closure)]
Start = Annotated[str, AfterValidator(check_start)]


def _listed(found: object) -> object:
    return (found,) if isinstance(found, str) else found


Starts = Annotated[tuple[Start, ...], BeforeValidator(_listed), Field(min_length=1)]


class Part(BaseModel):
    """One table of a law file: frozen, and no key beyond those named."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        arbitrary_types_allowed=True,
        defer_build=True,
    )


def placed(part: Part, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value in a table and in those inside it, with its path: `obligation.0.due.1.after`."""
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        spot = f"{path}.{field.alias or name}".removeprefix(".")
        inside = value if isinstance(value, tuple) else ()
        if isinstance(value, Part):
            yield from placed(value, spot)
        elif any(isinstance(each, Part) for each in inside):
            for index, each in enumerate(inside):
                yield from placed(each, f"{spot}.{index}")
        else:
            yield spot, value


class Statement(Part):
    """Something the law says: our paraphrase, where to read it, how well it was read."""

    says: Words
    source: Citation
    evidence: Evidence
