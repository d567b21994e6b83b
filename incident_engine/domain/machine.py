"""A lifecycle as data: moves, who may make them, and what each still lacks. Pure.

`transitions` holds the arrows and is asked which exist. It is never bound to a row, has no
automatic moves (they would jump past every guard) and no callbacks: what a callback does cannot
be undone when the database refuses the move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from transitions import Machine

from incident_engine.domain.errors import NotPermitted, WrongMove
from incident_engine.domain.words import Role

State = TypeVar("State", bound=StrEnum)
View = TypeVar("View")
Guard = Callable[[View], str | None]
"""Looks at a view and returns what is lacking, in words, or None when nothing is."""


@dataclass(frozen=True, kw_only=True)
class Move(Generic[State, View]):
    """One arrow of the table, possibly from several states."""

    trigger: str
    sources: tuple[State, ...]
    to: State
    roles: frozenset[Role]
    means: str  # one line: what the move says to a person
    guards: tuple[Guard[View], ...] = ()


@dataclass(frozen=True)
class PossibleMove:
    """A move that leads on from a state, and what it still lacks."""

    trigger: str
    to: str
    means: str
    lacks: tuple[str, ...]


class Lifecycle(Generic[State, View]):
    """A table of moves over one set of states."""

    def __init__(
        self,
        name: str,
        states: type[State],
        *,
        begins: State,
        ends: Sequence[State],
        moves: Sequence[Move[State, View]],
    ) -> None:
        self.name = name
        self.states = states
        self.begins = begins
        self.ends = frozenset(ends)
        self.moves = tuple(moves)
        self.machine = Machine(
            model=None,
            states=[state.value for state in states],
            transitions=[[m.trigger, [s.value for s in m.sources], m.to.value] for m in moves],
            initial=None,
            auto_transitions=False,
        )

    def next_state(self, state: State, trigger: str, *, role: Role, view: View) -> State:
        """Where the trigger leads from here.

        Raises WrongMove when there is no such arrow or a guard says no, with every possible move
        and what it lacks; NotPermitted when the arrow exists and the role may not take it.
        """
        move = self._arrow(state, trigger)
        if move is None:
            raise self._no_arrow(state, trigger, role, view)
        if role not in move.roles:
            raise NotPermitted(
                "not-permitted",
                f"{self.name} {trigger}",
                f"is not for a {role.value}",
                expected=" or ".join(sorted(each.value for each in move.roles)),
                next_step="Ask somebody with that role.",
            )
        if lacking := _lacking(move, view):
            raise WrongMove(
                "move-lacks",
                f"{self.name} {trigger}",
                f"{state.value} cannot become {move.to.value} yet: {'; '.join(lacking)}",
                next_step=self._possible_in_words(state, role, view),
            )
        return move.to

    def possible_moves(self, state: State, *, role: Role, view: View) -> tuple[PossibleMove, ...]:
        """Every arrow from here, with what it lacks: guards, and the role if it is not theirs."""
        return tuple(
            PossibleMove(move.trigger, move.to.value, move.means, _all_lacking(move, role, view))
            for trigger in self.machine.get_triggers(state.value)
            if (move := self._arrow(state, trigger)) is not None
        )

    def _arrow(self, state: State, trigger: str) -> Move[State, View] | None:
        # Not get_transitions: to it an empty trigger means every one.
        if trigger not in self.machine.get_triggers(state.value):
            return None
        return next(m for m in self.moves if m.trigger == trigger and state in m.sources)

    def _no_arrow(self, state: State, trigger: str, role: Role, view: View) -> WrongMove:
        return WrongMove(
            "no-such-move",
            f"{self.name} {trigger[:40]}",
            f"there is no such move from {state.value}",
            next_step=self._possible_in_words(state, role, view),
        )

    def _possible_in_words(self, state: State, role: Role, view: View) -> str:
        moves = self.possible_moves(state, role=role, view=view)
        if not moves:
            return f"Nothing leads on from {state.value}."
        words = [
            f"{move.trigger} (lacks: {'; '.join(move.lacks)})" if move.lacks else move.trigger
            for move in moves
        ]
        return f"Possible from {state.value}: {', '.join(words)}."


def _lacking(move: Move[State, View], view: View) -> tuple[str, ...]:
    return tuple(reason for guard in move.guards if (reason := guard(view)))


def _all_lacking(move: Move[State, View], role: Role, view: View) -> tuple[str, ...]:
    roles = " or ".join(sorted(each.value for each in move.roles))
    return _lacking(move, view) + (() if role in move.roles else (f"a {roles} to make it",))
