"""A Hawkes process for one kind of event: how many events are spontaneous, and how many other events trigger.

The intensity of the effect at a site is ``base + sum over causes u and lag bins k of w[u, k] x (causes u in bin k)``:
each cause has a kernel that is constant within lag bins, once for its own site and once for linked sites. The
likelihood is maximised by expectation-maximisation (Veen and Schoenberg 2008, "Estimation of space-time branching
process models in seismology using an EM-type algorithm", section 3): each event is divided among its possible
triggers, and each cause's weight becomes the events it received over those it could have triggered.

With free bins a rare cause would fit noise; without them, a delay that a fixed shape cannot express would be attributed
to another cause. So each cause has a Dirichlet prior on the shape of its kernel around one shape that all pairs share and
that is itself estimated (empirical Bayes): rare causes take the common shape, frequent ones their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from graph.algorithms.streams import Floats, Indices

_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Kernel:
    """Lag bins ``(edges[k], edges[k + 1]]`` in seconds, from 0, which is in the first. A bin's kernel integrates to 1."""

    edges: tuple[float, ...]

    def __post_init__(self) -> None:
        """``ValueError`` unless the edges ascend from 0."""
        if len(self.edges) < 2 or self.edges[0] != 0 or any(a >= b for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("edges must ascend from 0")

    @property
    def bins(self) -> int:
        """Number of bins."""
        return len(self.edges) - 1

    @property
    def reach(self) -> float:
        """The longest lag, in seconds."""
        return self.edges[-1]

    @property
    def width(self) -> Floats:
        """Width of each bin, in seconds."""
        return np.diff(np.array(self.edges))

    def bin_of(self, lag: Floats) -> Indices:
        """The bin of each lag; lags must be in ``0..reach``."""
        return np.maximum(np.searchsorted(np.array(self.edges), lag, side="left") - 1, 0)

    def exposure(self, left: Floats) -> Floats:
        """Share of each bin that lies within ``left`` seconds: shape (len(left), bins)."""
        return np.asarray(np.clip((left[:, None] - np.array(self.edges)[:-1]) / self.width, 0.0, 1.0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Prior:
    """The common shape of kernels, K values that sum to 1, and its weight in events."""

    shape: Floats
    strength: float


@dataclass(frozen=True, slots=True)
class Effect:
    """The data of one kind of event: n events, U possible causes with K bins each, F other sources."""

    kernels: csr_array
    """Intensity that each bin of each cause would add at each event at weight 1: (n, U x K)."""
    exposure: Floats
    """The same integrated over all sites and the whole watch: (U, K)."""
    sources: Floats
    """Intensity of each other source at each event; the first is the base, > 0: (n, F)."""
    source_exposure: Floats
    """The same integrated: (F,), > 0."""

    def without(self, cause: int) -> Effect:
        """The same, with one possible cause left out."""
        kept = np.arange(len(self.exposure)) != cause
        return self.only(np.flatnonzero(kept))

    def only(self, causes: Indices) -> Effect:
        """The same, with these possible causes alone."""
        bins = self.exposure.shape[1]
        columns = (causes[:, None] * bins + np.arange(bins)).ravel()
        return Effect(self.kernels[:, columns], self.exposure[causes], self.sources, self.source_exposure)


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights at the maximum, and the values derived from them."""

    weight: Floats
    """Of each bin of each cause: (U, K), >= 0."""
    source_weight: Floats
    intensity: Floats
    """At each event: (n,)."""
    given: Floats
    """Expected number of events triggered by each bin of each cause: (U, K)."""
    likelihood: float
    """The log-likelihood, without the prior."""


def fit(effect: Effect, prior: Prior, start: Fit | None = None, *, rounds: int = 150, tolerance: float = 1e-5) -> Fit:
    """Maximise; ends after ``rounds`` or when ten of them change the likelihood by less than ``tolerance`` per event.

    The base is given one event more than it earns, so that no event is left to one cause alone.
    """
    kernels, turned = effect.kernels, effect.kernels.T.tocsr()
    exposure = np.maximum(effect.exposure, 1e-9)
    events, (causes, bins) = effect.kernels.shape[0], exposure.shape
    weight, source_weight = _start(effect, prior, start)
    last = -np.inf
    intensity = kernels @ weight.ravel() + effect.sources @ source_weight + _TINY
    given = np.zeros((causes, bins))
    for turn in range(rounds):
        share = 1.0 / intensity
        given = weight * (turned @ share).reshape(causes, bins)
        earned = source_weight * (share @ effect.sources)
        earned[0] = (earned[0] + 1.0) * events / (events + 1.0)
        source_weight = earned / effect.source_exposure
        weight = shaped(given, exposure, prior)
        intensity = kernels @ weight.ravel() + effect.sources @ source_weight + _TINY
        if turn % 10 == 9:
            likelihood = float(np.log(intensity).sum())
            if abs(likelihood - last) < tolerance * events:
                break
            last = likelihood
    likelihood = float(np.log(intensity).sum() - (weight * exposure).sum() - source_weight @ effect.source_exposure)
    return Fit(weight, source_weight, intensity, given, likelihood)


def shaped(given: Floats, exposure: Floats, prior: Prior) -> Floats:
    """Weights of causes from the events attributed to each bin: (U, K) from (U, K)."""
    total = given.sum(axis=1, keepdims=True)
    shape = (given + prior.strength * prior.shape) / (total + prior.strength)
    weight = shape * total / np.maximum((shape * exposure).sum(axis=1, keepdims=True), _TINY)
    return np.asarray(weight, dtype=np.float64)


def common_shape(given: Floats) -> Floats:
    """The shape that all pairs share, from the events attributed to each bin in all of them: (K,)."""
    return np.asarray((given + 1.0) / (given + 1.0).sum(), dtype=np.float64)


def _start(effect: Effect, prior: Prior, start: Fit | None) -> tuple[Floats, Floats]:
    if start is not None:
        return start.weight, start.source_weight
    events, causes = effect.kernels.shape[0], len(effect.exposure)
    level = events / 2 / max(causes, 1) / np.maximum(effect.exposure @ prior.shape, 1e-9)
    sources = events / 2 / len(effect.source_exposure) / np.maximum(effect.source_exposure, 1e-9)
    return level[:, None] * prior.shape, sources


__all__ = ["Effect", "Fit", "Kernel", "Prior", "common_shape", "fit", "shaped"]
