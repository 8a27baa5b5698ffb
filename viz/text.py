"""Numbers, names and untrusted text as pages show them."""

from __future__ import annotations

import unicodedata

KEPT = frozenset("\n\t")


def visible(text: str) -> str:
    r"""The text with every character that would act instead of show spelled out as ``\u202e`` and the like.

    Control characters, bidirectional controls, invisible format characters and lone surrogates (which
    cannot be written as UTF-8) are spelled out; new lines and tabs stay. Joiners stay, since scripts
    and emoji need them.
    """
    return "".join(spelled(c) for c in text) if any(acts(c) for c in text) else text


def acts(character: str) -> bool:
    """True if the character changes how others are shown instead of being shown itself."""
    if character in KEPT or character in "\u200c\u200d":
        return False
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def spelled(character: str) -> str:
    """The character, or its code as an escape if it acts."""
    if not acts(character):
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """``1 pattern``, ``1,204 patterns``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def words(name: str) -> str:
    """A name of the graph as words: ``CO_OCCURS_WITH`` → ``co-occurs with``, ``run_id`` → ``run id``."""
    lowered = name.lower()
    prefix = "co_"
    if name.isupper() and lowered.startswith(prefix):
        return "co-" + lowered.removeprefix(prefix).replace("_", " ")
    return lowered.replace("_", " ")
