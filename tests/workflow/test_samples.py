"""What a second person sees before approving."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from incident_engine.domain.errors import BadInput, NotFound
from incident_engine.workflow.dispatch.deliver import deliver
from incident_engine.workflow.dispatch.launch import launch
from incident_engine.workflow.dispatch.samples import write_samples
from incident_engine.workflow.notices.approve import approve
from tests.cast import DOV, INCIDENT, OTTO, PEOPLE, House

FAMILY = PEOPLE.replace("language\n", "language,minor,guardian_name,guardian_email\n", 1).replace(
    ",en\n", ",en,,,\n"
).replace(",zh-CN\n", ",zh-CN,,,\n") + (
    "5,Eli Young,,,DE,en,true,Gwen Young,gwen@people.example\n"
    "6,,fay@people.example,,DE,en,,,\n"
    "7,Maximiliane von und zu Hohenstein,max@people.example,,DE,en,,,\n"
)


def whole_mail(content: bytes) -> list[str]:
    """A mail without what no two sendings share: its reference."""
    found = message_from_bytes(content, policy=policy.default)
    parts = [part.get_content() for part in found.walk() if not part.is_multipart()]
    return [found["To"], found["Subject"], *parts]


def test_every_variant_ten_by_lot_and_the_odd_ones_are_written(
    house: House, tmp_path: Path
) -> None:
    house.prepared(FAMILY)
    found = write_samples(house.engine, DOV, INCIDENT, tmp_path / "samples")
    why = [each.why for each in found]
    assert {"the longest name", "no name", "a guardian", "the public page"} <= set(why)
    assert why.count("drawn by lot") >= 6
    variants = {each.group for each in found if each.why.startswith("variant")}
    with_address = {each.group for each in found if each.person}
    assert with_address <= variants
    page = (tmp_path / "samples/index.html").read_text()
    for each in found:
        for file in each.files:
            assert (tmp_path / "samples" / file).stat().st_mode & 0o077 == 0
            assert f'href="{file}"' in page


def test_two_people_see_the_same_ten(house: House, tmp_path: Path) -> None:
    house.prepared(FAMILY)
    first = write_samples(house.engine, DOV, INCIDENT, tmp_path / "a")
    assert write_samples(house.engine, OTTO, INCIDENT, tmp_path / "b") == first
    assert len(house.acts("samples-seen")) == 2


def test_a_sample_is_what_leaves_to_the_byte(house: House, tmp_path: Path) -> None:
    campaign = house.prepared()
    write_samples(house.engine, DOV, INCIDENT, tmp_path / "samples")
    approve(house.engine, DOV, INCIDENT, campaign.sha256)
    launch(house.engine, OTTO, INCIDENT)
    deliver(house.engine, OTTO, INCIDENT)
    seen = [whole_mail(path.read_bytes()) for path in (tmp_path / "samples").glob("*.eml")]
    sent = [whole_mail(path.read_bytes()) for path in house.mail.folder.glob("*.eml")]
    assert sent
    for mail in sent:
        assert mail in seen


def test_a_folder_in_use_is_left_alone(house: House, tmp_path: Path) -> None:
    house.prepared()
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadInput, match="holds something"):
        write_samples(house.engine, DOV, INCIDENT, tmp_path)


def test_without_a_notice_there_is_nothing_to_see(house: House, tmp_path: Path) -> None:
    house.imported()
    with pytest.raises(NotFound, match="no prepared notice"):
        write_samples(house.engine, DOV, INCIDENT, tmp_path / "samples")
