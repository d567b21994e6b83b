"""An organisation's own templates run in a child that the kernel keeps within limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident_engine.domain.errors import BadInput
from incident_engine.notices import cage
from incident_engine.notices.cage import render_caged
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.compose import compose
from incident_engine.notices.library import open_library
from tests.notices.conftest import TO_ADA, facts_with

NAME = "en/notice.txt"
LISTS = frozenset({"many", "more", "long"})
MANY = {"many": ["x"] * 20_000, "more": ["y"] * 20_000, "long": "z" * 50_000}
TWICE = "{% for a in many %}{% for b in more %}WHAT{% endfor %}{% endfor %}"


def caged(source: str) -> str:
    return render_caged(source, MANY, name=NAME, slots=LISTS)


def child() -> int:
    process = cage._cage()._child
    assert process is not None
    return process.pid


def test_what_the_child_renders_is_what_would_have_been_rendered_here() -> None:
    source = "{% for each in many %}{% if loop.first %}{{ long|length }}{% endif %}{% endfor %}"
    assert caged(source) == "50000"


def test_a_loop_that_would_not_end_is_ended_and_the_next_template_finds_a_new_child() -> None:
    caged("ready")
    before = child()
    with pytest.raises(BadInput, match="more processor time or memory than a template may") as no:
        caged(TWICE.replace("WHAT", "{% if a == b %}{% endif %}") * 4)
    assert (no.value.code, no.value.place) == ("bad-template", NAME)
    assert caged("and on") == "and on"
    assert child() != before


def test_a_template_that_would_fill_the_memory_is_refused() -> None:
    with pytest.raises(BadInput) as no:
        caged(TWICE.replace("WHAT", "{{ long }}"))
    assert no.value.place == NAME
    assert any(word in no.value.found for word in ("memory", "MB of text"))


def test_a_fault_in_it_is_told_with_file_line_and_slot() -> None:
    with pytest.raises(BadInput) as no:
        caged("one\n{{ manny }}\n")
    assert no.value.place == "en/notice.txt, line 2"
    assert "manny" in no.value.found


def test_the_child_knows_nothing_of_this_process_but_where_its_code_lies() -> None:
    caged("ready")
    known = Path(f"/proc/{child()}/environ").read_bytes()
    assert [each.partition(b"=")[0] for each in known.split(b"\0") if each] == [b"PYTHONPATH"]


def test_an_organisations_own_notice_is_worded_by_the_child_and_reads_as_a_shipped_one(
    tmp_path: Path,
) -> None:
    (tmp_path / "en").mkdir()
    shipped = open_library().text(NAME)
    (tmp_path / NAME).write_text(shipped, "utf-8")
    (tmp_path / "email.html").write_text(open_library().text("email.html"), "utf-8")
    ours = compose(facts_with(), TO_ADA, catalogue_of("en", str(tmp_path)))
    theirs = compose(facts_with(), TO_ADA, catalogue_of("en"))
    assert ours.as_json() == theirs.as_json()
