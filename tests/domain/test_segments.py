"""SMS segments, counted as the standard counts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident_engine.domain.delivery.segments import Encoding, not_in_gsm_7, segments


@pytest.mark.parametrize(
    ("text", "encoding", "count", "units"),
    [
        ("", Encoding.GSM_7, 1, 0),
        ("a" * 160, Encoding.GSM_7, 1, 160),
        ("a" * 161, Encoding.GSM_7, 2, 161),
        ("a" * 306, Encoding.GSM_7, 2, 306),
        ("a" * 307, Encoding.GSM_7, 3, 307),
        ("€" * 80, Encoding.GSM_7, 1, 160),
        ("€" * 81, Encoding.GSM_7, 2, 162),
        ("a" * 152 + "€" + "a" * 152, Encoding.GSM_7, 3, 306),  # the escape is not cut off
        ("Ünder Ærø, ¿qué?", Encoding.GSM_7, 1, 16),
        ("don’t", Encoding.UCS_2, 1, 5),  # a curly quote costs more than half the room
        ("ç", Encoding.UCS_2, 1, 1),  # only the capital is in the table
        ("据" * 70, Encoding.UCS_2, 1, 70),
        ("据" * 71, Encoding.UCS_2, 2, 71),
        ("据" * 134, Encoding.UCS_2, 2, 134),
        ("据" * 135, Encoding.UCS_2, 3, 135),
        ("𠮷" * 35, Encoding.UCS_2, 1, 70),
        ("据" * 66 + "𠮷" + "据" * 66, Encoding.UCS_2, 3, 134),  # nor a surrogate pair
    ],
)
def test_a_text_takes_as_many_messages_as_the_standard_says(
    text: str, encoding: Encoding, count: int, units: int
) -> None:
    found = segments(text)
    assert (found.encoding, found.count, found.units) == (encoding, count, units)


def test_the_characters_that_cost_more_are_named_once() -> None:
    assert not_in_gsm_7("It’s “fine”, isn’t it") == "’“”"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=700))
def test_a_ucs_2_text_has_the_units_of_its_utf_16_form(text: str) -> None:
    found = segments(text)
    if found.encoding is Encoding.UCS_2:
        assert found.units == len(text.encode("utf-16-be")) // 2
    room = 153 if found.encoding is Encoding.GSM_7 else 67
    assert found.count >= found.units / (room + 7 if found.count == 1 else room)


@given(st.text(max_size=300), st.text(max_size=50))
def test_a_longer_text_never_takes_fewer_messages(text: str, more: str) -> None:
    assert segments(text + more).count >= segments(text).count
