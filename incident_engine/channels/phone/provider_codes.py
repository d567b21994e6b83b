"""What the provider's codes and statuses mean for one text or call. Pure.

Codes: https://www.twilio.com/docs/api/errors
"""

from __future__ import annotations

from incident_engine.domain.words import Outcome

LONGEST_SAID = 2_000

_CODES = {
    20003: Outcome.BROKEN,  # our login
    20404: Outcome.BROKEN,  # our account or address of the API
    20429: Outcome.DEFERRED,  # too many requests; not processed
    21211: Outcome.UNDELIVERABLE,  # not a number
    21214: Outcome.UNDELIVERABLE,  # cannot be reached
    21217: Outcome.UNDELIVERABLE,  # does not appear to be valid
    21408: Outcome.BROKEN,  # our account is not enabled for that region
    21610: Outcome.REFUSED,  # the person has opted out
    21611: Outcome.DEFERRED,  # our queue is full
    21612: Outcome.UNDELIVERABLE,  # no way from our sender to that number
    21614: Outcome.UNDELIVERABLE,  # not a mobile number
    21635: Outcome.UNDELIVERABLE,  # a landline
    30001: Outcome.DEFERRED,  # queue overflow
    30002: Outcome.BROKEN,  # our account is suspended
    30003: Outcome.DEFERRED,  # handset switched off or out of reach
    30004: Outcome.REFUSED,  # blocked
    30005: Outcome.UNDELIVERABLE,  # unknown handset
    30006: Outcome.UNDELIVERABLE,  # landline or a carrier that cannot be reached
    30007: Outcome.REFUSED,  # filtered by the carrier
    30008: Outcome.DEFERRED,  # they do not know themselves
    30010: Outcome.BROKEN,  # dearer than the most we allow
    30022: Outcome.DEFERRED,  # more a day or second than our sender may
    30023: Outcome.DEFERRED,
    30024: Outcome.BROKEN,  # our sender is not ready
    30032: Outcome.BROKEN,  # our toll-free number is not verified
    30034: Outcome.BROKEN,  # our number is not registered
    30036: Outcome.UNANSWERED,  # validity ended before it went
    30410: Outcome.DEFERRED,  # the carrier did not answer in time
    13223: Outcome.UNDELIVERABLE,  # calls: not a number
    13224: Outcome.UNDELIVERABLE,  # calls: not valid
    13225: Outcome.REFUSED,  # calls: number on a list not to be called
    13227: Outcome.BROKEN,  # calls: our account is not enabled for that region
    21215: Outcome.BROKEN,  # calls: likewise
    21216: Outcome.REFUSED,  # calls: blocked
}
_STATUSES = {
    "accepted": Outcome.ACCEPTED,
    "scheduled": Outcome.ACCEPTED,
    "queued": Outcome.ACCEPTED,
    "sending": Outcome.ACCEPTED,
    "sent": Outcome.ACCEPTED,
    "delivered": Outcome.DELIVERED,
    "read": Outcome.DELIVERED,
    "initiated": Outcome.ACCEPTED,
    "ringing": Outcome.ACCEPTED,
    "in-progress": Outcome.ACCEPTED,
}
_FAILED = ("failed", "undelivered", "canceled")
# A call that ended without a key pressed has told nobody anything: whoever pressed one has been
# booked as delivered before (`voice.heard`).
_CALLS = {
    "completed": Outcome.UNANSWERED,
    "busy": Outcome.UNANSWERED,
    "no-answer": Outcome.UNANSWERED,
}


def verdict(status: int, code: int | None) -> Outcome:
    """The outcome of an HTTP answer that is not 2xx: HTTP status, and the provider's own code.

    A 5xx says nothing about whether the message was taken. An unknown 4xx is a request that was
    not understood: ours to mend, never held against the number.
    """
    if status == 429:
        return Outcome.DEFERRED
    if status >= 500:
        return Outcome.IN_DOUBT
    return _CODES.get(code or 0, Outcome.BROKEN)


def verdict_of_status(status: str, code: int | None) -> Outcome:
    """The outcome of a message's own status, with its error code where it failed."""
    if status in _FAILED:
        return _CODES.get(code or 0, Outcome.BROKEN)
    return _STATUSES.get(status, Outcome.IN_DOUBT)


def verdict_of_receipt(channel: str, status: str, code: int | None) -> Outcome | None:
    """The outcome of a later status; None for a word we do not know.

    A failure that might have passed is final here, since the provider has stopped trying: it is
    unanswered, and the next channel opens.
    """
    if channel == "voice" and status in _CALLS:
        return _CALLS[status]
    if status in _FAILED:
        unknown = Outcome.UNANSWERED if channel == "voice" else Outcome.UNDELIVERABLE
        found = _CODES.get(code or 0, unknown)
        return Outcome.UNANSWERED if found is Outcome.DEFERRED else found
    return _STATUSES.get(status)
