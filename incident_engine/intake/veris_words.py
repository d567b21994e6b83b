"""What words of VERIS 1.3.4 to 1.4 mean among the facts; a word that is not here means none.

Source: the VERIS schemas 1.3.4 and 1.4.1 (verisframework.org). A word of VERIS often says less
than a fact wants, and sometimes another thing: then there is no line for it here.
"""

from __future__ import annotations

from incident_engine.domain.facts.data_types import DataType as D
from incident_engine.domain.facts.words import Scenario

NOTHING_SAID = frozenset({"Unknown", "NA", "Other", "unknown", ""})  # an answer of no content

# Personal data by kind. VERIS's Internal, Classified, Secrets, Source code and so on are an
# organisation's own: that they may hold personal data is a question, not a fact.
DATA = {
    "Personal": D.UNSPECIFIED,
    "Sensitive Personal": D.UNSPECIFIED,
    "Medical": D.MEDICAL_RECORD,
    "Payment": D.PAYMENT_CARD,
    "Bank": D.BANK_ACCOUNT,
    "Credentials": D.PASSWORD,
    "Multi-factor credential": D.ACCESS_TOKEN,
    "Session key": D.ACCESS_TOKEN,
}
READ_AS = {
    "Credentials": "data.types: Credentials read as password; correct it where only hashes or "
    "tokens were taken",
}

# How the data stood there. Stored, Processed and Transmitted alone do not say.
ENCRYPTED = frozenset({"Stored encrypted", "Transmitted encrypted"})
READABLE = frozenset({"Stored unencrypted", "Transmitted unencrypted", "Printed"})

# Altering a system or a person is not altering the data: most integrity words are about those.
ALTERED = frozenset({"Modify data", "Fraudulent transaction"})
OUT_OF_REACH = frozenset({"Destruction", "Interruption", "Loss", "Obscuration"})
HOURS = {"Seconds": 1 / 3600, "Minutes": 1 / 60, "Hours": 1.0, "Days": 24.0, "Weeks": 168.0}

# Acts that nobody does by mistake; misuse may be laziness, and its motive tells.
DELIBERATE = frozenset({"hacking", "malware", "social"})
DELIBERATE_BY_HAND = frozenset({
    "Assault", "Bypassed controls", "Disabled controls", "Skimmer", "Snooping", "Surveillance",
    "Tampering", "Theft", "Wiretapping",
})  # fmt: skip
ILL_MOTIVES = frozenset({
    "Espionage", "Fear", "Financial", "Fun", "Grudge", "Ideology", "Secondary",
})  # fmt: skip
ACTIONS = ("hacking", "malware", "social", "misuse", "error", "physical", "environmental")
ACTORS = ("external", "internal", "partner")

# One word that alone tells the scenario. Where several tell different ones, none is chosen.
SCENARIOS = {
    ("malware", "Ransomware"): Scenario.RANSOMWARE,
    ("social", "Phishing"): Scenario.PHISHING,
    ("hacking", "DoS"): Scenario.DDOS,
    ("error", "Publishing error"): Scenario.PUBLICATION,
    ("error", "Disposal error"): Scenario.IMPROPER_DISPOSAL,
    ("error", "Gaffe"): Scenario.VERBAL_DISCLOSURE,
    ("misuse", "Data mishandling"): Scenario.UNAUTHORISED_USE,
    ("misuse", "Email misuse"): Scenario.UNAUTHORISED_USE,
    ("misuse", "Knowledge abuse"): Scenario.UNAUTHORISED_USE,
    ("misuse", "Net misuse"): Scenario.UNAUTHORISED_USE,
    ("misuse", "Possession abuse"): Scenario.UNAUTHORISED_USE,
    ("misuse", "Privilege abuse"): Scenario.UNAUTHORISED_USE,
}
# Misdelivery, loss and theft are told apart by what it was.
MISDELIVERED = {"S - Mail": Scenario.MISDIRECTED_EMAIL, "M - Documents": Scenario.MISDIRECTED_POST}
PAPERS = frozenset({"M - Documents", "M - Fax"})
DEVICES = frozenset({
    "M - Disk drive", "M - Disk media", "M - Flash drive", "M - SIM card", "M - Smart card",
    "M - Tapes", "U - Desktop", "U - Desktop or laptop", "U - Laptop", "U - Media",
    "U - Mobile phone", "U - Peripheral", "U - POS terminal", "U - Tablet", "S - Database",
    "S - File", "S - Backup", "S - Mail", "N - NAS",
})  # fmt: skip
GONE = {
    ("error", "Loss"): (Scenario.DEVICE_LOSS, Scenario.PAPER_LOSS),
    ("physical", "Theft"): (Scenario.DEVICE_THEFT, Scenario.PAPER_THEFT),
}
# Nothing was disclosed and a service stopped.
STOPPED = frozenset({
    ("error", "Capacity shortage"), ("error", "Maintenance error"), ("error", "Malfunction"),
    ("environmental", "Power failure"), ("environmental", "Fire"), ("environmental", "Flood"),
    ("environmental", "Temperature"), ("environmental", "Lightning"),
})  # fmt: skip

# NAICS codes by their first digits, the longest that fits.
SECTORS = {
    "621": ("health-provider",), "622": ("health-provider",), "623": ("health-provider",),
    "446110": ("health-provider",), "456110": ("health-provider",),
    "524114": ("health-plan", "insurer"), "524113": ("insurer",), "52412": ("insurer",),
    "52211": ("bank",), "52213": ("credit-union",), "52221": ("card-issuer",),
    "522320": ("payment",), "52312": ("broker",), "523150": ("broker",), "5259": ("fund",),
    "561450": ("consumer-reporting-agency",), "61": ("education",), "517": ("telecom",),
    "518": ("cloud",), "92": ("government",),
}  # fmt: skip
GOVERNMENT = frozenset({"Federal", "Regional", "Local"})

# Why a value is left, by the beginning of its path, the longest that fits.
WHY = {
    "": "no fact says this",
    "action": "a detail of how it was done; no law asks",
    "actor": "says more of who did it than any law asks",
    "actor.unknown": "says that it is not known",
    "asset": "the things affected; the laws ask for the data on them",
    "attribute.confidentiality.data": "not personal data by itself; name the kinds if it held any",
    "attribute.confidentiality.data_victim": "who the people are; the facts want how many of each",
    "attribute.confidentiality.state": "does not say whether the data was encrypted",
    "attribute.integrity": "altered a system or a person, not the data",
    "attribute.availability": "does not say for how long people went without the data",
    "campaign_id": "a number of another database",
    "confidence": "how sure its author was of the record",
    "discovery_method": "no fact says this",
    "impact": "a loss of the organisation, not of the people",
    "incident_id": "a number of another database",
    "ioc": "for those who hunt the attacker",
    "plus": "an extension that is no part of the schema",
    "reference": "where the record was taken from",
    "schema_version": "the form of the file",
    "source_id": "a number of another database",
    "targeted": "no law asks",
    "timeline": "not exact to the day; a clock needs the day",
    "timeline.incident.time": "has no offset from UTC; a clock needs one",
    "value_chain": "for those who hunt the attacker",
    "victim.locations_affected": "places of ours, not of the people",
    "victim.region": "larger than any place a law is for; the country is taken",
    "victim.revenue": "no law read here asks",
    "victim.secondary": "others who were hit; name them in an incident of their own",
    "victim.state": "not a part of that country under ISO 3166-2",
    "victim.country": "not a country under ISO 3166-1",
    "victim.industry": "a NAICS code of no sector that a law here speaks to",
}
SILENT = ("schema_version", "schema_name", "security_incident")
TEXTS = frozenset({"notes", "comment", "summary", "discovery_notes", "corrective_action"})
