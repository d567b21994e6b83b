"""The question to ask a person for each fact a law may turn on."""

from __future__ import annotations

from incident_engine.domain.countries import is_place
from incident_engine.domain.facts.keys import split_key

_QUESTIONS = {
    "format": "Which version of the facts file is this?",
    "title": "What do we call this incident?",
    "role": "Do we decide how this data is used, alone or jointly, or process it for others?",
    "kinds": "Was the data leaked, altered, lost or out of reach, or is its origin in doubt?",
    "confirmed": "Is it certain that personal data was affected?",
    "internal_only": "Did only people inside our organisation see the data?",
    "organisation.name": "What is our legal name?",
    "organisation.trading_name": "Under what name do people know us?",
    "organisation.address": "What is our postal address?",
    "organisation.parent": "Which company owns us?",
    "organisation.size": "How large are we: micro, small, medium or large?",
    "organisation.ids": "Under what numbers are we registered?",
    "organisation.registrations": "Under what numbers do authorities know us?",
    "organisation.country": "In which country are we established?",
    "organisation.establishments": "In which countries do we have an establishment?",
    "organisation.lead_authority": "Which EU country has our main establishment?",
    "organisation.sectors": "To which regulated sectors do we belong?",
    "clocks.occurred_from": "When did it begin?",
    "clocks.occurred_until": "Until when did it go on?",
    "clocks.suspected": "When was there a first sign, or credible grounds to suspect it?",
    "clocks.detected": "When was it detected?",
    "clocks.told_by_processor": "When did our processor tell us?",
    "clocks.aware": "When were we reasonably certain that personal data was affected?",
    "clocks.discovered": "When was the breach discovered, or when were we notified of it?",
    "clocks.determined": "When was it formally determined that this is a breach, or material?",
    "clocks.classified": "When was the incident graded or classified?",
    "clocks.assessed": "On which day was the assessment made?",
    "clocks.contained": "When was it contained?",
    "clocks.ended": "When did the handling end?",
    "clocks.fix_available": "When did a correcting measure become available?",
    "clocks.ransom_paid": "When was a ransom paid?",
    "clocks.ordered": "When did an authority order us to tell people?",
    "clocks.hold_from": "From when did law enforcement ask us to wait?",
    "clocks.hold_until": "Until when did law enforcement ask us to wait?",
    "done": "What did we already do, and when?",
    "extended": "Until when was a duty's day put off, on which ground, by whom and why?",
    "cause.action": "What kind of act: hacking, malware, deception, misuse, error, theft, nature?",
    "cause.scenario": "Which of the listed scenarios fits best?",
    "cause.actor": "Was it somebody outside, one of us, or a partner?",
    "cause.intent": "Was it meant, or an accident?",
    "cause.exfiltrated": "Did the data leave our control?",
    "cause.exfiltration_evidence": "What did the search for signs of data leaving show?",
    "cause.accessed": "Did somebody not entitled look at the data?",
    "cause.published": "Was the data put where anyone can read it?",
    "cause.public_before": "Was the same data lawfully public already?",
    "cause.repeated": "Did the same thing happen before?",
    "cause.recipient": "Who received or took the data?",
    "cause.recipient_deleted": "Did the recipient confirm that nothing was kept or passed on?",
    "cause.fraud_seen": "Has misuse of the data been seen?",
    "cause.safety_risk": "Is anybody's life, health, freedom or home in danger?",
    "data.types": "Which kinds of data are affected?",
    "data.records": "How many records are affected?",
    "data.encrypted": "Was all of the data encrypted with a state-of-the-art method?",
    "data.hashed": "Were the passwords stored as strong salted hashes, the salt safe?",
    "data.key_taken": "Was the key, or a credential that opens the data, taken too?",
    "data.identifiable": "Can a person be told from the data?",
    "data.remote_wiped": "Was the device wiped from afar before anybody could use it?",
    "data.not_involved": "Which kinds of data are known not to be involved?",
    "data.backup": "Is there an intact copy of the data?",
    "data.restored_hours": "How many hours until people could be served again?",
    "data.service_impact": "What did people go without meanwhile: nothing, little, pay, care?",
    "people.where": "Where do the people live?",
    "people.count": "How many people are affected?",
    "people.estimate": "Is the number of people an estimate?",
    "people.categories": "Who are the people to us, and how many of each?",
    "people.minors": "How many of the people are under 18?",
    "people.under_14": "How many of the people are under 14?",
    "people.vulnerable": "How many of the people are vulnerable?",
    "people.sensitive": "Of how many of the people is it sensitive data?",
    "people.contactable": "For how many of the people do we hold a working address?",
    "people.served": "How many people do we serve there in all, concerned or not?",
    "people.grade": "Which grade did the authority give the incident?",
    "finding.risk": "What is the risk to the people: unlikely, likely or high?",
    "finding.significant_harm": "Is significant or serious harm to the people likely?",
    "finding.material": "Is the incident material to investors?",
    "finding.major": "Is the incident major or significant under sector law?",
    "finding.notice_cost": "What would it cost to tell people one by one?",
    "finding.by": "Who decided?",
    "finding.at": "When was it decided?",
    "finding.why": "For what reason was it decided so?",
    "contacts": "Whom may authorities and people ask?",
    "story": "What happened, in words for readers?",
    "measures": "What was done, and what is planned?",
    "remedies": "What do we offer the people?",
    "consequences.kinds": "What may it mean for the people?",
    "consequences.severity": "How badly would it hit the people?",
    "consequences.likelihood": "How probable is it that it hits them?",
    "told": "Whom did we tell already?",
}


def ask(key: str) -> str:
    """The question for a key, in English; a people key may name its place (`people.DE.count`).

    A key inside a table without questions of its own gets the table's.
    """
    parts = split_key(key)
    if parts[0] == "people" and len(parts) > 2 and is_place(parts[1]):
        question = ask(".".join((parts[0], *parts[2:])))
        return f"{parts[1]}: {question}"
    for length in range(len(parts), 0, -1):
        question = _QUESTIONS.get(".".join(parts[:length]), "")
        if question:
            return question
    return f"What is known of {key}?"
