"""The organisation's push gateway with faults: what it takes is written down before it answers."""

from __future__ import annotations

import json
from collections.abc import Callable

from standardwebhooks import Webhook

from tests.channels.fault_provider import FaultProvider, Requests, cuts, hangs, resets, says

SECRET = "whsec_" + "a2VzdHJlbC1rZXN0cmVsLWtlc3RyZWwta2VzdHJlbA=="


class _PushRequests(Requests):
    def do_HEAD(self) -> None:  # noqa: N802  # the library names it
        self.answer(self.server.provider.account_status, b"")

    def do_POST(self) -> None:  # noqa: N802
        gateway = self.server.provider
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        told = Webhook(SECRET).verify(body, dict(self.headers))  # raises, and nothing is answered
        gateway.forms.append(told["data"])
        gateway.heads.append(dict(self.headers))
        taken, act = PUSH_FAULTS[gateway.by_number.get(told["data"]["handle"], gateway.fault)]
        if taken:
            gateway.world.append(self.headers["webhook-id"])
            gateway.on_taken(self.headers["webhook-id"])
        act(self)


class FaultGateway(FaultProvider):
    """`fault` names a row of PUSH_FAULTS; `by_number` overrules it for one handle."""

    requests = _PushRequests

    def __init__(self) -> None:
        super().__init__()
        self.fault = "202"
        self.heads: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"{self.base_url}/push"


# fault: (whether the message was taken, what the gateway does)
PUSH_FAULTS: dict[str, tuple[bool, Callable[[Requests], None]]] = {
    "200": (True, says(200, json.dumps({"ok": True}).encode())),
    "202": (True, says(202, b"", X_Request_Id="push-77")),
    "204": (True, says(204, b"")),
    "302": (False, says(302, b"", Location="http://127.0.0.1:1/steal")),
    "400": (False, says(400, b"what?")),
    "401": (False, says(401, b"who?")),
    "404": (False, says(404, b"no such handle ada-1")),
    "409": (False, says(409, b"not now, not ever")),
    "410": (False, says(410, b"gone")),
    "429": (False, says(429, b"slow", Retry_After="9")),
    "500": (True, says(500, b"oops")),
    "503": (False, says(503, b"down", Retry_After="soon")),
    "504": (True, says(504, b"upstream")),
    "cut": (True, cuts),
    "reset after taking": (True, resets),
    "reset without taking": (False, resets),
    "hang after taking": (True, hangs),
    "a flood": (True, lambda talk: talk.answer(200, b"x" * 3_000_000)),
}
