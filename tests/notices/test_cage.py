"""A template of the organisation's own runs in a child with limits, and works like one shipped."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from incident_engine.domain.errors import BadInput
from incident_engine.notices.cage import Cage, Job, Limits, open_cage
from incident_engine.notices.catalogue import catalogue_of
from incident_engine.notices.compose import compose
from incident_engine.notices.library import LARGEST, open_library
from incident_engine.notices.wording import fill
from tests.notices.conftest import TO_ADA, facts_with

LINES = ["a line of a long story"] * 20_000
LOOPS = "{% for a in lines %}{% for b in lines %}X{% endfor %}{% endfor %}"


@pytest.fixture(scope="module")
def cage() -> Iterator[Cage]:
    with open_cage(Limits(seconds=1)) as found:
        yield found


def job(source: str, **changed: object) -> Job:
    given: dict[str, object] = {
        "source": source,
        "name": "en/notice.txt",
        "slots": frozenset({"name", "lines", "table"}),
        "values": {"name": "Ada", "lines": LINES[:2], "table": {"a": "b"}},
        "own": True,
    }
    return Job(**(given | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize("own", [True, False])
def test_a_template_makes_the_same_text_inside_and_outside(cage: Cage, own: bool) -> None:
    source = "{% for line in lines %}{{ loop.index }} {{ line }} {{ name }}\n{% endfor %}= <é> 欧\n"
    for markup in (True, False):
        made = cage.run(job(source, own=own, markup=markup, as_lines=not markup))
        assert made == Cage().run(job(source, own=False, markup=markup, as_lines=not markup))


@pytest.mark.attack("A11", "A13")
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("", "did not end in time"),  # 400 million turns with nothing in them
        ("X" * 50_000, "needs more memory|did not end in time"),  # 20 million million letters
    ],
)
def test_an_endless_and_a_huge_one_are_refused_with_a_sentence(
    cage: Cage, body: str, found: str
) -> None:
    values = {"name": "Ada", "lines": LINES, "table": {}}
    with pytest.raises(BadInput, match=found) as refused:
        cage.run(job(LOOPS.replace("X", body), values=values))
    assert refused.value.place == "en/notice.txt"
    assert "at most 1 seconds, 256 MB of memory and 150,000 characters" in str(refused.value)
    assert cage.run(job("{{ name }}")) == "Ada"  # the next one is run as if nothing had been


def test_a_text_longer_than_any_notice_is_refused(cage: Cage) -> None:
    with pytest.raises(BadInput, match="makes a text of 600,000 characters"):
        cage.run(job("{% for line in lines %}" + "x" * 30 + "{% endfor %}",
                     values={"name": "", "lines": LINES, "table": {}}))  # fmt: skip


def test_a_child_that_does_not_answer_is_ended_by_the_clock_on_the_wall() -> None:
    with open_cage(Limits(seconds=3_600, wall=1)) as slow:
        began = time.monotonic()
        with pytest.raises(BadInput, match="did not end in time"):
            slow.run(job(LOOPS, values={"name": "", "lines": LINES, "table": {}}))
        assert time.monotonic() - began < 60
        assert slow._child is None


@pytest.mark.attack("A17")
@pytest.mark.attack("A13")
def test_one_that_is_slow_for_each_of_many_groups_is_ended_for_all_of_them() -> None:
    values = {"name": "Ada", "lines": LINES[:1_500], "table": {}}
    slow = job("{% for a in lines %}{% for b in lines %}{% endfor %}{% endfor %}", values=values)

    def for_every_group(cage: Cage) -> None:
        for _ in range(100):
            cage.run(slow)

    with open_cage(Limits(altogether=0.05)) as cage:
        with pytest.raises(BadInput, match="seconds over all groups of readers") as refused:
            for_every_group(cage)
        assert "and 0 seconds for all" in str(refused.value)
        assert refused.value.place == "en/notice.txt"


def test_a_fault_inside_names_file_line_and_slot_as_outside(cage: Cage) -> None:
    for source, says in (
        ("\n{{ nmae }}", r"en/notice\.txt, line 2: uses the slot nmae, which does not exist"),
        ("\n\n{{ table.nothing }}", r"line 3: .*no attribute 'nothing', in table\.nothing"),
        ("{{ name.upper() }}", r"line 1: uses Call"),
    ):
        with pytest.raises(BadInput, match=says):
            cage.run(job(source))


def test_one_child_serves_a_whole_preparing_and_ends_with_it() -> None:
    with open_cage() as found:
        assert found._child is None  # none is started for what is shipped
        found.run(job("{{ name }}"))
        child = found._child
        found.run(job("{{ name }}!"))
        assert found._child is child
        assert child is not None
    assert child.poll() is not None


def test_the_child_has_none_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENT_ENGINE_EMAIL_PASSWORD", "ah-so-secret")
    with open_cage() as found:
        found.run(job("{{ name }}"))
        assert found._child is not None
        assert Path(f"/proc/{found._child.pid}/environ").read_bytes() == b""


# --- the organisation's own, from one file to all media ---------------------------------------


def own(folder: Path, **files: str) -> str:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return str(folder)


def test_each_medium_takes_a_template_of_our_own(tmp_path: Path) -> None:
    shipped = open_library().text
    folder = own(
        tmp_path,
        **{
            "email.txt": "KESTREL\n{% for line in opening %}{{ line }}\n{% endfor %}",
            "email.html": shipped("email.html").replace("<h1>", "<p>Kestrel House</p><h1>"),
            "en/notice.txt": shipped("en/notice.txt").replace(
                "# What Happened", "# In Short\nThis takes two minutes.\n# What Happened"
            ),
            "en/words.toml": '[sms]\nperson = ["Kestrel writes to you: {link}"]\n'
            '[letter]\npage = "Sheet {page} of {pages}"\n',
        },
    )
    wording = compose(facts_with(), TO_ADA, catalogue_of("en", folder))
    made = fill(wording, name="Ada")
    assert made.text.startswith("KESTREL\nDear Ada,\n")
    assert "<p" in made.html
    assert "Kestrel House" in made.html
    assert "This takes two minutes." in made.html
    assert made.sms == "Kestrel writes to you: https://www.kestrel.example"
    assert wording.letter["page"] == "Sheet {page} of {pages}"
    assert wording.letter["reference"] == "Reference"  # what we did not write is as shipped


@pytest.mark.attack("A20")
@pytest.mark.parametrize("written", ["url", "\\75rl", "\\000075 rl", "U\\RL", "u/**/rl"])
def test_a_style_of_our_own_that_loads_is_refused(tmp_path: Path, written: str) -> None:
    folder = own(tmp_path, **{"email.css": f"p {{ background: {written}(//count.example/1) }}"})
    with pytest.raises(BadInput, match=r"email\.css: loads something"):
        compose(facts_with(), TO_ADA, catalogue_of("en", folder))


def test_a_file_too_long_or_too_deep_is_refused_before_it_is_read(tmp_path: Path) -> None:
    own(tmp_path, **{"en/notice.txt": "x" * (LARGEST + 1), "steps.toml": "a = " + "[" * 100_000})
    library = open_library(str(tmp_path))
    with pytest.raises(BadInput, match=r"notice\.txt: has 1,048,577 bytes; expected at most"):
        library.text("en/notice.txt")
    with pytest.raises(BadInput, match=r"steps\.toml: is nested too deeply"):
        library.table("steps.toml")
