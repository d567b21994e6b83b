"""Every word that is stored or shown, once. Code, database, commands and pages use these."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a user of this installation may do. Which role may make which move is in the tables."""

    RESPONDER = "responder"  # records facts, prepares notices, sends what is approved
    APPROVER = "approver"  # approves or rejects what others prepared
    AUDITOR = "auditor"  # reads everything, changes nothing
    ADMIN = "admin"  # all of it, and users and settings; still never approves their own work


class IncidentState(StrEnum):
    """Where an incident stands between first sign and file closed."""

    DETECTED = "detected"  # something was seen; nobody has looked yet
    ASSESSING = "assessing"  # people are finding out what happened and whom it touches
    CONFIRMED = "confirmed"  # personal data was affected; duties are being prepared
    NOTIFYING = "notifying"  # approved notices are on their way
    NOTIFIED = "notified"  # everyone who can be told has been told or announced to
    MONITORING = "monitoring"  # reports follow up, clocks of the aftermath run
    CLOSED = "closed"  # nothing is owed any more; the record stays
    DISMISSED = "dismissed"  # no personal data was affected; recorded with the reason
    REOPENED = "reopened"  # something new came to light after closing or dismissing


class ObligationState(StrEnum):
    """What we have done about one duty. What the law says of it is its `DutyStatus`."""

    OWED = "owed"  # the law asks, or may ask; nothing settles it yet
    HELD = "held"  # law enforcement asked us to wait
    DOUBTED = "doubted"  # the facts as they now stand no longer ask for it; a person decides
    MET = "met"  # done, with evidence
    WAIVED = "waived"  # a person decided that it does not bind, with a reason


class CampaignState(StrEnum):
    """One frozen notice to one set of people, from freezing to the last answer."""

    PREPARED = "prepared"  # frozen, waiting for a second person
    APPROVED = "approved"  # a second person approved exactly this hash
    SENDING = "sending"  # deliveries exist and are being tried
    PAUSED = "paused"  # nothing new starts until resumed
    STOPPED = "stopped"  # ended by a person before its end; never resumed
    FINISHED = "finished"  # nothing is left to try
    REJECTED = "rejected"  # the second person said no
    VOID = "void"  # facts, people or words changed after freezing


class Outcome(StrEnum):
    """What has become of one message to one person, as far as anyone has told us."""

    PENDING = "pending"  # written down, not tried yet
    CLAIMED = "claimed"  # a worker holds it; nothing irrevocable has left
    SENDING = "sending"  # booked just before the irrevocable byte; no answer yet
    IN_DOUBT = "in_doubt"  # we asked, and cannot know whether it was heard
    ACCEPTED = "accepted"  # their server took it; it may still not arrive
    DEFERRED = "deferred"  # they asked us to try later
    DELIVERED = "delivered"  # it reached the mailbox, the phone, the door
    UNDELIVERABLE = "undeliverable"  # this address will never work
    REFUSED = "refused"  # the other side will not take it from us: policy, opt-out
    UNANSWERED = "unanswered"  # rang out, engaged
    BROKEN = "broken"  # our own fault: template, login, settings; never held against the address
    CANCELLED = "cancelled"  # withdrawn before anything left


class Verdict(StrEnum):
    """What an authority answered to a report."""

    ACCEPTED = "accepted"  # it has it, and asks nothing more
    MORE_WANTED = "more-wanted"  # it asks for more, often by a date
    REJECTED = "rejected"  # it does not take it: wrong form, wrong authority


class ChannelName(StrEnum):
    """By what means a notice travels."""

    EMAIL = "email"  # to a mailbox, through a relay
    SMS = "sms"  # to a mobile phone, through a provider
    LETTER = "letter"  # to a postal address, through a printer
    VOICE = "voice"  # a call through the provider, which reads it aloud after a key press
    BY_HAND = "by-hand"  # one of us calls them
    PUSH = "push"  # to the organisation's own app, through its gateway
    ANNOUNCEMENT = "announcement"  # to everyone at once, on a public page


class Audience(StrEnum):
    """To whom a duty is owed."""

    REGULATOR = "regulator"  # a data protection or sector authority
    INDIVIDUALS = "individuals"  # the people whose data it is
    GUARDIANS = "guardians"  # parents or guardians of minors
    PUBLIC = "public"  # everyone, by announcement
    MEDIA = "media"  # news media of a place
    CONTROLLER = "controller"  # a customer for whom we process
    CUSTOMERS = "customers"  # business customers or service recipients
    CREDIT_AGENCIES = "credit-agencies"  # consumer reporting agencies
    POLICE = "police"  # law enforcement
    CERT = "cert"  # a CSIRT or national CERT
    SECTOR_BODY = "sector-body"  # protection department, sector supervisor
    STOCK_MARKET = "stock-market"  # a securities filing
    INSURER = "insurer"  # the cyber insurer


class Phase(StrEnum):
    """Which of several submissions one duty is."""

    EARLY_WARNING = "early-warning"  # that something happened
    NOTIFY = "notify"  # the notification the law is known for
    INTERIM = "interim"  # what is known meanwhile
    FINAL = "final"  # the closing report
    FOLLOW_UP = "follow-up"  # anything after it
    WITHDRAWAL = "withdrawal"  # that what was reported does not count: reclassified, taken back


class DutyStatus(StrEnum):
    """What the law, read over the facts, says of one duty."""

    REQUIRED = "required"  # it binds
    NOT_REQUIRED = "not-required"  # an exception frees us; which one is said
    OPEN = "open"  # a fact we do not have decides; the clock runs as if required
    WAITING = "waiting"  # its clock starts with something not done yet
    POSTPONED = "postponed"  # a hold permits waiting
    PROHIBITED = "prohibited"  # a hold forbids telling
    VOLUNTARY = "voluntary"  # good practice, no duty
    NOT_IN_FORCE = "not-in-force"  # the law exists and does not bind yet


class Binding(StrEnum):
    """How hard a number is."""

    STATUTE = "statute"  # law or regulation
    GUIDELINE = "guideline"  # an authority's reading
    CONTRACT = "contract"  # what we promised
    VOLUNTARY = "voluntary"  # our own wish


class Evidence(StrEnum):
    """How well a law file's statement was read."""

    VERIFIED = "verified"  # primary or official text read
    SECONDARY = "secondary"  # a law firm's or an authority's summary read
    UNVERIFIED = "unverified"  # from memory; shown with a banner


class Standing(StrEnum):
    """How sure one fact is."""

    KNOWN = "known"  # somebody established it
    ESTIMATED = "estimated"  # a figure that will move
    UNKNOWN = "unknown"  # asked and not known; an answer of its own
