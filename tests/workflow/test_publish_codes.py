"""Codes are published whole, before the first send, and with nobody's data."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from email import message_from_bytes, policy
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from incident_engine.domain.errors import BadInput, NotApproved, NotPermitted, Refused, Unreachable
from incident_engine.domain.notice_code import code_of
from incident_engine.domain.words import ChannelName
from incident_engine.notices.public import site
from incident_engine.store import people
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.finish import finish
from incident_engine.workflow.dispatch.launch import launch
from incident_engine.workflow.dispatch.preview import preview
from incident_engine.workflow.incidents.settle_obligation import Settlement, settle
from incident_engine.workflow.notices.approve import approve
from incident_engine.workflow.notices.codes import code_key
from incident_engine.workflow.notices.prepare import prepare
from incident_engine.workflow.notices.publish_codes import publish_codes
from tests.cast import BOTH, DOV, EVE, INCIDENT, OTTO, House, document, typed
from tests.notices.test_check_page import notice_of

CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")
CANARIES = """\
id,name,email,phone,address_1,address_2,where,language,data_types
kanarie-41,Zephyrine Quillfeather,zq@canary.example,+4915123456789,7 Perch Lane,Aviary 90210,DE,en,name;email
kanarie-42,金丝雀,jsq@canary.example,+8613912345678,鸟笼路 88 号,,CN,zh-CN,name;national_id
"""  # noqa: E501
TOKENS = ("kanarie", "Zephyrine", "Quillfeather", "canary.example", "15123456789", "金丝雀",
          "13912345678", "Perch", "Aviary", "鸟笼")  # fmt: skip


@pytest.fixture
def checked(house: House) -> House:
    house.set(notices_check_url="kestrel.example/check")
    return house


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "www"


def files(folder: Path) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in site.read_back(folder)}


def codes_of(house: House, number: int = 1) -> list[str]:
    with house.engine.reading() as session:
        seal = house.engine.keyring.seal(house.incident().wrapped_key)
        rows = list(people.of_incident(session, house.incident().id or 0))
        name = f"{INCIDENT}/{number}"
        return [code_of(code_key(seal), name, row.public_id) for row in rows]


def test_nothing_is_sent_before_exactly_its_codes_are_published(checked: House, out: Path) -> None:
    checked.approved()
    with pytest.raises(NotApproved, match=f"notice codes {INCIDENT} --out"):
        launch(checked.engine, OTTO, INCIDENT)
    assert checked.deliveries() == []
    publish_codes(checked.engine, OTTO, INCIDENT, out)
    assert launch(checked.engine, OTTO, INCIDENT).deliveries == 3


def test_codes_of_an_earlier_notice_do_not_count_for_the_next(checked: House, out: Path) -> None:
    checked.approved()
    publish_codes(checked.engine, OTTO, INCIDENT, out)
    again = prepare(checked.engine, OTTO, INCIDENT, BOTH)
    approve(checked.engine, DOV, INCIDENT, again.sha256)
    with pytest.raises(NotApproved, match=f"notice {again.number} of {INCIDENT}"):
        launch(checked.engine, OTTO, INCIDENT)


def test_without_a_place_to_check_there_are_no_codes_and_nothing_waits_for_them(
    house: House, out: Path
) -> None:
    house.approved()
    with pytest.raises(BadInput, match=r"notices\.check_url"):
        publish_codes(house.engine, OTTO, INCIDENT, out)
    assert launch(house.engine, OTTO, INCIDENT).deliveries == 3


def test_another_place_to_check_makes_the_approval_void(checked: House, out: Path) -> None:
    checked.approved()
    checked.set(notices_check_url="elsewhere.example/check")
    with pytest.raises(Refused, match="set differently"):
        launch(checked.engine, OTTO, INCIDENT)


def test_the_code_is_the_same_in_every_medium_in_the_preview_and_on_the_page(
    checked: House, out: Path
) -> None:
    people_file = (
        "id,name,email,phone,address_1,where,language\n"
        "1,Ada Lovell,ada@people.example,,1 High St,DE,en\n"
    )
    checked.approved(people_file, [ChannelName.EMAIL])
    publish_codes(checked.engine, OTTO, INCIDENT, out)
    shown = preview(checked.engine, OTTO, INCIDENT, "", ChannelName.EMAIL)
    launch(checked.engine, OTTO, INCIDENT)
    deliver(checked.engine, OTTO, INCIDENT)
    [mail] = [Path(each).read_bytes() for each in checked.mail.written]
    found = set()
    for data in (shown, mail):
        message = message_from_bytes(data, policy=policy.default)
        for kind in ("plain", "html"):
            part = message.get_body((kind,))
            assert part
            found |= set(CODE.findall(part.get_content()))
    assert found == set(codes_of(checked))
    assert [notice_of(code, files(out)) for code in found] == [1]


def test_a_follow_up_has_codes_of_its_own_and_the_old_stay_valid(checked: House, out: Path) -> None:
    checked.approved()
    publish_codes(checked.engine, OTTO, INCIDENT, out)
    launch(checked.engine, OTTO, INCIDENT)
    deliver(checked.engine, OTTO, INCIDENT)
    finish(checked.engine, OTTO, INCIDENT)
    first = codes_of(checked, 1)
    second = prepare(checked.engine, OTTO, INCIDENT, BOTH)
    approve(checked.engine, DOV, INCIDENT, second.sha256)
    found = publish_codes(checked.engine, OTTO, INCIDENT, out)
    assert (found.codes, found.notices) == (8, (1, 2))
    assert {notice_of(code, files(out)) for code in first} == {1}
    assert {notice_of(code, files(out)) for code in codes_of(checked, second.number)} == {2}
    assert not set(first) & set(codes_of(checked, second.number))
    launch(checked.engine, OTTO, INCIDENT)


def test_another_incidents_codes_are_not_ours_and_its_folder_is_left_alone(
    checked: House, out: Path
) -> None:
    checked.approved()
    publish_codes(checked.engine, OTTO, INCIDENT, out)
    (out / "senders.json").write_text('{"statement": {"reference": "INC-2026-0002"}}')
    with pytest.raises(Refused, match="this incident's site"):
        publish_codes(checked.engine, OTTO, INCIDENT, out)
    seal = checked.engine.keyring.seal(checked.incident().wrapped_key)
    assert notice_of(code_of(code_key(seal), "INC-2026-0002/1", "x"), files(out)) == 0
    assert notice_of(code_of(bytes(32), f"{INCIDENT}/1", "x"), files(out)) == 0


def test_nothing_personal_stands_in_any_byte(checked: House, out: Path) -> None:
    checked.approved(CANARIES)
    publish_codes(checked.engine, OTTO, INCIDENT, out)
    with checked.engine.reading() as session:
        names = [r.public_id for r in people.of_incident(session, checked.incident().id or 0)]
    for path, data in files(out).items():
        said = data.decode()
        assert not [token for token in (*TOKENS, *names, *codes_of(checked)) if token in said], path
    assert not [token for token in TOKENS if any(token in e.body for e in checked.acts())]


def test_who_crept_into_the_story_stops_the_whole_of_it(checked: House, out: Path) -> None:
    story = document()["story"]
    story["en"]["summary"] = "Zephyrine Quillfeather called us."
    checked.approved(CANARIES, story=story)
    with pytest.raises(Refused, match="the name Z"):
        publish_codes(checked.engine, OTTO, INCIDENT, out)
    assert not out.exists()
    assert checked.acts("codes-published") == []


def test_it_is_written_whole_or_not_at_all(checked: House, out: Path) -> None:
    checked.approved()
    publish_codes(checked.engine, OTTO, INCIDENT, out)
    before = files(out)
    blocked = out.with_name(f".{out.name}.new")
    blocked.write_text("in the way: a file where the new site is to be written")
    with pytest.raises(Unreachable):
        publish_codes(checked.engine, OTTO, INCIDENT, out)
    assert files(out) == before
    assert len(checked.acts("codes-published")) == 1


def test_the_journal_has_the_digest_the_count_and_which_notices(checked: House, out: Path) -> None:
    campaign = checked.approved()
    found = publish_codes(checked.engine, OTTO, INCIDENT, out)
    [entry] = checked.acts("codes-published")
    assert entry.subject == found.sha256 == site.digest(site.read_back(out))
    assert json.loads(entry.body) == {"codes": 4, "notices": {"1": campaign.sha256}}


def test_the_senders_are_signed_with_this_installations_key(checked: House, out: Path) -> None:
    checked.approved()
    publish_codes(checked.engine, OTTO, INCIDENT, out)
    said = json.loads((out / "senders.json").read_text())
    statement = said["statement"]
    key = Ed25519PublicKey.from_public_bytes(b64decode(said["public_key"]))
    key.verify(b64decode(said["signature"]), rfc8785.dumps(statement))
    assert statement["senders"] == {
        "email": "notice@kestrel.example", "name": "Kestrel Cloud", "sms": "+14155550100",
        "check": "kestrel.example/check",
    }  # fmt: skip
    copies = {sha for path, sha in site.read_back(out).items() if path.startswith("notices/")}
    assert set(statement["notices"]) == copies


def test_who_may_not_announce_may_not_publish_codes_and_a_hold_stops_it(
    checked: House, out: Path
) -> None:
    checked.approved()
    with pytest.raises(NotPermitted):
        publish_codes(checked.engine, EVE, INCIDENT, out)
    duty = "us-ca/individuals/US-CA"
    settle(checked.engine, OTTO, INCIDENT, duty, Settlement(trigger="hold", why="the FBI asks"))
    with pytest.raises(Refused, match="is held"):
        publish_codes(checked.engine, OTTO, INCIDENT, out)
    assert not out.exists()


def test_without_approval_there_is_nothing_to_publish(checked: House, out: Path) -> None:
    checked.prepared()
    with pytest.raises(NotApproved, match="second person"):
        publish_codes(checked.engine, OTTO, INCIDENT, out)


def test_the_command_says_what_it_wrote_and_where_to_put_it(checked: House, out: Path) -> None:
    checked.approved()
    done = typed("notice", "codes", INCIDENT, "--out", out)
    assert done.status == 0, done.err
    assert "4 codes of 1 notices" in done.out
    assert "https://kestrel.example/check before you send" in done.out
    again = json.loads(typed("notice", "codes", INCIDENT, "--out", out, "--json").out)
    assert (again["codes"], again["notices"]) == (4, [1])


# --- letters, looked at before anybody sends one --------------------------------------------------


def test_a_letter_is_previewed_as_the_very_pdf(checked: House, tmp_path: Path) -> None:
    checked.approved(CANARIES)
    file = tmp_path / "letter.pdf"
    done = typed("notice", "preview", INCIDENT, "--channel", "letter", "--out", file)
    assert done.status == 0, done.err
    assert file.read_bytes().startswith(b"%PDF")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_bytes() == preview(checked.engine, OTTO, INCIDENT, "", ChannelName.LETTER)


def test_nobody_with_a_protected_address_gets_a_letter(house: House) -> None:
    house.prepared(
        "id,name,email,address_1,protected_address,where\n1,Ada,ada@x.example,1 High St,true,DE\n"
    )
    done = typed("notice", "preview", INCIDENT, "--channel", "letter")
    assert done.status != 0
    done.must_be_one_sentence("has no address for letter")
