"""What a form's field can be filled from. A closed list: a form names these words, never code.

The names are those that authorities' forms share; the table at the end says how each is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from incident_engine.domain.fact_words import MeasureKind
from incident_engine.notices import form_sources as sources
from incident_engine.notices.form_sources import Answer, Asked, Source


class FormFact(StrEnum):
    """One thing a form can ask for."""

    ORGANISATION_NAME = "organisation.name"
    ORGANISATION_ADDRESS = "organisation.address"
    ORGANISATION_IDS = "organisation.ids"
    ORGANISATION_SECTORS = "organisation.sectors"
    ORGANISATION_SIZE = "organisation.size"
    ORGANISATION_COUNTRY = "organisation.country"
    ORGANISATION_LEAD_AUTHORITY = "organisation.lead_authority"
    ROLE = "role"
    CONTACT_REPORTER = "contact.reporter"
    CONTACT_MAIN = "contact.main"
    CONTACT_DPO = "contact.dpo"
    CONTACT_PUBLIC = "contact.public"
    REPORT_KIND = "report.kind"
    REPORT_OWN_REF = "report.own_ref"
    REPORT_AUTHORITY_REF = "report.authority_ref"
    REPORT_LATE_REASON = "report.late_reason"
    REPORT_OTHER_INFO = "report.other_info"
    PARTIES_PROCESSORS = "parties.processors"
    OCCURRED_FROM = "clocks.occurred_from"
    OCCURRED_UNTIL = "clocks.occurred_until"
    DETECTED = "clocks.detected"
    AWARE = "clocks.aware"
    DISCOVERED = "clocks.discovered"
    ASSESSED = "clocks.assessed"
    CONTAINED = "clocks.contained"
    HOLD_FROM = "clocks.hold_from"
    DURATION = "incident.duration"
    TIMELINE = "timeline"
    HOW_DISCOVERED = "incident.how_discovered"
    SUMMARY = "incident.summary"
    NARRATIVE = "incident.narrative"
    KINDS = "kinds"
    CONFIRMED = "confirmed"
    SCENARIO = "cause.scenario"
    ACTOR = "cause.actor"
    INTENT = "cause.intent"
    ROOT_TEXT = "cause.root_text"
    PEOPLE_COUNT = "people.count"
    PEOPLE_CATEGORIES = "people.categories"
    PEOPLE_WHERE = "people.where"
    PEOPLE_MINORS = "people.minors"
    PEOPLE_GRADE = "people.grade"
    DATA_TYPES = "data.types"
    DATA_RECORDS = "data.records"
    DATA_ENCRYPTED = "data.encrypted"
    MEASURES_BEFORE = "measures.before"
    MEASURES_CONTAIN = "measures.contain"
    MEASURES_PREVENT = "measures.prevent"
    CONSEQUENCES_LIST = "consequences.list"
    CONSEQUENCES_TEXT = "consequences.text"
    CONSEQUENCES_SEVERITY = "consequences.severity"
    CONSEQUENCES_LIKELIHOOD = "consequences.likelihood"
    RISK = "finding.risk"
    NOTICE_STATUS = "notice.status"
    NOTICE_DATES = "notice.dates"
    NOTICE_COUNT = "notice.count"
    NOTICE_CHANNELS = "notice.channels"
    NOTICE_SAMPLE = "notice.sample"
    NOTICE_ADVICE = "notice.advice"
    NOTICE_WHY_NOT = "notice.why_not"
    NOTICE_PLAN = "notice.plan"
    TOLD_AUTHORITIES = "told.authorities"
    TOLD_POLICE = "told.police"


def answer(fact: FormFact, asked: Asked) -> Answer | None:
    """The answer of one closed word, or None where nobody knows it yet."""
    return _SOURCES[fact](asked)


_SOURCES: Mapping[FormFact, Source] = {
    FormFact.ORGANISATION_NAME: sources.organisation_name,
    FormFact.ORGANISATION_ADDRESS: sources.organisation("address"),
    FormFact.ORGANISATION_IDS: sources.organisation_ids,
    FormFact.ORGANISATION_SECTORS: sources.codes(
        "sector", lambda facts: facts.organisation.sectors
    ),
    FormFact.ORGANISATION_SIZE: sources.organisation_size,
    FormFact.ORGANISATION_COUNTRY: sources.organisation_place("country"),
    FormFact.ORGANISATION_LEAD_AUTHORITY: sources.organisation_place("lead_authority"),
    FormFact.ROLE: sources.code("role", lambda facts: facts.role),
    FormFact.CONTACT_REPORTER: sources.contact("reporter"),
    FormFact.CONTACT_MAIN: sources.first_of(
        sources.contact("main"), sources.contact("reporter"), sources.contact("dpo")
    ),
    FormFact.CONTACT_DPO: sources.contact("dpo"),
    FormFact.CONTACT_PUBLIC: sources.first_of(sources.contact("public"), sources.contact("dpo")),
    FormFact.REPORT_KIND: sources.report_kind,
    FormFact.REPORT_OWN_REF: lambda asked: sources.line(asked.submission.incident),
    FormFact.REPORT_AUTHORITY_REF: sources.earlier_reference,
    FormFact.REPORT_LATE_REASON: sources.nobody_knows,
    FormFact.REPORT_OTHER_INFO: sources.nobody_knows,
    FormFact.PARTIES_PROCESSORS: sources.nobody_knows,
    FormFact.OCCURRED_FROM: sources.labelled("occurred_from", "from"),
    FormFact.OCCURRED_UNTIL: sources.labelled("occurred_until", "until"),
    FormFact.DETECTED: sources.clock("detected"),
    FormFact.AWARE: sources.clock("aware"),
    FormFact.DISCOVERED: sources.first_of(
        sources.clock("discovered"), sources.labelled("aware", "aware_instead")
    ),
    FormFact.ASSESSED: sources.clock("assessed"),
    FormFact.CONTAINED: sources.clock("contained"),
    FormFact.HOLD_FROM: sources.clock("hold_from"),
    FormFact.DURATION: sources.duration,
    FormFact.TIMELINE: sources.timeline,
    FormFact.HOW_DISCOVERED: sources.story("how_discovered"),
    FormFact.SUMMARY: sources.first_of(sources.story("summary"), sources.story("public")),
    FormFact.NARRATIVE: sources.first_of(sources.story("narrative"), sources.story("summary")),
    FormFact.KINDS: sources.codes("kind", lambda facts: facts.kinds),
    FormFact.CONFIRMED: sources.yes_no(lambda facts: facts.confirmed),
    FormFact.SCENARIO: sources.code("scenario", lambda facts: facts.cause.scenario),
    FormFact.ACTOR: sources.code("actor", lambda facts: facts.cause.actor),
    FormFact.INTENT: sources.code("intent", lambda facts: facts.cause.intent),
    FormFact.ROOT_TEXT: sources.story("cause"),
    FormFact.PEOPLE_COUNT: sources.people_count,
    FormFact.PEOPLE_CATEGORIES: sources.people_categories,
    FormFact.PEOPLE_WHERE: sources.people_where,
    FormFact.PEOPLE_MINORS: sources.minors,
    FormFact.PEOPLE_GRADE: sources.people_grade,
    FormFact.DATA_TYPES: sources.codes("data_type", lambda facts: facts.data.types),
    FormFact.DATA_RECORDS: sources.records,
    FormFact.DATA_ENCRYPTED: sources.yes_no(lambda facts: facts.data.encrypted),
    FormFact.MEASURES_BEFORE: sources.measures(MeasureKind.BEFORE),
    FormFact.MEASURES_CONTAIN: sources.first_of(
        sources.measures(MeasureKind.CONTAIN, MeasureKind.MITIGATE), sources.story("measures")
    ),
    FormFact.MEASURES_PREVENT: sources.measures(MeasureKind.PREVENT),
    FormFact.CONSEQUENCES_LIST: sources.codes(
        "consequence", lambda facts: facts.consequences.kinds
    ),
    FormFact.CONSEQUENCES_TEXT: sources.story("consequences"),
    FormFact.CONSEQUENCES_SEVERITY: sources.code(
        "degree", lambda facts: facts.consequences.severity
    ),
    FormFact.CONSEQUENCES_LIKELIHOOD: sources.code(
        "degree", lambda facts: facts.consequences.likelihood
    ),
    FormFact.RISK: sources.code("risk", lambda facts: facts.finding.risk),
    FormFact.NOTICE_STATUS: sources.notice_status,
    FormFact.NOTICE_DATES: sources.notice_dates,
    FormFact.NOTICE_COUNT: sources.notice_count,
    FormFact.NOTICE_CHANNELS: sources.notice_channels,
    FormFact.NOTICE_SAMPLE: sources.notice_sample,
    FormFact.NOTICE_ADVICE: sources.story("advice"),
    FormFact.NOTICE_WHY_NOT: sources.nobody_knows,
    FormFact.NOTICE_PLAN: sources.nobody_knows,
    FormFact.TOLD_AUTHORITIES: sources.told(),
    FormFact.TOLD_POLICE: sources.told("police"),
}
