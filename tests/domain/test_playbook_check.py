"""What the check finds in a law file that reads well and is wrong all the same."""

from __future__ import annotations

from datetime import date

import pytest

from incident_engine.domain.errors import BadFile
from incident_engine.domain.law.check import check
from incident_engine.domain.law.content import ContentItem
from incident_engine.domain.law.faults import clashes_between
from incident_engine.domain.law.playbook import Playbook
from tests.domain.lawbook import law

DUE = '[[obligation.due]]\nfrom = 2000-01-01\nwithin = "72 hours"\nafter = "aware"\n'
BINDS = """
[[example]]
name = "It binds"
[example.facts]
clocks.aware = 2026-03-06T10:25:00+01:00
people = [{ where = "DE", count = 5 }]
[example.expect]
duty = "required; due 2026-03-09T10:25:00+01:00"
[[example]]
name = "Nobody knows where they live"
[example.facts]
role = "controller"
[example.expect]
duty = "open"
"""


def faults(book: Playbook, fillable: frozenset[ContentItem] | None = None) -> list[str]:
    found = check(book, today=date(2026, 11, 24), fillable=fillable)
    return [finding.says for finding in found if finding.is_fault]


def remarks(book: Playbook, today: date = date(2026, 11, 24)) -> str:
    return " ".join(f.says for f in check(book, today=today) if not f.is_fault)


def test_a_file_with_every_example_is_at_no_fault() -> None:
    assert faults(law(DUE, after=BINDS)) == []


def test_what_the_examples_leave_untried_is_a_fault() -> None:
    found = " ".join(faults(law(DUE)))
    for says in ("no example in which it is required", "no example with facts not known",
                 "no example for the clock of duty", "no example reaches duty"):  # fmt: skip
        assert says in found


def test_a_duty_that_no_example_reaches_is_found() -> None:
    controllers = BINDS.replace("clocks.aware", 'role = "controller"\nclocks.aware')
    book = law('when = { role = "processor" }\n' + DUE, after=controllers)
    assert "no example reaches duty" in faults(book)


PUTS_OFF = (
    '[[obligation.extension]]\nid = "cause"\nby = "ourselves"\nsays = "Later."\n'
    'source = "act 3"\nevidence = "verified"\n'
)


def test_an_extension_that_no_example_uses_is_found() -> None:
    assert "no example in which cause puts off duty" in faults(law(DUE + PUTS_OFF, after=BINDS))
    until = 'extended."xx-law/duty" = { until = 2026-03-20, why = "asked" }\n'
    used = BINDS.replace("people = [", until + "people = [", 1)
    used = used.replace("2026-03-09T10:25:00+01:00", "2026-03-20")
    assert faults(law(DUE + PUTS_OFF, after=used)) == []


HOLDS = """
[[obligation.exception]]
id = "{id}"
when = {{ hold = true }}
effect = "postpone"
if_unknown = "binds"
then = "{then}"
says = "Wait."
source = "act 3"
evidence = "verified"
{more}
"""
HELD = """
[[example]]
name = "They wait"
at = 2026-03-07T10:00:00+01:00
[example.facts]
clocks.aware = 2026-03-06T10:25:00+01:00
clocks.hold_from = 2026-03-06T12:00:00+01:00
people = [{ where = "DE", count = 5 }]
[example.expect]
duty = "postponed"
"""


def two_holds(more: str = "") -> Playbook:
    holds = HOLDS.format(id="one", then="at once", more=more)
    holds += HOLDS.format(id="two", then="within a week", more="")
    return law(DUE + holds, after=BINDS + HELD)


def test_two_exceptions_of_equal_rank_that_hold_together_are_a_fault() -> None:
    assert any("one and two both postpone" in says for says in faults(two_holds()))


def test_unless_one_says_that_it_goes_before() -> None:
    assert faults(two_holds('over = ["two"]')) == []


def test_content_that_no_template_fills_is_a_fault() -> None:
    content = '[obligation.content]\n[obligation.content.required]\nfraud-alert = "act 4"\n'
    book = law(DUE + content, after=BINDS)
    assert faults(book, frozenset()) == []  # a report is no notice
    letter = book.model_copy(
        update={"obligation": (book.obligation[0].model_copy(update={"audience": "individuals"}),)}
    )
    assert faults(letter, frozenset({ContentItem.FRAUD_ALERT})) == []
    assert "duty: no template fills fraud-alert" in faults(letter, frozenset())


def test_what_was_never_read_and_what_is_due_for_reading_is_remarked() -> None:
    unread = law(DUE.replace('after = "aware"', 'after = "aware"\nevidence = "unverified"'))
    assert "written from memory: duty/due" in remarks(unread)
    assert "next reading was due on 2027-05-23" in remarks(unread, date(2027, 5, 24))
    assert "next reading" not in remarks(unread, date(2027, 5, 23))


ORDER = """
[[obligation.order]]
must = "after"
than = "{than}"
says = "After it."
source = "act 5"
evidence = "verified"
"""


def test_a_circle_between_two_laws_is_found() -> None:
    one = law(DUE + ORDER.format(than="yy-law/duty"))
    other = law(DUE + ORDER.format(than="xx-law/duty"), name="yy-law")
    assert [fault.code for fault in clashes_between([one, other])] == ["cycle"]
    assert clashes_between([one]) == []


def test_what_comes_together_is_no_circle_whoever_says_it() -> None:
    with_ = ORDER.replace("after", "with", 1)
    one = law(DUE + with_.format(than="yy-law/duty"))
    other = law(DUE + with_.format(than="xx-law/duty"), name="yy-law")
    assert clashes_between([one, other]) == []


def test_what_comes_together_cannot_also_be_one_after_the_other() -> None:
    with_ = ORDER.replace("after", "with", 1)
    one = law(DUE + with_.format(than="yy-law/duty"))
    other = law(DUE + ORDER.format(than="xx-law/duty"), name="yy-law")
    [fault] = clashes_between([one, other])
    assert fault.code == "cycle"
    assert "xx-law/duty with yy-law/duty" in fault.found
    third = law(DUE + ORDER.format(than="xx-law/duty"), name="zz-law")
    before = law(DUE + with_.format(than="xx-law/duty") + ORDER.format(than="zz-law/duty"),
                 name="yy-law")  # fmt: skip
    assert [each.code for each in clashes_between([one, before, third])] == ["cycle"]


def test_a_duty_that_waits_for_what_must_wait_for_it_is_a_circle() -> None:
    second = """
[[obligation]]
id = "other"
title = "Tell"
audience = "individuals"
says = "Tell."
source = "act 2"
evidence = "verified"
[[obligation.due]]
from = 2000-01-01
within = "5 calendar days"
after = "done duty"
"""
    with pytest.raises(BadFile) as caught:
        law(DUE + ORDER.format(than="other") + second)
    assert caught.value.code == "cycle"


def test_an_act_that_another_law_does_not_have_is_found() -> None:
    one = law(DUE.replace('"aware"', '"done yy-law/nothing"'))
    other = law(DUE, name="yy-law")
    assert [fault.code for fault in clashes_between([one, other])] == ["unknown-obligation"]
