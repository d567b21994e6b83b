"""The kinds of personal data a fact can name, and the groups laws speak of.

Codes are stable; their words in each language live with the notices.
"""

from __future__ import annotations

from enum import StrEnum


class DataType(StrEnum):
    """One kind of personal data, as `data.types` and a person's own list name it."""

    # identity
    NAME = "name"
    USERNAME = "username"
    GENDER = "gender"
    DATE_OF_BIRTH = "date_of_birth"
    PHOTO = "photo"
    SIGNATURE = "signature"
    NATIONALITY = "nationality"
    MARITAL_STATUS = "marital_status"
    FAMILY = "family"
    CUSTOMER_RECORD = "customer_record"
    # contact
    EMAIL = "email"
    PHONE = "phone"
    POSTAL_ADDRESS = "postal_address"
    # account
    ACCOUNT_ID = "account_id"
    PASSWORD = "password"
    PASSWORD_HASH = "password_hash"
    SECURITY_ANSWER = "security_answer"
    ACCESS_TOKEN = "access_token"
    LOGIN_LOG = "login_log"
    # government id
    NATIONAL_ID = "national_id"
    SSN = "ssn"
    PASSPORT = "passport"
    DRIVER_LICENCE = "driver_licence"
    TAX_ID = "tax_id"
    SOCIAL_INSURANCE = "social_insurance"
    RESIDENCE_PERMIT = "residence_permit"
    ID_DOCUMENT_IMAGE = "id_document_image"
    # biometric
    FACE = "face"
    FINGERPRINT = "fingerprint"
    VOICEPRINT = "voiceprint"
    IRIS = "iris"
    GENETIC = "genetic"
    # financial
    BANK_ACCOUNT = "bank_account"
    PAYMENT_CARD = "payment_card"
    CARD_SECURITY_CODE = "card_security_code"
    FINANCIAL_RECORD = "financial_record"
    SALARY = "salary"
    CREDIT_RECORD = "credit_record"
    TRANSACTION = "transaction"
    INVOICE = "invoice"
    LOAN = "loan"
    INSURANCE_POLICY = "insurance_policy"
    PROPERTY = "property"
    # health
    HEALTH = "health"
    MEDICAL_RECORD = "medical_record"
    HEALTH_INSURANCE = "health_insurance"
    PRESCRIPTION = "prescription"
    DISABILITY = "disability"
    # special
    ETHNIC_ORIGIN = "ethnic_origin"
    POLITICAL_OPINION = "political_opinion"
    RELIGION = "religion"
    TRADE_UNION = "trade_union"
    SEX_LIFE = "sex_life"
    CRIMINAL_RECORD = "criminal_record"
    # whereabouts
    PRECISE_LOCATION = "precise_location"
    ITINERARY = "itinerary"
    TRAFFIC_DATA = "traffic_data"
    # communications
    MESSAGE_CONTENT = "message_content"
    CALL_RECORD = "call_record"
    CONTACT_LIST = "contact_list"
    # online
    IP_ADDRESS = "ip_address"
    DEVICE_ID = "device_id"
    COOKIE = "cookie"
    BROWSING = "browsing"
    PSEUDONYM = "pseudonym"
    # work and study
    EMPLOYMENT = "employment"
    EDUCATION = "education"
    CV = "cv"
    VETTING = "vetting"
    # filing: what a website filing service keeps of its clients
    FILING_RECORD = "filing_record"
    FILING_PHOTO = "filing_photo"
    DOMAIN_CERTIFICATE = "domain_certificate"
    # service
    SUPPORT_RECORD = "support_record"
    ORDER = "order"
    PURCHASE = "purchase"
    RESERVATION = "reservation"
    CAMPAIGN_RECORD = "campaign_record"
    LOYALTY = "loyalty"
    VEHICLE = "vehicle"
    INVOICE_DELIVERY = "invoice_delivery"
    # other
    UNSPECIFIED = "unspecified"


_D = DataType

IDENTITY = frozenset({
    _D.NAME, _D.USERNAME, _D.GENDER, _D.DATE_OF_BIRTH, _D.PHOTO, _D.SIGNATURE,
    _D.NATIONALITY, _D.MARITAL_STATUS, _D.FAMILY, _D.CUSTOMER_RECORD,
})  # fmt: skip
CONTACT = frozenset({_D.EMAIL, _D.PHONE, _D.POSTAL_ADDRESS})
ACCOUNT = frozenset({
    _D.ACCOUNT_ID, _D.PASSWORD, _D.PASSWORD_HASH, _D.SECURITY_ANSWER, _D.ACCESS_TOKEN,
    _D.LOGIN_LOG,
})  # fmt: skip
GOVERNMENT_IDS = frozenset({
    _D.NATIONAL_ID, _D.SSN, _D.PASSPORT, _D.DRIVER_LICENCE, _D.TAX_ID, _D.SOCIAL_INSURANCE,
    _D.RESIDENCE_PERMIT, _D.ID_DOCUMENT_IMAGE,
})  # fmt: skip
BIOMETRIC = frozenset({_D.FACE, _D.FINGERPRINT, _D.VOICEPRINT, _D.IRIS, _D.GENETIC})
FINANCIAL = frozenset({
    _D.BANK_ACCOUNT, _D.PAYMENT_CARD, _D.CARD_SECURITY_CODE, _D.FINANCIAL_RECORD, _D.SALARY,
    _D.CREDIT_RECORD, _D.TRANSACTION, _D.INVOICE, _D.LOAN, _D.INSURANCE_POLICY, _D.PROPERTY,
})  # fmt: skip
HEALTH = frozenset({
    _D.HEALTH, _D.MEDICAL_RECORD, _D.HEALTH_INSURANCE, _D.PRESCRIPTION, _D.DISABILITY,
})  # fmt: skip
SPECIAL = frozenset({
    _D.ETHNIC_ORIGIN, _D.POLITICAL_OPINION, _D.RELIGION, _D.TRADE_UNION, _D.SEX_LIFE,
    _D.CRIMINAL_RECORD,
})  # fmt: skip
WHEREABOUTS = frozenset({_D.PRECISE_LOCATION, _D.ITINERARY, _D.TRAFFIC_DATA})
COMMUNICATIONS = frozenset({_D.MESSAGE_CONTENT, _D.CALL_RECORD, _D.CONTACT_LIST})
ONLINE = frozenset({_D.IP_ADDRESS, _D.DEVICE_ID, _D.COOKIE, _D.BROWSING, _D.PSEUDONYM})
WORK_AND_STUDY = frozenset({_D.EMPLOYMENT, _D.EDUCATION, _D.CV, _D.VETTING})
FILING = frozenset({_D.FILING_RECORD, _D.FILING_PHOTO, _D.DOMAIN_CERTIFICATE})
SERVICE = frozenset({
    _D.SUPPORT_RECORD, _D.ORDER, _D.PURCHASE, _D.RESERVATION, _D.CAMPAIGN_RECORD, _D.LOYALTY,
    _D.VEHICLE, _D.INVOICE_DELIVERY,
})  # fmt: skip
OTHER = frozenset({_D.UNSPECIFIED})

GROUPS: dict[str, frozenset[DataType]] = {
    "identity": IDENTITY,
    "contact": CONTACT,
    "account": ACCOUNT,
    "government id": GOVERNMENT_IDS,
    "biometric": BIOMETRIC,
    "financial": FINANCIAL,
    "health": HEALTH,
    "special": SPECIAL,
    "whereabouts": WHEREABOUTS,
    "communications": COMMUNICATIONS,
    "online": ONLINE,
    "work and study": WORK_AND_STUDY,
    "filing": FILING,
    "service": SERVICE,
    "other": OTHER,
}

SPECIAL_CATEGORIES = BIOMETRIC | HEALTH | SPECIAL  # GDPR Art 9 and 10
FINANCIAL_ACCOUNTS = frozenset({
    _D.BANK_ACCOUNT, _D.PAYMENT_CARD, _D.CARD_SECURITY_CODE, _D.FINANCIAL_RECORD,
})  # fmt: skip
CHINA_SENSITIVE = SPECIAL_CATEGORIES | FINANCIAL_ACCOUNTS | WHEREABOUTS  # PIPL Art 28
CREDENTIALS = frozenset({_D.PASSWORD, _D.SECURITY_ANSWER, _D.ACCESS_TOKEN})  # usable as they are

# Lists that every law file may name: each group, and those that laws of several places share.
BUILT_IN: dict[str, frozenset[str]] = {
    name.replace(" ", "-"): frozenset(code.value for code in codes)
    for name, codes in {
        **GROUPS,
        "special-categories": SPECIAL_CATEGORIES,
        "financial-accounts": FINANCIAL_ACCOUNTS,
        "china-sensitive": CHINA_SENSITIVE,
        "credentials": CREDENTIALS,
    }.items()
}


def group_of(code: DataType) -> str:
    """The name of the one group a code belongs to."""
    return next(name for name, members in GROUPS.items() if code in members)
