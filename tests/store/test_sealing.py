"""Personal data at rest opens only where it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.errors import BadInput
from incident_engine.store.sealing import Keyring, Seal, create_master_key, read_keyring

KEYS = Keyring(b"k" * 32)
ADA = {"name": "Ada Okafor", "email": "ada@people.example"}


def fresh_seal() -> Seal:
    return KEYS.seal(KEYS.new_data_key())


@given(st.dictionaries(st.text(), st.text() | st.none() | st.lists(st.text())))
def test_what_was_sealed_opens_as_it_was(content: dict[str, object]) -> None:
    seal = fresh_seal()
    assert seal.open("person/1", seal.close("person/1", content)) == content


def test_a_cell_moved_to_another_row_does_not_open() -> None:
    seal = fresh_seal()
    with pytest.raises(BadInput, match="does not open"):
        seal.open("person/2", seal.close("person/1", ADA))


def test_a_changed_byte_does_not_open() -> None:
    seal = fresh_seal()
    cell = bytearray(seal.close("person/1", ADA))
    cell[-1] ^= 1
    with pytest.raises(BadInput):
        seal.open("person/1", bytes(cell))


def test_another_incidents_key_does_not_open_it() -> None:
    with pytest.raises(BadInput):
        fresh_seal().open("person/1", fresh_seal().close("person/1", ADA))


def test_the_sealed_cell_shows_nothing_of_the_person() -> None:
    cell = fresh_seal().close("person/1", ADA)
    assert b"Ada" not in cell
    assert b"people.example" not in cell


def test_the_same_address_is_found_within_an_incident_and_not_across() -> None:
    here, there = fresh_seal(), fresh_seal()
    assert here.blind("email", ADA["email"]) == here.blind("email", ADA["email"])
    assert here.blind("email", ADA["email"]) != here.blind("phone", ADA["email"])
    assert here.blind("email", ADA["email"]) != there.blind("email", ADA["email"])
    assert here.blind("email", "") == ""


def test_another_master_key_is_named_as_the_fault() -> None:
    with pytest.raises(BadInput, match="not the key"):
        Keyring(b"x" * 32).seal(KEYS.new_data_key())


def test_the_master_key_is_the_owners_alone_and_made_once(tmp_path: Path) -> None:
    create_master_key(tmp_path / "keys")
    first = read_keyring(tmp_path / "keys")
    create_master_key(tmp_path / "keys")
    assert read_keyring(tmp_path / "keys") == first
    assert (tmp_path / "keys" / "master.key").stat().st_mode & 0o077 == 0


def test_a_missing_or_cut_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Restore the keys folder"):
        read_keyring(tmp_path)
    (tmp_path / "master.key").write_bytes(b"short")
    with pytest.raises(BadInput, match="holds 5 bytes"):
        read_keyring(tmp_path)
