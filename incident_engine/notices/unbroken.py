"""What a line may not break: a reference is read out on the telephone in one piece."""

from __future__ import annotations

import html
import re

_TEXT = re.compile(r">[^<]+<")


def unbroken(page: str, reference: str) -> str:
    """An HTML page with each mention of the reference in its body kept on one line (the class
    `whole`). It is a class and no other hyphen: who copies the reference copies what we know."""
    head, body, rest = page.partition("<body")
    said = html.escape(reference)
    if not said:
        return page
    span = f'<span class="whole">{said}</span>'
    return head + body + _TEXT.sub(lambda text: text[0].replace(said, span), rest)
