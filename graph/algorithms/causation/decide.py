"""Find causes: a topological Hawkes process over many sites, tested against shifted streams and against time reversal.

0. Repeats are folded into episodes (:mod:`.episodes`): effects are onsets, the k-th repeat of a cause counts 1 / k.
1. Candidate pairs are those that followed each other often enough, at one site or at linked sites.
2. All possible causes of an effect are fitted jointly (:mod:`graph.algorithms.causation.hawkes`), so a common cause or a
   mediator is not counted twice. Beside the causes, the model has the base rate of each site, the effect's
   own rate around each event, and self-excitation.
3. The gain of a pair is the log-likelihood lost when the cause is removed and the rest refitted.
4. Its p-value comes from gains of the same cause with each of its streams shifted circularly by a random amount
   (:mod:`.null_model`), because a chi-square test takes bursts for evidence. Benjamini-Hochberg over every ordered pair that
   could have been reported.
5. Of the two directions of a pair, the one with the larger gain is kept, if the record read backwards explains the
   effect worse (:mod:`.order`). How strict that is depends on the record: the more pairs contradict their own order, the
   more evidence the others need (Storey 2002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from graph.algorithms.causation.account import Target, account_of
from graph.algorithms.causation.antecedents import SiteLinks
from graph.algorithms.causation.effects import Setting, effect_of, evidence_of, possible_causes, setting_of
from graph.algorithms.causation.hawkes import Fit, Kernel, Prior, common_shape, fit
from graph.algorithms.causation.null_model import Claims, chance
from graph.algorithms.causation.order import order_p_values
from graph.algorithms.causation.standing import Standing
from graph.algorithms.false_discovery import adaptive_q_values, q_values
from graph.algorithms.streams import Events, Floats, Indices

EDGES = (0.0, 3.0, 8.0, 20.0, 40.0, 70.0, 120.0, 240.0, 480.0)
LEAST_GAIN = 2.0
"""Log-likelihood below which a cause is dropped before it is tested: such a p-value is above .02 even without bursts."""


@dataclass(frozen=True, slots=True)
class CausationRules:
    """What makes one pattern the cause of another."""

    edges: tuple[float, ...] = EDGES
    """Edges of the lag bins, in seconds; the last is the longest lag."""
    around: float = 1800.0
    """Half the width, in seconds, of the window that estimates the effect's own rate; a longer silence at a site separates
    independent stretches of its record."""
    rest: float = 900.0
    """Silence, in seconds, that ends an episode of a pattern at a site."""
    min_support: int = 3
    """Least number of effects that had the cause before them, and of episodes of either."""
    max_q: float = 0.02
    """False discovery rate to keep, 0..1."""
    max_order_q: float = 0.15
    """Largest share, 0..1, of reported pairs of which the order is expected to be chance."""
    strength: float = 40.0
    """Weight of the common kernel shape, in events."""
    rounds: int = 3
    """Times the common shape is estimated."""
    shifts: int = 20
    """Random shifts behind each p-value."""
    seed: int = 0

    def __post_init__(self) -> None:
        """``ValueError`` names what is out of range."""
        if not 0 < self.max_q <= 1:
            raise ValueError("max_q must be in (0, 1]")
        if not 0 < self.max_order_q <= 1:
            raise ValueError("max_order_q must be in (0, 1]")
        if self.min_support < 1 or self.rounds < 1 or self.shifts < 2:
            raise ValueError("min_support and rounds must be at least 1, shifts at least 2")
        if not self.around > 0 or not self.rest > 0 or not self.strength > 0:
            raise ValueError("around, rest and strength must be positive")


@dataclass(frozen=True, slots=True)
class CausalPairs:
    """Kept pairs as columns, strongest evidence first. ``cause`` and ``effect`` are pattern indices."""

    cause: Indices
    effect: Indices
    gain: Floats
    """Log-likelihood lost without the cause."""
    p_value: Floats
    order_p_value: Floats
    """P-value of the order under time reversal: the pair merely shares busy periods."""
    q_value: Floats
    branching_ratio: Floats
    """Mean number of effects per episode of the cause."""
    share: Floats
    """Share of the effect's episodes triggered by the cause, 0..1."""
    support: Floats
    """Expected number of the effect's episodes triggered by the cause; a sum of probabilities."""
    linked_share: Floats
    """Share of those at a linked site, 0..1."""
    lag: Floats
    """Median seconds from cause to effect, weighted by probability."""
    standing: tuple[Standing, ...]
    examples: tuple[tuple[tuple[int, float, int, float], ...], ...]
    """Examples per pair, most likely first: site and seconds of the cause, site and seconds of the effect."""

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.cause)


@dataclass(frozen=True, slots=True)
class CausationResult:
    """Reported pairs, with the counts behind the selection."""

    causes: CausalPairs
    followed: int
    """Ordered pairs that followed each other often enough to be fitted."""
    tests: int
    """Ordered pairs that could have been reported."""
    claims: int
    """Pairs with enough gain to be tested against shifted streams."""
    both_ways: int
    """Pairs of which both directions passed and the weaker was dropped."""
    unordered: int
    """Pairs that were dropped because their order may be chance."""
    shape: Floats
    """The common shape of kernels: own site first, then linked sites; sums to 1."""
    cut_short: int


def find_causes(
    events: Events, links: SiteLinks, rules: CausationRules, *, vetoed: Sequence[tuple[int, int]] = (), examples: int = 3
) -> CausationResult:
    """Pairs whose first pattern triggers the second; ``vetoed`` pairs (cause, effect) are excluded."""
    setting = setting_of(events, links, Kernel(rules.edges), rules.around, rules.rest)
    targets = _targets(setting, rules, vetoed)
    followed = sum(len(target.causes) for target in targets)
    prior = _learn_shape(setting, targets, rules)
    claims, fits = _claims(targets, prior)
    p_value = chance(setting, claims, prior, shifts=rules.shifts, seed=rules.seed)
    tests = max(possible_tests(setting, rules.min_support), len(claims))
    q_value = q_values(p_value, tests)
    passed = np.flatnonzero(q_value <= rules.max_q)
    one_way = _one_way(claims, passed)
    one_way = one_way[np.lexsort((claims.effect[one_way], claims.cause[one_way], -claims.gain[one_way]))]
    order_p = order_p_values(setting, claims.take(one_way), prior)
    ordered = adaptive_q_values(order_p) <= rules.max_order_q
    kept = one_way[ordered]
    _keep(targets, claims, kept, prior)
    evidence = _Evidence(p_value[kept], order_p[ordered], q_value[kept])
    causes = _describe(setting, claims, fits, kept, evidence, examples)
    return CausationResult(
        causes=causes,
        followed=followed,
        tests=tests,
        claims=len(claims),
        both_ways=len(passed) - len(one_way),
        unordered=len(one_way) - len(kept),
        shape=prior.shape,
        cut_short=setting.before.cut_short,
    )


def possible_tests(setting: Setting, least: int) -> int:
    """Ordered pairs of patterns that both have ``least`` episodes."""
    frequent = int((setting.count >= least).sum())
    return frequent * (frequent - 1)


def _targets(setting: Setting, rules: CausationRules, vetoed: Sequence[tuple[int, int]]) -> list[Target]:
    forbidden: dict[int, set[int]] = {}
    for cause, effect in vetoed:
        forbidden.setdefault(effect, set()).add(cause)
    targets = []
    for pattern in np.flatnonzero(setting.count >= rules.min_support).tolist():
        evidence = evidence_of(setting, pattern)
        causes = possible_causes(setting, pattern, evidence, rules.min_support)
        causes = np.array([c for c in causes.tolist() if c not in forbidden.get(pattern, ())], dtype=np.int64)
        if len(causes):
            targets.append(Target(pattern, evidence, causes, effect_of(setting, pattern, evidence, causes)))
    return targets


def _learn_shape(setting: Setting, targets: Sequence[Target], rules: CausationRules) -> Prior:
    """Fit all effects with the common shape, re-estimated each round from the events attributed to the pairs."""
    prior = Prior(np.full(setting.bins, 1.0 / setting.bins), rules.strength)
    for turn in range(rules.rounds):
        given = np.zeros(setting.bins)
        for target in targets:
            target.fit = fit(target.effect, prior, target.fit, rounds=60 if turn + 1 < rules.rounds else 150)
            supported = target.fit.given.sum(axis=1) >= rules.min_support / 2
            given += target.fit.given[supported].sum(axis=0)
        prior = Prior(common_shape(given), rules.strength)
    return prior


@dataclass(frozen=True, slots=True)
class _Evidence:
    """One value per kept pair."""

    p_value: Floats
    order_p_value: Floats
    q_value: Floats


@dataclass(slots=True)
class _Fits:
    """For each claim, its effect fitted with the remaining causes, and the position of the cause among them."""

    target: list[Target]
    place: list[int]


def _claims(targets: Sequence[Target], prior: Prior) -> tuple[Claims, _Fits]:
    """Causes to test, each with the log-likelihood lost without it."""
    fits = _Fits([], [])
    rows: list[tuple[int, int, float]] = []
    rests: list[Floats] = []
    for target in targets:
        assert target.fit is not None  # all were fitted to learn the shape
        for _ in range(2):
            _prune(target, prior)
        for place, cause in enumerate(target.causes.tolist()):
            rest = fit(target.effect.without(place), prior, _start_without(target.fit, place), rounds=40)
            gain = target.fit.likelihood - rest.likelihood
            if gain >= LEAST_GAIN:
                rows.append((cause, target.pattern, gain))
                rests.append(rest.intensity)
                fits.target.append(target)
                fits.place.append(place)
    columns = np.array(rows, dtype=np.float64).reshape(-1, 3)
    cause, effect = columns[:, 0].astype(np.int64), columns[:, 1].astype(np.int64)
    return Claims(cause, effect, columns[:, 2], tuple(rests)), fits


def _keep(targets: Sequence[Target], claims: Claims, kept: Indices, prior: Prior) -> None:
    """Restrict each effect to the causes that passed, and refit."""
    passed = set(zip(claims.cause[kept].tolist(), claims.effect[kept].tolist(), strict=True))
    for target in targets:
        _only(target, np.array([(cause, target.pattern) in passed for cause in target.causes.tolist()], dtype=bool), prior)


def _prune(target: Target, prior: Prior) -> None:
    """Drop causes that explain too little, and refit the others."""
    assert target.fit is not None
    fitted, effect = target.fit, target.effect
    bins = effect.exposure.shape[1]
    gain = -(fitted.weight * effect.exposure).sum(axis=1)
    for place in range(len(gain)):
        part = effect.kernels[:, place * bins : (place + 1) * bins] @ fitted.weight[place]
        gain[place] -= np.log(np.maximum(1.0 - part / fitted.intensity, 1e-12)).sum()
    _only(target, gain >= LEAST_GAIN, prior)


def _only(target: Target, which: NDArray[np.bool_], prior: Prior) -> None:
    """Restrict the target to the causes in ``which``, and refit."""
    fitted, kept = target.fit, np.flatnonzero(which)
    assert fitted is not None
    if len(kept) < len(which):
        target.causes, target.effect = target.causes[kept], target.effect.only(kept)
        start = Fit(fitted.weight[kept], fitted.source_weight, fitted.intensity, fitted.given[kept], fitted.likelihood)
        target.fit = fit(target.effect, prior, start)


def _start_without(fitted: Fit, place: int) -> Fit:
    kept = np.arange(len(fitted.weight)) != place
    return Fit(fitted.weight[kept], fitted.source_weight, fitted.intensity, fitted.given[kept], fitted.likelihood)


def _one_way(claims: Claims, passed: Indices) -> Indices:
    """Of pairs that passed in both directions the one with the larger gain."""
    gain = {(int(claims.cause[at]), int(claims.effect[at])): float(claims.gain[at]) for at in passed}
    kept = [
        at for at in passed.tolist() if claims.gain[at] > gain.get((int(claims.effect[at]), int(claims.cause[at])), -np.inf)
    ]
    return np.array(kept, dtype=np.int64)


def _describe(
    setting: Setting,
    claims: Claims,
    fits: _Fits,
    kept: Indices,
    evidence: _Evidence,
    examples: int,
) -> CausalPairs:
    accounts = [account_of(setting, fits.target[at], int(claims.cause[at]), examples) for at in kept.tolist()]
    support = np.array([account.support for account in accounts])
    return CausalPairs(
        cause=claims.cause[kept],
        effect=claims.effect[kept],
        gain=claims.gain[kept],
        p_value=evidence.p_value,
        order_p_value=evidence.order_p_value,
        q_value=evidence.q_value,
        branching_ratio=support / np.maximum(setting.count[claims.cause[kept]], 1),
        share=np.minimum(support / np.maximum(setting.count[claims.effect[kept]], 1), 1.0),
        support=support,
        linked_share=np.array([account.linked_share for account in accounts]),
        lag=np.array([account.lag for account in accounts]),
        standing=tuple(account.standing for account in accounts),
        examples=tuple(account.examples for account in accounts),
    )
