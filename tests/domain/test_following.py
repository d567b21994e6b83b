"""A duty that follows another: freed by whatever frees that one, save what frees it alone."""

from __future__ import annotations

import pytest

from tests.domain.lawbook import asked, law

DUE = '[[obligation.due]]\nfrom = 2000-01-01\nwords = "at once"\nafter = "aware"\n'
PEOPLE = """
[[obligation]]
id = "people"
title = "Tell them"
audience = "individuals"
says = "Tell."
source = "act 3"
evidence = "verified"
{due}
  [[obligation.exception]]
  id = "told-elsewhere"
  when = {{ "done us-hipaa/individuals" = "recorded" }}
  effect = "not-required"
  alone = {alone}
  says = "Told under another law."
  source = "act 3"
  evidence = "verified"
"""


@pytest.mark.parametrize(("alone", "status"), [("true", "required"), ("false", "not-required")])
def test_people_told_under_another_law_free_the_authority_only_if_the_law_says_so(
    alone: str, status: str
) -> None:
    book = law('follows = "people"\n' + DUE, after=PEOPLE.format(due=DUE, alone=alone))
    facts = {"done": {"us-hipaa/individuals": "2026-11-20T09:00:00+01:00"}}
    found = {duty.id: duty.status for duty in asked(book, facts).obligations}
    assert found == {"people": "not-required", "duty": status}
