"""Where mail that came back is fetched from: a folder of files, a maildir, or an IMAP mailbox.

One mail at a time: read, let the caller keep what it says, then mark it as read. A kill between
shows the same mail once more, never loses one; `Receipt.key` tells that it is the same.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from imap_tools import AND, BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from incident_engine.channels.mail.relay import is_loopback
from incident_engine.domain.errors import BadInput, Unreachable

LONGEST = 1_000_000  # bytes of one mail; the rest of a larger one is left where it is


class Returned(Protocol):
    """A source of mail. What is not marked as read comes again at the next look."""

    def mails(self) -> Iterator[tuple[str, bytes]]:
        """Each unread mail with its name in this source. Mark it before asking for the next."""
        ...

    def mark_read(self, name: str) -> None:
        """This mail need not come again."""
        ...


@dataclass(frozen=True)
class FolderSource:
    """A maildir (`new/` to `cur/`), or a plain folder of files (to its `read/`)."""

    folder: Path

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise BadInput(
                "no-bounce-folder",
                str(self.folder),
                "is not a folder",
                expected="a maildir, or a folder of mails as files",
                next_step="Set bounces.folder.",
            )

    def mails(self) -> Iterator[tuple[str, bytes]]:
        """The mails in the order of their names; a file that is being written has a dot first."""
        source = self.folder / "new" if self._is_maildir else self.folder
        for path in sorted(source.iterdir()):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                with path.open("rb") as file:
                    yield path.name, file.read(LONGEST)

    def mark_read(self, name: str) -> None:
        """Move the file: into `cur/` as seen, or into `read/`."""
        if self._is_maildir:
            (self.folder / "new" / name).rename(self.folder / "cur" / f"{name}:2,S")
            return
        read = self.folder / "read"
        read.mkdir(mode=0o700, exist_ok=True)
        (self.folder / name).rename(read / name)

    @property
    def _is_maildir(self) -> bool:
        return (self.folder / "new").is_dir() and (self.folder / "cur").is_dir()


@dataclass(frozen=True, kw_only=True)
class ImapAccount:
    """The mailbox that takes bounces. Raises BadInput for what could not be right."""

    host: str
    port: int = 993
    security: Literal["none", "starttls", "tls"] = "tls"
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    ca_file: str | None = None
    timeout: float = 60

    def __post_init__(self) -> None:
        if self.security == "none" and not is_loopback(self.host):
            raise BadInput(
                "plain-imap-refused",
                "bounces.security",
                f"our password would travel to {self.host} unencrypted",
                expected="starttls or tls; none is for a server on this machine only",
                next_step="Set bounces.security to tls.",
            )

    @property
    def place(self) -> str:
        return f"IMAP server {self.host}:{self.port}"


class ImapSource:
    """The unseen mails of one folder. Use as a context: it opens and closes the connection.

    Raises Unreachable, or BadInput where our login or folder is refused.
    """

    def __init__(self, account: ImapAccount) -> None:
        self._account = account
        self._box: BaseMailBox | None = None

    def __enter__(self) -> ImapSource:
        account = self._account
        with _told(account):
            box = _connected(account)
            try:
                if account.security == "starttls":
                    box.client.starttls(ssl.create_default_context(cafile=account.ca_file))
                self._box = box.login(account.user, account.password, account.folder)
            except BaseException:
                box.client.shutdown()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ImapToolsError, imaplib.IMAP4.error, OSError):
            self._open.logout()
        with suppress(OSError):
            self._open.client.shutdown()

    def mails(self) -> Iterator[tuple[str, bytes]]:
        """By UID; each is fetched on its own, without marking it, and cut at a megabyte."""
        with _told(self._account):
            names = self._open.uids(AND(seen=False))
        for name in names:
            yield name, self._fetched(name)

    def mark_read(self, name: str) -> None:
        """Set the flag \\Seen."""
        with _told(self._account):
            self._open.flag(name, "\\Seen", True)

    @property
    def _open(self) -> BaseMailBox:
        if self._box is None:
            raise ValueError("the IMAP source is used outside of its context")
        return self._box

    def _fetched(self, name: str) -> bytes:
        with _told(self._account):
            _, found = self._open.client.uid("fetch", name, f"(BODY.PEEK[]<0.{LONGEST}>)")
        parts = [part[1] for part in found if isinstance(part, tuple)]
        return parts[0] if parts else b""


def _connected(account: ImapAccount) -> BaseMailBox:
    if account.security != "tls":  # after STARTTLS nothing is asked before the line is encrypted
        return MailBoxUnencrypted(account.host, account.port, account.timeout)
    context = ssl.create_default_context(cafile=account.ca_file)
    return MailBox(account.host, account.port, account.timeout, ssl_context=context)


@contextmanager
def _told(account: ImapAccount) -> Iterator[None]:
    """What the library raises, in our words; the server's words may repeat a password: left out."""
    try:
        yield
    except MailboxLoginError:
        raise BadInput(
            "imap-login-refused",
            account.place,
            "our login was refused",
            expected="a user and password it knows",
            next_step="Set bounces.user and bounces.password, then repeat the command.",
        ) from None
    except (ImapToolsError, imaplib.IMAP4.error, OSError) as error:
        raise Unreachable(
            "imap-unreachable",
            account.place,
            f"bounces cannot be fetched ({type(error).__name__})",
            next_step="Nothing was lost; check the bounces settings and the line, then repeat.",
        ) from None
