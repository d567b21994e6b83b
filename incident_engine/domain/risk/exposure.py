"""How far data came out, and how much harm its kinds can do: two scales the risk is read from.

Sources: EDPB Guidelines 01/2021 (examples) and 9/2022 (section IV.B, the factors of risk).
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from incident_engine.domain.facts.data_types import (
    CREDENTIALS,
    FINANCIAL_ACCOUNTS,
    GOVERNMENT_IDS,
    SPECIAL_CATEGORIES,
    WHEREABOUTS,
    DataType,
)
from incident_engine.domain.facts.data_types import DataType as D
from incident_engine.domain.facts.document import Cause, Facts
from incident_engine.domain.facts.words import (
    Actor,
    Exfiltration,
    Intent,
    Kind,
    Recipient,
    Scenario,
)
from incident_engine.domain.risk.severity import is_unreadable


class Reach(IntEnum):
    """Into whose hands it came, the safest first."""

    NOBODY = 0  # out of reach, unreadable, or nobody looked
    TRUSTED = 1  # somebody bound to silence
    KNOWN = 2  # somebody we can ask to give it back
    STRANGER = 3  # lost, shown or given to somebody we cannot ask
    HOSTILE = 4  # many, everyone, or somebody who means harm


class Weight(IntEnum):
    """What harm the kinds of data can do."""

    LIGHT = 0  # tells little of a person
    ORDINARY = 1  # who somebody is and where
    DELICATE = 2  # money, work, whereabouts, or contents nobody knows
    GRAVE = 3  # special categories, identity numbers, cards, passwords
    GRAVEST = 4  # special categories together with an identity number


class Reading(NamedTuple):
    """A value on a scale and the sentence that gives the reason and its source."""

    value: int
    says: str


_GRAVE = SPECIAL_CATEGORIES | GOVERNMENT_IDS | CREDENTIALS | {D.PAYMENT_CARD, D.CARD_SECURITY_CODE}
_DELICATE = (
    (FINANCIAL_ACCOUNTS | WHEREABOUTS)
    | {D.SALARY, D.CREDIT_RECORD, D.TRANSACTION, D.INVOICE, D.LOAN, D.INSURANCE_POLICY, D.PROPERTY}
    | {D.EMPLOYMENT, D.EDUCATION, D.CV, D.VETTING, D.FAMILY, D.SIGNATURE}
    | {D.MESSAGE_CONTENT, D.CALL_RECORD, D.CONTACT_LIST, D.BROWSING}
    | {D.SUPPORT_RECORD, D.VEHICLE, D.FILING_PHOTO, D.PASSWORD_HASH, D.UNSPECIFIED}
)
_LIGHT = frozenset({D.PSEUDONYM, D.COOKIE, D.DEVICE_ID, D.ACCOUNT_ID})
_OPENED = frozenset({Scenario.CREDENTIAL_STUFFING, Scenario.MAILBOX_TAKEOVER})

_LOST = frozenset({
    Scenario.DEVICE_LOSS, Scenario.DEVICE_THEFT, Scenario.PAPER_LOSS, Scenario.PAPER_THEFT,
    Scenario.IMPROPER_DISPOSAL,
})  # fmt: skip
_SHOWN = frozenset({
    Scenario.MISDIRECTED_EMAIL, Scenario.MISDIRECTED_POST, Scenario.WRONG_ATTACHMENT,
    Scenario.WRONG_DISCLOSURE, Scenario.VERBAL_DISCLOSURE, Scenario.WRONG_ACCOUNT_DISPLAY,
    Scenario.FAILED_REDACTION, Scenario.WEB_EXPOSURE, Scenario.UNAUTHORISED_USE,
})  # fmt: skip
_SPREAD = frozenset({Scenario.CC_NOT_BCC, Scenario.PUBLICATION})
_TAKEN = frozenset({
    Scenario.EXFILTRATION, Scenario.SUPPLY_CHAIN, Scenario.PHONE_DECEPTION, Scenario.PHISHING,
    Scenario.CREDENTIAL_STUFFING, Scenario.MAILBOX_TAKEOVER,
})  # fmt: skip
_INSIDER = frozenset({Scenario.INSIDER_COPY, Scenario.INSIDER_SNOOPING})
_NOT_A_LEAK = frozenset({
    Scenario.DDOS, Scenario.DEFACEMENT, Scenario.OUTAGE, Scenario.CORRUPTION,
    Scenario.ACCIDENTAL_DELETION,
})  # fmt: skip
_REACH_OF = {
    Recipient.COLLEAGUE: Reach.TRUSTED,
    Recipient.TRUSTED: Reach.TRUSTED,
    Recipient.KNOWN: Reach.KNOWN,
    Recipient.STRANGER: Reach.STRANGER,
    Recipient.MANY: Reach.HOSTILE,
    Recipient.PUBLIC: Reach.HOSTILE,
    Recipient.CRIMINAL: Reach.HOSTILE,
}
_NO_TRACE = (Exfiltration.EXCLUDED,)
_SEEN_LEAVING = (Exfiltration.PROVEN, Exfiltration.LOGS)
_MAY_RETURN_IT = (Recipient.KNOWN, Recipient.STRANGER)


def weight(facts: Facts) -> Reading | None:
    """How grave the kinds of data are; None while they are not known."""
    if not facts.data.types:
        return None
    found = _weight(_as_readable(facts))
    if found.value < Weight.DELICATE and facts.cause.scenario in _OPENED:
        return Reading(Weight.DELICATE, "an account stood open (EDPB 01/2021, cases 7 and 18)")
    exposed = (people.minors or people.under_14 or people.vulnerable for people in facts.people)
    if found.value in (Weight.ORDINARY, Weight.DELICATE) and any(exposed):
        return Reading(found.value + 1, "children or vulnerable people (EDPB 9/2022, IV.B)")
    return found


def _as_readable(facts: Facts) -> frozenset[DataType]:
    """What a reader can make of it: a strong hash is nothing, a weak one the password itself."""
    types = frozenset(facts.data.types)
    if D.PASSWORD_HASH not in types or facts.data.hashed is None:
        return types
    found = types - {D.PASSWORD_HASH}
    return found if facts.data.hashed else found | {D.PASSWORD}


def _weight(types: frozenset[DataType]) -> Reading:
    if types & SPECIAL_CATEGORIES and types & GOVERNMENT_IDS:
        says = "special categories together with an identity number (EDPB 9/2022, IV.B)"
        return Reading(Weight.GRAVEST, says)
    if grave := types & _GRAVE:
        return Reading(Weight.GRAVE, f"{_named(grave)}: grave by kind (EDPB 9/2022, IV.B)")
    if delicate := types & _DELICATE:
        return Reading(Weight.DELICATE, f"{_named(delicate)}: delicate (EDPB 9/2022, IV.B)")
    if D.DATE_OF_BIRTH in types and types & {D.NAME, D.POSTAL_ADDRESS}:
        says = "name or address with date of birth serve identity fraud (EDPB 01/2021, case 11)"
        return Reading(Weight.DELICATE, says)
    if types <= _LIGHT:
        return Reading(Weight.LIGHT, "the data tells little of a person (EDPB 01/2021, case 6)")
    return Reading(Weight.ORDINARY, "ordinary identity and contact data (EDPB 9/2022, IV.B)")


def _named(types: frozenset[DataType]) -> str:
    return ", ".join(sorted(types))


def reach(facts: Facts) -> Reading | None:
    """Into whose hands it came; None while nothing known tells."""
    if shelter := _shelter(facts):
        return shelter
    return _hands(facts)


def _shelter(facts: Facts) -> Reading | None:
    if facts.data.identifiable is False:
        return Reading(Reach.NOBODY, "no person can be told from the data (GDPR recital 26)")
    if is_unreadable(facts):
        return Reading(Reach.NOBODY, "encrypted, the key safe (EDPB 9/2022, annex B i)")
    if facts.cause.public_before and not facts.cause.safety_risk:
        return Reading(Reach.NOBODY, "the data was lawfully public before (EDPB 9/2022, II.A)")
    leak = Kind.CONFIDENTIALITY in facts.kinds or not facts.kinds
    if not leak and not (facts.cause.exfiltrated or facts.cause.published):
        return Reading(Reach.NOBODY, "nothing was disclosed (EDPB 9/2022, I.B)")
    return None


def _hands(facts: Facts) -> Reading | None:
    cause = facts.cause
    if cause.published or cause.scenario in _SPREAD:
        return Reading(Reach.HOSTILE, "many could read it (EDPB 9/2022, annex B ix and x)")
    if _wilful(cause):
        return _taken(cause)
    if cause.recipient in _REACH_OF:
        return _received(cause)
    if facts.data.remote_wiped and cause.scenario in _LOST:
        held = Reach.KNOWN if facts.data.encrypted is False else Reach.TRUSTED
        return Reading(held, "wiped from afar before use (EDPB 01/2021, case 10)")
    if _nobody_looked(cause):
        return Reading(Reach.TRUSTED, "nobody looked at it (EDPB 9/2022, IV.B)")
    if facts.internal_only and cause.intent is not Intent.MALICIOUS:
        return Reading(Reach.TRUSTED, "only people inside the organisation saw it (EDPB 01/2021)")
    return _by_scenario(cause)


def _wilful(cause: Cause) -> bool:
    attacked = cause.intent is Intent.MALICIOUS and cause.scenario not in _LOST
    return attacked or cause.scenario in _TAKEN | _INSIDER | {Scenario.RANSOMWARE, Scenario.MALWARE}


def _taken(cause: Cause) -> Reading:
    if cause.recipient in (Recipient.PUBLIC, Recipient.CRIMINAL, Recipient.MANY):
        return Reading(Reach.HOSTILE, "in hands that mean harm (EDPB 9/2022, IV.B)")
    if cause.actor is Actor.INTERNAL or cause.scenario in _INSIDER:
        return Reading(Reach.STRANGER, "an insider took or read it without need (EDPB 01/2021)")
    if _left(cause) or (cause.scenario in _TAKEN and cause.exfiltrated is None):
        return Reading(Reach.HOSTILE, "taken by an attacker (EDPB 01/2021, cases 4, 5 and 18)")
    if cause.scenario in _NOT_A_LEAK and cause.exfiltrated is None and not cause.accessed:
        return Reading(Reach.NOBODY, "the attack reached the service, not the data (ENISA 2013)")
    if cause.exfiltrated is False and not cause.accessed:
        excluded = cause.exfiltration_evidence in _NO_TRACE
        held = Reach.TRUSTED if excluded else Reach.KNOWN
        return Reading(held, "the data did not leave (EDPB 01/2021, cases 1 to 3)")
    return Reading(Reach.STRANGER, "an attacker could read it (EDPB 01/2021, paragraph 18)")


def _left(cause: Cause) -> bool:
    """Whether data left, as somebody said or as the search for signs of it has shown."""
    unsaid = cause.exfiltrated is None and cause.exfiltration_evidence in _SEEN_LEAVING
    return bool(cause.exfiltrated) or unsaid


def _received(cause: Cause) -> Reading:
    assert cause.recipient is not None
    back = cause.accessed is False and cause.recipient_deleted is True
    if back and cause.recipient in _MAY_RETURN_IT:
        return Reading(Reach.TRUSTED, "it came back unread (45 CFR 164.402(1)(iii))")
    held = _REACH_OF[cause.recipient]
    if held is Reach.TRUSTED and cause.recipient_deleted is False:
        return Reading(Reach.KNOWN, "a trusted recipient kept it (EDPB 01/2021, case 9)")
    if held is Reach.TRUSTED:
        return Reading(held, "the recipient can be trusted (EDPB 01/2021, case 9)")
    if held is Reach.KNOWN:
        return Reading(held, "one known recipient (EDPB 01/2021, cases 13 and 16)")
    says = "many, or people of bad intent," if held is Reach.HOSTILE else "a stranger"
    return Reading(held, f"{says} received it (EDPB 9/2022, IV.B)")


def _nobody_looked(cause: Cause) -> bool:
    nothing_left = not _left(cause) and cause.scenario not in _LOST
    unread = cause.accessed is False or cause.exfiltration_evidence is Exfiltration.EXCLUDED
    nobody = cause.recipient is Recipient.NONE and cause.scenario in _SHOWN
    return nothing_left and (unread or nobody)


def _by_scenario(cause: Cause) -> Reading | None:
    if cause.scenario in _LOST:
        says = "out of our hands; that nobody is known to have read it is no comfort"
        return Reading(Reach.STRANGER, f"{says} (EDPB 01/2021, cases 11 and 12)")
    if _left(cause) or cause.accessed or cause.scenario in _SHOWN:
        return Reading(Reach.STRANGER, "people not entitled could read it (EDPB 9/2022, I.B)")
    if cause.scenario in _NOT_A_LEAK:
        return Reading(Reach.NOBODY, "nothing was disclosed (EDPB 9/2022, I.B)")
    return None
