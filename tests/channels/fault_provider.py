"""The SMS provider with faults: what it takes is written to `world` before it answers."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs

MESSAGE = b'{"sid": "SM00000000000000000000000000000001", "status": "%s", "error_code": %s}'


class FaultProvider:
    """`fault` names a row of FAULTS; `by_number` overrules it for one number."""

    requests: type[BaseHTTPRequestHandler]

    def __init__(self) -> None:
        self.fault = "201"
        self.by_number: dict[str, str] = {}
        self.world: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.account_status = 200
        self.pause = 0.0
        self.asked: list[tuple[str, str]] = []
        self.listed = b'{"messages": [], "calls": []}'
        self.list_status = 200
        self.on_taken: Callable[[str], None] = lambda reference: None
        self.stopped = threading.Event()

    def __enter__(self) -> Self:
        self._server = _Server(self, self.requests)
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 100

    def __init__(self, provider: FaultProvider, requests: type[BaseHTTPRequestHandler]) -> None:
        self.provider = provider
        super().__init__(("127.0.0.1", 0), requests)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is what these tests are about."""


class Requests(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if query:
            self.server.provider.asked.append((path.rpartition("/")[2], query))
            self.answer(self.server.provider.list_status, self.server.provider.listed)
            return
        self.answer(self.server.provider.account_status, b"{}")

    def do_POST(self) -> None:
        provider = self.server.provider
        length = int(self.headers["Content-Length"])
        fields = parse_qs(self.rfile.read(length).decode(), keep_blank_values=True)
        form = {name: values[0] for name, values in fields.items()}
        provider.forms.append(form)
        provider.stopped.wait(provider.pause)
        fault = provider.by_number.get(form["To"], provider.fault)
        taken, act = FAULTS[fault]
        if taken:
            reference = form["StatusCallback"].split("/")[-3]
            provider.world.append(reference)
            provider.on_taken(reference)
        act(self)

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, words in headers.items():
            self.send_header(name.replace("_", "-"), words)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


FaultProvider.requests = Requests


def says(status: int, body: bytes, **headers: str) -> Callable[[Requests], None]:
    return lambda talk: talk.answer(status, body, **headers)


def refuses(status: int, code: int) -> Callable[[Requests], None]:
    said = b'{"code": %d, "message": "no: +14155550123", "status": %d}' % (code, status)
    return says(status, said)


def resets(talk: Requests) -> None:
    linger = struct.pack("ii", 1, 0)
    talk.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    talk.close_connection = True
    talk.connection.close()


def hangs(talk: Requests) -> None:
    talk.server.provider.stopped.wait(5)


def cuts(talk: Requests) -> None:
    talk.send_response(201)
    talk.send_header("Content-Length", "5000")
    talk.end_headers()
    talk.wfile.write(b'{"sid": "SM')


# fault: (whether the message was taken, what the provider does)
FAULTS: dict[str, tuple[bool, Callable[[Requests], None]]] = {
    "201": (True, says(201, MESSAGE % (b"queued", b"null"))),
    "201 accepted": (True, says(201, MESSAGE % (b"accepted", b"null"))),
    "201 sent": (True, says(201, MESSAGE % (b"sent", b"null"))),
    "201 failed 30007": (True, says(201, MESSAGE % (b"failed", b"30007"))),
    "201 failed 30003": (True, says(201, MESSAGE % (b"failed", b"30003"))),
    "201 undelivered 30005": (True, says(201, MESSAGE % (b"undelivered", b"30005"))),
    "201 of no known status": (True, says(201, MESSAGE % (b"whatever", b"null"))),
    "201 garbage": (True, says(201, b"<html>hello</html>")),
    "201 empty": (True, says(201, b"")),
    "201 a list": (True, says(201, b"[1]")),
    "201 cut": (True, cuts),
    "reset after taking": (True, resets),
    "reset without taking": (False, resets),
    "hang after taking": (True, hangs),
    "500 after taking": (True, says(500, b'{"code": 20500, "message": "oops", "status": 500}')),
    "503 without taking": (False, says(503, b"busy")),
    "307": (False, says(307, b"", Location="http://127.0.0.1:1/")),
    "429": (False, says(429, b'{"code": 20429, "message": "x"}', Retry_After="7")),
    "429 bare": (False, says(429, b"slow down")),
    "400 21211": (False, refuses(400, 21211)),
    "400 21614": (False, refuses(400, 21614)),
    "400 21610": (False, refuses(400, 21610)),
    "400 21611": (False, refuses(400, 21611)),
    "403 21408": (False, refuses(403, 21408)),
    "400 of no known code": (False, refuses(400, 29999)),
    "400 garbage": (False, says(400, b"<html>")),
    "401 20003": (False, refuses(401, 20003)),
    "404 20404": (False, refuses(404, 20404)),
}
