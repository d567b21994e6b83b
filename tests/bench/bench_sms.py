"""Texts a second against a provider that takes 100 ms for each: 500, with full booking.

`python -m tests.bench.bench_sms [PEOPLE]`. Beside it, in the same run, the twilio library alone over
as many threads, keeping no record. Exits with 1 below the limit.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from incident_engine.domain.words import ChannelName
from tests.bench import ground
from tests.stories.witness import Process

PEOPLE, LANES, LIMIT = 4_000, 200, 500
ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "demonstration", "+14155550100"


class _Pointed(TwilioHttpClient):
    """The library's client, pointed at the stand-in."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=30, pool_connections=True)
        self.base = base

    def request(self, method: str, url: str, *more: object, **named: object):  # type: ignore[no-untyped-def]
        url = url.replace("https://api.twilio.com", self.base)
        return super().request(method, url, *more, **named)  # type: ignore[arg-type]


def library_alone(base: str, people: int) -> float:
    """Texts a second of `messages.create` over the same number of threads."""
    client = Client(ACCOUNT, TOKEN, http_client=_Pointed(base))

    def one(number: int) -> None:
        client.messages.create(to=f"+4915{number:09d}", from_=SENDER, body="x" * 150)

    began = time.perf_counter()
    with ThreadPoolExecutor(LANES) as threads:
        list(threads.map(one, range(people)))
    return people / (time.perf_counter() - began)


def main() -> int:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with ground.folder() as folder:
        provider = Process("tests.bench.slow_provider", str(folder / "texts.log"))
        base = f"http://127.0.0.1:{provider.says()}"
        engine = ground.founded(
            folder / "home", sms_account_sid=ACCOUNT, sms_auth_token=TOKEN, sms_sender=SENDER,
            sms_base_url=base, sms_lanes=str(LANES), sms_quiet_hours="",
        )  # fmt: skip
        ground.launched(engine, ground.people_file(folder / "p.csv", people), [ChannelName.SMS])
        told = ground.child("tests.bench.one_dispatch", folder / "home")
        alone = library_alone(base, min(people, 2_000))
        provider.end()
    assert told["found"] == {"accepted": people}, told
    ours, cost = people / told["seconds"], told["cpu"] / people * 1000
    sys.stdout.write(
        f"{ours:,.0f} texts a second, booked and answered, {cost:.2f} ms of processor each "
        f"(limit {LIMIT}); the library alone {alone:,.0f}, ratio {ours / alone:.2f}.\n"
    )
    return 0 if ours >= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
