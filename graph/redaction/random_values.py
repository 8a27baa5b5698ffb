"""Whether a text looks drawn at random, as tokens are, and not composed of words and numbers."""

from __future__ import annotations

import re

LEAST_LENGTH = 16
LONG = 32
"""From this length on one change between letters and digits is enough."""
ALPHABET = re.compile(r"[A-Za-z0-9+/=._~%:-]+")
CHANGE = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
PARTS = re.compile(r"[._:/-]")
WORD_OR_NUMBER = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+|[vV]\d+|[a-z]+\d+|")
CHANGES = 3


def looks_random(value: str) -> bool:
    """True for a token: at least 16 characters, in which letters and digits alternate as no name does."""
    if len(value) < LEAST_LENGTH or not ALPHABET.fullmatch(value):
        return False
    if all(WORD_OR_NUMBER.fullmatch(part) for part in PARTS.split(value)):
        return False
    changes = len(CHANGE.findall(value))
    return changes >= CHANGES or (changes > 0 and len(value) >= LONG)
