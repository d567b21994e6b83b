"""The mail server that takes our mail, and what may not be asked of it."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from incident_engine.channels.mail.return_path import ReturnPath
from incident_engine.channels.mail.standard_mail import Mailbox, Sender, must_be_plain, one_mailbox
from incident_engine.domain.errors import BadInput

Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, kw_only=True)
class Timeouts:
    """How long to wait, in seconds. RFC 5321 4.5.3.2; what we cannot take back waits longest."""

    connect: float = 60  # connect, greeting, TLS, EHLO and AUTH together
    command: float = 300  # the answer to MAIL, RCPT and RSET
    data: float = 120  # the answer to DATA
    block: float = 180  # until the body has been handed over
    dot: float = 600  # the answer to the final dot: shorter would make doubt out of slowness
    quit: float = 5


@dataclass(frozen=True, kw_only=True)
class Relay:
    """The mail server that takes our mail. Raises BadInput for what could not be right."""

    host: str
    port: int
    security: Security
    sender: str
    sender_name: str = ""
    domain: str = ""  # of Message-ID and EHLO; left empty, the sender's
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str | None = None
    lanes: int = 8
    return_path: ReturnPath | None = None  # left out: bounces come to the sender
    timeouts: Timeouts = Timeouts()

    def __post_init__(self) -> None:
        _check_security(self)
        if not 1 <= self.lanes <= 250:
            raise BadInput("bad-lanes", "email.lanes", f"{self.lanes}", expected="1 to 250")
        must_be_plain("email.sender_name", self.sender_name)
        own = _own_mailbox(self.sender)
        object.__setattr__(self, "domain", self.domain or own.domain)
        one_mailbox(f"x@{self.domain}")

    @property
    def place(self) -> str:
        return f"mail server {self.host}:{self.port}"

    @cached_property
    def written_by(self) -> Sender:
        return Sender(address=self.sender, name=self.sender_name, domain=self.domain)

    def tls_context(self) -> ssl.SSLContext | None:
        """Certificates are always verified, by the machine's authorities or by `ca_file` alone."""
        if self.security == "none":
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise BadInput(
                "bad-ca-file",
                "email.ca_file",
                f"{self.ca_file} cannot be read as certificates ({type(error).__name__})",
                expected="a file of certificates in PEM form",
            ) from None


def _own_mailbox(sender: str) -> Mailbox:
    try:
        mailbox = one_mailbox(sender)
    except BadInput:
        mailbox = None
    if mailbox is None or mailbox.needs_smtputf8:
        raise BadInput(
            "bad-sender",
            "email.sender",
            f"{sender!r} is not exactly one mailbox",
            expected="name@domain",
            next_step="Set email.sender.",
        )
    return mailbox


def _check_security(relay: Relay) -> None:
    if relay.security not in ("none", "starttls", "tls"):
        raise BadInput(
            "bad-security",
            "email.security",
            f"{relay.security!r}",
            expected="none, starttls or tls",
        )
    if relay.security == "none" and not is_loopback(relay.host):
        raise BadInput(
            "plain-mail-refused",
            "email.security",
            f"mail to {relay.host} would travel unencrypted",
            expected="starttls or tls; none is for a relay on this machine only",
            next_step="Set email.security to starttls.",
        )


def is_loopback(host: str) -> bool:
    """Whether the name can only mean this machine; no name is looked up."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
