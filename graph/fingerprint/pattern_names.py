"""Names for patterns: ``KeyError in shop.cart.add``, with more where another pattern has that name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

MESSAGE_LENGTH = 80
HASH_LENGTH = 6
CALLERS = 3
"""Frames above the culprit among which a caller with another name is searched."""


def pattern_names(title: str, error_type: str, cause: str, frames: Sequence[str], exact: str) -> tuple[str, ...]:
    """Names for a pattern, the plainest first: with its message, with the caller of the culprit, with both, with its hash.

    ``frames`` start at the culprit; ``exact`` is the exact hash of the founding signature, which makes the last name unique.
    """
    message = _shortened(cause.removeprefix(error_type).removeprefix(": "))
    return tuple(dict.fromkeys(_names(title, "" if message in title else message, _caller(frames), exact[:HASH_LENGTH])))


def _names(title: str, message: str, caller: str, short_id: str) -> Iterator[str]:
    yield title
    if message:
        yield f"{title}: {message}"
    if caller:
        yield f"{title}, called by {caller}"
    if message and caller:
        yield f"{title}, called by {caller}: {message}"
    yield f"{title} #{short_id}"


def _caller(frames: Sequence[str]) -> str:
    """The frame that called the culprit, other than itself."""
    return next((frame for frame in frames[1 : 1 + CALLERS] if frame != frames[0]), "")


def _shortened(message: str) -> str:
    line = " ".join(message.split("\n", 1)[0].split())
    return line if len(line) <= MESSAGE_LENGTH else line[: MESSAGE_LENGTH - 1] + "…"
