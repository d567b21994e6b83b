"""The closed lists of a facts file. Members are the words of the file."""

from __future__ import annotations

from enum import StrEnum


class OurRole(StrEnum):
    """What we are to the data, in the words of data protection law."""

    CONTROLLER = "controller"  # we decide why and how
    JOINT_CONTROLLER = "joint-controller"  # we decide together with others
    PROCESSOR = "processor"  # we act for a customer


class Kind(StrEnum):
    """What was hurt: leak, tampering, loss."""

    CONFIDENTIALITY = "confidentiality"  # somebody saw or took it
    INTEGRITY = "integrity"  # it was altered
    AVAILABILITY = "availability"  # it was lost or out of reach
    AUTHENTICITY = "authenticity"  # its origin can no longer be trusted


class Sector(StrEnum):
    """What makes us somebody a sector's law speaks to."""

    BANK = "bank"  # takes deposits
    BROKER = "broker"  # deals in securities
    CARD_ISSUER = "card-issuer"  # issues payment cards
    CLOUD = "cloud"  # cloud computing, hosting, data centre
    CONSUMER_REPORTING_AGENCY = "consumer-reporting-agency"  # credit bureau
    CREDIT_UNION = "credit-union"  # a bank owned by its members
    CRITICAL_INFRASTRUCTURE = "critical-infrastructure"  # designated operator
    CROSS_BORDER = "cross-border"  # sends personal data over the border
    DIGITAL_PRODUCT_MAKER = "digital-product-maker"  # manufacturer under the CRA
    EDUCATION = "education"  # school, university
    ESSENTIAL_ENTITY = "essential-entity"  # NIS2 Annex I
    FINANCIAL = "financial"  # DORA entity, GLBA institution
    FUND = "fund"  # investment fund or its adviser
    GOVERNMENT = "government"  # public body
    HEALTH_PROVIDER = "health-provider"  # HIPAA covered: clinic, pharmacy
    HEALTH_PLAN = "health-plan"  # HIPAA covered: health insurer
    HEALTH_CLEARINGHOUSE = "health-clearinghouse"  # HIPAA covered: claims exchange
    HEALTH_BUSINESS_ASSOCIATE = "health-business-associate"  # works for a HIPAA covered entity
    HEALTH_APP = "health-app"  # vendor of personal health records
    IMPORTANT_ENTITY = "important-entity"  # NIS2 Annex II
    INSURER = "insurer"  # insurance
    LISTED_COMPANY = "listed-company"  # securities on an exchange
    NY_DFS = "ny-dfs"  # licensed by New York's financial department
    PAYMENT = "payment"  # payment institution
    SMALL_AGENT = "small-agent"  # Brazil: small processing agent
    STATE_ORGAN = "state-organ"  # China: organ of state
    TELECOM = "telecom"  # public electronic communications
    TRUST_SERVICE = "trust-service"  # eIDAS trust service


class Action(StrEnum):
    """By what kind of act, in VERIS words."""

    HACKING = "hacking"  # defeating security
    MALWARE = "malware"  # software that does harm
    SOCIAL = "social"  # deceiving people
    MISUSE = "misuse"  # using granted rights wrongly
    ERROR = "error"  # nobody meant it
    PHYSICAL = "physical"  # theft, tampering by hand
    ENVIRONMENTAL = "environmental"  # fire, water, power


class Scenario(StrEnum):
    """What happened, in the words of those who report it."""

    MISDIRECTED_EMAIL = "misdirected-email"  # mail to the wrong address
    MISDIRECTED_POST = "misdirected-post"  # letter or parcel to the wrong address
    WRONG_ATTACHMENT = "wrong-attachment"  # right address, wrong file
    CC_NOT_BCC = "cc-not-bcc"  # recipients see one another
    WRONG_DISCLOSURE = "wrong-disclosure"  # given out to somebody not entitled
    VERBAL_DISCLOSURE = "verbal-disclosure"  # said to somebody not entitled
    WRONG_ACCOUNT_DISPLAY = "wrong-account-display"  # one user's data shown to another
    FAILED_REDACTION = "failed-redaction"  # the blacked-out could be read
    PUBLICATION = "publication"  # published by mistake
    WEB_EXPOSURE = "web-exposure"  # reachable from the internet
    EXFILTRATION = "exfiltration"  # copied out by an attacker
    SUPPLY_CHAIN = "supply-chain"  # through a supplier's software
    PHONE_DECEPTION = "phone-deception"  # a caller pretended to be somebody
    DDOS = "ddos"  # flooded until it stopped answering
    DEFACEMENT = "defacement"  # pages altered
    UNAUTHORISED_USE = "unauthorised-use"  # used beyond what was allowed
    CREDENTIAL_STUFFING = "credential-stuffing"  # logins tried with leaked passwords
    MAILBOX_TAKEOVER = "mailbox-takeover"  # somebody else in the mailbox
    PHISHING = "phishing"  # deceived into giving access
    RANSOMWARE = "ransomware"  # encrypted for ransom
    MALWARE = "malware"  # other harmful software
    INSIDER_COPY = "insider-copy"  # one of us took a copy
    INSIDER_SNOOPING = "insider-snooping"  # one of us looked without need
    DEVICE_LOSS = "device-loss"  # laptop, phone, stick lost
    DEVICE_THEFT = "device-theft"  # laptop, phone, stick stolen
    PAPER_LOSS = "paper-loss"  # papers lost
    PAPER_THEFT = "paper-theft"  # papers stolen
    IMPROPER_DISPOSAL = "improper-disposal"  # thrown away readable
    OUTAGE = "outage"  # systems or power down
    CORRUPTION = "corruption"  # data damaged
    ACCIDENTAL_DELETION = "accidental-deletion"  # data deleted by mistake
    VENDOR = "vendor"  # at one of our suppliers
    OTHER = "other"  # none of these


class Actor(StrEnum):
    """Who did it, in VERIS words."""

    EXTERNAL = "external"  # from outside
    INTERNAL = "internal"  # one of us
    PARTNER = "partner"  # one of our suppliers or partners


class Intent(StrEnum):
    """Whether it was meant."""

    MALICIOUS = "malicious"  # meant to harm or to gain
    ACCIDENTAL = "accidental"  # nobody meant it


class Exfiltration(StrEnum):
    """What the search for signs of data leaving has shown."""

    PROVEN = "proven"  # the data was seen elsewhere
    LOGS = "logs"  # logs show it leaving
    NONE_FOUND = "none-found"  # looked in sufficient logs, no sign
    LOGS_INSUFFICIENT = "logs-insufficient"  # the logs cannot say
    EXCLUDED = "excluded"  # established that nothing left


class Recipient(StrEnum):
    """Who got it."""

    NONE = "none"  # nobody
    COLLEAGUE = "colleague"  # one of us, bound to silence
    TRUSTED = "trusted"  # a supplier, an authority, a professional we can rely on
    KNOWN = "known"  # somebody we can ask to give it back
    STRANGER = "stranger"  # somebody we cannot
    MANY = "many"  # many people
    PUBLIC = "public"  # anyone
    CRIMINAL = "criminal"  # somebody who means harm


class ServiceImpact(StrEnum):
    """What people could not get meanwhile."""

    NONE = "none"  # nothing
    MINOR = "minor"  # a nuisance
    SERIOUS = "serious"  # pay, benefits, livelihood
    HEALTH = "health"  # care


class Category(StrEnum):
    """Who the people are to us."""

    CUSTOMERS = "customers"  # buy from us
    EMPLOYEES = "employees"  # work for us
    PATIENTS = "patients"  # in our care
    STUDENTS = "students"  # learn with us
    MEMBERS = "members"  # belong to us
    USERS = "users"  # have an account
    SUPPLIERS = "suppliers"  # sell to us
    OTHER = "other"  # none of these


class Basis(StrEnum):
    """How well a number is known."""

    EXACT = "exact"  # counted
    ESTIMATE = "estimate"  # will move
    UNDETERMINED = "undetermined"  # not counted yet
    UNDETERMINABLE = "undeterminable"  # can never be counted


class Risk(StrEnum):
    """GDPR Art 33 and 34: the risk to the people's rights and freedoms."""

    UNLIKELY = "unlikely"  # unlikely to result in a risk
    LIKELY = "likely"  # a risk, not a high one
    HIGH = "high"  # likely to result in a high risk


class MeasureKind(StrEnum):
    """What a measure is for."""

    BEFORE = "before"  # was in place when it happened
    CONTAIN = "contain"  # stops it
    MITIGATE = "mitigate"  # lessens what follows
    PREVENT = "prevent"  # keeps it from happening again


class MeasureCode(StrEnum):
    """A measure that our own words can tell in every language."""

    CUT_OFF = "cut-off"  # whoever was in is out
    OFFLINE = "offline"  # what was hit is off the network
    CLOSED = "closed"  # the way in is shut, a setting included
    RESET = "reset"  # old passwords no longer work
    KEYS = "keys"  # keys and sessions cancelled
    BLOCKED = "blocked"  # accounts with odd use stopped
    RECALLED = "recalled"  # the wrong receiver deleted it and said so in writing
    UNPUBLISHED = "unpublished"  # page down, search engines asked
    RESTORED = "restored"  # put back from a safe copy
    COMPARED = "compared"  # every record held against a safe copy
    REBUILDING = "rebuilding"  # lost records from other sources
    BANKS = "banks"  # banks and card firms told
    POLICE = "police"  # reported
    AUTHORITY = "authority"  # the data protection authority told
    EXPERTS = "experts"  # from outside, at work
    WATCHING = "watching"  # for the data on sale
    CALL_BACK = "call-back"  # before a payout account or an address changes
    TRAINED = "trained"  # staff, and the work done otherwise
    LESS_DATA = "less-data"  # what was not needed is deleted
    ENCRYPTED = "encrypted"  # stored unreadable from now on
    STAFF_SIGN_IN = "staff-sign-in"  # a second step
    VENDOR_STOPPED = "vendor-stopped"  # no data to that company
    ACCESS_ENDED = "access-ended"  # of the person who misused it


class RemedyCode(StrEnum):
    """An offer that our own words can make in every language."""

    FEES = "fees"  # of banks and cards
    DOCUMENT = "document"  # a new one, photos and postage
    LOSSES = "losses"  # that this causes, paid back
    MONITORING_12 = "monitoring-12"  # months of identity and credit monitoring
    MONITORING_24 = "monitoring-24"
    HELPER = "helper"  # one person for calls and letters after identity theft
    SPOKEN_PASSWORD = "spoken-password"  # or a call back before changes
    CORRECT = "correct"  # and show
    REBUILD = "rebuild"  # and pay for copies
    NO_DEADLINE = "no-deadline"  # missed with us, no late fee
    TAKEDOWN = "takedown"  # of copies on the internet
    SAFETY = "safety"  # locks, number, moving
    COUNSELLING = "counselling"
    NEW_NUMBER = "new-number"  # of customer or contract
    REBOOKING = "rebooking"
    POINTS = "points"  # put back
    OTHER_SIGN_IN = "other-sign-in"  # the stored pattern deleted
    RECORD_CHECK = "record-check"  # with a doctor or nurse
    LEGAL_TALK = "legal-talk"  # the first one
    FILING = "filing"  # corrected or cancelled


class ConsequenceKind(StrEnum):
    """What it may mean for the people."""

    LOSS_OF_CONTROL = "loss-of-control"  # others have their data
    DISCRIMINATION = "discrimination"  # being treated worse
    IDENTITY_FRAUD = "identity-fraud"  # somebody acts in their name
    FINANCIAL_LOSS = "financial-loss"  # money
    PHISHING = "phishing"  # being deceived with what leaked
    REPUTATION = "reputation"  # good name
    SECRECY = "secrecy"  # professional secrecy broken
    PHYSICAL_HARM = "physical-harm"  # body, life, freedom
    SERVICE_LOSS = "service-loss"  # not being served
    OTHER = "other"  # none of these


class Degree(StrEnum):
    """How bad, how probable."""

    LOW = "low"  # hardly
    MEDIUM = "medium"  # noticeably
    HIGH = "high"  # badly
    VERY_HIGH = "very-high"  # as bad as it gets
