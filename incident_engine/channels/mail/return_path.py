"""Where bounces come back to: one address a delivery, with a proof that it is ours (VERP).

`bounces@kestrel.example` becomes `bounces+<reference>-<token>@kestrel.example`. The bounce of a
stranger's making has no valid token, and the bounce of the oddest server still tells by its own
address which delivery it is about. The same pair is the envelope's id (RFC 3461, ENVID), so that
a mailbox without sub-addresses is answered as surely.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from incident_engine.channels.mail.standard_mail import Mailbox, one_mailbox
from incident_engine.channels.tokens import TOKEN, Tokens
from incident_engine.domain.errors import BadInput

_MARK = rf"(?P<reference>[0-9a-f]{{32}})-(?P<token>{TOKEN})"
_ENVELOPE_ID = re.compile(_MARK, re.IGNORECASE)
_LONGEST_PREFIX = 64 - 1 - 32 - 1 - 16  # of a local part (RFC 5321 4.5.3.1.1)


@dataclass(frozen=True)
class ReturnPath:
    """The mailbox that takes bounces. Raises BadInput for one that has no room for the mark."""

    mailbox: str
    tokens: Tokens

    def __post_init__(self) -> None:
        own = self._own()
        if own is None or own.needs_smtputf8 or len(own.local) > _LONGEST_PREFIX:
            raise BadInput(
                "bad-return-path",
                "email.return_path",
                f"{self.mailbox!r} cannot carry a delivery's mark",
                expected=f"one mailbox with at most {_LONGEST_PREFIX} letters before the @",
                next_step="Set email.return_path, for example to bounces@your.domain.",
            )

    def address_for(self, reference: str) -> str:
        """The address that bounces of this delivery come back to."""
        own = one_mailbox(self.mailbox)
        return f"{own.local}+{self.envelope_id(reference)}@{own.domain}"

    def envelope_id(self, reference: str) -> str:
        """The same mark for ENVID: 49 characters, none of which needs encoding (xtext)."""
        return f"{reference}-{self.tokens.of(reference)}"

    def mark_in(self, words: str) -> tuple[str, bool] | None:
        """The first reference marked in these words, and whether its token is ours; else None.

        A true mark is preferred to a false one in front of it.
        """
        found = [
            (mark["reference"].lower(), self._is_ours(mark))
            for mark in _ENVELOPE_ID.finditer(words)
        ]
        return next((mark for mark in found if mark[1]), found[0] if found else None)

    def _is_ours(self, mark: re.Match[str]) -> bool:
        return self.tokens.fits(mark["token"], mark["reference"].lower())

    def _own(self) -> Mailbox | None:
        try:
            return one_mailbox(self.mailbox)
        except BadInput:
            return None
