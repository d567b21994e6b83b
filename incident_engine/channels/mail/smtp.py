"""One connection to one relay, and one message over it, phase by phase (RFC 5321).

aiosmtplib opens the connection, speaks EHLO, STARTTLS and AUTH. MAIL, RCPT and DATA are driven
from here, in one write where the relay offers PIPELINING (RFC 2920), because its own `sendmail`
raises the same exception whether the message was certainly not sent or perhaps sent, and hides a
refusal when the RSET after it hangs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from incident_engine.channels import Reply
from incident_engine.channels.mail.relay import Relay
from incident_engine.channels.mail.smtp_codes import is_answer, queue_id, verdict, words_of
from incident_engine.channels.mail.smtp_envelope import commands_for
from incident_engine.channels.mail.smtp_wire import Answer, Wire
from incident_engine.channels.mail.standard_mail import Mailbox
from incident_engine.domain.words import Outcome

Confirm = Callable[[str], Awaitable[bool]]
Following = Callable[[], "Letter | None"]

_END_OF_DATA = b"\r\n.\r\n"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message ready for the wire."""

    reference: str
    recipient: Mailbox
    data: bytes  # as DATA wants it: CRLF, dots doubled, without its last line end


class StaleConnectionError(Exception):
    """The server closed a connection between two messages: nothing of the next one was tried."""


class _EndOfTheWayError(Exception):
    """The message's way ends here; carries the reply that says how."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.outcome)
        self.reply = reply


class Connection:
    """One connection, used by one task, never opened again once it is lost.

    `usable` is false as soon as the two sides may no longer agree on where they are.
    """

    def __init__(self, relay: Relay, wire: Wire, offers: frozenset[str]) -> None:
        self.relay = relay
        self._wire = wire
        self._offers = offers
        self._times = relay.timeouts
        self._carried = 0
        self._reset_due = False
        self._owed: deque[str] = deque()  # phases asked for and not yet answered
        self._introduced = ""  # the letter whose commands went out behind the last dot
        self.usable = True

    async def carry(
        self, letter: Letter, confirm: Confirm, following: Following = lambda: None
    ) -> Reply:
        """Bring one letter over, and say what came of it.

        1. RSET, if the letter before was broken off.
        2. MAIL, RCPT, DATA: whatever goes wrong here, nothing has been taken.
        3. The body without its end, handed over.
        4. Ask for confirmation that the book holds it; without it, hang up: nothing was sent.
        5. The final dot. From here on silence means doubt.
        6. In the same write the commands of the `following` letter, where there is one and the
           relay offers PIPELINING (RFC 2920 3.1): its way costs one round trip instead of two.
           Nothing of it has been taken by that; carry it next, or anywhere else.

        Raises StaleConnectionError before step 2's first answer, if this connection had already
        carried something: the letter may be tried on another one at once.
        """
        try:
            await self._introduce(letter)
            await self._hand_over(letter)
            await self._book(letter, confirm)
            reply = await self._finish(letter, following)
        except _EndOfTheWayError as end:
            reply = end.reply
        except BaseException:
            self.abandon()
            raise
        self._carried += 1
        return reply

    def speaks(self, extension: str) -> bool:
        """Whether the server offered this extension to EHLO."""
        return extension in self._offers

    @property
    def is_settled(self) -> bool:
        """Whether it may carry another letter later: both sides agree, and nothing is owed."""
        return bool(self._carried) and self.usable and not (self._owed or self._wire.has_news)

    async def close(self) -> None:
        """Say goodbye if the two sides still agree; every outcome has been told before this."""
        if self.usable and not self._wire.has_news:
            try:
                self._wire.write(b"QUIT\r\n")
                await self._wire.answer(self._times.quit)
            except OSError:  # TimeoutError is one
                pass
        self.abandon()

    def abandon(self) -> None:
        """Hang up at once. A body without its final dot is thrown away by the server."""
        self.usable = False
        self._wire.hang_up()

    async def _introduce(self, letter: Letter) -> None:
        if self._introduced == letter.reference and self.usable:
            self._introduced = ""
            await self._hear_all(letter)
            return
        asked = self._asked(letter)
        await self._refresh()
        if self._carried and self._wire.has_news:  # a goodbye that came between two letters
            raise self._stale()
        groups = [asked] if self.speaks("pipelining") else [[each] for each in asked]
        for group in groups:
            await self._ask(letter, group)

    def _asked(self, letter: Letter) -> list[tuple[str, str]]:
        """The commands that begin a letter, by phase."""
        commands = commands_for(letter.reference, letter.recipient, self.relay, self._offers)
        size = f" SIZE={len(letter.data)}" if self.speaks("size") else ""
        return [("mail", commands.mail + size), ("rcpt", commands.rcpt), ("data", "DATA")]

    async def _refresh(self) -> None:
        """Take in what is still owed, and put the server back to its beginning."""
        if not (self._reset_due or self._introduced):
            return
        self._introduced = ""
        try:
            while self._owed:
                phase = self._owed.popleft()
                answer = await self._wire.answer(self._times.command)
                if phase == "data" and answer.code // 100 == 3:
                    # RFC 2920 3.1 would have a dot here. Ours are only written once booked: a
                    # server that goes on after refusing is left with an unfinished body.
                    raise ConnectionError("it waits for a body that has no reader")
            self._wire.write(b"RSET\r\n")
            answer = await self._wire.answer(self._times.command)
        except OSError:
            raise self._stale() from None
        if answer.code // 100 != 2:
            raise self._stale()
        self._reset_due = False

    async def _ask(self, letter: Letter, group: list[tuple[str, str]]) -> None:
        """Send commands in one write; go on only if each was answered as wished."""
        first = group[0][0]
        try:
            self._wire.write("".join(f"{line}\r\n" for _, line in group).encode())
        except OSError as error:
            raise self._lost(letter, first, error) from None
        self._owed.extend(phase for phase, _ in group)
        await self._hear_all(letter)

    async def _hear_all(self, letter: Letter) -> None:
        while self._owed:
            await self._hear(letter, self._owed[0])

    async def _hear(self, letter: Letter, phase: str) -> None:
        wait = self._times.data if phase == "data" else self._times.command
        try:
            answer = await self._wire.answer(wait)
        except OSError as error:
            raise self._lost(letter, phase, error) from None
        self._owed.popleft()
        if answer.code // 100 == (3 if phase == "data" else 2):
            return
        if answer.code == 421 and phase == "mail" and self._carried:
            raise self._stale()
        raise self._ended(letter, phase, answer)

    async def _hand_over(self, letter: Letter) -> None:
        """The body; all but its end out of our hands."""
        try:
            self._wire.write(letter.data)
            await self._wire.drained(self._times.block)
        except OSError as error:
            raise self._lost(letter, "data", error) from None
        await self._listen(letter)

    async def _book(self, letter: Letter, confirm: Confirm) -> None:
        if not await confirm(letter.reference):
            self.abandon()
            said = "not sent: the book no longer holds it; hung up before the final dot"
            raise _EndOfTheWayError(_reply(letter, Outcome.CANCELLED, said, "dot"))
        await self._listen(letter)

    async def _listen(self, letter: Letter) -> None:
        """If the server has already answered or gone, the dot must not be written."""
        if not self._wire.has_news:
            return
        try:
            answer = await self._wire.answer(self._times.quit)
        except OSError as error:
            raise self._lost(letter, "data", error) from None
        self.abandon()
        raise self._ended(letter, "data", answer)

    async def _finish(self, letter: Letter, following: Following) -> Reply:
        behind = following() if self.speaks("pipelining") else None
        asked = self._asked(behind) if behind else []
        words = "".join(f"{line}\r\n" for _, line in asked).encode()
        try:
            self._wire.write(_END_OF_DATA + words)
        except OSError as error:  # it was never written: nothing is in doubt
            raise self._lost(letter, "dot", error) from None
        try:
            answer = await self._wire.answer(self._times.dot)
        except OSError as error:
            self.abandon()
            return _reply(letter, Outcome.IN_DOUBT, words_of(-1, str(error)), "answer")
        if not is_answer(answer.code) or answer.code // 100 == 3:
            self.abandon()
            said = words_of(answer.code, answer.text)
            return _reply(letter, Outcome.IN_DOUBT, said, "answer")
        reply = self._told(letter, "answer", answer)
        if behind and self.usable:
            self._introduced = behind.reference
            self._owed.extend(phase for phase, _ in asked)
        return reply

    def _lost(self, letter: Letter, phase: str, error: OSError) -> Exception:
        """The wire failed before the final dot: certainly not sent."""
        if phase == "mail" and self._carried and isinstance(error, ConnectionError):
            return self._stale()
        self.abandon()
        return _EndOfTheWayError(_reply(letter, Outcome.DEFERRED, words_of(-1, str(error)), phase))

    def _stale(self) -> StaleConnectionError:
        self.abandon()
        return StaleConnectionError()

    def _ended(self, letter: Letter, phase: str, answer: Answer) -> _EndOfTheWayError:
        if not is_answer(answer.code) or answer.code < 400:
            self.abandon()
        return _EndOfTheWayError(self._told(letter, phase, answer))

    def _told(self, letter: Letter, phase: str, answer: Answer) -> Reply:
        self._reset_due = phase != "answer"
        if answer.code == 421:
            self.abandon()
        outcome = verdict(phase, answer.code, answer.text)
        return Reply(
            reference=letter.reference,
            outcome=outcome,
            said=words_of(answer.code, answer.text),
            phase=phase,
            code=str(answer.code) if is_answer(answer.code) else "",
            provider_reference=queue_id(answer.text) if outcome is Outcome.ACCEPTED else "",
        )


def _reply(letter: Letter, outcome: Outcome, said: str, phase: str) -> Reply:
    return Reply(reference=letter.reference, outcome=outcome, said=said, phase=phase)
