"""Addresses made canonical, or refused with their reason."""

from __future__ import annotations

from collections.abc import Callable

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident_engine.domain.people.addresses import (
    SENTENCES,
    BadAddressError,
    canonical_email,
    canonical_phone,
    mask,
    postal_lines,
)
from incident_engine.domain.words import ChannelName


@pytest.mark.parametrize(
    ("given_", "canonical"),
    [
        (" Ada@People.EXAMPLE ", "Ada@people.example"),
        ("o'neill+news@people.example", "o'neill+news@people.example"),
        ("пользователь@пример.рф", "пользователь@пример.рф"),
        ("ada@münchen.example", "ada@münchen.example"),
        ("名前@例え.jp", "名前@例え.jp"),
    ],
)
def test_a_good_address_is_kept_as_its_owner_writes_it(given_: str, canonical: str) -> None:
    assert canonical_email(given_) == canonical


@pytest.mark.parametrize(
    ("given_", "code"),
    [
        ("a@people.example, b@people.example", "two-addresses"),
        ("b@y.example; e@x.example", "two-addresses"),
        ("alice@people.example)bob@evil.example", "quoted-local"),
        ('"b@y"@evil.example', "quoted-local"),
        ("ada@people.example\r\nBcc: eve@evil.example", "control-character"),
        ("ada@people.example\x00", "control-character"),
        ("ada\u202e@people.example", "control-character"),
        ("=?utf-8?q?a=0D=0ABcc=3A?=@people.example", "encoded-word"),
        ("postmaster", "no-domain"),
        ("ada@", "no-domain"),
        ("ada@people.example.", "trailing-dot"),
        ("ada@ex\u0430mple.com", "mixed-script"),
        ("\uff41nn@people.example", "full-width"),
        ("ada@-bad-.example", "not-an-email"),
        (".ada@people.example", "not-an-email"),
        ("a" * 65 + "@people.example", "not-an-email"),
        ("a" * 250 + "@people.example", "email-too-long"),
    ],
)
def test_a_bad_address_is_refused_for_its_own_reason(given_: str, code: str) -> None:
    with pytest.raises(BadAddressError) as refused:
        canonical_email(given_)
    assert refused.value.code == code
    assert refused.value.sentence == SENTENCES[code]


@pytest.mark.parametrize(
    ("given_", "where", "canonical"),
    [
        ("+86 139 1140 0001", "CN", "+8613911400001"),
        ("139 1140 0001", "CN", "+8613911400001"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("(415) 555-0100", "US-CA", "+14155550100"),
    ],
)
def test_a_number_becomes_e164(given_: str, where: str, canonical: str) -> None:
    assert canonical_phone(given_, where=where) == canonical


@pytest.mark.parametrize(
    ("given_", "where", "code"),
    [
        ("8.61391E+12", "CN", "spreadsheet-number"),
        ("4,4E+11", "GB", "spreadsheet-number"),
        ("0151 23456789", "", "national-number"),
        ("call me", "DE", "not-a-phone"),
        ("+1", "US", "not-a-phone"),
        ("+86139\n11400001", "CN", "control-character"),
    ],
)
def test_a_bad_number_is_refused_for_its_own_reason(given_: str, where: str, code: str) -> None:
    with pytest.raises(BadAddressError) as refused:
        canonical_phone(given_, where=where)
    assert refused.value.code == code


def test_a_window_holds_seven_lines() -> None:
    assert postal_lines(["Cy Lambert", "", " 3 rue des Lilas ", "75011 Paris"])[1] == (
        "3 rue des Lilas"
    )
    with pytest.raises(BadAddressError):
        postal_lines([f"line {n}" for n in range(12)])


def outcome(read: Callable[[str], str], text: str) -> str:
    """The address read, or the code of why it is none."""
    try:
        return read(text)
    except BadAddressError as error:
        return error.code


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_has_a_reason(text: str) -> None:
    for read in (canonical_email, lambda each: canonical_phone(each, where="DE")):
        found = outcome(read, text)
        assert found in SENTENCES or (found.count("@") <= 1 and found.isprintable())


def test_a_mask_is_recognised_and_cannot_be_used() -> None:
    shown = mask(ChannelName.EMAIL, "ada.okafor@people.example")
    assert shown == "a…@p….example"
    assert mask(ChannelName.SMS, "+8613911400001") == "+86…001"
    assert "people" not in mask(ChannelName.EMAIL, "people of no address")


CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@given(code=st.sampled_from(CODES), rest=st.from_regex(r"[0-9]{4,13}", fullmatch=True))
@settings(max_examples=400)
def test_a_number_that_stands_already_is_read_as_the_library_reads_it(code: int, rest: str) -> None:
    """The short way for numbers in E.164 never says more or other than the library."""
    said = f"+{code}{rest}"
    try:
        parsed = phonenumbers.parse(said)
        wanted = (
            phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            if phonenumbers.is_possible_number(parsed)
            else None
        )
    except phonenumbers.NumberParseException:
        wanted = None
    try:
        found = canonical_phone(said, where="")
    except BadAddressError:
        found = None
    assert found == wanted
