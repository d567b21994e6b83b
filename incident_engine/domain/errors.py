"""Every error this product raises on purpose. The exit status of a command is the error's own.

    IncidentEngineError
      BadInput            2   what was given cannot be read or is malformed
        BadFile           2   a file with one fault or many; nothing of it was kept
      Refused             1   well-formed, and a rule says no
        NotPermitted      1   this person's role does not include the act
        WrongMove         1   the lifecycle has no such arrow from here, or a guard says no
        Conflict          1   somebody else was first; look again
        NotApproved       1   nothing leaves without a second person's approval of these bytes
      NotFound            2   no row of that name
      Unreachable         3   an outside part (mail server, provider, database) did not answer

An error reads as one sentence: the place, what was found, what was expected, the next step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class IncidentEngineError(Exception):
    """The root. Has a stable `code` for programs and a sentence for people."""

    exit_status = 1

    def __init__(
        self,
        code: str,
        place: str,
        found: str,
        *,
        expected: str = "",
        next_step: str = "",
    ) -> None:
        super().__init__(code, place, found, expected, next_step)
        self.code = code
        self.place = place
        self.found = found
        self.expected = expected
        self.next_step = next_step

    def __str__(self) -> str:
        sentence = f"{self.place}: {self.found}" if self.place else self.found
        if self.expected:
            sentence += f"; expected {self.expected}"
        sentence = sentence.rstrip(".") + "."
        return f"{sentence} {self.next_step}".rstrip()

    def as_json(self) -> dict[str, object]:
        """The same for programs: code, place, found, expected, next_step."""
        return {
            "error": self.code,
            "place": self.place,
            "found": self.found,
            "expected": self.expected,
            "next_step": self.next_step,
        }


def own_fault(error: Exception) -> str:
    """A sentence for what was never meant to be raised. Its message is withheld: it may repeat
    personal data."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    name = trace.tb_frame.f_code.co_filename.rpartition("/")[2] if trace else "nowhere"
    line = trace.tb_lineno if trace else 0
    return (
        f"a fault of our own: {type(error).__name__} in {name}, line {line}. Nothing half-done "
        "was kept. Please report it with this line and what you typed."
    )


class BadInput(IncidentEngineError):
    """Malformed: an unknown key, a word not in the closed list, a moment without an offset."""

    exit_status = 2


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong in a file. `found` never holds personal data unmasked."""

    place: str
    code: str
    found: str
    expected: str = ""
    next_step: str = ""

    def __str__(self) -> str:
        return str(
            BadInput(
                self.code, self.place, self.found, expected=self.expected, next_step=self.next_step
            )
        )


class BadFile(BadInput):
    """A file refused whole, with every fault listed. The sentence is that of the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        super().__init__(
            first.code,
            first.place,
            first.found,
            expected=first.expected,
            next_step=first.next_step,
        )
        self.faults = tuple(faults)

    def __str__(self) -> str:
        sentence = super().__str__()
        more = len(self.faults) - 1
        return (
            f"{sentence} ({more} more fault{'s' if more > 1 else ''}: --json lists them.)"
            if more
            else sentence
        )

    def as_json(self) -> dict[str, object]:
        return super().as_json() | {"faults": [vars(fault) for fault in self.faults]}


class NotFound(IncidentEngineError):
    """No incident, person, notice or user goes by that name."""

    exit_status = 2


class Refused(IncidentEngineError):
    """Well-formed, and a rule says no. `next_step` names what would help."""


class NotPermitted(Refused):
    """The act is not part of this person's role."""


class WrongMove(Refused):
    """The lifecycle has no such arrow from this state, or its guard gave a reason."""


class Conflict(Refused):
    """The row changed since it was read: somebody else was first."""


class NotApproved(Refused):
    """Nothing leaves the house before a second person has approved exactly these bytes."""


class Unreachable(IncidentEngineError):
    """An outside part could not be reached. Nothing was lost; the same command may be repeated."""

    exit_status = 3
