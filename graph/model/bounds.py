"""Bounds of texts that identify something: Neo4j refuses an index entry over about 8 kB, and the whole batch with it."""

from __future__ import annotations

from graph.model.integrity import sha256

NAME_BYTES = 1_000
"""Maximum length of one name, such as a function or a site; keys are made of a few."""
ENTRY_BYTES = 8_000
"""Maximum length of an indexed property."""
DIGEST_LENGTH = 16


def bounded(text: str, limit: int = NAME_BYTES) -> str:
    """The text; its beginning and a digest of it, so that different texts stay different, if it has over ``limit`` bytes."""
    if len(text) * 4 <= limit:
        return text
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= limit:
        return text
    end = f"…{sha256(text)[:DIGEST_LENGTH]}"
    return data[: limit - len(end.encode())].decode("utf-8", "ignore") + end
