"""What a form's field can be filled from. A closed list: a form names these words, never code.

The names are those that authorities' forms share; the table at the end says how each is read.
"""

from __future__ import annotations

from collections.abc import Mapping

from incident_engine.domain.facts.words import MeasureKind
from incident_engine.notices.reports import form_sources as sources
from incident_engine.notices.reports import notice_sources, people_sources
from incident_engine.notices.reports.form_questions import FormFact
from incident_engine.notices.reports.form_sources import Answer, Asked, Source


def answer(fact: FormFact, asked: Asked) -> Answer | None:
    """The answer of one closed word, or None where nobody knows it yet.

    What stands in no fact (reasons, plans, amounts) is always asked of a person.
    """
    return _SOURCES.get(fact, sources.nobody_knows)(asked)


def has_source(fact: FormFact) -> bool:
    """Whether the facts or the records can answer it; if not, a person does."""
    return fact in _SOURCES


def _desk(part: str) -> Source:
    return sources.first_of(
        sources.contact_part("main", part),
        sources.contact_part("reporter", part),
        sources.contact_part("dpo", part),
    )


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
    FormFact.PEOPLE_COUNT: people_sources.people_count,
    FormFact.PEOPLE_CATEGORIES: people_sources.people_categories,
    FormFact.PEOPLE_WHERE: people_sources.people_where,
    FormFact.PEOPLE_MINORS: people_sources.minors,
    FormFact.PEOPLE_GRADE: people_sources.people_grade,
    FormFact.DATA_TYPES: sources.codes("data_type", lambda facts: facts.data.types),
    FormFact.DATA_RECORDS: people_sources.records,
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
    FormFact.NOTICE_STATUS: notice_sources.notice_status,
    FormFact.NOTICE_DATES: notice_sources.notice_dates,
    FormFact.NOTICE_COUNT: notice_sources.notice_count,
    FormFact.NOTICE_CHANNELS: notice_sources.notice_channels,
    FormFact.NOTICE_SAMPLE: notice_sources.notice_sample,
    FormFact.NOTICE_ADVICE: sources.story("advice"),
    FormFact.TOLD_AUTHORITIES: sources.told(),
    FormFact.TOLD_POLICE: sources.told("police"),
    FormFact.ORGANISATION_IDS_LEI: sources.registered("lei"),
    FormFact.ORGANISATION_PARENT_NAME: sources.organisation("parent"),
    FormFact.ORGANISATION_REGISTRATIONS: sources.registrations,
    FormFact.ORGANISATION_STAFF: sources.staff,
    FormFact.CONTACT_MAIN_NAME: _desk("name"),
    FormFact.CONTACT_MAIN_EMAIL: _desk("email"),
    FormFact.CONTACT_MAIN_PHONE: _desk("phone"),
    FormFact.CONTACT_SECOND_NAME: sources.contact_part("second", "name"),
    FormFact.CONTACT_SECOND_EMAIL: sources.contact_part("second", "email"),
    FormFact.CONTACT_SECOND_PHONE: sources.contact_part("second", "phone"),
    FormFact.CONTACT_SUBMITTER_ORGANISATION: sources.organisation("name"),
    FormFact.REPORT_OPEN_ITEMS: notice_sources.open_items,
    FormFact.INCIDENT_TITLE: lambda asked: sources.line(asked.facts.title),
    FormFact.INCIDENT_PUBLIC_TEXT: sources.first_of(
        sources.story("public"), sources.story("summary")
    ),
    FormFact.INCIDENT_STATUS: sources.state_of_handling,
    FormFact.CLOCKS_DETERMINED: sources.clock("determined"),
    FormFact.CLOCKS_CLASSIFIED: sources.clock("classified"),
    FormFact.CLOCKS_ENDED: sources.clock("ended"),
    FormFact.CLOCKS_FIX_AVAILABLE: sources.clock("fix_available"),
    FormFact.CAUSE_CYBER: sources.yes_no(sources.is_cyber),
    FormFact.CAUSE_REPEATED: sources.yes_no(lambda facts: facts.cause.repeated),
    FormFact.DATA_BACKUP: sources.yes_no(lambda facts: facts.data.backup),
    FormFact.DATA_SUMMARY: sources.codes("data_type", lambda facts: facts.data.types),
    FormFact.PEOPLE_COUNT_MIN: people_sources.people_limit("least"),
    FormFact.PEOPLE_COUNT_MAX: people_sources.people_limit("most"),
    FormFact.PEOPLE_BAND: people_sources.people_band,
    FormFact.MEASURES_SUMMARY: sources.story("measures"),
    FormFact.NOTICE_TEXT: notice_sources.notice_sample,
    FormFact.NOTICE_REMEDIES: sources.story("remedies"),
    FormFact.NOTICE_PUBLICATION: notice_sources.publication,
    FormFact.TOLD_CREDIT_AGENCIES: sources.told("credit-agencies"),
}
