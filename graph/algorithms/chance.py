"""Expected coincidences of two patterns by chance.

The larger of two estimates is used. The first assumes that each site's streams are unrelated over the
whole watch, which fails where a site has busy hours or a bad week after
an upgrade, and ignores bursts. The second counts the coincidences that appear when
one stream is shifted by a few windows either way: such lags share the hour and the bursts but not the
moment. (The flanks of a cross-correlogram as its baseline: Perkel, Gerstein and Moore 1967, "Neuronal spike
trains and stochastic point processes II"; leaving out a hollow around lag 0: Stark and Abeles 2009,
"Unbiased estimation of precise temporal correlations between spike trains".)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from graph.algorithms.streams import Events, Floats, Indices, Watch

HOLLOW = 2
"""Lags up to this many steps (of two windows) belong to the coincidence itself or its echo."""
REACH = 32
"""Lags up to this many steps either way form the baseline."""
_LAGS = np.arange(-REACH, REACH + 1)
CHUNK = 4_000_000
"""Maximum number of comparisons held in memory."""


@dataclass(frozen=True, slots=True)
class Streams:
    """Onsets grouped into site-and-pattern streams, so that any two can be compared.

    ``key`` is pattern x sites + site, ascending; stream k holds ``axis[begin[k]:begin[k + 1]]``, where
    ``axis`` gives every stream a stretch of one common time line.
    """

    sites: int
    key: Indices
    begin: Indices
    axis: Floats
    share: Floats
    """Per site: share of its watch that one two-sided window covers, 0..1."""
    stretch: float
    """Length of one stream's part of ``axis``: stream k lies at k x stretch."""
    by_pattern: Indices
    """Positions in ``key`` where each pattern's streams begin; one more than there are patterns."""

    @property
    def size(self) -> Indices:
        """Number of onsets of each stream."""
        return np.diff(self.begin)


def streams_of(onsets: Events, watch: Watch, window: float) -> Streams:
    """Group ``onsets``; ``window`` in seconds."""
    sites = onsets.sites
    ordered = onsets.take(np.lexsort((onsets.seconds, onsets.site, onsets.pattern)))
    keys = ordered.pattern * np.int64(sites) + ordered.site
    key, begin = np.unique(keys, return_index=True)
    stream = np.searchsorted(key, keys)
    lowest = float(onsets.seconds.min()) if len(onsets) else 0.0
    span = (float(onsets.seconds.max()) - lowest if len(onsets) else 0.0) + 4 * (REACH + 1) * window + 1.0
    length = np.maximum(watch.length[:sites], 1e-9)
    return Streams(
        sites=sites,
        key=key,
        begin=np.append(begin, len(keys)),
        axis=ordered.seconds - lowest + stream * span,
        share=np.minimum(2 * window / length, 1.0),
        stretch=span,
        by_pattern=np.searchsorted(key, np.arange(onsets.patterns + 1) * np.int64(sites)),
    )


def expected_overall(streams: Streams, first: Indices, second: Indices) -> Floats:
    """Expected coincidences of each pair if all streams were unrelated: sum over sites of n1 x n2 x share."""
    result = np.zeros(len(first))
    for chunk in _pair_chunks(streams, first):
        pair, left, right = _shared_sites(streams, first[chunk], second[chunk])
        n = streams.size
        expected = n[left] * n[right] * streams.share[streams.key[left] % streams.sites]
        result[chunk] = np.bincount(pair, np.minimum(expected, np.minimum(n[left], n[right])), minlength=len(first[chunk]))
    return result


def expected_nearby(streams: Streams, first: Indices, second: Indices, window: float) -> tuple[Floats, Floats]:
    """Coincidences of each pair to expect at lag 0 from the lags around it, and the variance of that forecast.

    Streams that follow the same hours agree less the further they are moved, so a line over the size of the
    lag is fitted to the counts (ordinary least squares) and extrapolated to 0, but not below their
    mean. The variance is that around the line plus that of the line itself. At every lag all sites are moved
    alike, so the variance includes events that affect several sites at once.
    """
    mean, variance = np.zeros(len(first)), np.zeros(len(first))
    lag = np.abs(_LAGS[np.abs(_LAGS) > HOLLOW]).astype(np.float64)
    from_centre = lag - lag.mean()
    # The height of the line at 0 varies by this share of the variance around it (and one count by all of it).
    share = 1 / len(lag) + lag.mean() ** 2 / (from_centre**2).sum()
    for chunk in _pair_chunks(streams, first):
        flanks = _flanks(streams, first[chunk], second[chunk], window)
        level = flanks.mean(axis=1)
        slope = flanks @ from_centre / (from_centre**2).sum()
        around = flanks - level[:, None] - slope[:, None] * from_centre
        mean[chunk] = np.maximum(level - slope * lag.mean(), level)
        variance[chunk] = (around**2).sum(axis=1) / (len(lag) - 2) * (1 + share)
    return mean, variance


def tail(count: Indices, mean: Floats, variance: Floats) -> Floats:
    """Probability of at least ``count`` coincidences: Poisson, or negative binomial where that is larger.

    The negative binomial has the given mean and variance; it is used only where variance > mean.
    """
    poisson = stats.poisson.sf(count - 1, mean)
    over = (variance > mean * (1 + 1e-9)) & (mean > 0)
    spread = np.where(over, variance / np.where(mean > 0, mean, 1.0), 2.0)
    negative_binomial = stats.nbinom.sf(count - 1, np.where(over, mean, 1.0) / (spread - 1.0), 1.0 / spread)
    return np.asarray(np.where(over, np.maximum(negative_binomial, poisson), poisson), dtype=np.float64)


def _pair_chunks(streams: Streams, first: Indices) -> Iterator[slice]:
    """Slices of the pairs, each with about ``CHUNK`` onsets and streams of first patterns."""
    onsets = streams.begin[streams.by_pattern]
    cost = np.cumsum(np.diff(onsets)[first] + np.diff(streams.by_pattern)[first])
    begin = 0
    while begin < len(first):
        spent = cost[begin - 1] if begin else 0
        end = max(int(np.searchsorted(cost, spent + CHUNK // 8, side="right")), begin + 1)
        yield slice(begin, end)
        begin = end


def _shared_sites(streams: Streams, first: Indices, second: Indices) -> tuple[Indices, Indices, Indices]:
    """For each pair and site where both exist: pair position, stream of the first, stream of the second."""
    pair, left = _ranges(streams.by_pattern[first], streams.by_pattern[first + 1])
    wanted = second[pair] * np.int64(streams.sites) + streams.key[left] % streams.sites
    right = np.minimum(np.searchsorted(streams.key, wanted), len(streams.key) - 1)
    found = streams.key[right] == wanted
    return pair[found], left[found], right[found]


def _flanks(streams: Streams, first: Indices, second: Indices, window: float) -> Floats:
    """Coincidences of each pair at each lag of the baseline: shape (pairs, lags)."""
    width = len(_LAGS)
    table = np.zeros(len(first) * width)
    pair, left, right = _shared_sites(streams, first, second)
    which, at = _ranges(streams.begin[left], streams.begin[left + 1])
    # The axis of the second stream lies a multiple of ``stretch`` away from the first's.
    centre = streams.axis[at] + (right - left)[which] * streams.stretch
    reach = (2 * REACH + 1) * window
    low = np.searchsorted(streams.axis, centre - reach, side="right")
    high = np.searchsorted(streams.axis, centre + reach, side="right")
    bounds = np.cumsum(high - low)
    begin = 0
    while begin < len(low):
        spent = bounds[begin - 1] if begin else 0
        end = max(int(np.searchsorted(bounds, spent + CHUNK, side="right")), begin + 1)
        owner, other = _ranges(low[begin:end], high[begin:end])
        lag = streams.axis[other] - centre[begin:end][owner]
        step = np.clip(np.ceil(lag / (2 * window) - 0.5).astype(np.int64), -REACH, REACH) + REACH
        table += np.bincount(pair[which[begin:end][owner]] * width + step, minlength=len(table))
        begin = end
    return table.reshape(len(first), width)[:, np.abs(_LAGS) > HOLLOW]


def _ranges(low: Indices, high: Indices) -> tuple[Indices, Indices]:
    """All integers of all ranges ``low[i]:high[i]``, with the ``i`` each comes from."""
    size = high - low
    owner = np.repeat(np.arange(len(low)), size)
    offset = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    return owner, low[owner] + offset
