"""Prose reads as the field writes it; ``python tools/prose.py --list`` shows what to mend."""

from __future__ import annotations

from collections import Counter

from tools.prose import ODD, ROOT, WORD, files, prose_of, room_of

LIMIT = 10
"""Odd words per 10,000, over the repository."""
ROOM_LIMIT = 30
"""The same for each room of some size."""
ROOM_WORDS = 1_000


def test_the_repository_avoids_odd_words() -> None:
    words, odd = counts()
    assert 10_000 * odd.total() / words.total() <= LIMIT


def test_each_room_avoids_odd_words() -> None:
    words, odd = counts()
    share = {room: 10_000 * odd[room] / total for room, total in words.items() if total >= ROOM_WORDS}
    assert {room: round(value) for room, value in share.items() if value > ROOM_LIMIT} == {}


def counts() -> tuple[Counter[str], Counter[str]]:
    """Words and odd words per room."""
    words: Counter[str] = Counter()
    odd: Counter[str] = Counter()
    for path in files():
        for _, line in prose_of(ROOT / path):
            words[room_of(path)] += len(WORD.findall(line))
            odd[room_of(path)] += len(ODD.findall(line))
    return words, odd
