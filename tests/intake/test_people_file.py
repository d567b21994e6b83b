"""A people file is read whole with every row accounted for, or refused whole with the reason."""

from __future__ import annotations

import contextlib
import csv
import io
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident_engine.domain.errors import BadInput
from incident_engine.domain.people.person import Person
from incident_engine.intake import people_file
from incident_engine.intake.people_doubles import keys_of_row, may_be_doubles
from incident_engine.intake.people_file import PeopleReading, read_people
from incident_engine.intake.people_row import spreadsheet_safe
from tests.intake.workbook import workbook

TODAY = date(2026, 3, 6)
HEADER = "id,name,email,phone,where,language\n"


@dataclass(frozen=True)
class Found:
    """What was read of a file, and everyone it handed on."""

    reading: PeopleReading
    accepted: list[Person]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.reading, name)


def read(tmp_path: Path, content: str | bytes, name: str = "people.csv", **how: str) -> Found:
    path, accepted = tmp_path / name, list[Person]()
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    reading = read_people(path, accepted.append, today=TODAY, encoding=how.get("encoding"))
    assert reading.accepted == len(accepted)
    return Found(reading, accepted)


def refusal(tmp_path: Path, content: str | bytes, name: str = "people.csv", **how: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(tmp_path, content, name, **how)
    assert caught.value.place == name
    assert caught.value.expected
    return caught.value


def adds_up(found: Found) -> bool:
    return found.rows == len(found.accepted) + found.refused + len(found.merges)


# Languages and alphabets -------------------------------------------------------------------------

CHINESE = HEADER + "".join(
    f"{n},{name},p{n}@people.example,,CN,zh-CN\n"
    for n, name in enumerate(["王小明", "李雷", "韩梅梅", "欧阳锋", "诸葛孔明", "司马相如"] * 3)
)
TAIWAN = CHINESE.replace("韩梅梅", "韓梅梅").replace("欧阳锋", "歐陽鋒").replace("诸葛", "諸葛")
TAIWAN = TAIWAN.replace("司马", "司馬").replace(",CN,zh-CN", ",TW,zh-TW")
RUSSIAN = HEADER + "".join(
    f"{n},{name},p{n}@people.example,,RU,ru\n"
    for n, name in enumerate(
        ["Иван Петров", "Мария Смирнова", "Алексей Кузнецов", "Ольга Попова"] * 4
    )
)
JAPANESE = HEADER + "".join(
    f"{n},{name},p{n}@people.example,,JP,ja\n"
    for n, name in enumerate(["山田太郎", "佐藤はなこ", "鈴木イチロー", "高橋ひろし"] * 4)
)
GERMAN = HEADER + "".join(
    f"{n},{name},p{n}@people.example,,DE,de\n"
    for n, name in enumerate(["Jörg Müller", "Käthe Größe", "Änne Weiß", "Björn Süß"] * 4)
)


@pytest.mark.attack("A51")
@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "utf-8-sig"),
        (CHINESE, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (CHINESE, "gb18030"),
        (TAIWAN, "big5"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "shift_jis"),
        (GERMAN, "cp1252"),
    ],
)
def test_names_are_read_as_they_were_written_in_every_encoding(
    tmp_path: Path, text: str, encoding: str
) -> None:
    wanted = [line.split(",")[1] for line in text.splitlines()[1:]]
    try:
        found = read(tmp_path, text.encode(encoding))
    except BadInput as unsure:
        # Rather asked than guessed: then the named encoding must read it right.
        question = unsure
        found = read(tmp_path, text.encode(encoding), encoding=encoding)
        assert question.code == "encoding"
        assert "--encoding" in question.next_step
    assert [person.name for person in found.accepted] == wanted


@pytest.mark.parametrize(
    ("text", "encoding"), [(CHINESE, "gb18030"), (RUSSIAN, "cp1251"), (GERMAN, "cp1252")]
)
def test_the_everyday_encodings_of_spreadsheets_need_no_option(
    tmp_path: Path, text: str, encoding: str
) -> None:
    assert read(tmp_path, text.encode(encoding)).accepted[0].name in text


def test_a_long_file_is_told_by_whole_lines_of_its_beginning(tmp_path: Path) -> None:
    body = "".join(
        f"{n},王小明{'x' * (n % 2)},p{n}@people.example,,CN,zh-CN\n" for n in range(9_000)
    )
    found = read(tmp_path, (HEADER + body).encode("gb18030"))
    assert len(found.accepted) == 9_000
    assert found.accepted[-1].name == "王小明x"


def test_bytes_of_no_encoding_are_refused_with_the_candidates(tmp_path: Path) -> None:
    noise = HEADER.encode() + bytes(range(128, 256)) * 8 + b"\n"
    error = refusal(tmp_path, noise)
    assert error.code in ("encoding", "ragged")


@pytest.mark.parametrize("name", ["latin-99", "hex", "a\0b", "utf-8", "undefined"])
def test_a_wrong_encoding_option_is_a_sentence(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, CHINESE.encode("gb18030"), encoding=name).code == "encoding"


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_comma_semicolon_and_tab_all_part_columns(tmp_path: Path, mark: str) -> None:
    text = f"ID{mark}E-Mail note{mark}EMAIL\n7{mark}x{mark}ada@people.example\n"
    [ada] = read(tmp_path, text).accepted
    assert (ada.id, ada.email, ada.extra) == ("7", "ada@people.example", {"e-mail_note": "x"})


# Refused whole ------------------------------------------------------------------------------------


@pytest.mark.attack("A48", "A49", "A50", "A52", "A53", "A59")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "empty"),
        (" \n\n", "empty"),
        (",,,\n,,\n", "no-header"),
        (HEADER, "empty"),
        (HEADER + '1,"Ada,a@x.example,,DE,en\n2,Bo,b@x.example,,DE,en\n', "bad-csv"),
        (HEADER + "1,Ada,a@x.example,,DE\n", "ragged"),
        (HEADER + "1,Ada,a@x.example,,DE,en,more\n", "ragged"),
        (HEADER + "1,A\0da,a@x.example,,DE,en\n", "nul"),
        (HEADER + f"1,{'A' * 70_000},a@x.example,,DE,en\n", "bad-csv"),
        ("id,email,Email\n1,a@x.example,b@x.example\n", "double-header"),
        ("name,,\nAda,a,b\n", "double-header"),
        ("a@x.example,b@x.example\nc@x.example,d@x.example\n", "no-header"),
        (",".join(["id", *(f"c{n}" for n in range(300))]) + "\n", "too-wide"),
        ("<!DOCTYPE html><html><body>id,name</body></html>", "not-a-table"),
        ("<?xml version='1.0'?><people/>", "not-a-table"),
        (b"\x1f\x8b\x08\x00packed", "not-a-table"),
        (b"%PDF-1.7", "not-a-table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "not-a-table"),
        (b"PAR1....PAR1", "not-a-table"),
        (b"PK\x03\x04 not an archive", "bad-sheet"),
    ],
)
def test_what_is_no_sound_table_is_refused_whole(
    tmp_path: Path, content: str | bytes, code: str
) -> None:
    assert refusal(tmp_path, content).code == code


def test_a_folder_and_a_missing_file_are_told_apart_from_tables(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(BadInput, match="not a file"):
            read_people(path, list[Person]().append, today=TODAY)


def test_a_row_of_another_width_is_named_by_its_number_in_the_file(tmp_path: Path) -> None:
    error = refusal(tmp_path, HEADER + "1,Ada,a@x.example,,DE,en\n\n2,Bo\n")
    assert "row 4 has 2 fields" in error.found


# Sheets -------------------------------------------------------------------------------------------


def test_a_sheet_is_read_like_a_text_file(tmp_path: Path) -> None:
    rows = [["id", "name", "email", "where"], [1, "王小明", "a@x.example", "CN"]]
    [person] = read(tmp_path, workbook(rows), "people.xlsx").accepted
    assert (person.id, person.name, person.where) == ("1", "王小明", "CN")


@pytest.mark.attack("A55")
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    assert refusal(tmp_path, packed.getvalue(), "people.xlsx").code == "bomb"


def test_an_archive_of_too_many_parts_is_a_bomb_too(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for number in range(1_001):
            archive.writestr(f"xl/{number}", "")
    assert refusal(tmp_path, packed.getvalue(), "people.xlsx").code == "bomb"


@pytest.mark.parametrize("inside", ["<workbook/>", "not xml <", ""])
def test_an_archive_that_only_looks_like_a_sheet_is_refused(tmp_path: Path, inside: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", inside)
    assert refusal(tmp_path, packed.getvalue(), "people.xlsx").code in ("bad-sheet", "no-header")


def test_another_archive_is_no_sheet(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("people.csv", HEADER)
    assert refusal(tmp_path, packed.getvalue(), "people.zip").code == "not-a-table"


# Rows ---------------------------------------------------------------------------------------------


@pytest.mark.attack("A47", "A58")
@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("1,Ada,a@x@y.example,,DE,en", "email", "two-addresses"),
        ('1,Ada,"a@x.example, b@x.example",,DE,en', "email", "two-addresses"),
        ("1,Ada,=?utf-8?q?a?=@x.example,,DE,en", "email", "encoded-word"),
        ("1,Ada,not an address,,DE,en", "email", "no-domain"),
        ('1,Ada,"a@x.example\nBcc: b@x.example",,DE,en', "email", "control-character"),
        ("1,Ada,,4.4E+11,DE,en", "phone", "spreadsheet-number"),
        ("1,Ada,,030 1234567,,en", "phone", "national-number"),
        ("1,=HYPERLINK(1),a@x.example,,DE,en", "name", "formula"),
        ("1,@SUM(1),a@x.example,,DE,en", "name", "formula"),
        ('1,"A\nda",a@x.example,,DE,en', "name", "control-character"),
        ("1,Ada,a@x.example,,Germany,en", "where", "unknown-place"),
        ("1,Ada,a@x.example,,DE,not a language", "language", "bad-language"),
    ],
)
def test_a_faulty_row_is_refused_with_row_column_value_code_and_sentence(
    tmp_path: Path, row: str, column: str, code: str
) -> None:
    found = read(tmp_path, f"{HEADER}{row}\n9,Bo,bo@x.example,,DE,en\n")
    [fault] = found.faults
    assert (fault.row, fault.column, fault.code) == (2, column, code)
    assert f"row 2, column {column}" in fault.sentence
    assert (found.rows, found.refused, len(found.accepted)) == (2, 1, 1)


def test_a_fault_shows_no_more_of_a_person_than_is_needed_to_find_the_row(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "1,=Marianne Holt,marianne.holt@@x.example,12,Mars,en\n")
    shown = " ".join(str(vars(each)) for each in found.faults)
    assert {"email", "where", "name"} <= {each.column for each in found.faults}
    for secret in ("Holt", "marianne", "holt@"):
        assert secret not in shown


def test_every_fault_of_a_row_is_told_at_once(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "id,email,birth_date,minor,data_types\n1,x,2090-01-01,perhaps,name;shoe_size\n",
    )
    assert {each.column for each in found.faults} == {
        "email", "birth_date", "minor", "data_types",
    }  # fmt: skip
    assert found.refused == 1


def test_blank_lines_do_not_shift_the_row_numbers(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + "\n1,Ada,a@x.example,,DE,en\n\n2,Bo,nowhere,,DE,en\n")
    assert found.accepted[0].row == 3
    assert found.faults[0].row == 5


@pytest.mark.attack("A60")
def test_the_same_person_twice_is_merged_by_a_named_rule(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "name,email,phone\nAda Lovell,ada@x.example,\nBo,info@x.example,\n"
        "ada  lovell,ada@x.example,\nAda Lovell,other@x.example,\nBea,info@x.example,\n"
        "Bea,info@x.example,\n",
    )
    assert [(m.row, m.into, m.rule) for m in found.merges] == [
        (4, 2, "same email, same name"),
        (7, 6, "same email, same name"),
    ]
    assert len(found.accepted) == 4, "a shared address alone joins nobody"
    assert adds_up(found)


def test_one_number_for_two_people_is_refused_never_merged(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name,email\n7,Ada,ada@x.example\n7,Bo,bo@x.example\n")
    assert [f.code for f in found.faults] == ["double-id"]
    assert adds_up(found)


def test_different_birth_dates_are_different_people(tmp_path: Path) -> None:
    text = "name,email,birth_date\nAda,a@x.example,1980-01-01\nAda,a@x.example,2010-01-01\n"
    assert len(read(tmp_path, text).accepted) == 2


def test_a_cell_leaves_for_a_spreadsheet_as_text() -> None:
    assert [spreadsheet_safe(each) for each in ("=1+1", "-2", "@x", "Ada")] == [
        "'=1+1", "'-2", "'@x", "Ada",
    ]  # fmt: skip


CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=12
) | st.sampled_from(["a@x.example", "DE", "+8613912345678", "=1", "true", "1980-01-01", "name;x"])
COLUMNS = st.lists(
    st.sampled_from(["id", "name", "email", "phone", "where", "minor", "birth_date", "note"]),
    min_size=1, max_size=5, unique=True,
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(COLUMNS, st.data())
def test_rows_are_accepted_refused_or_merged_and_none_is_lost(
    tmp_path: Path, columns: list[str], data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.tuples(*[CELLS] * len(columns)), min_size=1, max_size=8))
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    try:
        found = read(tmp_path, text.getvalue())
    except BadInput:
        return
    assert found.rows == sum(any(cell.strip() for cell in row) for row in rows)
    assert adds_up(found)


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.binary(max_size=400)
    | st.binary(max_size=100).map(lambda tail: HEADER.encode() + tail)
    | st.binary(max_size=100).map(lambda tail: b"PK\x03\x04" + tail)
    | st.tuples(st.integers(0, 2_000), st.binary(min_size=1, max_size=4)).map(
        lambda cut: (
            (whole := workbook([["id", "name"], [1, "Ada"]]))[: cut[0]]
            + cut[1]
            + whole[cut[0] + len(cut[1]) :]
        )
    )
)
def test_arbitrary_bytes_are_read_or_refused_and_nothing_else(
    tmp_path: Path, content: bytes
) -> None:
    with contextlib.suppress(BadInput):
        assert adds_up(read(tmp_path, content))


# Doubles, and who may be one ----------------------------------------------------------------------


def test_names_alike_at_one_address_are_shown_to_a_person_and_joined_by_nobody(
    tmp_path: Path,
) -> None:
    found = read(
        tmp_path,
        "id,name,email,birth_date\n1,Marianne Holt,m@x.example,\n2,Mariane Holt,m@x.example,\n"
        "3,Holt Marianne,m@x.example,\n4,Peter Falk,m@x.example,\n",
    )
    assert len(found.accepted) == 4
    assert [(each.row, each.other) for each in found.near] == [(3, 2), (4, 2)]
    assert {each.because for each in found.near} == {"same email, names alike"}


def test_twins_are_told_apart_by_their_birth_dates(tmp_path: Path) -> None:
    text = "name,email,birth_date\nAda L,a@x.example,1980-01-01\nAdA L.,a@x.example,1980-01-02\n"
    assert read(tmp_path, text).near == []


@pytest.mark.attack("A60")
def test_a_household_and_the_mailbox_of_a_role_are_found(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "id,name,email,phone,where\n1,Ada,home@x.example,030 1234567,DE\n"
        "2,Bo,home@x.example,+49301234567,DE\n3,Cy,info@x.example,,DE\n",
    )
    assert [(each.channel, each.people, each.rows, each.kind) for each in found.shared] == [
        ("email", 2, (2, 3), "several people"),
        ("sms", 2, (2, 3), "several people"),
        ("email", 1, (4,), "a role"),
    ]
    assert "home" not in str(found.shared)


def test_one_person_by_two_forms_of_one_number_is_merged(tmp_path: Path) -> None:
    text = "name,phone,where\nAda Lovell,0151 2345 6789,DE\nada lovell,+4915123456789,DE\n"
    assert [each.rule for each in read(tmp_path, text).merges] == ["same phone, same name"]


@pytest.mark.parametrize(
    ("place", "one", "other"),
    [("FO", "201234", "+298201234"), ("FK", "22345", "+50022345"), ("NU", "4123", "00683 4123")],
)
def test_a_short_number_has_two_forms_as_well(
    tmp_path: Path, place: str, one: str, other: str
) -> None:
    text = f"name,phone,where\nAda Lovell,{one},{place}\nAda Lovell,{other},{place}\n"
    assert [each.rule for each in read(tmp_path, text).merges] == ["same phone, same name"]


def test_strangers_of_one_name_whose_numbers_end_alike_are_not_remembered() -> None:
    """They were, and a file of a million rows took 2 GB."""
    rows = [("", "Ada Lovell", "", f"+4915{number:05d}1234") for number in range(50)]
    keys = [key for row in rows for key in keys_of_row(*row)]
    assert not any(may_be_doubles(keys))


@given(rows=st.lists(st.tuples(st.sampled_from(["", "1", "2", "3"]), st.sampled_from(
    ["Ada", "ada ", "Bo", ""]), st.sampled_from(["", "a@x.example", "A@X.example", "b@x.example",
    "ä@bücher.example", "ä@xn--bcher-kva.example"]), st.sampled_from(["", "+4915123456789",
    "0151 23456789", "+1 415 555 2671"])), min_size=1, max_size=12))  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_remembering_only_those_who_may_be_doubles_changes_nothing(
    tmp_path: Path, rows: list[tuple[str, ...]]
) -> None:
    """Against a reading that remembers everybody: the same merges, refusals and doubts."""
    sheet = "\n".join(",".join((*row, "DE")) for row in rows)
    text = f"id,name,email,phone,where\n{sheet}\nlast,Last Of All,,,DE\n"
    thrifty = read(tmp_path, text)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(people_file, "may_be_doubles", lambda keys: b"\1" * (len(keys) // 4))
        thorough = read(tmp_path, text)
    assert thrifty.reading == thorough.reading
    assert adds_up(thrifty)
