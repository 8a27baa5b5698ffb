"""Pairs of patterns that occur at the same sites at the same times more often than by chance.

1. Repeats are collapsed into episodes (:func:`graph.algorithms.streams.onsets`) with a dead time of two
   windows. Then an onset of one pattern is within a window of at most one onset of another, so a joint
   count is a number of separate occasions and never a product of two bursts.
2. One sweep finds the pairs that did occur together (:func:`graph.algorithms.coincidence.coincidences`).
3. Pairs with enough occasions are tested against chance, stratified by site: first against unrelated streams
   (Poisson), then, if that leaves anything to explain, against the same streams a few windows earlier and
   later, with the spread found there (negative binomial). The larger p-value counts.
4. Benjamini-Hochberg over every pair that could have been reported at all, observed together or not. A pair
   with fewer onsets than the minimum support can never be reported and does not count as a test (Tarone 1990, "A modified
   Bonferroni method for discrete data").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import chain

import numpy as np

from graph.algorithms.chance import Streams, expected_nearby, expected_overall, streams_of, tail
from graph.algorithms.coincidence import Coincidences, coincidences
from graph.algorithms.false_discovery import q_values
from graph.algorithms.streams import Events, Floats, Indices, Watch, onsets, shifted, watch_of

LEAST_WATCH = 200
"""Minimum length of a site's watch, in windows."""


@dataclass(frozen=True, slots=True)
class CoOccurrenceRules:
    """Bounds for two onsets to coincide and for a pair to be reported."""

    window: float = 120.0
    """Maximum distance of two joint onsets, in seconds; > 0."""
    min_support: int = 5
    """Least number of joint occasions."""
    max_q: float = 0.05
    """False discovery rate to keep, 0..1."""
    min_lift: float = 1.5
    """Least ratio of joint occasions to those expected."""
    neighbours: int = 256
    """Maximum number of followers an onset is compared with; bounds the cost of storms."""

    def __post_init__(self) -> None:
        """``ValueError`` names what is out of range."""
        if not self.window > 0:
            raise ValueError("window must be positive")
        if self.min_support < 1 or self.neighbours < 1:
            raise ValueError("min_support and neighbours must be at least 1")
        if not 0 < self.max_q <= 1:
            raise ValueError("max_q must be in (0, 1]")


@dataclass(frozen=True, slots=True)
class Pairs:
    """Significant pairs as columns, strongest evidence first. ``first < second`` are pattern indices."""

    first: Indices
    second: Indices
    joint: Indices
    """Occasions on which both happened."""
    expected: Floats
    """Occasions expected by chance, > 0."""
    lift: Floats
    """``joint / expected``."""
    score: Floats
    """Share of the rarer pattern's onsets that are joint, beyond chance: 0 chance, 1 always together."""
    p_value: Floats
    q_value: Floats
    sites: Indices
    """Number of sites with joint occasions."""
    window: Floats
    """The window of the test, in seconds."""
    examples: tuple[tuple[tuple[int, float, float], ...], ...]
    """Per pair a few occasions, one per site: site, seconds of the first, seconds of the second."""

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.first)


@dataclass(frozen=True, slots=True)
class CoOccurrenceResult:
    """The significant pairs, with the numbers of pairs considered."""

    pairs: Pairs
    episodes: int
    seen: int
    """Pairs with at least one joint occasion."""
    tests: int
    """Pairs that could have been reported."""
    cut_short: int
    """Onsets in storms of more than the allowed neighbours."""


@dataclass(frozen=True, slots=True)
class Audit:
    """Result of the same procedure on unrelated streams."""

    rounds: int
    seen: int
    """Pairs with a joint occasion by chance, all rounds."""
    false_pairs: int
    """Pairs reported nevertheless; all are false positives."""

    @property
    def rate(self) -> float:
        """Share of chance pairs that were reported, 0..1."""
        return self.false_pairs / self.seen if self.seen else 0.0


def find_pairs(events: Events, rules: CoOccurrenceRules, *, examples: int = 3) -> CoOccurrenceResult:
    """Pairs that occur together more often than by chance. Time grows with the coincidences, not the possible pairs."""
    watch = watch_of(events, LEAST_WATCH * rules.window)
    episodes = onsets(events, 2 * rules.window)
    together = coincidences(episodes, rules.window, rules.neighbours)
    starts = np.flatnonzero(
        np.r_[True, (np.diff(together.first) != 0) | (np.diff(together.second) != 0)][: len(together.first)]
    )
    joint = np.add.reduceat(together.count, starts) if len(starts) else starts
    tests = possible_pairs(episodes, rules.min_support)
    enough = joint >= rules.min_support
    pairs = _judge(episodes, watch, rules, together, starts[enough], joint[enough], tests, examples)
    return CoOccurrenceResult(pairs, len(episodes), len(starts), tests, together.cut_short)


def find_at_scales(
    events: Events, rules: CoOccurrenceRules, windows: Sequence[float], *, examples: int = 3
) -> CoOccurrenceResult:
    """As :func:`find_pairs`, at several windows; each pair once, at the window where its evidence is strongest.

    Some failures follow each other in seconds, some in half an hour, and no single window fits both. Each of ``k``
    windows gets a ``k``-th of the false discovery rate. The rate of their union is then at most the whole: its false
    pairs are at most the sum of theirs, its pairs at least as many as any one's.
    """
    share = replace(rules, max_q=rules.max_q / len(windows))
    found = [find_pairs(events, replace(share, window=window), examples=examples) for window in windows]
    return CoOccurrenceResult(
        pairs=_strongest([one.pairs for one in found], len(windows)),
        episodes=max(one.episodes for one in found),
        seen=max(one.seen for one in found),
        tests=sum(one.tests for one in found),
        cut_short=max(one.cut_short for one in found),
    )


def _strongest(found: Sequence[Pairs], windows: int) -> Pairs:
    """Each pair once, at its smallest p-value, ascending; ``q_value`` is corrected for the number of windows."""
    columns = {
        field.name: np.concatenate([getattr(one, field.name) for one in found])
        for field in fields(Pairs)
        if field.name != "examples"
    }
    examples = tuple(chain.from_iterable(one.examples for one in found))
    order = np.lexsort((columns["second"], columns["first"], -columns["joint"], columns["p_value"]))
    pairs = np.stack([columns["first"][order], columns["second"][order]])
    _, earliest = np.unique(pairs, axis=1, return_index=True)
    kept = order[np.sort(earliest)]
    columns["q_value"] = np.minimum(1.0, columns["q_value"] * windows)
    return Pairs(
        **{name: column[kept] for name, column in columns.items()},
        examples=tuple(examples[at] for at in kept.tolist()),
    )


def audit(
    events: Events, rules: CoOccurrenceRules, windows: Sequence[float] | None = None, *, rounds: int = 1, seed: int = 0
) -> Audit:
    """Run :func:`find_at_scales` on circularly shifted streams, ``rounds`` times."""
    windows = windows or [rules.window]
    watch = watch_of(events, LEAST_WATCH * max(windows))
    seen = false_pairs = 0
    for turn in range(rounds):
        found = find_at_scales(shifted(events, watch, seed + turn), rules, windows, examples=0)
        seen, false_pairs = seen + found.seen, false_pairs + len(found.pairs)
    return Audit(rounds, seen, false_pairs)


def possible_pairs(episodes: Events, min_support: int) -> int:
    """An upper bound of the pairs that could have ``min_support`` joint occasions: both frequent enough, with a common site."""
    frequent = np.bincount(episodes.pattern, minlength=1) >= min_support
    streams = np.unique(episodes.site * np.int64(max(episodes.patterns, 1)) + episodes.pattern)
    at_site = np.bincount(streams // max(episodes.patterns, 1), frequent[streams % max(episodes.patterns, 1)], minlength=1)
    everywhere = int(frequent.sum())
    return int(min(everywhere * (everywhere - 1) // 2, (at_site * (at_site - 1) / 2).sum()))


def _judge(
    episodes: Events,
    watch: Watch,
    rules: CoOccurrenceRules,
    together: Coincidences,
    starts: Indices,
    joint: Indices,
    tests: int,
    examples: int,
) -> Pairs:
    """Test the candidates that begin at ``starts`` in ``together``, and keep the pairs that pass."""
    first, second = together.first[starts], together.second[starts]
    streams = streams_of(episodes, watch, rules.window)
    expected, p_value = _against_chance(streams, first, second, joint, rules)
    q_value = q_values(p_value, max(tests, len(p_value)))
    lift = joint / np.maximum(expected, 1e-300)
    kept = np.flatnonzero((q_value <= rules.max_q) & (lift >= rules.min_lift))
    kept = kept[np.lexsort((second[kept], first[kept], -joint[kept], p_value[kept]))]
    rarer = np.minimum(*(np.bincount(episodes.pattern)[side[kept]] for side in (first, second)))
    score = (joint[kept] - expected[kept]) / np.maximum(rarer - expected[kept], 1e-9)
    spans = [(start, _end_of_pair(together, start)) for start in starts[kept].tolist()]
    return Pairs(
        first=first[kept],
        second=second[kept],
        joint=joint[kept],
        expected=expected[kept],
        lift=lift[kept],
        score=np.clip(score, 0.0, 1.0),
        p_value=p_value[kept],
        q_value=q_value[kept],
        sites=np.array([end - start for start, end in spans], dtype=np.int64),
        window=np.full(len(kept), rules.window),
        examples=tuple(_examples(episodes, together, start, min(end, start + examples)) for start, end in spans),
    )


def _against_chance(
    streams: Streams, first: Indices, second: Indices, joint: Indices, rules: CoOccurrenceRules
) -> tuple[Floats, Floats]:
    """Expected joint occasions and p-value of each candidate."""
    expected = expected_overall(streams, first, second)
    p_value = tail(joint, expected, expected)
    # A pair that fails the cheap test cannot pass, so the second test runs only on the rest.
    open_ = np.flatnonzero(p_value <= rules.max_q)
    if len(open_):
        nearby, variance = expected_nearby(streams, first[open_], second[open_], rules.window)
        mean = np.maximum(expected[open_], nearby)
        spread = np.maximum(variance / np.maximum(nearby, 1e-300), 1.0) * (nearby > 0) + 1.0 * (nearby <= 0)
        p_value[open_] = np.maximum(p_value[open_], tail(joint[open_], mean, mean * spread))
        expected[open_] = mean
    return expected, p_value


def _end_of_pair(together: Coincidences, start: int) -> int:
    left = np.searchsorted(together.first, together.first[start], side="right")
    return start + int(np.searchsorted(together.second[start:left], together.second[start], side="right"))


def _examples(episodes: Events, together: Coincidences, start: int, end: int) -> tuple[tuple[int, float, float], ...]:
    seconds = episodes.seconds
    return tuple(
        (int(together.site[at]), float(seconds[together.first_at[at]]), float(seconds[together.second_at[at]]))
        for at in range(start, end)
    )


__all__ = [
    "Audit",
    "CoOccurrenceResult",
    "CoOccurrenceRules",
    "Events",
    "Pairs",
    "audit",
    "find_at_scales",
    "find_pairs",
    "possible_pairs",
]
