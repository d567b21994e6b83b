"""How many messages a minute one mail domain, and one great provider, gets from us.

Evenly spread, with a tenth of a minute's worth at once at most (a leaky bucket, GCRA): one number
a domain is all that is remembered.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from incident_engine.domain.delivery.mail_providers import provider_of

_MINUTE = 60.0
_AT_ONCE = 6.0  # seconds' worth of messages that may go together
_MANY = 10_000


@dataclass
class Pace:
    """Messages a minute; 0 is no limit. Keep one for as long as mail is sent. Not thread-safe."""

    per_domain: int = 0
    per_provider: int = 0
    seconds: Callable[[], float] = time.monotonic
    _free_at: dict[str, float] = field(default_factory=dict)

    def wait_for(self, domain: str) -> float:
        """Take a place and return 0.0; or take none, and return the seconds until there is one."""
        if not (self.per_domain or self.per_provider):
            return 0.0
        now = self.seconds()
        limits = self._limits(domain)
        waits = [self._wait(key, limit, now) for key, limit in limits]
        if any(wait > 0 for wait in waits):
            return max(waits)
        for key, limit in limits:
            self._free_at[key] = max(now, self._free_at.get(key, now)) + _MINUTE / limit
        self._forget(now)
        return 0.0

    def interval(self, domain: str) -> float:
        """The seconds between two messages to that domain."""
        return max((_MINUTE / limit for _, limit in self._limits(domain)), default=0.0)

    def _limits(self, domain: str) -> list[tuple[str, int]]:
        provider = provider_of(domain)
        counted = [(domain, self.per_domain), (provider and f"={provider}", self.per_provider)]
        return [(key, limit) for key, limit in counted if key and limit]

    def _wait(self, key: str, limit: int, now: float) -> float:
        ahead = self._free_at.get(key, now) - now
        at_once = max(_AT_ONCE - _MINUTE / limit, 0.0)
        return ahead - at_once if ahead - at_once > 1e-9 else 0.0

    def _forget(self, now: float) -> None:
        if len(self._free_at) > _MANY:
            self._free_at = {key: free for key, free in self._free_at.items() if free > now}
