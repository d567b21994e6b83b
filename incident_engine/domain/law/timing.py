"""By when, as a law file says it: a number or the law's words, counted how, and what caps it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Annotated, Self

from pydantic import Field, model_validator

from incident_engine.domain.law.conditions import ALWAYS, When
from incident_engine.domain.law.counting import Roll
from incident_engine.domain.law.statement import (
    Calendar,
    Citation,
    Length,
    Part,
    Shut,
    Starts,
    Statement,
    Words,
)
from incident_engine.domain.law.text import HERE
from incident_engine.domain.words import Binding, Evidence


class Counting(Part):
    """A period from a clock. Without `within` it ends when the clock starts: at once."""

    within: Length | None = None
    after: Starts
    calendar: Calendar = HERE  # whose public holidays count
    shut: tuple[Shut, ...] = ()  # days of every year on which the office is shut besides
    roll: Roll | None = None  # what becomes of a last day that is no working day
    roll_when: When = ALWAYS
    hour: time | None = None  # the hour of the last day at which it ends


class Alternative(Counting):
    """Another limit beside the first, of which the sooner (or later) counts."""

    unless_passed: bool = False  # dropped where the first clock starts only after it has ended


class Meanwhile(Statement):
    """An earlier aim while the clock proper has not started."""

    within: Length
    after: Starts
    binding: Binding = Binding.GUIDELINE


class Due(Counting):
    """By when. The version in force on the day the clock started is taken."""

    from_: Annotated[date, Field(alias="from")]
    until: date | None = None  # the first day on which this is law no more
    when: When = ALWAYS  # whom this version concerns
    words: Words | None = None
    binding: Binding = Binding.STATUTE
    source: Citation | None = None
    evidence: Evidence | None = None
    until_then: Meanwhile | None = None
    or_sooner: tuple[Alternative, ...] = ()
    or_later: tuple[Alternative, ...] = ()
    when_learned: bool = False  # a duty that later facts bring counts from when they were learned

    @model_validator(mode="after")
    def _something_said(self) -> Self:
        if self.within is None and self.words is None:
            raise ValueError("a due date needs within (a number) or words (the law's own)")
        return self

    @property
    def is_numbered(self) -> bool:
        """Whether any number can come of it."""
        return self.within is not None or bool(self.or_sooner)

    def parts(self) -> Iterator[Counting]:
        """The period itself and every other beside it."""
        yield self
        yield from self.or_sooner
        yield from self.or_later
