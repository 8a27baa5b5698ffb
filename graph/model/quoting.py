"""Values of others in messages.

A secret is known by what is around it, so a message is redacted first and shortened afterwards: :func:`quoted` leaves a value
whole, and the edge that shows the message shortens it, as ``public_text`` in ``graph/redaction`` does.
"""

from __future__ import annotations

LONGEST = 4_000
"""Characters of a value; more would only cost time. Where it is cut is far from what is shown of the message."""


def quoted(value: object) -> str:
    """A value as it stands in a message, in quotation marks if it is text."""
    return repr(without_middle(value, LONGEST)) if isinstance(value, str) else without_middle(repr(value), LONGEST)


def without_middle(text: str, limit: int) -> str:
    """Text of ``limit`` characters at most, and how many are missing in its middle."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]} … {len(text) - limit:,} characters left out … {text[-(limit // 2) :]}"
