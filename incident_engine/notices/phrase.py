"""Short phrases with {braces} to fill, and nothing that computes.

Python's own `str.format` reads attributes and pads to any width; a phrase may come from a file
somebody else wrote, so its braces are replaced and no more.
"""

from __future__ import annotations

import re

_BRACES = re.compile(r"\{([a-z_]+)\}")
_ANY = re.compile(r"\{([^{}]*)(\}?)")


def phrase(form: str, **values: str) -> str:
    """The form with `{name}` replaced by that value. A value is never read for braces again."""
    return _BRACES.sub(lambda found: values.get(found[1], found[0]), form)


def braces_in(form: str) -> frozenset[str]:
    """What stands between braces in a form; where one is never closed, all that follows it."""
    return frozenset(inside if closed else f"{inside} …" for inside, closed in _ANY.findall(form))
