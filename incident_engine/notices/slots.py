"""What a notice may say: every slot of a notice.txt, worked out from the incident's facts.

A sentence somebody wrote for this incident (`story.<language>`) wins over our standard one. Where
nobody wrote one in this language, the standard sentence is made from the facts; what was written
in another language is never used. A slot nothing is known for is empty, and `content_check` says
which fact it waits for. The cause is never guessed: "we do not yet know" is said only when the
story says it, and what nobody recorded is not said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_decimal

from incident_engine.domain.facts.data_types import DataType
from incident_engine.domain.facts.document import Contact, Facts, Measure, Story
from incident_engine.domain.facts.moments import Moment
from incident_engine.domain.facts.words import Action, Basis, Intent, Kind, MeasureCode, Scenario
from incident_engine.domain.law.content import ContentItem
from incident_engine.domain.places import clock_of
from incident_engine.notices.catalogue import HAPPENED, LEAK, LOSS, TAMPER, WHEN, Catalogue, Step
from incident_engine.notices.languages import in_language
from incident_engine.notices.parts import PARTS
from incident_engine.notices.phrase import phrase
from incident_engine.notices.wording import plain_line, plain_text, slot
from incident_engine.notices.written_day import written_day

Slots = dict[str, Any]

SLOTS = frozenset({
    "organisation", "address", "website", "reference", "number", "notice_date", "occurred",
    "learned_on", "how_learned", "what", "situation", "cause", "impact", "types", "measures",
    "measures_done", "measures_planned", "steps_now", "steps_today", "steps_week", "steps_later",
    "advice", "remedies", "contact", "dpo", "hold", "people", "guardian", "public",
    "greeting", "child", "bureaus", "suspected", "verify", "changes", "delay", "places",
    "law", "parent", "remedies_offered", "not_involved",
})  # fmt: skip

_NOTHING = Story()
_MONEY = {"bank_account", "payment_card", "card_security_code", "financial_record", "salary",
          "credit_record", "loan"}  # fmt: skip
_PAPERS = {"national_id", "ssn", "passport", "driver_licence", "residence_permit",
           "id_document_image", "filing_record", "filing_photo"}  # fmt: skip
# An office is named only to those it can do something for.
_FITS = {
    "credit": _MONEY | _PAPERS | {"tax_id", "social_insurance"},
    "id": _PAPERS,
    "bank": _MONEY,
    "tax": {"tax_id", "ssn", "social_insurance", "salary"},
    "health": {"health", "medical_record", "health_insurance", "prescription", "disability"},
}
_UNDER_WAY = {MeasureCode.REBUILDING, MeasureCode.EXPERTS, MeasureCode.WATCHING}
_BY_SOMEONE = {Action.HACKING, Action.MALWARE, Action.SOCIAL, Action.MISUSE}
_AT_ONCE = 3  # more than three things to do now, and most readers do none


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who writes: the organisation's settings. `website` is the only address a notice may name."""

    organisation: str
    address: str = ""
    website: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Which notice this is, and to whom: `at` is aware; `data_types` are the reader's own."""

    sender: Sender
    reference: str
    number: int
    data_types: tuple[str, ...]
    guardian: bool
    public: bool
    content: frozenset[ContentItem]
    at: datetime
    forbidden: frozenset[ContentItem] = frozenset()  # what a law of theirs does not let us say
    country: str = ""  # where they live, ISO 3166-1: whose offices can help them
    check: str = ""  # the address to type where a code is checked; empty: no code
    changes: tuple[str, ...] = ()  # codes of what has changed since the last notice
    delay: str = ""  # why it comes later than the law asks, in the reader's language
    headings: tuple[str, ...] = ()  # a title and headings that a law fixes word for word


def slots_of(facts: Facts, occasion: Occasion, catalogue: Catalogue) -> Slots:
    """Every slot of `SLOTS`: text, whole numbers, truths, lists and tables of them."""
    told = Telling(facts, catalogue)
    types = told.reader_types(occasion.data_types)
    slots = _all_slots(told, types, facts, occasion)
    for item in occasion.forbidden:
        _keep_silent(item, slots, told)
    return slots


def _all_slots(told: Telling, types: Sequence[str], facts: Facts, occasion: Occasion) -> Slots:
    sender = occasion.sender
    return {
        "organisation": plain_line(sender.organisation or facts.organisation.name or ""),
        "address": plain_line(sender.address or facts.organisation.address or ""),
        "website": plain_line(sender.website),
        "reference": plain_line(occasion.reference),
        "number": occasion.number,
        "notice_date": told.date(occasion.at.astimezone(_zone(facts)).date()),
        "occurred": told.occurred(),
        "learned_on": told.learned_on(),
        "how_learned": told.story("how_discovered"),
        "suspected": facts.confirmed is False,
        "what": told.what(),
        "situation": told.situation(public=occasion.public),
        "cause": told.cause(),
        "impact": told.impact(),
        "types": told.types(types),
        "not_involved": told.not_involved(types),
        **told.measures(),
        **told.steps(types, guardian=occasion.guardian),
        "advice": told.story("advice"),
        **told.remedies(),
        "contact": told.contact(sender),
        "dpo": told.person(facts.contacts.dpo or Contact()),
        "hold": told.hold(occasion.content),
        "people": told.people() if ContentItem.PEOPLE_NUMBER in occasion.content else "",
        "bureaus": told.bureaus(occasion.content),
        "verify": told.verify(occasion.check) if not occasion.public else "",
        "changes": told.changes(occasion.changes),
        "delay": told.delay(occasion.delay),
        "places": told.places(occasion.country, types),
        "law": told.law(occasion.content),
        "parent": told.parent(occasion.content),
        "guardian": occasion.guardian,
        "public": occasion.public,
        "greeting": slot("greeting"),
        "child": slot("child"),
    }


def _keep_silent(item: ContentItem, slots: Slots, told: Telling) -> None:
    """Leave out what a law forbids to say. Who may not hear how it happened (Mass. Gen. Laws
    c.93H s.3(b): not "the nature of the breach") still hears that it did."""
    part = PARTS.get(item)
    for name in part.slots if part else ():
        slots[name] = [] if isinstance(slots[name], list) else ""
    if item is ContentItem.DATA_TYPES:
        slots["not_involved"] = []
    if item is ContentItem.BASIC_SITUATION:
        slots["what"], slots["how_learned"] = str(told.words["what"]["unknown"]), []


@dataclass(frozen=True)
class Telling:
    """The facts of one incident told in one language."""

    facts: Facts
    catalogue: Catalogue

    @property
    def words(self) -> Mapping[str, Any]:
        """The short words of the language."""
        return self.catalogue.words

    @property
    def happened(self) -> list[str]:
        """leak, tamper, loss: those that happened, in this order; none where nobody said."""
        found = {HAPPENED[kind] for kind in self.facts.kinds}
        return [each for each in (LEAK, TAMPER, LOSS) if each in found]

    @property
    def feared(self) -> list[str]:
        """What to guard against: what happened, and a leak where nobody has said yet. Of what was
        lost and stands in a backup the reader misses nothing, if something else happened too."""
        found = self.happened or [LEAK]
        kept = self.facts.data.backup and len(found) > 1
        return [each for each in found if each != LOSS or not kept]

    def story(self, part: str) -> list[str]:
        """The paragraphs somebody wrote for this incident in this language, or none."""
        story = in_language(self.facts.story, self.catalogue.language) or _NOTHING
        return _paragraphs(getattr(story, part) or "")

    def what(self) -> str:
        """What befell the data, to follow "some of your personal data"."""
        return str(self.words["what"][" ".join(self.happened) or "unknown"])

    def situation(self, *, public: bool) -> list[str]:
        """What happened, in general."""
        written = (self.story("public") if public else []) or self.story("summary")
        return self._doubt() + (written or self._standard_situation())

    def _standard_situation(self) -> list[str]:
        if not self.facts.kinds:
            return []
        sentences = self.words["situation"]
        said = [self._leaked()] if LEAK in self.happened else []
        said += [self._changed()] if Kind.INTEGRITY in self.facts.kinds else []
        said += ["authenticity"] if Kind.AUTHENTICITY in self.facts.kinds else []
        said += [LOSS] if LOSS in self.happened else []
        said += ["backup"] if self.facts.data.backup and self.happened != [LEAK] else []
        return [str(sentences[each]) for each in said]

    def _leaked(self) -> str:
        cause = self.facts.cause
        if cause.published:
            return "published"
        if cause.exfiltrated:
            return "taken"
        return "seen" if cause.accessed else "open"

    def _changed(self) -> str:
        # A fault changes data too: somebody is blamed only where somebody did it.
        cause = self.facts.cause
        meant = cause.intent is Intent.MALICIOUS or cause.action in _BY_SOMEONE
        return TAMPER if meant and cause.intent is not Intent.ACCIDENTAL else "altered"

    def _doubt(self) -> list[str]:
        suspected = self.facts.confirmed is False
        return [str(self.words["situation"]["suspected"])] if suspected else []

    def cause(self) -> list[str]:
        """Why it happened: the story's words, else by scenario, else by kind of act."""
        if written := self.story("cause"):
            return written
        scenario, action = self.facts.cause.scenario, self.facts.cause.action
        if scenario and scenario is not Scenario.OTHER:
            return [str(self.words["cause"]["scenario"][scenario])]
        return [str(self.words["cause"]["action"][action])] if action else []

    def impact(self) -> list[str]:
        """What it may mean: consequences, service, misuse already seen."""
        if written := self.story("consequences"):
            return written
        said = self.words["impact"]
        found = [str(said[kind]) for kind in self.facts.consequences.kinds if kind in said]
        if self.facts.data.service_impact in self.words["service"]:
            found.append(str(self.words["service"][self.facts.data.service_impact]))
        if self.facts.cause.fraud_seen:
            found.append(str(said["fraud-seen"]))
        return found

    def reader_types(self, own: Sequence[str]) -> list[str]:
        """The reader's own kinds of data, who they are first; the incident's where nothing is
        known of theirs."""
        codes = set(own) or {str(code) for code in self.facts.data.types}
        return [code.value for code in DataType if code in codes]

    def types(self, codes: Iterable[str]) -> list[dict[str, str]]:
        """Each kind of data by name, with the harm that belongs to what happened."""
        space = " " if self.catalogue.language.partition("-")[0] not in ("zh", "ja") else ""
        return [
            {
                "name": self.catalogue.type_name(code),
                "harm": space.join(self.catalogue.harm(code, self.feared)),
            }
            for code in codes
        ]

    def not_involved(self, types: Sequence[str]) -> list[str]:
        """The kinds of data of which somebody made sure that they were not, by name. Never of what
        is only not known to be."""
        codes = set(self.facts.data.not_involved) - set(types)
        return [self.catalogue.type_name(code.value) for code in DataType if code in codes]

    def measures(self) -> Slots:
        """What was done and what is planned; the story's words stand before the lists."""
        done: list[str] = []
        planned: list[str] = []
        for measure in self.facts.measures:
            only_planned = measure.due is not None and measure.at is None
            if text := self._measure(measure, planned=only_planned):
                (planned if only_planned else done).append(plain_line(text))
        return {
            "measures": self.story("measures"),
            "measures_done": done,
            "measures_planned": planned,
        }

    def _measure(self, measure: Measure, *, planned: bool) -> str:
        """One measure: the words somebody wrote in this language, else our own for its code. Ours
        tell most as done: of one that is only planned they would say what is not true."""
        written = in_language(measure.text, self.catalogue.language) or ""
        ours = measure.code if not planned or measure.code in _UNDER_WAY else None
        return written or (self.catalogue.measure(ours) if ours else "")

    def remedies(self) -> Slots:
        """What we offer: the story's words, else how to take up our own offers and each of them."""
        if written := self.story("remedies"):
            return {"remedies": written, "remedies_offered": []}
        said, codes = self.words["remedy"], self.facts.remedies
        return {
            "remedies": [str(said["how"])] if codes else [],
            "remedies_offered": [str(said[code]) for code in codes],
        }

    def steps(self, codes: Sequence[str], *, guardian: bool) -> Slots:
        """What to do now (three things at most), today, this week and later."""
        found = self.catalogue.advice(codes, self.feared, guardian=guardian) if codes else []
        now, week, later = ([self._step(s) for s in found if s.when == when] for when in WHEN)
        return {
            "steps_now": now[:_AT_ONCE],
            "steps_today": now[_AT_ONCE:],
            "steps_week": week,
            "steps_later": later,
        }

    def _step(self, step: Step) -> dict[str, str]:
        minutes = phrase(self.words["minutes"], minutes=str(step.minutes))
        return {"do": step.do, "why": step.why, "minutes": minutes}

    def contact(self, sender: Sender) -> Slots:
        """Whom to ask: the incident's public contact, its main one, else the organisation's."""
        named = self.facts.contacts.public or self.facts.contacts.main
        ours = Contact.model_construct(
            name=sender.contact_name, email=sender.contact_email, phone=sender.contact_phone
        )
        person = self.person(named or Contact())
        return person if person["lines"] else self.person(ours)

    def person(self, contact: Contact) -> Slots:
        """A contact's name and the lines by which to reach them; no line when nothing is known."""
        ways = (("hotline", "phone"), ("email", "email"), ("post", "address"))
        known = [(label, part, plain_line(getattr(contact, part) or "")) for label, part in ways]
        return {
            "name": plain_line(contact.name or contact.role or ""),
            "phone": plain_line(contact.phone or ""),
            "email": plain_line(contact.email or ""),
            "address": plain_line(contact.address or ""),
            "lines": [phrase(self.words[lab], **{part: said}) for lab, part, said in known if said],
        }

    def hold(self, content: frozenset[ContentItem]) -> str:
        """Whether law enforcement asked to wait. A hold nobody recorded is one nobody asked for:
        a recorded one stops the notice itself, so this is not a fact left open."""
        clocks, words = self.facts.clocks, self.words["hold"]
        if clocks.hold_from:
            return phrase(words["asked"], when=self._range(clocks.hold_from, clocks.hold_until))
        return str(words["none"]) if ContentItem.HOLD_STATEMENT in content else ""

    def bureaus(self, content: frozenset[ContentItem]) -> list[str]:
        """How to reach the credit bureaus, a line each, where a law wants them named."""
        named: list[str] = self.words["bureaus"]
        return [str(line) for line in named] if ContentItem.CREDIT_BUREAUS in content else []

    def law(self, content: frozenset[ContentItem]) -> list[str]:
        """What the reader's laws want said of rights and offices, in words fixed in advance."""
        said: Mapping[str, str] = self.words["law"]
        return [str(said[item]) for item in ContentItem if item in content and item in said]

    def parent(self, content: frozenset[ContentItem]) -> str:
        """Whom we belong to, where a law wants it named."""
        name = plain_line(self.facts.organisation.parent or "")
        if name.casefold() in ("", "none") or ContentItem.PARENT_COMPANY not in content:
            return ""
        return phrase(self.words["parent"], name=name)

    def verify(self, address: str) -> str:
        """How to check that the notice is ours; the code itself waits for the reader."""
        if not address:
            return ""
        return phrase(self.words["verify"]["line"], address=plain_line(address), code=slot("code"))

    def changes(self, codes: Iterable[str]) -> list[str]:
        """What has changed since the last notice, a sentence each."""
        said: Mapping[str, str] = self.words["changed"]
        return [said[code] for code in codes if code in said]

    def delay(self, reasons: str) -> list[str]:
        """Why it comes late, with what leads to it; nothing where nobody gave a reason."""
        lines = _paragraphs(reasons)
        return [str(self.words["delay"]), *lines] if lines else []

    def places(self, country: str, types: Iterable[str]) -> list[dict[str, str]]:
        """Offices of the reader's own country that fit what was taken: what each is for, its
        name, where to find it."""
        kinds, affected = self.words["places"], set(types)
        return [
            {"kind": str(kinds[each["kind"]]), "name": each["name"], "way": each["way"]}
            for each in self.catalogue.places.get(country, ())
            if affected & _FITS.get(each.get("fits", each["kind"]), affected)
        ]

    def people(self) -> str:
        """How many people, as far as every place has a number."""
        counts = [block.count for block in self.facts.people]
        best = [count.best for count in counts if count]
        if not best or None in best or len(best) < len(counts):
            return ""
        number = format_decimal(sum(n or 0 for n in best), locale=self._locale())
        exact = all(count.basis is Basis.EXACT for count in counts if count)
        return phrase(self.words["number"]["exact" if exact else "estimate"], count=number)

    def learned_on(self) -> str:
        """The day we became aware, or found it."""
        clocks = self.facts.clocks
        known = clocks.aware or clocks.discovered or clocks.detected
        return self.date(_day(known)) if known else ""

    def occurred(self) -> str:
        """When it happened, as words that follow the verb; empty where no day is known."""
        clocks = self.facts.clocks
        return self._range(clocks.occurred_from, clocks.occurred_until)

    def date(self, day: date) -> str:
        """A day as this language writes it."""
        return written_day(day, self.words["when"], self._locale())

    def _range(self, first: Moment | None, last: Moment | None) -> str:
        days = {
            "first": self.date(_day(first)) if first else "",
            "last": self.date(_day(last)) if last else "",
        }
        match bool(first), bool(last):
            case False, False:
                return ""
            case True, True:
                form = "on" if days["first"] == days["last"] else "between"
            case True, False:
                form = "since"
            case _:
                form = "until"
        return phrase(self.words["when"][form], **days)

    def _locale(self) -> Locale:
        return Locale.parse(self.catalogue.language, sep="-")


def _day(moment: Moment) -> date:
    if moment.at is not None:
        return moment.at.date()  # the day where it was lived, by the offset it was given with
    assert moment.day is not None
    return moment.day


def _zone(facts: Facts) -> ZoneInfo:
    country = facts.organisation.country
    return clock_of(country) if country else ZoneInfo("UTC")


def _paragraphs(text: str) -> list[str]:
    return [line for line in plain_text(text).splitlines() if line]
