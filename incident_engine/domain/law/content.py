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
    CONTACT_POINT = "dpo-or-contact"  # the data protection officer or another contact point
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
    DISCOVERY_DATE = "discovery-date"  # when we discovered it
    DETECTION_MEANS = "detection-means"  # how it was discovered, by whom
    INCIDENT_PLACE = "incident-place"  # where it happened: country, site, system
    INCIDENT_TYPE = "incident-type"  # which kind of incident, by the form's own list
    INCIDENT_GRADE = "incident-grade"  # the grade, and by which criteria
    INCIDENT_REFERENCE = "incident-reference"  # the authority's or our own number
    CROSS_BORDER = "cross-border"  # effect in other states
    MALICIOUS_SUSPECTED = "malicious-suspected"  # whether unlawful or malicious acts are suspected
    INDICATORS = "indicators"  # indicators of compromise
    ROOT_CAUSE = "root-cause"  # why it could happen, established
    TREND = "trend"  # how it may go on
    TRACING_LEADS = "tracing-leads"  # who may have done it, by which way
    SCENE_PRESERVATION = "scene-preservation"  # what evidence is preserved
    SUPPORT_REQUESTED = "support-requested"  # what help is asked of the authority
    PLANNED_MEASURES = "planned-measures"  # what is still to be done
    PREVENTION = "prevention"  # what keeps it from happening again
    RANSOM = "ransom"  # ransom asked or paid: sum, means, day
    MONETARY_IMPACT = "monetary-impact"  # loss and cost in money
    SERVICE_IMPACT = "service-impact"  # which services were down, for how long
    CLIENTS_NUMBER = "clients-number"  # clients, counterparties and transactions affected
    SYSTEMS = "systems"  # the systems and how they are affected
    SECONDARY_DAMAGE = "secondary-damage"  # misuse seen or feared
    RESPONSIBILITY = "responsibility"  # who answers for it, and what followed
    LESSONS = "lessons"  # what was learned
    CULPRIT = "culprit"  # findings on the person who caused it
    INFORMING_REPORT = "informing-report"  # what was told to people, and to how many
    SAMPLE_NOTICE = "sample-notice"  # a copy of the notice sent to people
    SAFEGUARDS = "safeguards"  # security in place before: policy, program, encryption
    PROVIDER_ROLE = "provider-role"  # whether it came from a supplier
    OTHER_AUTHORITIES = "other-authorities"  # who else was told
    REPORTER = "reporter"  # who files, in which capacity
    ORGANISATION_IDS = "organisation-ids"  # registration, tax and sector numbers
    REPRESENTATIVE = "representative"  # our representative in the territory
    PARENT_COMPANY = "parent-company"  # parent or affiliated corporation
    NOTICE_ROLE = "notice-role"  # for whom we write, where the data is not ours
    AFFECTED_LIST = "affected-list"  # who the people are, one by one
    EXPOSURE_WINDOW = "exposure-window"  # from when until when data was exposed
    FREEZE_INSTRUCTIONS = "freeze-instructions"  # how to freeze credit, that it is free
    FRAUD_ALERT = "fraud-alert"  # how to place a fraud alert
    POLICE_REPORT_RIGHT = "police-report-right"  # the right to file and obtain a police report
    FTC_CONTACT = "ftc-contact"  # the Federal Trade Commission's address
    STATE_AUTHORITY_CONTACT = "state-authority-contact"  # the attorney general's or agency's
    REPORT_ADVICE = "report-advice"  # to report suspected theft to police or attorney general
    CREDIT_REPORT = "credit-report"  # how to get a credit report free of charge
    PASSWORD_ADVICE = "password-advice"  # to change password and question, here and elsewhere
    AUTHENTICATOR_ADVICE = "authenticator-advice"  # to tell others who use the same biometric
    ACCOUNT_REVIEW = "account-review"  # to watch accounts and credit reports
    DAMAGES_RIGHT = "damages-right"  # damages and dispute mediation one may ask for
    SECOND_NOTICE = "second-notice"  # that we write again once it is confirmed
    TOLL_FREE_NUMBER = "toll-free-number"  # a number that costs the caller nothing
    BREACH_NATURE = "breach-nature"  # what was done to the data, how and by whom
    RESIDENTS_NUMBER = "residents-number"  # how many residents of the place
    TECHNICAL_DETAILS = "technical-details"  # what would help another attacker
    STATE_SECRETS = "state-secrets"  # what the law keeps secret
    OTHER_PEOPLE = "other-people"  # anything about another reader
    CONFIDENTIALITY_REQUEST = "confidentiality-request"  # that the filing be kept secret, and why


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
