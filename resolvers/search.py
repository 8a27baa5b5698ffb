"""Search over everything that has a name, by id, by words and by meaning.

A search finds the best few hundred nodes and ranks them; a page is a part of that ranking, so every page costs the same.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graph.model.actor import Scope
from graph.model.choices import Choice
from graph.model.errors import CrashgraphError, InvalidInputError
from graph.model.permissions import needs
from graph.ports import Embedder, Graph, Row
from resolvers.cursors import SCORE_START, Position, check_first, position_after
from resolvers.filters import MAX_SEARCH_LENGTH, PATTERN_STATUSES, check_severities, check_values
from resolvers.nodes import global_id, split_global_id
from resolvers.records import PageOf
from resolvers.rows import page_of, read_list

PER_KIND = 100
"""Most hits of one kind by words."""
BY_MEANING = 50
"""Nearest signatures that are looked at."""
MOST_WORDS = 16
LEAST_PREFIX = 6
"""Shortest beginning of an id that finds the node."""
SHORTEST_PART = 3
"""Shortest word that is also found inside of others."""
LEAST_MEANING = 0.3
"""Cosine below which texts have nothing to do with each other."""
WHOLE, START, PART = 1.0, 0.8, 0.6
"""Worth of a word that is found whole, at the start of a word, or inside of one."""
APART = 0.7
"""Worth of a dotted name if only its parts are found, each by itself."""
BY_WORDS, BY_BREVITY, BY_BM25 = 0.78, 0.1, 0.07
"""Most that words, a text without other words, and the rarity of the words add to a score."""
BY_TYPE, BY_PREFIX = 0.96, 0.98
"""The scores of an equal error type and of the beginning of an id."""
LISTING = "search"

_WORD = re.compile(r"\w+(?:\.\w+)*")

log = logging.getLogger("crashgraph.search")


class SearchKind(Choice):
    """Labels that a search may find."""

    CRASH = "Crash", "One occurrence of a failure."
    PATTERN = "Pattern", "One bug."
    SIGNATURE = "Signature", "A distinct cause and stack."
    FRAME = "Frame", "A stack frame."
    MODULE = "Module", "A module or class."
    SITE = "Site", "An installation or customer site."
    VERSION = "Version", "A version of a product."
    ENVIRONMENT = "Environment", "Where crashes happened."
    SOLUTION = "Solution", "A fix."
    COMMUNITY = "Community", "A community of patterns."


class MatchedBy(Choice):
    """Ways in which a search finds a node."""

    ID = "ID", "By its id, or the beginning of it."
    WORDS = "WORDS", "By words in its name or text."
    MEANING = "MEANING", "By what the text means."


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """A filter on hits: the least score, and severities and statuses, which only patterns have."""

    min_score: float = 0.0
    severities: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()


@dataclass(slots=True)
class Hit:
    """A node that was found: its global id, the score, 0..1, and how it was found."""

    id: str
    score: float
    matched_by: tuple[MatchedBy, ...]

    def also(self, score: float, by: MatchedBy) -> None:
        """Another way in which it was found; two ways make it a little better than the better one."""
        low, high = sorted((self.score, score))
        self.score = high if high == 1.0 else min(0.99, high + 0.05 * low)
        self.matched_by = (*self.matched_by, *(() if by in self.matched_by else (by,)))


@needs(Scope.READ)
async def search(
    graph: Graph,
    text: str,
    embedder: Embedder | None,
    kinds: Sequence[SearchKind] = (),
    filter: SearchFilter | None = None,
    first: int = 20,
    after: str | None = None,
) -> PageOf[Hit]:
    """One page of the nodes that a text finds, best first: exact ids, then by words and by meaning together.

    Crashes are found by their ids only. ``InvalidInputError`` for a text without letters and digits, or a wrong filter.
    """
    filter = filter or SearchFilter()
    params = _params(kinds, filter)
    start = position_after(after, LISTING, SCORE_START)
    check_first(first)
    words = words_of(text)
    by_id, by_words, by_meaning = await asyncio.gather(
        _by_id(graph, text.strip(), params), _by_words(graph, words, params), _by_meaning(graph, embedder, text, params)
    )
    hits: dict[str, Hit] = {}
    for id, score, by in (*by_id, *by_words, *by_meaning):
        if id in hits:
            hits[id].also(score, by)
        else:
            hits[id] = Hit(id, score, (by,))
    ranked = sorted((hit for hit in hits.values() if hit.score >= filter.min_score), key=lambda hit: (-hit.score, hit.id))
    behind = [hit for hit in ranked if (-hit.score, hit.id) > (-start.number, start.key)]
    return page_of(behind, first, LISTING, lambda hit: Position(hit.score, hit.id), after=after)


def words_of(text: str) -> list[str]:
    """The words of a text that a person typed, in lower case, each once; a dotted name or number is one word."""
    if len(text) > MAX_SEARCH_LENGTH:
        raise InvalidInputError(f"text: {len(text)} characters; at most {MAX_SEARCH_LENGTH} are allowed")
    words = list(dict.fromkeys(_WORD.findall(text.lower())))[:MOST_WORDS]
    if not words:
        raise InvalidInputError("text: it contains no letter or digit")
    return words


def lucene_query(words: Sequence[str]) -> str:
    """A full-text query for any of these words or their parts.

    They hold letters, digits, underscores and dots only, and no capitals, so that none is read as an operator.
    """
    terms = dict.fromkeys(term for word in words for term in (word, *word.split(".")))
    return " OR ".join(f"({term}^4 OR *{term}*)" if len(term) >= SHORTEST_PART else term for term in terms)


def coverage(words: Sequence[str], text: str) -> float:
    """How much of the words a text has, 0..1."""
    text = text.lower()
    return sum(_worth(word, text) for word in words) / len(words)


def _worth(word: str, text: str) -> float:
    """The worth of a word, or less for the parts of a dotted one."""
    parts = word.split(".")
    apart = APART * sum(_worth_as_is(part, text) for part in parts) / len(parts)
    return max(_worth_as_is(word, text), apart)


def _worth_as_is(word: str, text: str) -> float:
    worth, at = 0.0, text.find(word)
    while at >= 0 and worth < WHOLE:
        starts = at == 0 or not text[at - 1].isalnum()
        end = at + len(word)
        ends = end == len(text) or not text[end].isalnum()
        worth = max(worth, WHOLE if starts and ends else START if starts else PART)
        at = text.find(word, at + 1)
    return worth


def _params(kinds: Sequence[SearchKind], filter: SearchFilter) -> dict[str, Any]:
    check_values("status", filter.statuses, PATTERN_STATUSES)
    wanted = [kind.value for kind in kinds or SearchKind]
    if filter.severities or filter.statuses:
        wanted = [kind for kind in wanted if kind == SearchKind.PATTERN.value]
    return {"kinds": wanted, "severities": check_severities(filter.severities), "statuses": list(filter.statuses)}


async def _by_id(graph: Graph, text: str, params: dict[str, Any]) -> list[tuple[str, float, MatchedBy]]:
    try:
        label, key = split_global_id(text)
    except InvalidInputError:
        label, key = None, text
    rows = await read_list(graph, "search/by_id", text=key, limit=PER_KIND, **params)
    return [
        (global_id(row["label"], row["key"]), *_worth_of_id(row, key))
        for row in rows
        if (label is None or row["label"] == label) and (row["exact"] is not False or len(key) >= LEAST_PREFIX)
    ]


def _worth_of_id(row: Row, key: str) -> tuple[float, MatchedBy]:
    if row["exact"] is None:
        return BY_TYPE, MatchedBy.WORDS
    return (1.0 if row["exact"] else BY_PREFIX * max(0.9, len(key) / len(row["key"]))), MatchedBy.ID


async def _by_words(graph: Graph, words: Sequence[str], params: dict[str, Any]) -> list[tuple[str, float, MatchedBy]]:
    rows = await read_list(graph, "search/by_words", words=lucene_query(words), limit=PER_KIND, **params)
    return [(global_id(row["label"], row["key"]), _word_score(words, row), MatchedBy.WORDS) for row in rows]


def _word_score(words: Sequence[str], row: Row) -> float:
    brevity = min(1.0, len(words) / max(1, len(_WORD.findall(row["text"]))))
    rarity = row["score"] / (row["score"] + 4.0)
    return float(coverage(words, row["text"]) * (BY_WORDS + BY_BREVITY * brevity + BY_BM25 * rarity))


async def _by_meaning(
    graph: Graph, embedder: Embedder | None, text: str, params: dict[str, Any]
) -> list[tuple[str, float, MatchedBy]]:
    """Signatures and patterns whose texts mean something similar; none where the embedding model cannot be used."""
    labels = {SearchKind.SIGNATURE.value, SearchKind.PATTERN.value} & set(params["kinds"])
    if embedder is None or not labels:
        return []
    try:
        [vector] = (await asyncio.to_thread(embedder.embed, [text])).tolist()
    except (ImportError, OSError, RuntimeError, ValueError, CrashgraphError) as error:
        log.warning("searching by words alone: the embedding model failed with %s", type(error).__name__)
        return []
    filters = {"severities": params["severities"], "statuses": params["statuses"]}
    rows = await read_list(graph, "search/by_meaning", embedding=vector, fetched=BY_MEANING, **filters)
    found: dict[str, float] = {}
    for row in rows:
        if row["meaning"] >= LEAST_MEANING:
            for label, key in (("Signature", row["exact"]), ("Pattern", row["pattern_id"])):
                if label in labels:
                    found.setdefault(global_id(label, key), min(row["meaning"], 1.0))
    return [(id, BY_TYPE * score, MatchedBy.MEANING) for id, score in found.items()]
