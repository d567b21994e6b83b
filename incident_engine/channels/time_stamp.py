"""The wire to a time-stamping authority: one question over HTTP (RFC 3161, 3.4), once."""

from __future__ import annotations

from incident_engine.channels.http import Line, NoAnswerError, NotAskedError
from incident_engine.domain.errors import Unreachable

_HEADERS = {
    "Content-Type": "application/timestamp-query",
    "Accept": "application/timestamp-reply",
}


def ask_authority(url: str, question: bytes, *, timeout: float = 15) -> bytes:
    """The authority's answer to a question, as it came. Raises Unreachable without one."""
    line = Line(timeout=timeout, connections=1)
    try:
        answer = line.ask("POST", url, headers=_HEADERS, body=question)
    except (NotAskedError, NoAnswerError) as error:
        raise no_stamp(url, f"did not answer ({error})") from None
    finally:
        line.close()
    if answer.status != 200:
        raise no_stamp(url, f"answered {answer.status}")
    return answer.body


def no_stamp(url: str, found: str) -> Unreachable:
    """The one sentence about an authority that gave no time stamp."""
    return Unreachable(
        "no-time-stamp",
        url,
        f"{found}, so that the checkpoint has no time stamp; the checkpoint itself stands",
        expected="a time-stamping authority (RFC 3161)",
        next_step="Correct proof.timestamp_url, or sign another checkpoint later.",
    )
