"""A number of people or records: exact, estimated, a range, or not counted yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, model_validator

from incident_engine.domain.facts.faults import Clash, clashes, refuse, shown
from incident_engine.domain.facts.moments import Moment, read_moment
from incident_engine.domain.facts.words import Basis

MOST = 10**12  # no count of people or records is larger than this

Number = Annotated[StrictInt, Field(ge=0, le=MOST)]
When = Annotated[Moment, BeforeValidator(read_moment)]


class Table(BaseModel):
    """One table of a facts file: frozen, and no key beyond those named."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_not_known(cls, found: object) -> object:
        if not isinstance(found, Mapping):
            return found
        return {k: v for k, v in found.items() if v is not None or k not in cls.model_fields}


class Count(Table):
    """A number that may be a range, and how well it is known."""

    value: Number | None = None
    min: Number | None = None
    max: Number | None = None
    basis: Basis = Basis.EXACT
    as_of: When | None = None

    @property
    def least(self) -> int | None:
        """The smallest it can be; the value itself where no range was given."""
        return self.min if self.min is not None else self.value

    @property
    def most(self) -> int | None:
        """The largest it can be; the value itself where no range was given."""
        return self.max if self.max is not None else self.value

    @property
    def best(self) -> int | None:
        """The number to print: the value, else the largest, else the smallest."""
        known = (n for n in (self.value, self.max, self.min) if n is not None)
        return next(known, None)

    @model_validator(mode="before")
    @classmethod
    def _fill_basis(cls, found: object) -> object:
        if not isinstance(found, Mapping) or "basis" in found:
            return found
        if found.get("value") is None and ("min" in found or "max" in found):
            return {**found, "basis": Basis.ESTIMATE}
        return found

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        numbers = [n for n in (self.min, self.value, self.max) if n is not None]
        uncounted = self.basis in (Basis.UNDETERMINED, Basis.UNDETERMINABLE)
        return clashes(self, [
            Clash("min", "min, value and max out of order", "min <= value <= max")
            if numbers != sorted(numbers) else None,
            Clash("value", "a count without a number", "value, min or max")
            if not numbers and not uncounted else None,
        ])  # fmt: skip


def _count(found: object) -> object:
    if isinstance(found, bool):
        raise refuse(
            "wrong-kind", "a truth value", "a whole number, or a table with value, min, max"
        )
    if isinstance(found, int):
        if not 0 <= found <= MOST:
            raise refuse("out-of-range", shown(found), f"a number from 0 to {MOST}")
        return {"value": found}
    if isinstance(found, (Mapping, Count)):
        return found
    raise refuse("wrong-kind", shown(found), "a whole number, or a table with value, min, max")


HowMany = Annotated[Count, BeforeValidator(_count)]
