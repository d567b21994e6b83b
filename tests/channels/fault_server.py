"""A real SMTP server on loopback that misbehaves on request.

`world` is what was really taken: each message is written there before the server answers, so it
is the truth that a channel's replies are compared with.
"""

from __future__ import annotations

import contextlib
import email
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email import policy

GREETING = b"220 mx.kestrel.example ESMTP"
LONG_ENOUGH = 20  # a hang ends with the server at the latest


@dataclass(frozen=True)
class Taken:
    """One message that the server took."""

    reference: str
    recipient: str
    content: bytes


class HangUpError(Exception):
    """Close this connection now."""


class FaultServer:
    """`fault` names one row of FAULTS; it holds for every connection until it is changed."""

    def __init__(
        self, *, security: str = "none", tls: ssl.SSLContext | None = None, fault: str = "none"
    ) -> None:
        self.security, self.tls, self.fault = security, tls, fault
        self.offers = ["SIZE 10000000"]
        self.world: list[Taken] = []
        self.heard: list[str] = []
        self.logins: list[str] = []
        self.on_taken: Callable[[str], None] = lambda reference: None
        self.by_recipient: dict[str, str] = {}
        self.most_connections = 1_000
        self.says_354_to_all = False
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> FaultServer:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self._listener.getsockname()[1]
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for wire in list(self._open):
            _close(wire)
        for thread in self._threads:
            thread.join(5)

    @property
    def references(self) -> list[str]:
        return [taken.reference for taken in self.world]

    def hang(self) -> None:
        self._stopped.wait(LONG_ENOUGH)
        raise HangUpError

    def take(self, recipient: str, content: bytes) -> None:
        message = email.message_from_bytes(content, policy=policy.default)
        reference = str(message["Message-ID"])[1:33]
        with self._lock:
            self.world.append(Taken(reference, recipient, content))
        self.on_taken(reference)

    def _spawn(self, work: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            wire.settimeout(LONG_ENOUGH)
            self._open.add(wire)
            self._spawn(self._serve, wire)

    def _serve(self, wire: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            number = self.connections
        talk = None
        try:
            if self.security == "tls":
                assert self.tls is not None
                wire = self.tls.wrap_socket(wire, server_side=True)
                self._open.add(wire)
            talk = Conversation(self, wire, number)
            talk.hold()
        except (HangUpError, OSError, ValueError):
            pass
        finally:
            _close(talk.wire if talk else wire)


class Conversation:
    """One connection with one client."""

    def __init__(self, server: FaultServer, wire: socket.socket, number: int) -> None:
        self.server, self.wire, self.number = server, wire, number
        self.lines = wire.makefile("rb")
        self.sender = self.recipient = self.reader = ""
        self.encrypted = isinstance(wire, ssl.SSLSocket)

    @property
    def fault(self) -> str:
        return self.server.by_recipient.get(self.recipient, self.server.fault)

    def say(self, *lines: str) -> None:
        self.raw("".join(f"{line}\r\n" for line in lines).encode())

    def raw(self, words: bytes) -> None:
        self.wire.sendall(words)

    def drop(self) -> None:
        raise HangUpError

    def reset(self) -> None:
        """RST, not FIN."""
        self.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise HangUpError

    def play(self, phase: str) -> bool:
        """Do what the fault asks at this phase; whether it did anything."""
        scripted = FAULTS.get(self.fault, {}).get(phase)
        if scripted is None:
            return False
        scripted(self)
        return True

    def hold(self) -> None:
        if self.number > self.server.most_connections:
            self.say("421 4.7.0 too many connections")
            return
        if not self.play("banner"):
            self.raw(GREETING + b"\r\n")
        while line := self.lines.readline():
            command = line.decode("utf-8", "replace").rstrip("\r\n")
            self.server.heard.append(command)
            verb = re.split(r"[ :]", command.upper(), maxsplit=1)[0]
            getattr(self, f"on_{verb.lower()}", self.on_unknown)(command)

    def on_unknown(self, command: str) -> None:
        self.say("500 5.5.2 what?")

    def on_ehlo(self, command: str) -> None:
        offers = list(self.server.offers)
        if self.server.security == "starttls" and not self.encrypted:
            offers.append("STARTTLS")
        self.say(*[f"250-{line}" for line in ["mx.kestrel.example", *offers]], "250 HELP")

    def on_starttls(self, command: str) -> None:
        assert self.server.tls is not None
        self.say("220 2.0.0 ready")
        self.wire = self.server.tls.wrap_socket(self.wire, server_side=True)
        self.server._open.add(self.wire)
        self.lines, self.encrypted = self.wire.makefile("rb"), True

    def on_auth(self, command: str) -> None:
        self.server.logins.append(command)
        if not self.play("auth"):
            self.say("235 2.7.0 welcome")

    def on_mail(self, command: str) -> None:
        if self.sender:
            self.say("503 5.5.1 nested MAIL command")  # as Postfix does, without RSET between
            return
        self.recipient = self.reader = ""
        if not self.play("mail"):
            self.sender = command
            self.say("250 2.1.0 ok")

    def on_rcpt(self, command: str) -> None:
        if not self.sender:
            self.say("503 5.5.1 need MAIL command")
            return
        self.recipient = command[command.index("<") + 1 : command.index(">")]
        if not self.play("rcpt"):
            self.say("250 2.1.5 ok")
        if self.fault not in REFUSES_THE_READER:
            self.reader = self.recipient

    def on_data(self, command: str) -> None:
        if not self.reader and not self.server.says_354_to_all:
            self.say("554 5.5.1 no valid recipients")
            return
        if self.play("data"):
            return
        self.say("354 go ahead")
        self.play("body")
        content = self.read_content()
        self.sender = ""
        if not self.play("dot"):
            self.take(content)
            self.content = content
            if not self.play("answer"):
                self.say("250 2.0.0 ok: queued as 4XyZ12")

    def on_rset(self, command: str) -> None:
        self.sender = ""
        if not self.play("rset"):
            self.say("250 2.0.0 ok")

    def on_noop(self, command: str) -> None:
        self.say("250 2.0.0 ok")

    def on_quit(self, command: str) -> None:
        if not self.play("quit"):
            self.say("221 2.0.0 bye")
        self.drop()

    def take(self, content: bytes) -> None:
        self.server.take(self.recipient, content)

    def read_content(self) -> bytes:
        """The message with its dots taken off; ends only at CRLF . CRLF, as RFC 5321 has it."""
        lines = []
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                raise HangUpError
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)


def says(*lines: str) -> Callable[[Conversation], None]:
    return lambda talk: talk.say(*lines)


def says_and_drops(line: str) -> Callable[[Conversation], None]:
    def act(talk: Conversation) -> None:
        talk.say(line)
        talk.drop()

    return act


def writes(words: bytes, then: Callable[[Conversation], None]) -> Callable[[Conversation], None]:
    def act(talk: Conversation) -> None:
        talk.raw(words)
        then(talk)

    return act


def drops(talk: Conversation) -> None:
    talk.drop()


def resets(talk: Conversation) -> None:
    talk.reset()


def hangs(talk: Conversation) -> None:
    talk.server.hang()


def goes_on(talk: Conversation) -> None:
    """Nothing more."""


def floods(talk: Conversation) -> None:
    """A hundred megabytes and never a line end."""
    block = b"2" * 1_000_000
    for _ in range(100):
        talk.raw(block)
    talk.server.hang()


def drops_mid_body(talk: Conversation) -> None:
    talk.lines.readline()
    talk.reset()


def refuses_mid_body(talk: Conversation) -> None:
    talk.lines.readline()
    talk.say("552 5.3.4 too big for us")
    talk.server.hang()


# Every row of the fault matrix: what the server does, by phase.
FAULTS: dict[str, dict[str, Callable[[Conversation], None]]] = {
    "none": {},
    "421 as banner": {"banner": says_and_drops("421 4.3.2 not now")},
    "554 as banner": {"banner": says_and_drops("554 5.7.1 no service for you")},
    "no banner": {"banner": hangs},
    "drop at banner": {"banner": drops},
    "flood as banner": {"banner": floods},
    "535 at AUTH": {"auth": says("535 5.7.8 wrong password")},
    "454 at AUTH": {"auth": says("454 4.7.0 try again later")},
    "drop at MAIL": {"mail": drops},
    "hang at MAIL": {"mail": hangs},
    "421 at MAIL": {"mail": says_and_drops("421 4.3.2 closing")},
    "451 at MAIL": {"mail": says("451 4.3.0 later")},
    "552 at MAIL": {"mail": says("552 5.3.4 message too big")},
    "530 at MAIL": {"mail": says("530 5.7.0 must log in first")},
    "553 at MAIL": {"mail": says("553 5.1.8 sender domain unknown")},
    "garbage at MAIL": {"mail": writes(b"\x00\xff hello\r\n", goes_on)},
    "flood at MAIL": {"mail": floods},
    "450 at RCPT": {"rcpt": says("450 4.2.0 greylisted")},
    "452 at RCPT": {"rcpt": says("452 4.5.3 too many")},
    "550 at RCPT": {"rcpt": says("550 5.1.1 no such user")},
    "550 at RCPT, bare": {"rcpt": says("550 no such user here")},
    "552 at RCPT": {"rcpt": says("552 5.2.2 mailbox full")},
    "554 at RCPT, policy": {"rcpt": says("554 5.7.1 relay access denied")},
    "550 at RCPT, policy": {"rcpt": says("550 5.7.1 blocked by list")},
    "251 at RCPT": {"rcpt": says("251 2.1.5 will forward")},
    "drop at RCPT": {"rcpt": drops},
    "drop at DATA": {"data": drops},
    "451 at DATA": {"data": says("451 4.3.0 no space")},
    "554 at DATA": {"data": says("554 5.7.1 no")},
    "250 at DATA": {"data": says("250 2.0.0 ok")},
    "drop mid body": {"body": drops_mid_body},
    "552 mid body": {"body": refuses_mid_body},
    "drop after dot, not taken": {"dot": drops},
    "reset after dot, not taken": {"dot": resets},
    "drop after dot, taken": {"answer": drops},
    "reset after dot, taken": {"answer": resets},
    "hang after dot, taken": {"answer": hangs},
    "421 after dot": {"dot": says_and_drops("421 4.3.2 shutting down")},
    "451 after dot": {"dot": says("451 4.3.0 later")},
    "554 after dot": {"dot": says("554 5.7.1 looks like spam")},
    "554 after dot, bare": {"dot": says("554 transaction failed")},
    "554 after dot, then RSET hangs": {"dot": says("554 5.6.0 no"), "rset": hangs},
    "garbage after dot": {"answer": writes(b"\x16\x03\x01 what\r\n", hangs)},
    "half a code after dot": {"answer": writes(b"25", drops)},
    "a code of no kind after dot": {"answer": says("999 hm")},
    "354 after dot": {"answer": says("354 go on")},
    "cut reply after dot": {"answer": writes(b"250", drops)},
    "cut lines after dot": {"answer": writes(b"250-2.0.0 ok\r\n250-more\r\n", drops)},
    "flood after dot": {"answer": floods},
    "250 after dot": {},
    "252 after dot": {"answer": says("252 2.0.0 taken, not verified")},
    "many lines after dot": {"answer": says("250-2.0.0 ok", "250 2.0.0 queued as 77AA")},
    "a long reply after dot": {"answer": says("250 2.0.0 " + "x" * 5_000)},
    "drop at QUIT": {"quit": drops},
    "hang at QUIT": {"quit": hangs},
    "500 at QUIT": {"quit": says("500 what?")},
}


REFUSES_THE_READER = {name for name in FAULTS if re.match(r"4\d\d at RCPT|5\d\d at RCPT", name)}


def _close(wire: socket.socket) -> None:
    with contextlib.suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)
    wire.close()
