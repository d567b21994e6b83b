"""What has become of one message to one person, as far as anyone has told us. Pure.

Our own moves are `OWN`; news from outside comes late, twice and out of order, and `apply` has an
answer for every pair, also for those that cannot happen: the outside world is not our bug.
A reply on the wire is no news: it ends an attempt, under the claim that made it.
"""

from __future__ import annotations

from incident_engine.domain.words import Outcome

O = Outcome  # noqa: E741  # the table reads better
REACHED = frozenset({O.ACCEPTED, O.DELIVERED})
UNDER_WAY = frozenset({O.PENDING, O.CLAIMED, O.SENDING, O.DEFERRED})
RESOLVABLE = (O.IN_DOUBT, O.BROKEN)  # only a person can say what comes of it
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
    O.ACCEPTED: (O.DELIVERED, O.UNDELIVERABLE, O.REFUSED, O.UNANSWERED, O.BROKEN),  # receipts
    O.UNDELIVERABLE: (O.DELIVERED,),  # servers do this
    O.REFUSED: (),
    O.UNANSWERED: (),
    O.DELIVERED: (O.UNDELIVERABLE,),  # taken by a gateway, refused behind it
    O.CANCELLED: (),
}
"""The arrows of a delivery in the order of things, by its beginning; `AFTER_NEWS` has the odd."""

_UNTRIED = (O.PENDING, O.CLAIMED, O.CANCELLED)
_ENDED = (O.UNDELIVERABLE, O.REFUSED, O.UNANSWERED)
_OURS = (O.PENDING, O.CLAIMED, O.SENDING, O.CANCELLED, O.IN_DOUBT)
_Rule = tuple[tuple[Outcome, ...], tuple[Outcome, ...], bool, str]

_RULES: tuple[_Rule, ...] = (
    # was, news, believed, why
    (tuple(O), _OURS, False, "our own word: nobody outside can tell us that"),
    # They took it, or it arrived. A person decided to send what was in doubt once more: then the
    # receipt of the first time finds it waiting, and only belief saves them a second letter.
    (_UNTRIED, (O.ACCEPTED, O.DELIVERED), True, "an earlier sending of it did leave"),
    ((O.SENDING,), (O.ACCEPTED, O.DELIVERED), True, "the receipt was quicker than the answer"),
    ((O.IN_DOUBT,), (O.ACCEPTED, O.DELIVERED), True, "the doubt is over: it was heard"),
    ((O.DEFERRED, O.BROKEN), (O.ACCEPTED, O.DELIVERED), True, "they took it after all"),
    (_ENDED, (O.ACCEPTED,), False, "an older receipt arrived late"),
    ((O.DELIVERED,), (O.ACCEPTED,), False, "an older receipt arrived late"),
    ((O.ACCEPTED,), (O.DELIVERED,), True, "it arrived"),
    (_ENDED, (O.DELIVERED,), True, "servers do this: believe the good news, keep both receipts"),
    # They still try, or somebody is away. Whoever says so holds the message: trying again by
    # ourselves would tell the person twice.
    (_UNTRIED, (O.DEFERRED,), False, "nothing of ours is waiting there"),
    ((O.SENDING,), (O.DEFERRED,), True, "they asked us to try later"),
    ((O.IN_DOUBT,), (O.DEFERRED,), False, "a delay proves no loss: a person still decides"),
    ((O.ACCEPTED,), (O.DEFERRED,), False, "they took it; their own delay is not ours"),
    ((O.DELIVERED,), (O.DEFERRED,), False, "an out-of-office is not a bounce"),
    (_ENDED, (O.DEFERRED,), False, "an older receipt arrived late"),
    ((O.BROKEN,), (O.DEFERRED,), False, "our own fault is not mended by their waiting"),
    # It did not arrive.
    (_UNTRIED, _ENDED, False, "of an earlier sending: this one has not been tried"),
    ((O.SENDING, O.DEFERRED), _ENDED, True, "it did not arrive"),
    ((O.IN_DOUBT,), _ENDED, True, "the doubt is over: it did not arrive"),
    ((O.ACCEPTED,), _ENDED, True, "taken, then given back"),
    ((O.DELIVERED,), (O.UNDELIVERABLE,), True, "taken by a gateway, refused behind it"),
    ((O.DELIVERED,), (O.REFUSED,), False, "a complaint or an opt-out comes from a reader"),
    ((O.DELIVERED,), (O.UNANSWERED,), False, "an older receipt arrived late"),
    ((O.UNANSWERED,), (O.UNDELIVERABLE, O.REFUSED), True, "not only this once"),
    ((O.REFUSED, O.UNDELIVERABLE), (O.UNANSWERED,), False, "the first end is the harder one"),
    ((O.UNDELIVERABLE,), (O.REFUSED,), False, "it had failed already; both receipts are kept"),
    ((O.REFUSED,), (O.UNDELIVERABLE,), False, "it had failed already; both receipts are kept"),
    ((O.BROKEN,), (O.UNDELIVERABLE, O.REFUSED), True, "it would have failed there too"),
    ((O.BROKEN,), (O.UNANSWERED,), False, "our own fault is not mended by their waiting"),
    # A provider found our account, sender or settings wanting, at once or after taking it.
    (_UNTRIED, (O.BROKEN,), False, "of an earlier sending: this one has not been tried"),
    ((O.SENDING, O.DEFERRED), (O.BROKEN,), True, "our own fault: repair it, then send again"),
    ((O.IN_DOUBT,), (O.BROKEN,), True, "the doubt is over: they held it for a fault of ours"),
    ((O.ACCEPTED,), (O.BROKEN,), True, "taken, then held for a fault of ours"),
    ((O.DELIVERED,), (O.BROKEN,), False, "it arrived all the same"),
    (_ENDED, (O.BROKEN,), False, "it had failed already; both receipts are kept"),
)


def _written_out(rules: tuple[_Rule, ...]) -> dict[tuple[Outcome, Outcome], tuple[Outcome, str]]:
    """Every pair but a word and itself, each from one rule. KeyError for a pair ruled twice."""
    answers: dict[tuple[Outcome, Outcome], tuple[Outcome, str]] = {}
    for befores, words, believed, why in rules:
        for was, news in ((was, news) for was in befores for news in words if was != news):
            if (was, news) in answers:
                raise KeyError(f"{was}, then {news}: ruled twice")
            answers[was, news] = (news if believed else was, why)
    return answers


AFTER_NEWS = _written_out(_RULES)
"""What each word becomes on each piece of news from outside, and why."""


def apply(was: Outcome, news: Outcome) -> tuple[Outcome, str]:
    """The outcome after a receipt from outside, and why, in words fit for the journal.

    Answers every pair and never raises. What may have left is never made ready to send again.
    """
    return (was, "said twice") if was == news else AFTER_NEWS[was, news]


def is_reached(outcome: Outcome) -> bool:
    """Their server took it, or better."""
    return outcome in REACHED


def is_settled(outcome: Outcome) -> bool:
    """Nothing more will be tried by itself, and nobody has to decide or repair anything."""
    return outcome not in UNDER_WAY and outcome not in (O.IN_DOUBT, O.BROKEN)


def may_become(was: Outcome, to: Outcome) -> bool:
    """Whether the table has this arrow."""
    return to in OWN[was]
