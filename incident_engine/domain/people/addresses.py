"""Addresses: made canonical, or said what is wrong. Pure.

A canonical email is exactly one mailbox; a canonical phone is E.164. Nothing here repeats an
address in an error: callers show `mask`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from incident_engine.domain.words import ChannelName

SENTENCES = {
    "control-character": "holds a control character or a line break",
    "encoded-word": "holds an encoded word (=?…?=), which can smuggle header lines",
    "two-addresses": "holds more than one address",
    "no-domain": "has no domain",
    "quoted-local": "has a quoted or commented left half",
    "trailing-dot": "ends in a dot",
    "mixed-script": "mixes letters of different alphabets in its domain, as forgeries do",
    "full-width": "is written in full-width letters",
    "not-an-email": "is not an email address",
    "email-too-long": "is longer than 254 characters",
    "spreadsheet-number": "was turned into 4.4E+11 by a spreadsheet; export it as text",
    "national-number": "is a national number, and the row does not say where the person lives",
    "not-a-phone": "is not a telephone number",
    "too-many-lines": "has more than seven lines",
    "line-too-long": "has a line over 100 characters",
}
"""Every code an address can be refused with, and its one sentence."""

_PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{6,14}")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_PHONE = re.compile(r"[+(0-9][0-9 ().\-/]{3,30}")


class BadAddressError(ValueError):
    """An address that cannot be used. `code` is a key of SENTENCES."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code]


def canonical_email(text: str) -> str:
    """One mailbox, its domain in lower case. Raises BadAddressError.

    Cheap checks first: the library is asked only about the unusual.
    """
    found = text.strip()
    if _PLAIN_EMAIL.fullmatch(found) and ".." not in found and not _dotted(found):
        local, _, domain = found.rpartition("@")
        return f"{local}@{domain.lower()}"
    _refuse_smuggling(found)
    _refuse_shape(found)
    try:
        # Strict about length alone: 64 octets before the @ (RFC 5321, 4.5.3.1.1).
        checked = validate_email(
            found, check_deliverability=False, allow_smtputf8=True, strict=True
        )
    except EmailNotValidError as error:
        raise BadAddressError("not-an-email") from error
    if _is_mixed(checked.domain):
        raise BadAddressError("mixed-script")
    return f"{checked.local_part}@{checked.domain}"


def canonical_phone(text: str, *, where: str) -> str:
    """A number in E.164; a national form is read with `where` (ISO 3166). BadAddressError.

    One that stands there already is recognised by its country's own lengths: the library, which
    takes forty times as long, is asked about the rest.
    """
    found = text.strip()
    if _stands_already(found):
        return found
    _refuse_smuggling(found)
    if _SCIENTIFIC.fullmatch(found):
        raise BadAddressError("spreadsheet-number")
    if not _PHONE.fullmatch(found):
        raise BadAddressError("not-a-phone")
    region = where.partition("-")[0] or None
    if not found.startswith("+") and region is None:
        raise BadAddressError("national-number")
    try:
        number = phonenumbers.parse(found, region)
    except phonenumbers.NumberParseException as error:
        raise BadAddressError("not-a-phone") from error
    if not phonenumbers.is_possible_number(number):
        raise BadAddressError("not-a-phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _stands_already(found: str) -> bool:
    """Whether it is E.164 as the library would write it: a length the country has, no prefix."""
    if not _INTERNATIONAL.fullmatch(found):
        return False
    for size in (1, 2, 3):
        if country := _country(found[1 : 1 + size]):
            rest = found[1 + size :]
            return len(rest) in country.lengths and not country.has_prefix(rest)
    return False


@dataclass(frozen=True)
class _Country:
    """What the library's tables say of the numbers behind one calling code."""

    lengths: frozenset[int]
    prefix: re.Pattern[str] | None  # what a number may begin with that does not belong to it

    def has_prefix(self, rest: str) -> bool:
        return bool(self.prefix and self.prefix.match(rest))


@cache
def _country(code: str) -> _Country | None:
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code))
    if not regions:
        return None
    about = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0])
    if about is None or about.general_desc is None:
        return None
    prefix = about.national_prefix_for_parsing
    return _Country(
        frozenset(about.general_desc.possible_length), re.compile(prefix) if prefix else None
    )


def postal_lines(lines: list[str]) -> list[str]:
    """The lines of a postal address without the empty ones; at most seven. BadAddressError."""
    kept = [line.strip() for line in lines if line.strip()]
    if len(kept) > 7:
        raise BadAddressError("too-many-lines")
    for line in kept:
        if len(line) > 100:
            raise BadAddressError("line-too-long")
        if not line.isprintable():
            raise BadAddressError("control-character")
    return kept


def mask(channel: ChannelName, address: str) -> str:
    """An address as it may be shown: enough to recognise, not enough to use."""
    if not address:
        return ""
    if channel == ChannelName.SMS:
        return f"{address[:3]}…{address[-3:]}" if len(address) > 6 else "…"
    if "@" not in address:
        return f"{address[:1]}…"
    local, _, domain = address.rpartition("@")
    name, dot, rest = domain.rpartition(".")
    return f"{local[:1]}…@{name[:1]}…{dot}{rest}"


def _refuse_smuggling(found: str) -> None:
    if any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") for c in found):
        raise BadAddressError("control-character")
    if "=?" in found:
        raise BadAddressError("encoded-word")


def _refuse_shape(found: str) -> None:
    if len(found) > 254:
        raise BadAddressError("email-too-long")
    if found.startswith('"') or "(" in found or ")" in found:
        raise BadAddressError("quoted-local")
    if found.count("@") > 1 or "," in found or ";" in found:
        raise BadAddressError("two-addresses")
    if not found.rpartition("@")[2] or "@" not in found:
        raise BadAddressError("no-domain")
    if found.endswith("."):
        raise BadAddressError("trailing-dot")
    if unicodedata.normalize("NFKC", found) != unicodedata.normalize("NFC", found):
        raise BadAddressError("full-width")


def _dotted(found: str) -> bool:
    local = found.rpartition("@")[0]
    return local.startswith(".") or local.endswith(".")


def _is_mixed(domain: str) -> bool:
    """Whether one label mixes alphabets: Cyrillic а among Latin letters is a forger's trick."""
    return any(len(_scripts(label)) > 1 for label in domain.split("."))


def _scripts(label: str) -> set[str]:
    names = {unicodedata.name(c, "?").split()[0] for c in label if c.isalpha()}
    # Japanese mixes three scripts in one word, and that is no forgery.
    return {"CJK" if n in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA") else n for n in names}
