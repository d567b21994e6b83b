"""What has become of one message to one person, as far as anyone has told us. Pure.

Our own moves are `OWN`; news from outside comes late, twice and out of order, and `apply` has an
answer for every pair, also for those that cannot happen: the outside world is not our bug.
"""

from __future__ import annotations

from incident_engine.domain.words import Outcome

O = Outcome  # noqa: E741  # the table reads better
REACHED = frozenset({O.ACCEPTED, O.DELIVERED})
UNDER_WAY = frozenset({O.PENDING, O.CLAIMED, O.SENDING, O.DEFERRED})
FAILED = frozenset({O.UNDELIVERABLE, O.REFUSED, O.UNANSWERED})

OWN: dict[Outcome, tuple[Outcome, ...]] = {
    O.PENDING: (O.CLAIMED, O.CANCELLED),
    O.CLAIMED: (
        O.PENDING,  # the claim lapsed: provably nothing left
        O.SENDING,
        O.DEFERRED,
        O.UNDELIVERABLE,
        O.REFUSED,
        O.BROKEN,
        O.CANCELLED,
    ),
    O.SENDING: (
        O.IN_DOUBT,  # died or no answer: nobody can know
        O.ACCEPTED,
        O.DEFERRED,
        O.DELIVERED,
        O.UNDELIVERABLE,
        O.REFUSED,
        O.UNANSWERED,
        O.BROKEN,
    ),
    O.DEFERRED: (O.CLAIMED, O.UNDELIVERABLE, O.CANCELLED),
    O.IN_DOUBT: (O.ACCEPTED, O.UNDELIVERABLE, O.PENDING),  # each a recorded decision
    O.BROKEN: (O.PENDING,),  # a person repaired what was ours
    O.ACCEPTED: (O.DELIVERED, O.UNDELIVERABLE),  # receipts
    O.UNDELIVERABLE: (O.DELIVERED,),  # servers do this
    O.REFUSED: (),
    O.UNANSWERED: (),
    O.DELIVERED: (O.UNDELIVERABLE,),  # taken by a gateway, refused behind it
    O.CANCELLED: (),
}
"""Every arrow of a delivery, by its beginning."""

_NEWS = frozenset({O.ACCEPTED, O.DEFERRED, O.DELIVERED, O.UNDELIVERABLE, O.REFUSED, O.UNANSWERED})


_GATEWAY = "taken by a gateway, refused behind it"
_LATE = "an older receipt arrived late"
_ODD: dict[tuple[Outcome, Outcome], tuple[Outcome, str]] = {
    (O.DELIVERED, O.DEFERRED): (O.DELIVERED, "an out-of-office is not a bounce"),
    (O.DELIVERED, O.ACCEPTED): (O.DELIVERED, _LATE),
    (O.DELIVERED, O.UNDELIVERABLE): (O.UNDELIVERABLE, _GATEWAY),
    (O.DELIVERED, O.REFUSED): (O.UNDELIVERABLE, _GATEWAY),
    (O.DELIVERED, O.UNANSWERED): (O.UNDELIVERABLE, _GATEWAY),
    (O.ACCEPTED, O.DEFERRED): (O.ACCEPTED, "they took it; their own delay is not ours"),
    (O.UNDELIVERABLE, O.ACCEPTED): (O.UNDELIVERABLE, _LATE),
    (O.UNDELIVERABLE, O.DEFERRED): (O.UNDELIVERABLE, _LATE),
    (O.UNDELIVERABLE, O.DELIVERED): (
        O.DELIVERED,
        "servers do this: believe the good news, keep both receipts",
    ),
    (O.REFUSED, O.ACCEPTED): (O.REFUSED, _LATE),
    (O.REFUSED, O.DEFERRED): (O.REFUSED, _LATE),
    (O.UNANSWERED, O.ACCEPTED): (O.UNANSWERED, _LATE),
    (O.UNANSWERED, O.DEFERRED): (O.UNANSWERED, _LATE),
    (O.BROKEN, O.DEFERRED): (O.BROKEN, "our own fault is not mended by their waiting"),
    (O.BROKEN, O.UNANSWERED): (O.BROKEN, "our own fault is not mended by their waiting"),
}


def apply(was: Outcome, news: Outcome) -> tuple[Outcome, str]:
    """The outcome after a receipt from outside, and why, in words fit for the journal."""
    if news not in _NEWS:
        return was, f"{news} is not something the outside can tell us"
    if was == news:
        return was, "said twice"
    if was in (O.PENDING, O.CLAIMED, O.CANCELLED):
        return was, "a receipt for something that never left: kept, not believed"
    return _ODD.get((was, news), (news, f"{was} became {news}"))


def is_reached(outcome: Outcome) -> bool:
    """Their server took it, or better."""
    return outcome in REACHED


def is_settled(outcome: Outcome) -> bool:
    """Nothing more will be tried by itself, and nobody has to decide."""
    return outcome not in UNDER_WAY and outcome != O.IN_DOUBT


def may_become(was: Outcome, to: Outcome) -> bool:
    """Whether the table has this arrow."""
    return to in OWN[was]
