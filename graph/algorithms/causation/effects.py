"""Prepare event streams for :mod:`.hawkes`: each pattern as an effect with its possible causes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from graph.algorithms.causation.antecedents import LINKED, OWN, Antecedents, SiteLinks, antecedents
from graph.algorithms.causation.episodes import places
from graph.algorithms.causation.hawkes import Effect, Kernel
from graph.algorithms.streams import Events, Floats, Indices

PLACES = (OWN, LINKED)


@dataclass(frozen=True, slots=True)
class Setting:
    """Data shared by all effects. ``events`` and ``onsets`` are ordered by pattern, then site, then time.

    Only onsets are effects: a repeat is explained by its own episode. As causes all events count, the k-th of an episode
    for 1 / k, so that an alarm stuck for days outweighs a short one by little.
    """

    events: Events
    pull: Floats
    """How much each event counts as a cause, 0..1: (n,)."""
    onsets: Events
    links: SiteLinks
    kernel: Kernel
    around: float
    """Half the width, in seconds, of the window that estimates an effect's own rate; also the silence between
    independent stretches of a site's record."""
    begin: Indices
    """Onsets of pattern v are ``begin[v]:begin[v + 1]``."""
    before: Antecedents
    """Of all onsets among all events."""
    exposure: Floats
    """Per pattern and bin of the kernel, own site first: (V, K)."""
    sources: Floats
    """Per onset: base, own base of the site, own rate around: (n, 3)."""

    @property
    def patterns(self) -> int:
        """Number of patterns."""
        return len(self.begin) - 1

    @property
    def count(self) -> Indices:
        """Episodes of each pattern."""
        return np.diff(self.begin)

    @property
    def streams(self) -> tuple[Indices, int]:
        """For each event the number of its site-and-pattern stream, and how many there are."""
        key = self.events.pattern * np.int64(self.events.sites) + self.events.site
        names, stream = np.unique(key, return_inverse=True)
        return stream, len(names)

    @property
    def bins(self) -> int:
        """Bins of a cause's kernel, both places together."""
        return len(PLACES) * self.kernel.bins


def setting_of(events: Events, links: SiteLinks, kernel: Kernel, around: float, rest: float) -> Setting:
    """Order the events, find episodes (``rest`` seconds of silence end them), compute what does not depend on the fit."""
    ordered = events.take(np.lexsort((events.seconds, events.site, events.pattern)))
    place = places(ordered, rest)
    pull, onsets = 1.0 / place, ordered.take(np.flatnonzero(place == 1))
    begin = np.searchsorted(onsets.pattern, np.arange(ordered.patterns + 1))
    return Setting(
        events=ordered,
        pull=pull,
        onsets=onsets,
        links=links,
        kernel=kernel,
        around=around,
        begin=begin,
        before=weighted(antecedents(onsets, ordered, links, kernel.reach), pull),
        exposure=_exposure(ordered, pull, links, kernel),
        sources=_sources(onsets, begin, around),
    )


def weighted(before: Antecedents, pull: Floats) -> Antecedents:
    """The same, each row also weighted by its cause's ``pull``."""
    return replace(before, weight=before.weight * pull[before.cause])


def column_of(kernel: Kernel, before: Antecedents) -> Indices:
    """Kernel bin of each antecedent: own site first, then linked sites."""
    return before.where * kernel.bins + kernel.bin_of(before.lag)


def value_of(kernel: Kernel, before: Antecedents) -> Floats:
    """Intensity that each antecedent adds at weight 1."""
    return before.weight / kernel.width[kernel.bin_of(before.lag)]


@dataclass(frozen=True, slots=True)
class EffectAntecedents:
    """The antecedents of one effect, as arrays: event (from 0 within the effect), pattern, bin, value, lag, position."""

    event: Indices
    pattern: Indices
    column: Indices
    value: Floats
    lag: Floats
    cause: Indices
    """Position of the earlier event in the setting's events."""


def evidence_of(setting: Setting, target: int) -> EffectAntecedents:
    """The antecedents of one pattern's onsets."""
    begin, end = setting.begin[target : target + 2]
    low, high = np.searchsorted(setting.before.effect, (begin, end))
    part = slice(int(low), int(high))
    all_ = setting.before
    mine = Antecedents(all_.effect[part] - begin, all_.cause[part], all_.where[part], all_.lag[part], all_.weight[part], 0)
    return EffectAntecedents(
        mine.effect,
        setting.events.pattern[mine.cause],
        column_of(setting.kernel, mine),
        value_of(setting.kernel, mine),
        mine.lag,
        mine.cause,
    )


def effect_of(setting: Setting, target: int, evidence: EffectAntecedents, causes: Indices) -> Effect:
    """The effect with these possible causes (sorted pattern indices, ``target`` not among them).

    Self-excitation is always among the other sources, so a burst is explained by itself first.
    """
    bins, count = setting.bins, int(setting.count[target])
    place = np.full(setting.patterns, -1)
    place[causes] = np.arange(len(causes))
    mine = place[evidence.pattern] >= 0
    columns = place[evidence.pattern[mine]] * bins + evidence.column[mine]
    kernels = csr_array((evidence.value[mine], (evidence.event[mine], columns)), shape=(count, len(causes) * bins))
    self_ = evidence.pattern == target
    at = evidence.event[self_] * bins + evidence.column[self_]
    own = np.bincount(at, evidence.value[self_], minlength=count * bins).reshape(count, bins)
    begin = setting.begin[target]
    return Effect(
        kernels=kernels,
        exposure=setting.exposure[causes],
        sources=np.hstack([setting.sources[begin : begin + count], own]),
        source_exposure=np.concatenate([[1.0, 1.0, count], np.maximum(setting.exposure[target], 1e-9)]),
    )


def possible_causes(setting: Setting, target: int, evidence: EffectAntecedents, least: int) -> Indices:
    """Patterns that came before at least ``least`` of the effect's events; sorted."""
    keys = np.unique(evidence.event * np.int64(setting.patterns) + evidence.pattern)
    before = np.bincount(keys % setting.patterns, minlength=setting.patterns)
    before[target] = 0
    return np.flatnonzero((before >= least) & (setting.count >= least))


def _exposure(events: Events, pull: Floats, links: SiteLinks, kernel: Kernel) -> Floats:
    """Exposure per pattern and bin; time beyond the end of the record does not count."""
    end = events.seconds.max(initial=0.0)
    seen = kernel.exposure(end - events.seconds) * pull[:, None]
    by_place = [seen, seen * links.reach[events.site][:, None]]
    table = np.zeros((events.patterns, len(PLACES) * kernel.bins))
    np.add.at(table, events.pattern, np.hstack(by_place))
    return table


def _sources(events: Events, begin: Indices, around: float) -> Floats:
    """Three rates at each event, each of which integrates to 1 over all sites (the third to the number of events).

    The first has every site as active as all patterns together make it, the second as active as the pattern itself
    is there, the event left out. The third is the pattern's own rate within ``around`` seconds before and after,
    the event left out: in a storm much happens at once without one thing setting off the other.
    """
    span = max(float(np.ptp(events.seconds)) if len(events) else 0.0, 1.0)
    of_site = np.bincount(events.site, minlength=events.sites)
    common = (of_site[events.site] + 1.0) / (len(events) + events.sites)
    stream = events.pattern * np.int64(events.sites) + events.site
    _, which, size = np.unique(stream, return_inverse=True, return_counts=True)
    mine = (size[which] - 1.0) / np.maximum(np.diff(begin)[events.pattern] - 1.0, 1.0)
    stretch = span + 2 * around + 1.0
    axis = events.seconds - events.seconds.min(initial=np.inf) + which * stretch
    near = np.searchsorted(axis, axis + around, side="right") - np.searchsorted(axis, axis - around, side="left") - 1
    return np.stack([common / span, mine / span, near / (2 * around)], axis=1)
