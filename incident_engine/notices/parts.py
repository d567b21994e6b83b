"""Where each thing that a law can require or forbid stands in a notice, and what supplies it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from incident_engine.domain.law.content import ContentItem


@dataclass(frozen=True, kw_only=True)
class Part:
    """Where a thing stands (any of `slots`), and the fact or setting that supplies it."""

    slots: tuple[str, ...]
    says: str  # what the reader would learn
    key: str = ""  # a fact's key, a setting's name, or nothing where the words alone supply it
    example: str = "…"  # a value its key accepts


_STEPS = ("steps_now", "steps_today", "steps_week", "steps_later")
PARTS: Mapping[ContentItem, Part] = {
    ContentItem.DATA_TYPES: Part(
        slots=("types",), key="data.types", says="which kinds of data", example="name,email"
    ),
    ContentItem.OWN_DATA_TYPES: Part(
        slots=("types",), key="data.types", says="which of their own data", example="name,email"
    ),
    ContentItem.CAUSE: Part(slots=("cause",), key="story.{language}.cause", says="the cause"),
    ContentItem.POSSIBLE_HARM: Part(
        slots=("types", "impact"),
        key="data.types",
        says="what harm can follow",
        example="name,email",
    ),
    ContentItem.BASIC_SITUATION: Part(
        slots=("situation",), key="story.{language}.summary", says="what happened"
    ),
    ContentItem.POSSIBLE_IMPACT: Part(
        slots=("impact",), key="story.{language}.consequences", says="what it can mean for them"
    ),
    ContentItem.MEASURES: Part(
        slots=("measures", "measures_done", "measures_planned"),
        key="story.{language}.measures",
        says="what we have done and will do",
    ),
    ContentItem.SELF_PROTECTION: Part(
        slots=(*_STEPS, "advice"), key="story.{language}.advice", says="what they can do"
    ),
    ContentItem.REMEDIES: Part(
        slots=("remedies", "remedies_offered"),
        key="story.{language}.remedies",
        says="what we offer them",
    ),
    ContentItem.CONTACT: Part(slots=("contact",), key="contacts.public.email", says="whom to ask"),
    ContentItem.DPO_CONTACT: Part(
        slots=("dpo",),
        key="contacts.dpo.email",
        says="the data protection officer",
    ),
    ContentItem.CONTACT_POINT: Part(
        slots=("dpo", "contact"),
        key="contacts.dpo.email",
        says="the data protection officer or another contact point",
    ),
    ContentItem.SENDER_IDENTITY: Part(
        slots=("address",), key="organisation.address", says="our legal name and address"
    ),
    ContentItem.INCIDENT_DATES: Part(
        slots=("occurred",),
        key="clocks.occurred_from",
        says="when it happened",
        example="2026-03-02T21:00:00+08:00",
    ),
    ContentItem.FIRST_AWARENESS: Part(
        slots=("learned_on",),
        key="clocks.aware",
        says="when we learned of it",
        example="2026-03-06T10:25:00+08:00",
    ),
    ContentItem.NOTICE_DATE: Part(slots=("notice_date",), says="the notice's date"),
    ContentItem.HOLD_STATEMENT: Part(
        slots=("hold",),
        key="clocks.hold_from",
        says="whether the police asked us to wait",
        example="2026-03-06T10:25:00+08:00",
    ),
    ContentItem.PEOPLE_NUMBER: Part(
        slots=("people",), key="people.{place}.count", says="how many people", example="1200"
    ),
    ContentItem.CREDIT_BUREAUS: Part(slots=("bureaus",), says="how to reach the credit bureaus"),
    ContentItem.IDENTITY_SERVICE: Part(
        slots=("remedies", "remedies_offered"),
        key="story.{language}.remedies",
        says="which identity protection we pay for, and for how long",
    ),
    ContentItem.DISCOVERY_DATE: Part(
        slots=("learned_on",),
        key="clocks.discovered",
        says="when we found it",
        example="2026-03-06T10:25:00+08:00",
    ),
    ContentItem.DETECTION_MEANS: Part(
        slots=("how_learned",), key="story.{language}.how_discovered", says="how it was found"
    ),
    ContentItem.EXPOSURE_WINDOW: Part(
        slots=("occurred",),
        key="clocks.occurred_from",
        says="from when until when the data was exposed",
        example="2026-03-02T21:00:00+08:00",
    ),
    ContentItem.BREACH_NATURE: Part(
        slots=("situation", "cause", "how_learned"),
        key="story.{language}.summary",
        says="what was done to the data",
    ),
    ContentItem.RESIDENTS_NUMBER: Part(
        slots=("people",), key="people.{place}.count", says="how many residents", example="1200"
    ),
    ContentItem.DELAY_REASONS: Part(slots=("delay",), says="why it comes late"),
    ContentItem.PLANNED_MEASURES: Part(
        slots=("measures_planned", "measures"),
        key="story.{language}.measures",
        says="what is still to be done",
    ),
    ContentItem.PREVENTION: Part(
        slots=("measures_planned", "measures"),
        key="story.{language}.measures",
        says="what keeps it from happening again",
    ),
    ContentItem.SAFEGUARDS: Part(
        slots=("measures", "measures_done"),
        key="story.{language}.measures",
        says="which protection stood in place",
    ),
    ContentItem.OTHER_AUTHORITIES: Part(
        slots=("measures",),
        key="story.{language}.measures",
        says="which authorities were told",
    ),
    ContentItem.INCIDENT_PLACE: Part(
        slots=("situation",), key="story.{language}.summary", says="where it happened"
    ),
    ContentItem.SERVICE_IMPACT: Part(
        slots=("impact",), key="story.{language}.consequences", says="which services were down"
    ),
    ContentItem.SECONDARY_DAMAGE: Part(
        slots=("impact",), key="story.{language}.consequences", says="misuse seen or feared"
    ),
    ContentItem.PARENT_COMPANY: Part(
        slots=("parent",),
        key="organisation.parent",
        says="the parent company, or none",
        example="none",
    ),
    ContentItem.TOLL_FREE_NUMBER: Part(
        slots=("contact",), key="contacts.public.phone", says="a free number to call"
    ),
    **{
        item: Part(slots=("law",), says=item.value.replace("-", " "))
        for item in (
            ContentItem.FREEZE_INSTRUCTIONS,
            ContentItem.FRAUD_ALERT,
            ContentItem.POLICE_REPORT_RIGHT,
            ContentItem.FTC_CONTACT,
            ContentItem.STATE_AUTHORITY_CONTACT,
            ContentItem.REPORT_ADVICE,
            ContentItem.CREDIT_REPORT,
            ContentItem.PASSWORD_ADVICE,
            ContentItem.AUTHENTICATOR_ADVICE,
            ContentItem.ACCOUNT_REVIEW,
            ContentItem.DAMAGES_RIGHT,
            ContentItem.SECOND_NOTICE,
        )
    },
}
