"""What names a person is taken out of a text, and the text stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.redaction import redact

ADA = {
    "id": "K-0017", "name": "Ada Lovell", "email": "ada@people.example", "phone": "+4915123456789",
    "address": ["5 Mill Lane", "Ely"], "extra": {"contract": "77-1843"},
}  # fmt: skip


def without(text: str, **more: object) -> str:
    return redact(text, ADA | more, person="7f3a", address="c0ffee" * 10)


def test_a_reply_keeps_its_code_and_its_queue_number_and_loses_the_mailbox() -> None:
    said = "550 5.1.1 <ADA@people.example>: user Ada Lovell unknown; queued as 4F2A91B7C1"
    assert without(said) == (
        "550 5.1.1 <[address c0ffeec0ffeec0ff]>: user [person 7f3a] unknown; queued as 4F2A91B7C1"
    )


def test_addresses_and_numbers_nobody_told_us_go_too() -> None:
    said = without("forwarded to a.lovell@elsewhere.example, call +441234567890 or 01234567890")
    assert said == "forwarded to [address c0ffeec0ffeec0ff], call [person 7f3a] or [person 7f3a]"


def test_a_chinese_name_is_found_and_one_ideograph_alone_is_left() -> None:
    assert without("退信：郭丽 不存在", name="郭丽") == "退信：[person 7f3a] 不存在"
    assert without("丽水", name="丽") == "丽水"


@given(st.text(), st.sampled_from(["ada@people.example", "Lovell", "+4915123456789", "77-1843"]))
def test_no_particular_ever_stays(around: str, secret: str) -> None:
    assert secret.casefold() not in without(f"{around}{secret}{around}").casefold()
