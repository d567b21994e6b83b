"""What the provider tells us later: only the provider, only of our deliveries, in any order."""

from __future__ import annotations

from itertools import permutations

import pytest
from twilio.request_validator import RequestValidator

from incident_engine.channels import Receipt
from incident_engine.channels.phone.callbacks import Callback, Callbacks, receipt_in, verified
from incident_engine.channels.tokens import Tokens
from incident_engine.domain.delivery.states import apply
from incident_engine.domain.errors import BadInput, Refused
from incident_engine.domain.words import Outcome
from tests.channels.conftest import reference

ACCOUNT, TOKEN = "AC" + "1" * 32, "ah-so-secret"
OURS = Callbacks("https://kestrel.example", Tokens(b"k" * 32, "callbacks"))
PATH = OURS.url_for("sms", reference(7), 2).removeprefix("https://kestrel.example")
BO = "+14155550123"


def form(status: str = "delivered", code: str = "", **changed: str) -> dict[str, str]:
    told = {
        "AccountSid": ACCOUNT,
        "MessageSid": "SM" + "2" * 32,
        "MessageStatus": status,
        "To": BO,
        "From": "+14155550199",
        "ApiVersion": "2010-04-01",
    }
    return told | ({"ErrorCode": code} if code else {}) | changed


def signed(fields: dict[str, str], url: str = f"https://kestrel.example{PATH}") -> str:
    return str(RequestValidator(TOKEN).compute_signature(url, fields))


def take(fields: dict[str, str], signature: str | None = None, path: str = PATH) -> Callback:
    return verified(
        OURS,
        path,
        list(fields.items()),
        signed(fields) if signature is None else signature,
        account_sid=ACCOUNT,
        auth_token=TOKEN,
    )


def told(status: str, code: str = "") -> Receipt:
    return receipt_in(take(form(status, code)))


def test_a_callback_brings_our_ids_and_the_providers_number() -> None:
    callback = take(form())
    assert (callback.reference, callback.attempt, callback.channel) == (reference(7), 2, "sms")
    receipt = receipt_in(callback)
    assert receipt.outcome is Outcome.DELIVERED
    assert receipt.provider_reference == "SM" + "2" * 32
    assert BO not in f"{receipt}{callback!r}"


STATUSES = {
    ("queued", ""): Outcome.ACCEPTED,
    ("sent", ""): Outcome.ACCEPTED,
    ("delivered", ""): Outcome.DELIVERED,
    ("read", ""): Outcome.DELIVERED,
    ("undelivered", "30003"): Outcome.UNANSWERED,  # switched off; they have stopped trying
    ("undelivered", "30005"): Outcome.UNDELIVERABLE,
    ("undelivered", "30006"): Outcome.UNDELIVERABLE,
    ("undelivered", "30007"): Outcome.REFUSED,
    ("failed", "21610"): Outcome.REFUSED,  # opted out
    ("failed", "30002"): Outcome.BROKEN,  # our account
    ("undelivered", ""): Outcome.UNDELIVERABLE,
    ("failed", "99999"): Outcome.UNDELIVERABLE,
    ("whatever", ""): None,
    ("", ""): None,
}


@pytest.mark.parametrize(("status", "code"), list(STATUSES))
def test_each_status_is_news_of_one_kind(status: str, code: str) -> None:
    assert told(status, code).outcome is STATUSES[status, code]


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])))
def test_in_whatever_order_they_come_and_twice_the_truth_is_the_same(
    order: tuple[str, ...],
) -> None:
    outcome = Outcome.IN_DOUBT  # our request's own answer was lost
    for status in (*order, *order):
        news = told(status).outcome
        assert news is not None
        outcome, _ = apply(outcome, news)
    assert outcome is Outcome.DELIVERED


def test_the_same_callback_twice_has_one_key() -> None:
    assert told("sent").key == told("sent").key
    assert len({told(status).key for status in ("queued", "sent", "delivered")}) == 3


FORGERIES = {
    "no signature": lambda: take(form(), ""),
    "a signature of other fields": lambda: take(form("delivered"), signed(form("failed"))),
    "a signature for another address": lambda: take(
        form(), signed(form(), f"http://kestrel.example{PATH}")
    ),
    "another account": lambda: take(form(AccountSid="AC" + "9" * 32)),
    "no account": lambda: take({"MessageStatus": "delivered"}),
    "a token of another delivery": lambda: take(
        form(), path=PATH.replace(reference(7), reference(8))
    ),
    "a token of another attempt": lambda: take(form(), path=PATH.replace("/2/", "/3/")),
    "a token of another channel": lambda: take(form(), path=PATH.replace("/sms/", "/voice/")),
    "a query behind the path": lambda: take(form(), path=f"{PATH}?bodySHA256=x"),
    "a slash behind the path": lambda: take(form(), path=f"{PATH}/"),
    "another page": lambda: take(form(), path="/"),
    "a hundred fields": lambda: take(form(**{f"x{n}": "1" for n in range(100)})),
    "a field without end": lambda: take(form(Body="x" * 5_000)),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a84_a_forged_callback_is_refused_and_says_no_number(forgery: str) -> None:
    with pytest.raises(Refused, match="provider callback") as refusal:
        FORGERIES[forgery]()
    assert BO not in str(refusal.value)


def test_a84_a_doubled_field_is_refused_though_its_signature_fits() -> None:
    pairs = [*form().items(), ("MessageStatus", "failed")]
    for signature in (signed(form()), signed(form("failed"))):
        with pytest.raises(Refused, match="twice"):
            verified(OURS, PATH, pairs, signature, account_sid=ACCOUNT, auth_token=TOKEN)


@pytest.mark.parametrize(
    "url",
    ["http://kestrel.example", "https://kestrel.example/", "kestrel.example", "https://a:b@x"],
)
def test_an_address_that_cannot_take_receipts_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match=r"web\.base_url"):
        Callbacks(url, OURS.tokens)
