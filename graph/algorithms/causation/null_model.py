"""P-values of causes: the gain of the same cause when its streams are unrelated to the effect's.

The effect's onsets and the fit of all other sources stay fixed. The cause's streams, one per site,
are each shifted circularly by a random amount and keep their rhythm, bursts included; any remaining gain is chance.

By Wilks' theorem at the boundary of the parameter space, half of the null gains are 0, the rest follow half a chi-square with
one degree of freedom; bursts and busy periods make them larger. A gamma distribution with the same mean and variance
approximates them. The theoretical moments weigh as much as :data:`THEORY` shifts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from graph.algorithms.causation.antecedents import Antecedents, antecedents
from graph.algorithms.causation.effects import Setting, column_of, value_of, weighted
from graph.algorithms.causation.hawkes import Prior, shaped
from graph.algorithms.streams import Events, Floats, Indices, shifted, watch_of

LEAST_WATCH = 20
"""Minimum length of a site's watch, in kernel reaches."""
THEORY = 20
"""Weight of the theoretical moments, in shifts."""
MEAN, MEAN_SQUARE = 0.25, 0.375
"""Theoretical moments of the gain by chance."""
MOST_REGULAR = 25.0
"""Largest shape of that gamma distribution: a few shifts cannot show that chance varies by less than a fifth."""
TURNS = 25
"""Steps of expectation-maximisation per shifted cause."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Pairs to test as columns: pattern indices, gain, and the intensity of all but the cause at each onset of the effect."""

    cause: Indices
    effect: Indices
    gain: Floats
    rest: tuple[Floats, ...]

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.cause)

    def take(self, which: Indices) -> Claims:
        """The claims at these positions, in that order."""
        return Claims(self.cause[which], self.effect[which], self.gain[which], tuple(self.rest[at] for at in which.tolist()))


@dataclass(frozen=True, slots=True)
class Explained:
    """What the causes of all claims explain: one row per claim and onset that has antecedents."""

    claim: Indices
    onset: Indices
    """Position among the setting's onsets."""
    gain: Floats
    """Log of the factor by which the cause raises the intensity there."""
    cost: Floats
    """Per claim: the effects expected of the cause, which the likelihood subtracts."""

    @property
    def total(self) -> Floats:
        """Gain in log-likelihood per claim."""
        return np.bincount(self.claim, self.gain, minlength=len(self.cost)) - self.cost


def chance(setting: Setting, claims: Claims, prior: Prior, *, shifts: int, seed: int) -> Floats:
    """P-values of the claims. Observed and shifted gains are computed alike, with everything else fixed as fitted."""
    if not len(claims):
        return np.empty(0)
    gain = gains_of(setting, claims, prior, setting.events)
    rounds = [np.random.default_rng((seed, turn)) for turn in range(shifts)]
    return tail(gain, np.stack([gains_of(setting, claims, prior, far_shifted(setting, rng)) for rng in rounds], axis=1))


def tail(gain: Floats, by_chance: Floats) -> Floats:
    """P-values of gains, given null gains of shape (claims, shifts)."""
    weight = by_chance.shape[1] + THEORY
    mean = np.maximum((by_chance.sum(axis=1) + THEORY * MEAN) / weight, MEAN)
    square = ((by_chance**2).sum(axis=1) + THEORY * MEAN_SQUARE) / weight
    variance = np.maximum(square - mean**2, MEAN_SQUARE - MEAN**2)
    shape = np.minimum(mean**2 / variance, MOST_REGULAR)
    return np.asarray(stats.gamma.sf(gain, shape, scale=mean / shape), dtype=np.float64)


def far_shifted(setting: Setting, rng: np.random.Generator) -> Events:
    """Each stream shifted circularly within its site's watch by any amount."""
    watch = watch_of(setting.events, LEAST_WATCH * setting.kernel.reach)
    return shifted(setting.events, watch, int(rng.integers(2**62)))


def gains_of(setting: Setting, claims: Claims, prior: Prior, causes: Events) -> Floats:
    """Gain of each claim with ``causes`` in place of the real ones, everything else fixed as fitted."""
    return np.maximum(explained(setting, claims, prior, setting.onsets, causes).total, 0.0)


def explained(setting: Setting, claims: Claims, prior: Prior, onsets: Events, causes: Events) -> Explained:
    """Maximise each claim's own likelihood, the rest fixed as fitted.

    ``onsets`` and ``causes`` have the rows of the setting's, possibly at other times.
    """
    claim, before = _of_claims(setting, claims, onsets, causes)
    begin = np.concatenate([[0], np.cumsum([len(rest) for rest in claims.rest])])
    row = begin[claim] + before.effect - setting.begin[claims.effect[claim]]
    used, row = np.unique(row, return_inverse=True)
    rest = np.concatenate(claims.rest)[used]
    owner = np.asarray(np.searchsorted(begin, used, side="right") - 1, dtype=np.int64)
    cell = claim * np.int64(setting.bins) + column_of(setting.kernel, before)
    value, exposure = value_of(setting.kernel, before), setting.exposure[claims.cause]
    total = np.bincount(owner, minlength=len(claims))[:, None]
    weight = total * prior.shape / 2 / np.maximum((exposure * prior.shape).sum(axis=1, keepdims=True), 1e-9)
    for _ in range(TURNS):
        intensity = rest + np.bincount(row, weight.ravel()[cell] * value, minlength=len(rest))
        given = weight * np.bincount(cell, value / intensity[row], minlength=weight.size).reshape(weight.shape)
        weight = shaped(given, exposure, prior)
    intensity = rest + np.bincount(row, weight.ravel()[cell] * value, minlength=len(rest))
    onset = used - begin[owner] + setting.begin[claims.effect[owner]]
    return Explained(owner, onset, np.log(intensity / rest), (weight * exposure).sum(axis=1))


def _of_claims(setting: Setting, claims: Claims, onsets: Events, causes: Events) -> tuple[Indices, Antecedents]:
    """Claim index and antecedents, for antecedents that belong to a claim; only patterns in claims are compared."""
    patterns = np.int64(setting.patterns)
    late = np.flatnonzero(np.isin(onsets.pattern, claims.effect))
    early = np.flatnonzero(np.isin(causes.pattern, claims.cause))
    before = antecedents(onsets.take(late), causes.take(early), setting.links, setting.kernel.reach)
    effect, cause = late[before.effect], early[before.cause]
    keys = claims.effect * patterns + claims.cause
    order = np.argsort(keys)
    wanted = onsets.pattern[effect] * patterns + causes.pattern[cause]
    at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    mine = np.flatnonzero(keys[order][at] == wanted)
    part = Antecedents(effect[mine], cause[mine], before.where[mine], before.lag[mine], before.weight[mine], before.cut_short)
    return order[at[mine]], weighted(part, setting.pull)
