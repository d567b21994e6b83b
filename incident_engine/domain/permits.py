"""Which role may do what, where no lifecycle table says it. Pure."""

from __future__ import annotations

from enum import StrEnum

from incident_engine.domain.errors import NotPermitted
from incident_engine.domain.words import Role


class Act(StrEnum):
    """Something a person does that changes the record."""

    OPEN_INCIDENT = "open an incident"  # write down that something was seen
    RECORD_FACT = "record a fact"  # add or correct what is known
    IMPORT_PEOPLE = "import people"  # take in who is affected
    PREPARE_NOTICE = "prepare a notice"  # word and freeze what people are told
    JUDGE_NOTICE = "approve or reject"  # the second person's word
    DISPATCH = "send"  # let an approved notice leave; pause, resume, stop
    RESOLVE_DOUBT = "resolve a delivery in doubt"  # decide what became of it
    ANNOUNCE = "put up or take down an announcement"  # the public page
    PREPARE_REPORT = "prepare a report"  # draft for an authority
    FILE_REPORT = "file a report"  # say that it was handed in, with its reference
    SETTLE_OBLIGATION = "settle an obligation"  # done, waive, hold, release
    CHECKPOINT = "sign a checkpoint"  # seal the head of the journal
    PROVE = "make an inspection pack"  # gather the proof of one incident
    MANAGE_USERS = "manage users"  # add, disable
    CHANGE_SETTINGS = "change settings"  # config set


_RESPONDER = frozenset(
    {
        Act.OPEN_INCIDENT,
        Act.RECORD_FACT,
        Act.IMPORT_PEOPLE,
        Act.PREPARE_NOTICE,
        Act.DISPATCH,
        Act.RESOLVE_DOUBT,
        Act.ANNOUNCE,
        Act.PREPARE_REPORT,
        Act.FILE_REPORT,
        Act.SETTLE_OBLIGATION,
        Act.CHECKPOINT,
        Act.PROVE,
    }
)
PERMITS: dict[Role, frozenset[Act]] = {
    Role.RESPONDER: _RESPONDER,
    Role.APPROVER: frozenset(
        {Act.JUDGE_NOTICE, Act.SETTLE_OBLIGATION, Act.RECORD_FACT, Act.CHECKPOINT, Act.PROVE}
    ),
    Role.AUDITOR: frozenset({Act.CHECKPOINT, Act.PROVE}),
    Role.ADMIN: frozenset(Act),
}


def permit(role: Role, act: Act, *, name: str) -> None:
    """Raise NotPermitted, naming who may, unless the role includes the act."""
    if act in PERMITS[role]:
        return
    able = ", ".join(each.value for each in Role if act in PERMITS[each])
    raise NotPermitted(
        "not-permitted",
        name,
        f"may not {act.value} as {role.value}",
        expected=f"one of: {able}",
        next_step="Ask somebody with that role.",
    )
