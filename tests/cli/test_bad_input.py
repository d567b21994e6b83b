"""Every wrong thing typed gets one sentence, its exit status, and keeps nothing."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_engine.home import Home
from tests.cast import FACTS, INCIDENT, PEOPLE, House, typed


@pytest.fixture
def opened(house: House) -> House:
    house.opened()
    return house


def refused(house: House, *words: str | Path, status: int = 2, says: tuple[str, ...] = ()) -> None:
    before = house.rows()
    answer = typed(*words)
    assert answer.status == status, answer
    assert answer.out == "", "an error is not an answer"
    answer.must_be_one_sentence(*says)
    assert house.rows() == before, "something was kept"


# Facts files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda text: text.replace("exfiltrated", "exfiltratd"),
            ("cause.exfiltratd", "exfiltrated"),
        ),
        (lambda text: text.replace('"hacking"', '"hackin"'), ("cause.action", "hackin", "hacking")),
        (lambda text: text.replace("+08:00", "", 1), ("clocks.occurred_from", "offset")),
        (lambda text: text.replace("count = 2", "count = -2"), ("people", "count")),
        (lambda text: text.replace('"national_id"', '"nationalid"'), ("data.types", "national_id")),
        (lambda text: text + "[broken", ("toml", "line")),
        (lambda text: text.replace('where = "DE"', 'where = "Germany"'), ("where", "Germany")),
        (lambda text: "", ("format",)),
    ],
)
def test_a_wrong_facts_file_names_the_key_and_opens_nothing(
    house: House, change: Callable[[str], str], says: tuple[str, ...]
) -> None:
    text = change(FACTS)
    path = house.file(text, "facts.toml")
    if text:
        refused(house, "incident", "open", path, says=says)
        refused(house, "assess", path, says=says)


@pytest.mark.parametrize("name", ["facts.yaml", "nowhere.toml", "folder.toml", "latin.toml"])
def test_a_facts_file_that_is_none_is_refused(house: House, name: str) -> None:
    house.file(FACTS, "facts.yaml")
    house.file("title = 'Größe'".encode("latin-1"), "latin.toml")
    (house.folder / "folder.toml").mkdir()
    refused(house, "incident", "open", house.folder / name, says=(name.split(".")[0],))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda b: b"[cause]\naction = " + b))
def test_no_bytes_as_facts_file_make_a_traceback(house: House, content: bytes) -> None:
    answer = typed("assess", house.file(content, "facts.toml"))
    assert answer.status in (0, 2)
    if answer.status:
        answer.must_be_one_sentence("facts.toml")


# People files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", ("people.csv", "is empty")),
        (b"\x1f\x8bzip", ("gzip",)),
        (b"id,name,name\n1,a,b\n", ("twice", "once")),
        (b'id,name\n1,"Ada\n', ("quote",)),
        (b"id,name\n1\n", ("row 2 has 1 fields", "2, as the header")),
        (b"id,name\n1,\0\n", ("NUL",)),
        (b"PK\x03\x04", ("archive", "XLSX")),
        (b",,\n", ("header",)),
    ],
)
def test_a_wrong_people_file_is_refused_whole(
    opened: House, content: bytes, says: tuple[str, ...]
) -> None:
    path = opened.file(content)
    refused(opened, "people", "import", INCIDENT, path, says=says)
    refused(opened, "people", "check", path, says=says)


def test_rows_at_fault_are_a_rule_and_name_the_way_on(opened: House) -> None:
    path = opened.file(f"{PEOPLE}9,Fay,fay@@people.example,,DE,en\n")
    refused(
        opened, "people", "import", INCIDENT, path, status=1,
        says=("row 6, column email", "--accept-refused 1", "people check"),
    )  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda b: b"id,name,email\n" + b))
def test_no_bytes_as_people_file_make_a_traceback(house: House, content: bytes) -> None:
    answer = typed("people", "check", house.file(content))
    assert answer.status in (0, 2)
    if answer.status:
        answer.must_be_one_sentence("people.csv")


# Commands and their words -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("bogus", ("bogus", "--help")),
        ("incident opne", ("opne", "incident --help")),
        ("incident show", ("INCIDENT",)),
        ("incident show INC-1999-0001", ("INC-1999-0001", "incident list")),
        ("incident fact INC-2026-0001 nonsense", ("key=value",)),
        ("incident fact INC-2026-0001 data.encryptid=true", ("data.encryptid", "data.encrypted")),
        ("incident fact INC-2026-0001 data.encrypted=maybe --why x", ("data.encrypted", "maybe")),
        ("incident fact INC-2026-0001 data.encrypted=true", ("--why",)),
        ("notice prepare INC-2026-0001 --channels pigeon", ("pigeon", "email")),
        ("notice prepare INC-2026-0001 --channels email,email", ("email",)),
        ("approve INC-2026-0001 abc", ("abc", "notice list")),
        ("reject INC-2026-0001 abc", ("--why",)),
        ("resolve abc --as accepted --why x", ("abc", "deliveries")),
        ("resolve abcdefgh --as perhaps --why x", ("perhaps", "resend")),
        ("obligation done INC-2026-0001 eu-gdpr/authority", ("--reference",)),
        ("obligation waive INC-2026-0001 eu-gdpr/authority", ("--why",)),
        ("obligation hold INC-2026-0001 eu-gdpr/authority --why x --until tomorrow", ("offset",)),
        ("deadlines --within soon", ("soon", "72h")),
        ("user add x --role king", ("king", "approver")),
        ("user add a/b --role admin", ("a/b", "letters")),
        ("user disable nobody", ("nobody",)),
        ("config set email.hots x", ("email.hots", "email.host")),
        ("config set email.port many", ("email.port", "many")),
        ("config set email.port 99999", ("email.port", "99999")),
        ("config set email.security maybe", ("email.security", "starttls")),
        ("config set organisation.country China", ("organisation.country", "China")),
        ("announce take-down INC-2026-0001", ("--why",)),
        ("people list INC-1999-0001", ("INC-1999-0001",)),
        ("tick --nope", ("--nope",)),
        ("playbook show eu-gdrp", ("eu-gdrp", "eu-gdpr")),
        ("incident note INC-2026-0001 ''", ("the note", "is empty")),
    ],
)
def test_a_wrong_word_is_answered_with_a_right_one(
    opened: House, line: str, says: tuple[str, ...]
) -> None:
    refused(opened, *shlex.split(line), says=says)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("incident move INC-2026-0001 close", ("possible", "confirm")),
        ("notice prepare INC-2026-0001", ("people import",)),
        ("send INC-2026-0001 --wait", ("notice prepare",)),
        ("pause INC-2026-0001", ("no campaign",)),
        ("announce put-up INC-2026-0001", ("approve",)),
        ("user add otto --role admin", ("is a user already",)),
        ("user disable maren", ("last administrator",)),
    ],
)
def test_what_a_rule_forbids_is_status_1_and_names_what_would_help(
    opened: House, line: str, says: tuple[str, ...]
) -> None:
    refused(opened, *line.split(), status=1, says=says)


def test_a_notice_without_its_words_is_found_before_approval(house: House) -> None:
    text = "\n".join(line for line in FACTS.splitlines() if not line.startswith("remedies"))
    assert typed("incident", "open", house.file(text, "facts.toml")).status == 0
    assert typed("people", "import", INCIDENT, house.file(PEOPLE)).status == 0
    refused(
        house, "notice", "prepare", INCIDENT,
        says=("notice in en, remedies", "story.en.remedies", "incident fact", "1 more fault"),
    )  # fmt: skip
    answer = typed("notice", "prepare", INCIDENT, "--json")
    assert [each["expected"] for each in json.loads(answer.out)["faults"]] == [
        "story.en.remedies", "story.zh-Hans.remedies",
    ]  # fmt: skip


def test_a_noun_without_its_verb_shows_its_help(house: House) -> None:
    answer = typed("incident")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("Usage: incident-engine incident")


# Who acts, and where ------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["wrong", "ümlaut", "x" * 10_000])
def test_a_token_of_nobody_is_refused_and_not_repeated(
    opened: House, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("INCIDENT_ENGINE_TOKEN", token)
    refused(opened, "incident", "list", status=1, says=("the token", "login"))
    assert token not in typed("incident", "list").err


def test_a_disabled_user_is_nobody_at_once(opened: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert typed("user", "disable", "otto").status == 0
    token = (opened.engine.home.folder / "otto.token").read_text()
    monkeypatch.setenv("INCIDENT_ENGINE_TOKEN", token)
    refused(opened, "incident", "list", status=1, says=("the token",))


def test_without_a_home_the_next_step_is_init(tmp_path: Path) -> None:
    answer = typed("--home", tmp_path / "none", "incident", "list")
    assert answer.status == 2
    answer.must_be_one_sentence("none", "incident-engine init")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--country", "China", "--admin", "maren"), ("country", "China")),
        (("--country", "ZZ", "--admin", "maren"), ("ZZ",)),
        (("--country", "CN", "--admin", "a b"), ("user's name", "a b")),
        (("--country", "CN", "--admin", ""), ("user's name",)),
        (("--country", "CN"), ("--admin",)),
    ],
)
def test_init_refuses_before_it_makes_anything(
    tmp_path: Path, words: tuple[str, ...], says: tuple[str, ...]
) -> None:
    answer = typed("--home", tmp_path / "new", "init", "--organisation", "Kestrel", *words)
    assert answer.status == 2
    answer.must_be_one_sentence(*says)
    assert not (tmp_path / "new").exists()


def test_init_leaves_a_folder_in_use_alone(home: Home, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/a.txt").write_text("mine")
    arguments = ("init", "--organisation", "Kestrel", "--country", "CN", "--admin", "maren")
    for folder, status in ((tmp_path / "letters", 2), (home.folder, 1)):
        answer = typed("--home", folder, *arguments)
        assert answer.status == status
        answer.must_be_one_sentence(folder.name)


@pytest.mark.parametrize(
    "content",
    ["[email", "email = 3", "[emial]\nhost = 'x'", "[email]\nhots = 'x'", "[email]\nport = 'x'",
     "[email]\nlanes = 0", "\xff"],
)  # fmt: skip
def test_a_broken_config_is_named_by_every_command(home: Home, content: str) -> None:
    home.config.write_bytes(content.encode("latin-1"))
    for line in ("incident list", "config show", "config set email.host x", "doctor"):
        answer = typed(*line.split())
        assert answer.status == 2, (line, answer)
        answer.must_be_one_sentence("config.toml" if "set" not in line else "")
    assert home.config.read_bytes() == content.encode("latin-1")


def test_a_database_that_is_none_is_an_outside_part_that_failed(house: House) -> None:
    for path in house.engine.home.folder.glob("incident-engine.db*"):
        path.unlink()
    house.engine.home.database.write_bytes(b"this is no database at all" * 100)
    answer = typed("incident", "list")
    assert answer.status == 3
    answer.must_be_one_sentence("the database")


def test_a_law_file_at_fault_is_named_by_line(opened: House) -> None:
    laws = opened.folder / "laws"
    laws.mkdir()
    (laws / "xx-new.toml").write_text("format = 1\nid = 'xx-new'\n[[obligation]]\nid = 3\n")
    assert typed("config", "set", "playbooks.folder", laws).status == 0
    answer = typed("playbook", "check")
    assert answer.status == 2
    answer.must_be_one_sentence("xx-new.toml")


def test_an_incident_is_opened_under_the_last_good_laws_and_loudly(opened: House) -> None:
    laws = opened.folder / "laws"
    laws.mkdir()
    (laws / "xx-new.toml").write_text("format = 1")
    assert typed("config", "set", "playbooks.folder", laws).status == 0
    answer = typed("incident", "open", opened.file(FACTS, "facts.toml"))
    assert answer.status == 0
    assert "THE LAW FILES ARE BROKEN" in answer.err


# Outside parts ------------------------------------------------------------------------------------


def test_a_dead_relay_is_status_3_and_everyone_still_waits(house: House) -> None:
    house.approved("id,name,email,where\n1,Ada,ada@people.example,DE\n")
    house.set(email_port="1")
    answer = typed("send", INCIDENT, "--wait", "--json")
    assert answer.status == 3
    answer.must_be_one_sentence("127.0.0.1", "Nothing was sent", "repeat")
    assert '"pending": 1' in answer.out, "the JSON answer is whole, the error beside it"
    house.set(email_port=str(house.mail.port))
    assert typed("send", INCIDENT, "--wait").status == 0
    assert len(house.mail.written) == 1


def test_texts_not_set_up_are_a_warning_and_email_leaves(house: House) -> None:
    house.approved()
    house.set(sms_account_sid="")
    answer = typed("send", INCIDENT, "--wait")
    assert answer.status == 0
    answer.must_be_one_sentence("sms.account_sid", "config set")
    assert len(house.mail.written) == 1


def test_a_reader_that_goes_away_is_no_fault_of_ours(house: House) -> None:
    line = f"{sys.executable} -m incident_engine config show --json | head -c 1"
    done = subprocess.run(
        ["bash", "-c", line], cwd=Path(__file__).parents[2], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("{", "")
