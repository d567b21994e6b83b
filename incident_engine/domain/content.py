"""What a notice or a report can be required to say. Playbooks ask for these, templates fill them.

The first nine are what the organisation's own policy promises its users in every notice,
whatever the law; `PROMISED` names them.
"""

from __future__ import annotations

from enum import StrEnum


class ContentItem(StrEnum):
    """One thing a text must, may or must not say."""

    DATA_TYPES = "data-types"  # the kinds of data leaked, tampered with or lost
    CAUSE = "cause"  # why it happened
    POSSIBLE_HARM = "possible-harm"  # what may come of it for the reader
    BASIC_SITUATION = "basic-situation"  # what happened, in general
    POSSIBLE_IMPACT = "possible-impact"  # what it may mean: service, scale, consequences
    MEASURES = "measures"  # what we have done and will do
    SELF_PROTECTION = "self-protection"  # what the reader can do, most urgent first
    REMEDIES = "remedies"  # what we offer the reader
    CONTACT = "contact"  # whom to ask, and how

    OWN_DATA_TYPES = "own-data-types"  # only the data types of this one reader
    DPO_CONTACT = "dpo-contact"  # the data protection officer by name or office
    SENDER_IDENTITY = "sender-identity"  # legal name and address of who writes
    INCIDENT_DATES = "incident-dates"  # when it happened, date, estimate or range
    NOTICE_DATE = "notice-date"  # when this was written
    FIRST_AWARENESS = "first-awareness"  # when and how we first learned of it
    HOLD_STATEMENT = "hold-statement"  # whether law enforcement delayed this
    DELAY_REASONS = "delay-reasons"  # why it comes late
    PEOPLE_NUMBER = "people-number"  # how many people, by category
    RECORDS_NUMBER = "records-number"  # how many records
    CHRONOLOGY = "chronology"  # what was done when
    INFORMING_PLAN = "informing-plan"  # how people are or will be told
    NOT_TELLING_GROUNDS = "not-telling-grounds"  # why people are not told
    CREDIT_BUREAUS = "credit-bureaus"  # consumer reporting agencies to call
    IDENTITY_SERVICE = "identity-service"  # identity-theft prevention, free, with its term
    COMPLAINT_RIGHT = "complaint-right"  # the authority one may turn to
    STATUTORY_TITLE = "statutory-title"  # a title or headings whose words the law fixes


PROMISED: tuple[ContentItem, ...] = (
    ContentItem.DATA_TYPES,
    ContentItem.CAUSE,
    ContentItem.POSSIBLE_HARM,
    ContentItem.BASIC_SITUATION,
    ContentItem.POSSIBLE_IMPACT,
    ContentItem.MEASURES,
    ContentItem.SELF_PROTECTION,
    ContentItem.REMEDIES,
    ContentItem.CONTACT,
)
