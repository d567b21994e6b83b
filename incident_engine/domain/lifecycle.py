"""The three lifecycles as tables: an incident, one duty of it, one campaign of notices. Pure.

A new state or move is one line here; the pictures in README are drawn from these tables.
"""

from __future__ import annotations

from dataclasses import dataclass

from incident_engine.domain.machine import Lifecycle, Move, PossibleMove
from incident_engine.domain.words import (
    CampaignState,
    DutyStatus,
    IncidentState,
    ObligationState,
    Role,
)

RESPONDERS = frozenset({Role.RESPONDER, Role.ADMIN})
JUDGES = frozenset({Role.APPROVER, Role.ADMIN})
ALL_WHO_ACT = RESPONDERS | JUDGES


@dataclass(frozen=True, kw_only=True)
class IncidentView:
    """What the guards of an incident's moves look at, counted from its rows."""

    confirmed: bool | None = None  # what the facts say; None: not known
    people: int = 0
    owed: int = 0  # duties that bind, or may, and are not settled
    open: int = 0  # of these, those that a fact we do not have decides
    held: int = 0
    doubted: int = 0  # duties newer facts no longer ask for; a person has to say so
    met: int = 0
    approved_campaign: bool = False
    under_way: int = 0  # deliveries still to be tried
    in_doubt: int = 0  # deliveries nobody has decided
    announcement_up: bool = False
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ObligationView:
    """What the guards of a duty's moves look at."""

    status: str = DutyStatus.REQUIRED
    why: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class CampaignView:
    """What the guards of a campaign's moves look at."""

    by_author: bool = False  # whoever acts prepared it or imported its people


def _needs_reason(view: IncidentView | ObligationView) -> str | None:
    return None if view.why.strip() else "a reason (--why)"


def _needs_evidence(view: ObligationView) -> str | None:
    return None if view.reference.strip() else "its evidence (--reference)"


def _not_refuted(view: IncidentView) -> str | None:
    if view.confirmed is False:
        return "the facts say it is not confirmed (`incident fact ID confirmed=true`)"
    return None


def _not_certain(view: IncidentView) -> str | None:
    if view.confirmed is True:
        return "the facts say it is confirmed (`incident fact ID confirmed=false`)"
    return None


def _nothing_told(view: IncidentView) -> str | None:
    return "people were told already: close it instead" if view.met else None


def _something_to_send(view: IncidentView) -> str | None:
    return None if view.approved_campaign else "an approved notice (`notice prepare`, `approve`)"


def _all_have_ended(view: IncidentView) -> str | None:
    return f"an end of {_deliveries(view.under_way)} under way" if view.under_way else None


def _no_doubt_left(view: IncidentView) -> str | None:
    return f"a decision on {_deliveries(view.in_doubt)} in doubt" if view.in_doubt else None


def _deliveries(count: int) -> str:
    return "1 delivery" if count == 1 else f"{count} deliveries"


def _nothing_owed(view: IncidentView) -> str | None:
    left = view.owed + view.held + view.doubted
    duties = "1 duty" if left == 1 else f"{left} duties"
    return f"{duties} to be met, waived or decided (`obligations ID`)" if left else None


def _page_is_down(view: IncidentView) -> str | None:
    return "the announcement to be taken down" if view.announcement_up else None


def _not_the_author(view: CampaignView) -> str | None:
    return "another person: nobody approves their own work" if view.by_author else None


S = IncidentState
INCIDENT: Lifecycle[IncidentState, IncidentView] = Lifecycle(
    "incident",
    IncidentState,
    begins=S.DETECTED,
    ends=(S.CLOSED, S.DISMISSED),
    moves=[
        Move(
            trigger="assess",
            sources=(S.DETECTED, S.CONFIRMED, S.REOPENED),
            to=S.ASSESSING,
            roles=ALL_WHO_ACT,
            means="somebody is finding out what happened, or looks again",
        ),
        Move(
            trigger="confirm",
            sources=(S.DETECTED, S.ASSESSING, S.REOPENED),
            to=S.CONFIRMED,
            roles=ALL_WHO_ACT,
            means="personal data was affected",
            guards=(_not_refuted,),
        ),
        Move(
            trigger="dismiss",
            sources=(S.DETECTED, S.ASSESSING, S.CONFIRMED, S.REOPENED),
            to=S.DISMISSED,
            roles=ALL_WHO_ACT,
            means="no personal data was affected; the reason stays on record",
            guards=(_needs_reason, _not_certain, _nothing_told),
        ),
        Move(
            trigger="notify",
            sources=(S.CONFIRMED, S.NOTIFIED, S.MONITORING),
            to=S.NOTIFYING,
            roles=RESPONDERS,
            means="an approved notice is leaving: the first, or a further one",
            guards=(_something_to_send,),
        ),
        Move(
            trigger="complete",
            sources=(S.NOTIFYING,),
            to=S.NOTIFIED,
            roles=RESPONDERS,
            means="every delivery has ended",
            guards=(_all_have_ended, _no_doubt_left),
        ),
        Move(
            trigger="monitor",
            sources=(S.CONFIRMED, S.NOTIFIED),
            to=S.MONITORING,
            roles=RESPONDERS,
            means="reports follow up and the clocks of the aftermath run",
        ),
        Move(
            trigger="close",
            sources=(S.CONFIRMED, S.NOTIFIED, S.MONITORING),
            to=S.CLOSED,
            roles=ALL_WHO_ACT,
            means="nothing is owed any more",
            guards=(_nothing_owed, _all_have_ended, _no_doubt_left, _page_is_down),
        ),
        Move(
            trigger="reopen",
            sources=(S.CLOSED, S.DISMISSED),
            to=S.REOPENED,
            roles=ALL_WHO_ACT,
            means="something new came to light",
            guards=(_needs_reason,),
        ),
    ],
)

D = ObligationState
OBLIGATION: Lifecycle[ObligationState, ObligationView] = Lifecycle(
    "obligation",
    ObligationState,
    begins=D.OWED,
    ends=(D.MET, D.WAIVED),
    moves=[
        Move(
            trigger="done",
            sources=(D.OWED, D.DOUBTED, D.HELD),
            to=D.MET,
            roles=RESPONDERS,
            means="done, and this proves it",
            guards=(_needs_evidence,),
        ),
        Move(
            trigger="waive",
            sources=(D.OWED, D.DOUBTED, D.HELD),
            to=D.WAIVED,
            roles=ALL_WHO_ACT,
            means="a person decided that it does not bind",
            guards=(_needs_reason,),
        ),
        Move(
            trigger="hold",
            sources=(D.OWED, D.HELD),
            to=D.HELD,
            roles=ALL_WHO_ACT,
            means="law enforcement asked us to wait, or to wait longer",
            guards=(_needs_reason,),
        ),
        Move(
            trigger="release",
            sources=(D.HELD,),
            to=D.OWED,
            roles=ALL_WHO_ACT,
            means="the hold ended",
        ),
        Move(
            trigger="doubt",
            sources=(D.OWED,),
            to=D.DOUBTED,
            roles=ALL_WHO_ACT,
            means="the facts as they now stand no longer ask for it",
        ),
        Move(
            trigger="restore",
            sources=(D.DOUBTED, D.WAIVED, D.MET),
            to=D.OWED,
            roles=ALL_WHO_ACT,
            means="it is owed all the same",
            guards=(_needs_reason,),
        ),
    ],
)

C = CampaignState
CAMPAIGN: Lifecycle[CampaignState, CampaignView] = Lifecycle(
    "campaign",
    CampaignState,
    begins=C.PREPARED,
    ends=(C.FINISHED, C.STOPPED, C.REJECTED, C.VOID),
    moves=[
        Move(
            trigger="approve",
            sources=(C.PREPARED,),
            to=C.APPROVED,
            roles=JUDGES,
            means="a second person approved exactly this hash",
            guards=(_not_the_author,),
        ),
        Move(
            trigger="reject",
            sources=(C.PREPARED,),
            to=C.REJECTED,
            roles=JUDGES,
            means="the second person said no",
            guards=(_not_the_author,),
        ),
        Move(
            trigger="void",
            sources=(C.PREPARED, C.APPROVED),
            to=C.VOID,
            roles=ALL_WHO_ACT,
            means="facts, people or words changed after freezing",
        ),
        Move(
            trigger="launch",
            sources=(C.APPROVED,),
            to=C.SENDING,
            roles=RESPONDERS,
            means="deliveries are written and being tried",
        ),
        Move(
            trigger="pause",
            sources=(C.SENDING,),
            to=C.PAUSED,
            roles=RESPONDERS,
            means="nothing new leaves",
        ),
        Move(
            trigger="resume",
            sources=(C.PAUSED,),
            to=C.SENDING,
            roles=RESPONDERS,
            means="going on",
        ),
        Move(
            trigger="stop",
            sources=(C.SENDING, C.PAUSED),
            to=C.STOPPED,
            roles=RESPONDERS,
            means="ended for good; what has not left is cancelled",
        ),
        Move(
            trigger="finish",
            sources=(C.SENDING,),
            to=C.FINISHED,
            roles=RESPONDERS,
            means="nothing is left to try",
        ),
        Move(
            trigger="go-on",
            sources=(C.FINISHED,),
            to=C.SENDING,
            roles=RESPONDERS,
            means="a late bounce opened the next channel",
        ),
    ],
)

__all__ = [
    "CAMPAIGN",
    "INCIDENT",
    "OBLIGATION",
    "CampaignView",
    "IncidentView",
    "ObligationView",
    "PossibleMove",
]
