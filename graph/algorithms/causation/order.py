"""Test the order of cause and effect against time reversal.

In a storm, or under a common driver, patterns accompany each other in either order, and a few occasions decide which
order seems the stronger one. If order carries no information, the record read backwards explains the effect as well as the
record read forwards (time-reversed Granger causality: Haufe et al. 2013, "A critical assessment of connectivity measures
for EEG data", section 2.4). So each stretch of a site's record votes with the difference of the two gains, and the votes
are compared with their own spread: ten repeats in one incident are one vote, and two sites that contradict cancel.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from graph.algorithms.causation.effects import Setting
from graph.algorithms.causation.episodes import stretches
from graph.algorithms.causation.hawkes import Prior
from graph.algorithms.causation.null_model import Claims, Explained, explained
from graph.algorithms.streams import Events, Floats, Indices

LOUDEST = 2.0
"""Most that a stretch can vote, in nats (odds of 7 to 1): no incident decides alone."""


def order_p_values(setting: Setting, claims: Claims, prior: Prior) -> Floats:
    """Probability of as many votes for "cause first" if neither order were preferred; below .5 if the votes are for it."""
    if not len(claims):
        return np.empty(0)
    forwards = explained(setting, claims, prior, setting.onsets, setting.events)
    backwards = explained(setting, claims, prior, reversed_in_time(setting.onsets), reversed_in_time(setting.events))
    claim, vote = _votes(setting, forwards, backwards)
    vote = np.clip(vote, -LOUDEST, LOUDEST)
    total = np.bincount(claim, vote, minlength=len(claims))
    spread = np.sqrt(np.bincount(claim, vote**2, minlength=len(claims)))
    return np.asarray(stats.norm.sf(total / np.maximum(spread, 1e-9)), dtype=np.float64)


def reversed_in_time(events: Events) -> Events:
    """The same events, the last first."""
    return Events(events.pattern, events.site, -events.seconds)


def _votes(setting: Setting, forwards: Explained, backwards: Explained) -> tuple[Indices, Floats]:
    """Claim and difference of the gains, per claim and stretch; the costs are spread over a claim's stretches."""
    stretch = stretches(setting.events, setting.around)[setting.pull == 1.0]
    size = np.int64(stretch.max() + 1)
    keys = np.concatenate([part.claim * size + stretch[part.onset] for part in (forwards, backwards)])
    keys, row = np.unique(keys, return_inverse=True)
    claim = keys // size
    vote = np.bincount(row, np.concatenate([forwards.gain, -backwards.gain]), minlength=len(keys))
    share = (forwards.cost - backwards.cost) / np.maximum(np.bincount(claim, minlength=len(forwards.cost)), 1)
    return claim, vote - share[claim]
