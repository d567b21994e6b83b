"""A facts file from disk or standard input: read whole, or refused with one sentence."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from incident_engine.domain.errors import BadFile
from incident_engine.intake.facts_file import read_facts, read_facts_document

TOML = """
format = 1
title = "The copied customer list"
[clocks]
aware = 2026-03-06T10:25:00+08:00
hold_until = 2026-04-01
[done]
"us-ca/individuals/notify" = 2026-03-20T12:00:00-07:00
[[people]]
where = "DE"
count = { min = 900, max = 1500 }
"""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path | str, stream: io.BytesIO | None = None) -> BadFile:
    with pytest.raises(BadFile) as caught:
        read_facts(path, stream=stream)
    return caught.value


def test_toml_json_and_standard_input_say_the_same(tmp_path: Path) -> None:
    facts = read_facts(write(tmp_path, "facts.toml", TOML))
    document = read_facts_document(tmp_path / "facts.toml")
    text = json.dumps(document, default=lambda moment: moment.isoformat())
    assert read_facts(write(tmp_path, "facts.json", text)) == facts
    assert read_facts("-", stream=io.BytesIO(text.encode())) == facts
    assert read_facts(write(tmp_path, "bom.json", b"\xef\xbb\xbf" + text.encode())) == facts


@pytest.mark.parametrize(
    ("name", "content", "code", "says"),
    [
        ("a.yaml", "format: 1", "unknown-ending", ".yaml"),
        ("a.json", "", "not-json", "line 1"),
        ("a.json", '{\n "format": 1,\n}', "not-json", "line"),
        ("a.json", '{"format": 1, "format": 1}', "key-twice", "format"),
        ("a.json", '{"data": {"records": NaN}}', "not-a-number", "NaN"),
        ("a.json", '{"data": {"records": -Infinity}}', "not-a-number", "Infinity"),
        ("a.json", '{"data": {"records": ' + "9" * 5000 + "}}", "not-json", "number"),
        ("a.json", "[" * 60 + "]" * 60, "too-deep", "50"),
        ("a.json", "[" * 100_000, "too-deep", "50"),
        ("a.json", '{"a":' * 200_000, "too-deep", "50"),
        ("a.json", "[]", "not-a-table", "a list"),
        ("a.json", "3", "not-a-table", "a single value"),
        ("a.json", b"{\n\xff}", "not-utf-8", "line 2"),
        ("a.json", " " * (5 * 1024 * 1024 + 1), "too-large", "5 MB"),
        ("a.toml", "format = 1\ntitle = \n", "not-toml", "line 2"),
        ("a.toml", "a = 1\na = 2\n", "not-toml", "line 2"),
        ("a.toml", "a = " + "[" * 100_000, "too-deep", "50"),
        ("a.toml", "records = " + "9" * 5000, "not-toml", "number"),
        ("a.toml", "[clocks]\naware = 2026-03-06T10:25:00", "no-offset", "clocks.aware"),
        ("a.toml", "[clocks]\naware = 10:25:00", "not-a-moment", "clocks.aware"),
        ("a.json", '{"title": "a\\u0000"}', "control-character", "title"),
    ],
)
def test_what_is_not_a_facts_file_is_refused(
    tmp_path: Path, name: str, content: str | bytes, code: str, says: str
) -> None:
    bad = refusal(write(tmp_path, name, content))
    assert bad.code == code
    assert bad.exit_status == 2
    assert bad.place.startswith(name)
    assert says in str(bad)


def test_a_veris_incident_is_called_by_its_name(tmp_path: Path) -> None:
    veris: dict[str, object] = {
        "action": {"hacking": {}},
        "actor": {"external": {}},
        "asset": {},
        "attribute": {},
    }
    bad = refusal(write(tmp_path, "veris.json", json.dumps(veris)))
    assert bad.code == "veris"
    assert "VERIS" in str(bad)


def test_a_missing_file_a_directory_and_an_odd_path_are_named(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    assert refusal(tmp_path / "none.toml").code == "missing"
    assert refusal(tmp_path / "folder.toml").code == "directory"
    assert refusal("a\x00b.json").code == "unreadable"
    assert refusal("-", io.BytesIO(b"\xff")).place.startswith("standard input")
