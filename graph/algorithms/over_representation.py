"""Attributes over-represented among the subjects with a pattern.

The comparison is with all other subjects that crash in the same product.

Subjects, such as sites, are counted: each once for a pattern, however often it crashed there, since repeats are
one occasion. A pair of a pattern and a value is tested against two kinds of chance, and the larger p-value counts:

- every subject is as likely as any other to have the pattern: Fisher's exact test, one-sided (the hypergeometric tail);
- subjects differ in how many patterns they have and patterns in how many subjects: a subject has a pattern with
  probability ``xy / (1 + xy)``, where all ``x`` and ``y`` are such that every subject has as many patterns, and every pattern
  as many subjects, as it really has (the bipartite configuration model; Saracco, Di Clemente, Gabrielli and Squartini
  2015, "Randomizing bipartite networks: the case of the World Trade Web"). The tail of such a sum is taken as that of a
  binomial with the same mean and the same variance, given the total. Without this a value that busy subjects have would
  correlate with everything.

Benjamini-Hochberg over every pair that could have been reported, observed or not: a pair with a pattern or value too rare
to ever be significant does not count as a test (Tarone 1990, "A modified Bonferroni method for
discrete data"). Tables belong to families, and each of ``k`` families gets a ``k``-th of the false discovery rate, so that
many sites do not crowd out few systems; the rate of the union is at most the whole. Time grows with the observed pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy import sparse
from scipy.special import betainc
from scipy.stats import hypergeom

from graph.algorithms.false_discovery import q_values
from graph.algorithms.streams import Floats, Indices

EXACT_LEVELS, LEVEL_STEP = 16, 1.25
"""Activities up to the first are distinct levels; higher ones are binned by this ratio."""
FITTING_STEPS, BISECTION_STEPS = 12, 40


@dataclass(frozen=True, slots=True)
class OverRepresentationBounds:
    """Bounds for a value to be reported."""

    min_support: int = 5
    """Least number of subjects that have both."""
    max_q: float = 0.05
    """False discovery rate to keep, 0..1."""
    min_lift: float = 1.5
    """Least ratio of subjects that have both to those expected."""

    def __post_init__(self) -> None:
        """``ValueError`` names what is out of range."""
        if self.min_support < 1:
            raise ValueError("min_support must be at least 1")
        if not 0 < self.max_q <= 1:
            raise ValueError("max_q must be in (0, 1]")


@dataclass(frozen=True, slots=True)
class Table:
    """Subjects, their patterns and their values, for one attribute of one product. Rows may repeat; all are indices from 0.

    ``subject`` and ``pattern`` have one entry per row; ``value_of`` the value of each subject.
    """

    subject: Indices
    pattern: Indices
    value_of: Indices
    family: int = 0
    """Tables of one family share their part of the false discovery rate."""


@dataclass(frozen=True, slots=True)
class Over:
    """Pairs as columns, strongest evidence first. ``table``, ``pattern`` and ``value`` are indices."""

    table: Indices
    pattern: Indices
    value: Indices
    both: Indices
    """Subjects that have both."""
    expected: Floats
    """Subjects expected to have both by chance, > 0."""
    lift: Floats
    """``both / expected``."""
    odds_ratio: Floats
    """Odds of the value among subjects with the pattern over those among the others, with Haldane's half added to each."""
    share: Floats
    """Share of the pattern's subjects that have the value."""
    share_others: Floats
    """Share of the other subjects that have it; 0 where there are none."""
    score: Floats
    """Share of the pattern's subjects that have the value beyond chance: 0 chance, 1 all."""
    p_value: Floats
    q_value: Floats

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.pattern)


@dataclass(frozen=True, slots=True)
class Overs:
    """The significant pairs, with the numbers of pairs considered."""

    pairs: Over
    seen: int
    """Pairs of a pattern and a value that some subject has."""
    tests: int
    """Pairs that could have been reported."""


@dataclass(frozen=True, slots=True)
class AttributeAudit:
    """Results with attributes shuffled among the subjects: every reported pair is false."""

    rounds: int
    seen: int
    false_pairs: int

    @property
    def rate(self) -> float:
        """Share of the pairs seen that were reported, 0..1."""
        return self.false_pairs / self.seen if self.seen else 0.0


def over_represented(tables: Sequence[Table], bounds: OverRepresentationBounds) -> Overs:
    """The pairs of all tables that are over-represented, at one false discovery rate."""
    judged = [_judge(table, bounds, at) for at, table in enumerate(tables)]
    families = sorted({table.family for table in tables})
    corrected = []
    for family in families:
        members = [one for one, table in zip(judged, tables, strict=True) if table.family == family]
        corrected.append(_corrected([one.pairs for one in members], sum(one.tests for one in members), len(families)))
    columns = _joined(corrected)
    kept = np.flatnonzero((columns["q_value"] <= bounds.max_q) & (columns["lift"] >= bounds.min_lift))
    order = kept[
        np.lexsort((columns["value"][kept], columns["pattern"][kept], -columns["both"][kept], columns["p_value"][kept]))
    ]
    seen, tests = (sum(getattr(one, name) for one in judged) for name in ("seen", "tests"))
    return Overs(Over(**{name: column[order] for name, column in columns.items()}), seen, tests)


def _corrected(pairs: Sequence[Over], tests: int, families: int) -> Over:
    """The pairs of one family with their q-values, corrected for the number of families."""
    columns = _joined(pairs)
    q = q_values(columns["p_value"], max(tests, len(columns["p_value"])))
    columns["q_value"] = np.minimum(1.0, q * families)
    return Over(**columns)


def audit_attributes(
    tables: Sequence[Table], bounds: OverRepresentationBounds, *, rounds: int = 1, seed: int = 0
) -> AttributeAudit:
    """Run :func:`over_represented` on values permuted among the subjects, ``rounds`` times."""
    rng = np.random.default_rng(seed)
    seen = false_pairs = 0
    for _ in range(rounds):
        dealt = [replace(one, value_of=rng.permutation(one.value_of)) for one in tables]
        found = over_represented(dealt, bounds)
        seen, false_pairs = seen + found.seen, false_pairs + len(found.pairs)
    return AttributeAudit(rounds, seen, false_pairs)


def _judge(table: Table, bounds: OverRepresentationBounds, at: int) -> Overs:
    """All pairs with enough subjects, with their p-values; ``q_value`` is not known yet."""
    patterns = int(table.pattern.max(initial=-1)) + 1
    values = int(table.value_of.max(initial=-1)) + 1
    if values < 2 or not patterns:
        return Overs(_no_pairs(), 0, 0)
    once = np.unique(table.subject * np.int64(patterns) + table.pattern)
    subject, pattern = once // patterns, once % patterns
    activity = np.bincount(subject, minlength=len(table.value_of))
    present = activity > 0
    of_pattern = np.bincount(pattern, minlength=patterns)
    of_value = np.bincount(table.value_of[present], minlength=values)
    cells, both = np.unique(pattern * np.int64(values) + table.value_of[subject], return_counts=True)
    subjects = int(present.sum())
    tests = possible_tests(of_pattern, of_value, subjects, bounds)
    enough = both >= bounds.min_support
    first, second, both = cells[enough] // values, cells[enough] % values, both[enough]
    with_pattern, with_value = of_pattern[first], of_value[second]
    p_value = hypergeom.sf(both - 1, subjects, with_value, with_pattern)
    expected = with_value * with_pattern / subjects
    # A pair that fails the cheap test cannot pass, so the second test runs only on the rest.
    open_ = np.flatnonzero(p_value <= bounds.max_q)
    if len(open_) and np.ptp(activity[present]):
        mean, variance = _as_active(activity[present], of_pattern, table.value_of[present], second[open_], with_pattern[open_])
        p_value[open_] = np.maximum(p_value[open_], _tail(both[open_], mean, variance))
        expected[open_] = np.maximum(expected[open_], mean)
    return Overs(_pairs(at, first, second, both, expected, with_pattern, with_value, subjects, p_value), len(cells), tests)


def possible_tests(of_pattern: Indices, of_value: Indices, subjects: int, bounds: OverRepresentationBounds) -> int:
    """Pairs that could have been reported: frequent enough, and significant at the largest possible overlap."""
    sizes, patterns = np.unique(of_pattern[of_pattern >= bounds.min_support], return_counts=True)
    widths, values = np.unique(of_value[of_value >= bounds.min_support], return_counts=True)
    most = np.minimum(sizes[:, None], widths[None, :])
    best = hypergeom.sf(most - 1, subjects, widths[None, :], sizes[:, None])
    return int((patterns[:, None] * values[None, :])[best <= bounds.max_q].sum())


def _pairs(
    at: int,
    pattern: Indices,
    value: Indices,
    both: Indices,
    expected: Floats,
    with_pattern: Indices,
    with_value: Indices,
    subjects: int,
    p_value: Floats,
) -> Over:
    others = subjects - with_pattern
    neither = others - (with_value - both)
    odds = (both + 0.5) * (neither + 0.5) / ((with_pattern - both + 0.5) * (with_value - both + 0.5))
    return Over(
        table=np.full(len(pattern), at, dtype=np.int64),
        pattern=pattern,
        value=value,
        both=both,
        expected=expected,
        lift=both / np.maximum(expected, 1e-300),
        odds_ratio=odds,
        share=both / with_pattern,
        share_others=(with_value - both) / np.maximum(others, 1),
        score=np.clip((both - expected) / np.maximum(with_pattern - expected, 1e-9), 0.0, 1.0),
        p_value=p_value,
        q_value=np.ones(len(pattern)),
    )


def _as_active(activity: Indices, sizes: Indices, value_of: Indices, value: Indices, size: Indices) -> tuple[Floats, Floats]:
    """Mean and variance of the subjects that have both, where the active ones are likelier to have a pattern.

    ``activity`` and ``value_of`` are of every subject, ``sizes`` of every pattern; ``value`` and ``size`` (of the pattern) of
    the given pairs.
    """
    level_of, mean_of_level = _levels(activity)
    levels = len(mean_of_level)
    counts = sparse.csr_array((np.ones(len(value_of)), (value_of, level_of)), shape=(int(value_of.max()) + 1, levels))
    total = np.bincount(level_of, minlength=levels).astype(np.float64)
    distinct, times = np.unique(sizes[sizes > 0], return_counts=True)
    chance = _chances(total, mean_of_level, distinct, times)[np.searchsorted(distinct, size)]
    wanted = counts[value].toarray()
    spread = chance * (1.0 - chance)
    with_it, all_ = (wanted * spread).sum(axis=1), (total * spread).sum(axis=1)
    # The pattern's number of subjects is given, which ties those with the value to those without.
    return (wanted * chance).sum(axis=1), with_it * np.maximum(all_ - with_it, 0.0) / np.maximum(all_, 1e-300)


def _levels(activity: Indices) -> tuple[Indices, Floats]:
    """The level of each subject, and the mean activity of each level."""
    steps = np.log(np.maximum(activity, 1) / EXACT_LEVELS) / np.log(LEVEL_STEP)
    rough = np.where(activity <= EXACT_LEVELS, activity, EXACT_LEVELS + 1 + np.floor(np.maximum(steps, 0.0)))
    _, level = np.unique(rough.astype(np.int64), return_inverse=True)
    sizes = np.bincount(level)
    return level.astype(np.int64), np.bincount(level, activity) / sizes


def _chances(total: Floats, activity: Floats, sizes: Indices, times: Indices) -> Floats:
    """Probability that a subject of each level (columns) has a pattern of each size (rows).

    ``total`` subjects are of a level, each with ``activity`` patterns; ``times`` patterns are of a size. Both margins are
    fitted in turn; the last step fits each pattern's number of subjects exactly.
    """
    x = activity / np.sqrt(float((total * activity).sum()))
    for _ in range(FITTING_STEPS):
        y = _margin(x, total, sizes)
        x = _margin(y, times, activity)
    product = x[None, :] * _margin(x, total, sizes)[:, None]
    chance: Floats = product / (1.0 + product)
    return chance


def _margin(known: Floats, times: Floats | Indices, wanted: Floats | Indices) -> Floats:
    """For each wanted sum the factor ``y`` with ``sum(times * known * y / (1 + known * y)) = wanted``, by bisection."""
    low, high = np.full(len(wanted), -50.0), np.full(len(wanted), 50.0)
    for _ in range(BISECTION_STEPS):
        middle = (low + high) / 2
        product = np.exp(middle)[:, None] * known[None, :]
        less = (times * product / (1.0 + product)).sum(axis=1) < wanted
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    factor: Floats = np.exp((low + high) / 2)
    return factor


def _tail(count: Indices, mean: Floats, variance: Floats) -> Floats:
    """Tail probability of at least ``count`` in a binomial with that mean and variance; its size need not be an integer."""
    trials = np.maximum(mean**2 / np.maximum(mean - variance, 1e-12), count)
    chance = np.clip(mean / trials, 0.0, 1.0)
    tail: Floats = np.where(count <= mean, 1.0, betainc(count, trials - count + 1.0, chance))
    return tail


def _joined(pairs: Sequence[Over]) -> dict[str, np.ndarray]:
    every = [*pairs, _no_pairs()]
    return {field.name: np.concatenate([getattr(one, field.name) for one in every]) for field in fields(Over)}


def _no_pairs() -> Over:
    whole, real = np.empty(0, dtype=np.int64), np.empty(0)
    return Over(whole, whole, whole, whole, real, real, real, real, real, real, real, real)
