"""A stand-in for the SMS provider: its HTTP API for messages, on loopback, every text a file."""

from __future__ import annotations

import base64
import hmac
import json
import re
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

HOST = "127.0.0.1"
ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "demonstration"
BUSY = 20429

_NUMBER = re.compile(r"\+[1-9]\d{6,14}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_LONGEST_REQUEST = 65_536

# code: (HTTP status, what the provider says)
_REFUSALS = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource {path} was not found"),
    20429: (429, "Too Many Requests"),
    21211: (400, "The 'To' number {to} is not a valid phone number."),
    21408: (403, "Permission to send an SMS has not been enabled for the region"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21614: (400, "'To' number is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
}


class SmsProvider:
    """Takes texts for one account and writes them to `folder`/sms/0001.json and onwards.

    `refusals` scripts the world: a number and the provider's error code for it, such as 21211
    (no such number) or 21610 (opted out). A number with 20429 is answered 429 once.
    """

    def __init__(
        self,
        folder: Path,
        *,
        refusals: Mapping[str, int] | None = None,
        account_sid: str = ACCOUNT_SID,
        auth_token: str = AUTH_TOKEN,
    ) -> None:
        self.folder = folder / "sms"
        self.account_sid = account_sid
        self.written: list[Path] = []
        self.forms: list[dict[str, str]] = []
        self.refusals = dict(refusals or {})
        self._login = base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._one_at_a_time = threading.Lock()

    @property
    def base_url(self) -> str:
        """Where the client is to be pointed."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def start(self) -> SmsProvider:
        """Listen; `base_url` is known when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> SmsProvider:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def knows(self, authorization: str) -> bool:
        """Whether this is our account's login (HTTP basic)."""
        return hmac.compare_digest(authorization.encode(), f"Basic {self._login}".encode())

    def create(self, form: dict[str, str]) -> dict[str, Any] | int:
        """The message made of this form, or the code of the refusal."""
        with self._one_at_a_time:
            refusal = _fault_in(form) or self._scripted(form["To"])
            if refusal:
                return refusal
            self.forms.append(form)
            path = self.folder / f"{len(self.written) + 1:04d}.json"
            message = _message(form, self.account_sid, number=len(self.written) + 1)
            path.write_text(json.dumps(message, ensure_ascii=False, indent=2) + "\n", "utf-8")
            self.written.append(path)
            return message

    def _scripted(self, number: str) -> int | None:
        if self.refusals.get(number) == BUSY:
            return self.refusals.pop(number)
        return self.refusals.get(number)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, provider: SmsProvider) -> None:
        self.provider = provider
        super().__init__((HOST, 0), _Requests)


class _Requests(BaseHTTPRequestHandler):
    """One request. Speaks HTTP/1.0: no connection is left open behind it."""

    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        account = f"/2010-04-01/Accounts/{self.server.provider.account_sid}.json"
        if self._allowed(account):
            self._answer(200, {"sid": self.server.provider.account_sid, "status": "active"})

    def do_POST(self) -> None:
        form = self._form()
        messages = f"/2010-04-01/Accounts/{self.server.provider.account_sid}/Messages.json"
        if not self._allowed(messages):
            return
        made = self.server.provider.create(form)
        if isinstance(made, int):
            self._refuse(made, to=form.get("To", ""))
        else:
            self._answer(201, made)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a log is no place for a number."""

    def _allowed(self, path: str) -> bool:
        if not self.server.provider.knows(self.headers.get("Authorization", "")):
            self._refuse(20003)
        elif self.path.partition("?")[0] != path:
            self._refuse(20404)
        else:
            return True
        return False

    def _form(self) -> dict[str, str]:
        length = min(int(self.headers.get("Content-Length") or 0), _LONGEST_REQUEST)
        fields = parse_qs(self.rfile.read(length).decode("utf-8"), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}

    def _refuse(self, code: int, to: str = "") -> None:
        status, said = _REFUSALS.get(code, (400, f"Error {code}"))
        more = f"https://www.twilio.com/docs/errors/{code}"
        words = said.format(to=to, path=self.path)
        self._answer(status, {"code": code, "message": words, "more_info": more, "status": status})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        written = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(written)))
        if status == 429:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(written)


def _fault_in(form: dict[str, str]) -> int | None:
    """What the API's description would not let through."""
    if not form.get("To"):
        return 21604
    if not _NUMBER.fullmatch(form["To"]):
        return 21211
    if not (form.get("From") or _SERVICE.fullmatch(form.get("MessagingServiceSid", ""))):
        return 21603
    if not form.get("Body"):
        return 21602
    return 21617 if len(form["Body"]) > 1_600 else None


def _message(form: dict[str, str], account_sid: str, *, number: int) -> dict[str, Any]:
    """The message as the provider would show it, just queued."""
    sid = f"SM{number:032x}"
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{sid}"
    now = format_datetime(datetime.now(UTC))
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": form["Body"],
        "date_created": now,
        "date_sent": None,
        "date_updated": now,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": form.get("From"),
        "messaging_service_sid": form.get("MessagingServiceSid"),
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": None,
        "sid": sid,
        "status": "queued",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": form["To"],
        "uri": f"{uri}.json",
    }
