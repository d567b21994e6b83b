"""Email, then text, then letter, then push: each opens only when the one before has failed."""

from __future__ import annotations

import pytest

from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import ChannelName
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.launch import launch
from incident_engine.workflow.notices.prepare import prepare
from tests.cast import INCIDENT, OTTO, House

C = ChannelName
PEOPLE = """\
id,name,email,phone,address_1,address_2,country,push,protected_address,where,language
1,Ada Lovell,ada@people.example,,1 Mill Lane,10115 Berlin,DE,,,DE,en
2,Di Marsh,di@people.example,,2 Mill Lane,10115 Berlin,DE,,,DE,en
3,Cy Roux,,,3 rue du Moulin,75001 Paris,FR,,,FR,en
4,Fay Lund,,,4 Mill Lane,10115 Berlin,DE,,true,DE,en
"""


def test_a_bounced_mail_becomes_a_letter_and_a_protected_address_is_never_printed(
    house: House,
) -> None:
    hot = house.folder / "hot"
    hot.mkdir()
    house.set(letters_folder=str(hot))
    house.approved(PEOPLE, [C.EMAIL, C.LETTER])
    launched = launch(house.engine, OTTO, INCIDENT)
    assert launched.unreachable == 1, "Fay's address is protected"
    deliver(house.engine, OTTO, INCIDENT)
    found = sorted((each.channel, each.outcome) for each in house.deliveries())
    assert found == [
        ("email", "accepted"),
        ("email", "undeliverable"),
        ("letter", "accepted"),
        ("letter", "accepted"),
    ]
    assert len(list(hot.rglob("*.pdf"))) == 2
    printed = b"".join(path.read_bytes() for path in hot.rglob("*.csv"))
    assert b"Lund" not in printed


def test_a_plan_names_each_channel_once_and_no_page(house: House) -> None:
    house.imported(PEOPLE)
    for plan in ([C.EMAIL, C.EMAIL], [C.ANNOUNCEMENT], []):
        with pytest.raises(BadInput, match="email, sms, letter, voice, by-hand, push"):
            prepare(house.engine, OTTO, INCIDENT, plan)
