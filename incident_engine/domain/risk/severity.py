"""How severe a breach is by ENISA's published figures: one voice of the risk, never the verdict.

Source: ENISA, Recommendations for a methodology of the assessment of severity of personal data
breaches, working document v1.0, December 2013. Severity = DPC x EI + CB.
"""

from __future__ import annotations

from typing import NamedTuple

from incident_engine.domain.facts.data_types import (
    COMMUNICATIONS,
    CONTACT,
    CREDENTIALS,
    FINANCIAL,
    GOVERNMENT_IDS,
    ONLINE,
    SPECIAL_CATEGORIES,
    WHEREABOUTS,
    DataType,
)
from incident_engine.domain.facts.document import Facts
from incident_engine.domain.facts.words import Intent, Kind, Recipient

_LOW, _MEDIUM, _HIGH = 2.0, 3.0, 4.0  # from each figure on, the next band begins

# ENISA's four kinds of data, the gravest first. What is in none of them is simple data: 1.
_CONTEXT = (
    (4.0, SPECIAL_CATEGORIES),
    (3.0, FINANCIAL | CREDENTIALS),
    (2.0, WHEREABOUTS | COMMUNICATIONS | {DataType.BROWSING, DataType.LOGIN_LOG}),
)
# How easily a person is told from the data: negligible, limited, significant, maximum.
_NEGLIGIBLE, _LIMITED, _SIGNIFICANT, _MAXIMUM = 0.25, 0.5, 0.75, 1.0


class Severity(NamedTuple):
    """The figure, and the band it falls in: low, medium, high, very-high."""

    score: float
    band: str


def severity(facts: Facts) -> Severity | None:
    """ENISA's figure for the facts; None while the kinds of data are not known."""
    if not facts.data.types:
        return None
    score = round(_context(facts) * _identification(facts) + _circumstances(facts), 2)
    return Severity(score, _band(score))


def _band(score: float) -> str:
    if score < _LOW:
        return "low"
    if score < _MEDIUM:
        return "medium"
    return "high" if score < _HIGH else "very-high"


def _context(facts: Facts) -> float:
    types = set(facts.data.types)
    return next((figure for figure, kinds in _CONTEXT if types & kinds), 1.0)


def _identification(facts: Facts) -> float:
    if facts.data.identifiable is False or is_unreadable(facts):
        return _NEGLIGIBLE
    types = set(facts.data.types)
    if types & GOVERNMENT_IDS or (DataType.NAME in types and types & CONTACT):
        return _MAXIMUM
    return _LIMITED if types <= ONLINE else _SIGNIFICANT


def is_unreadable(facts: Facts) -> bool:
    """Whether all of it was encrypted and the key is known to be safe."""
    return facts.data.encrypted is True and facts.data.key_taken is False


def _circumstances(facts: Facts) -> float:
    figure = _lost_confidentiality(facts)
    if Kind.INTEGRITY in facts.kinds:
        figure += 0.25 if facts.data.backup else 0.5
    if Kind.AVAILABILITY in facts.kinds:
        figure += 0.25 if facts.data.backup else 0.5
    return figure + (0.5 if facts.cause.intent is Intent.MALICIOUS else 0.0)


def _lost_confidentiality(facts: Facts) -> float:
    if facts.cause.published or facts.cause.exfiltrated:
        return 0.5
    recipient = facts.cause.recipient
    if recipient in (Recipient.MANY, Recipient.PUBLIC, Recipient.CRIMINAL):
        return 0.5
    one = (Recipient.COLLEAGUE, Recipient.TRUSTED, Recipient.KNOWN, Recipient.STRANGER)
    return 0.25 if recipient in one else 0.0
