"""P-values of causes: the gain of the same cause when its streams are unrelated to the effect's.

The effect's events and the fit of all other sources stay fixed. The cause's streams, one per site,
are each shifted by a random amount and keep their rhythm, bursts included; any remaining gain is chance.

- *Far* shifts move a stream circularly by any amount and test whether cause and effect are related at all.
- *Near* shifts move it by a few kernel reaches and test the order and lag, against merely sharing
  busy periods.

By Wilks' theorem at the boundary of the parameter space, half of the null gains are 0, the rest follow half a chi-square with
one degree of freedom; bursts and busy periods make them larger. A gamma distribution with the same mean and variance
approximates them. The theoretical moments weigh as much as :data:`THEORY` far shifts; they do not apply to near shifts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from graph.algorithms.causation.antecedents import Antecedents, antecedents
from graph.algorithms.causation.effects import Setting, column_of, value_of
from graph.algorithms.causation.hawkes import Prior, shaped
from graph.algorithms.streams import Events, Floats, Indices, shifted, watch_of

LEAST_WATCH = 20
"""Minimum length of a site's watch, in kernel reaches."""
THEORY = 20
"""Weight of the theoretical moments, in far shifts."""
MEAN, MEAN_SQUARE = 0.25, 0.375
"""Theoretical moments of the gain by chance."""
MOST_REGULAR = 25.0
"""Largest shape of that gamma distribution: a few shifts cannot show that chance varies by less than a fifth."""
NEAR = 3.0
"""Maximum near shift, in kernel reaches."""
TURNS = 25
"""Steps of expectation-maximisation per shifted cause."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Pairs to test as columns: pattern indices, gain, and the intensity of all but the cause at each effect."""

    cause: Indices
    effect: Indices
    gain: Floats
    rest: tuple[Floats, ...]

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.cause)


@dataclass(frozen=True, slots=True)
class Chance:
    """P-values per claim."""

    p_value: Floats
    """Under far shifts: cause and effect are unrelated."""
    order_p_value: Floats
    """Under near shifts: they merely share busy periods."""


def chance(setting: Setting, claims: Claims, prior: Prior, *, shifts: int, seed: int) -> Chance:
    """P-values of the claims. Observed and shifted gains are computed alike, with everything else fixed as fitted."""
    if not len(claims):
        return Chance(np.empty(0), np.empty(0))
    gain = gains_of(setting, claims, prior, setting.events)
    rounds = [np.random.default_rng((seed, turn)) for turn in range(shifts)]
    far, near = (
        np.stack([gains_of(setting, claims, prior, move(setting, rng)) for rng in rounds], axis=1)
        for move in (far_shifted, near_shifted)
    )
    return Chance(tail(gain, far, THEORY), tail(gain, near, 0))


def tail(gain: Floats, by_chance: Floats, theory: int) -> Floats:
    """P-values of gains, given null gains of shape (claims, shifts); theoretical moments weigh as ``theory`` shifts."""
    weight = by_chance.shape[1] + theory
    mean = np.maximum((by_chance.sum(axis=1) + theory * MEAN) / weight, MEAN)
    square = ((by_chance**2).sum(axis=1) + theory * MEAN_SQUARE) / weight
    variance = np.maximum(square - mean**2, MEAN_SQUARE - MEAN**2)
    shape = np.minimum(mean**2 / variance, MOST_REGULAR)
    return np.asarray(stats.gamma.sf(gain, shape, scale=mean / shape), dtype=np.float64)


def far_shifted(setting: Setting, rng: np.random.Generator) -> Events:
    """Each stream shifted circularly within its site's watch by any amount."""
    watch = watch_of(setting.events, LEAST_WATCH * setting.kernel.reach)
    return shifted(setting.events, watch, int(rng.integers(2**62)))


def near_shifted(setting: Setting, rng: np.random.Generator) -> Events:
    """Each stream shifted by one to :data:`NEAR` kernel reaches, either way.

    Shifted streams are no longer aligned, but still within the same busy period.
    """
    events = setting.events
    stream, count = setting.streams
    amount = rng.uniform(1.0, NEAR, count) * rng.choice((-1.0, 1.0), count) * setting.kernel.reach
    start, length = float(events.seconds.min()), float(np.ptp(events.seconds)) + setting.kernel.reach
    return Events(events.pattern, events.site, start + np.mod(events.seconds - start + amount[stream], length))


def gains_of(setting: Setting, claims: Claims, prior: Prior, causes: Events) -> Floats:
    """Gain of each claim with ``causes`` in place of the real ones, everything else fixed as fitted."""
    claim, before = _of_claims(setting, claims, causes)
    begin = np.concatenate([[0], np.cumsum([len(rest) for rest in claims.rest])])
    row = begin[claim] + before.effect - setting.begin[claims.effect[claim]]
    rest = np.concatenate(claims.rest)
    used, row = np.unique(row, return_inverse=True)
    owner = np.asarray(np.searchsorted(begin, used, side="right") - 1, dtype=np.int64)
    cell = claim * np.int64(setting.bins) + column_of(setting.kernel, before)
    return _gains(row, cell, value_of(setting.kernel, before), rest[used], owner, setting.exposure[claims.cause], prior)


def _gains(row: Indices, cell: Indices, value: Floats, rest: Floats, owner: Indices, exposure: Floats, prior: Prior) -> Floats:
    """Maximise each claim's own likelihood. ``row`` numbers the events that have antecedents, ``owner`` is their claim."""
    claims, bins = exposure.shape
    total = np.bincount(owner, minlength=claims)[:, None]
    weight = total * prior.shape / 2 / np.maximum((exposure * prior.shape).sum(axis=1, keepdims=True), 1e-9)
    for _ in range(TURNS):
        intensity = rest + np.bincount(row, weight.ravel()[cell] * value, minlength=len(rest))
        given = weight * np.bincount(cell, value / intensity[row], minlength=claims * bins).reshape(claims, bins)
        weight = shaped(given, exposure, prior)
    intensity = rest + np.bincount(row, weight.ravel()[cell] * value, minlength=len(rest))
    gain = np.bincount(owner, np.log(intensity / rest), minlength=claims) - (weight * exposure).sum(axis=1)
    return np.asarray(np.maximum(gain, 0.0), dtype=np.float64)


def _of_claims(setting: Setting, claims: Claims, causes: Events) -> tuple[Indices, Antecedents]:
    """Claim index and antecedents, for antecedents that belong to a claim; only patterns in claims are compared."""
    events, patterns = setting.events, np.int64(setting.patterns)
    late, early = (np.flatnonzero(np.isin(events.pattern, side)) for side in (claims.effect, claims.cause))
    before = antecedents(events.take(late), causes.take(early), setting.links, setting.kernel.reach)
    effect, cause = late[before.effect], early[before.cause]
    keys = claims.effect * patterns + claims.cause
    order = np.argsort(keys)
    wanted = events.pattern[effect] * patterns + events.pattern[cause]
    at = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    mine = np.flatnonzero(keys[order][at] == wanted)
    part = Antecedents(effect[mine], cause[mine], before.where[mine], before.lag[mine], before.weight[mine], before.cut_short)
    return order[at[mine]], part
