"""The wires as the settings describe them: each built when first asked for, and then kept.

Kept, because a limit a minute holds only while one remembers what went.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from incident_engine.channels import Channel
from incident_engine.channels.tokens import Tokens
from incident_engine.domain.errors import BadInput
from incident_engine.domain.words import ChannelName
from incident_engine.settings import Settings

if TYPE_CHECKING:
    from incident_engine.channels.mail.mailbox import ImapAccount
    from incident_engine.channels.mail.relay import Relay
    from incident_engine.channels.mail.return_path import ReturnPath
    from incident_engine.channels.phone.callbacks import Callbacks

REPORTS = "reports"  # to a gateway that hands regulator reports on


@dataclass
class Wires:
    """Every channel of one installation. `key` is its master key; tokens are made from it.

    `letters` is a folder of ours that remembers which letter went in which batch.
    """

    settings: Settings
    key: bytes = field(repr=False)
    now: Callable[[], datetime]
    letters: Path
    _kept: dict[str, Channel] = field(default_factory=dict)

    def of(self, name: str) -> Channel:
        """The wire of that name. Raises BadInput when it is not set up."""
        makers: dict[str, Callable[[], Channel]] = {
            ChannelName.EMAIL: self._email,
            ChannelName.SMS: self._sms,
            "voice": self._voice,
            "push": self._push,
            "letter": self._letter,
            REPORTS: self._reports,
        }
        if name not in makers:
            raise BadInput("no-wire", str(name), "is not a channel that messages travel by")
        if name not in self._kept:
            self._kept[name] = makers[name]()
        return self._kept[name]

    def return_path(self) -> ReturnPath | None:
        """Where bounces come back to, or None where no mailbox is set."""
        from incident_engine.channels.mail.return_path import ReturnPath

        mailbox = self.settings.email.return_path
        return ReturnPath(mailbox, self._tokens("return path")) if mailbox else None

    def callbacks(self) -> Callbacks | None:
        """Where receipts of texts and calls come back to, or None where the world has no way in."""
        from incident_engine.channels.phone.callbacks import Callbacks

        address = self.settings.web.base_url
        return Callbacks(address, self._tokens("callbacks")) if address else None

    def imap(self) -> ImapAccount:
        """The mailbox that bounces are fetched from. Raises BadInput when it is not set up."""
        from incident_engine.channels.mail.mailbox import ImapAccount

        bounces = self.settings.bounces
        _must_be_set("bounces.host", bounces.host)
        _must_be_set("bounces.user", bounces.user)
        return ImapAccount(
            host=bounces.host,
            port=bounces.port,
            security=bounces.security,
            user=bounces.user,
            password=bounces.password.get_secret_value(),
            folder=bounces.mailbox,
            ca_file=bounces.ca_file or None,
        )

    def _tokens(self, purpose: str) -> Tokens:
        return Tokens(hmac.digest(self.key, b"tokens", sha256), purpose)

    def _email(self) -> Channel:
        from incident_engine.channels.mail.email import EmailChannel
        from incident_engine.channels.mail.pace import Pace

        email = self.settings.email
        _must_be_set("email.host", email.host)
        relays = [self._relay(fallback=False)]
        if self.settings.email_fallback.host:
            relays.append(self._relay(fallback=True))
        pace = Pace(per_domain=email.per_domain_limit, per_provider=email.per_provider_limit)
        return EmailChannel(*relays, pace=pace)

    def _relay(self, *, fallback: bool) -> Relay:
        from incident_engine.channels.mail.relay import Relay

        email = self.settings.email
        server = self.settings.email_fallback if fallback else email
        sender = email.sender_address(self.settings.organisation)
        return Relay(
            host=server.host,
            port=server.port,
            security=server.security,
            user=server.user,
            password=server.password.get_secret_value(),
            ca_file=server.ca_file or None,
            sender=sender,
            sender_name=email.sender_name or self.settings.organisation.name,
            domain=sender.rpartition("@")[2],
            lanes=email.lanes,
            return_path=self.return_path(),
        )

    def _sms(self) -> Channel:
        from incident_engine.channels.phone.provider import Provider
        from incident_engine.channels.phone.sms import SmsChannel

        sms = self.settings.sms
        _must_be_set("sms.account_sid", sms.account_sid)
        _must_be_set("sms.auth_token", sms.auth_token.get_secret_value())
        _must_be_set("sms.sender", sms.sender)
        return SmsChannel(
            Provider(
                account_sid=sms.account_sid,
                auth_token=sms.auth_token.get_secret_value(),
                sender=sms.sender,
                base_url=sms.base_url or None,
                timeout=sms.timeout,
                lanes=sms.lanes,
                proxy=sms.proxy,
                callbacks=self.callbacks(),
            )
        )

    def _voice(self) -> Channel:
        from incident_engine.channels.phone.provider import Provider
        from incident_engine.channels.phone.voice import VoiceChannel

        voice, sms = self.settings.voice, self.settings.sms
        account = voice.account_sid or sms.account_sid
        token = voice.auth_token.get_secret_value() or sms.auth_token.get_secret_value()
        _must_be_set("voice.account_sid", account)
        _must_be_set("voice.auth_token", token)
        _must_be_set("voice.sender", voice.sender)
        return VoiceChannel(
            Provider(
                account_sid=account,
                auth_token=token,
                sender=voice.sender,
                base_url=voice.base_url or sms.base_url or None,
                timeout=sms.timeout,
                lanes=voice.lanes,
                proxy=sms.proxy,
                callbacks=self.callbacks(),
                section="voice",
            )
        )

    def _push(self) -> Channel:
        from incident_engine.channels.push import Gateway, PushChannel

        push = self.settings.push
        _must_be_set("push.url", push.url)
        _must_be_set("push.secret", push.secret.get_secret_value())
        return PushChannel(
            Gateway(
                url=push.url,
                secret=push.secret.get_secret_value(),
                now=self.now,
                timeout=push.timeout,
                lanes=push.lanes,
            )
        )

    def _reports(self) -> Channel:
        from incident_engine.channels.push import Gateway, PushChannel

        reports = self.settings.reports
        _must_be_set("reports.url", reports.url)
        _must_be_set("reports.secret", reports.secret.get_secret_value())
        return PushChannel(
            Gateway(
                url=reports.url,
                secret=reports.secret.get_secret_value(),
                now=self.now,
                timeout=reports.timeout,
                lanes=1,
                section="reports",
            )
        )

    def _letter(self) -> Channel:
        from incident_engine.channels.paper.letters import LetterChannel

        _must_be_set("letters.folder", self.settings.letters.folder)
        return LetterChannel(Path(self.settings.letters.folder), self.letters)


def _must_be_set(name: str, value: str) -> None:
    if not value:
        raise BadInput(
            "not-set-up",
            name,
            "is not set",
            next_step=f"Run `incident-engine config set {name} …`.",
        )
