"""Summarise one cause: support, lag and examples, weighted by its share in each onset of the effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graph.algorithms.causation.effects import EffectAntecedents, Setting
from graph.algorithms.causation.hawkes import Effect, Fit
from graph.algorithms.causation.standing import Standing, standing
from graph.algorithms.streams import Floats, Indices


@dataclass(slots=True)
class Target:
    """One effect while its causes are looked for: ``causes`` are those still left, sorted, in the order of the fit."""

    pattern: int
    evidence: EffectAntecedents
    causes: Indices
    effect: Effect
    fit: Fit | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The figures of one pair, as :class:`graph.algorithms.causation.decide.Causes` has them."""

    support: float
    linked_share: float
    lag: float
    standing: Standing
    examples: tuple[tuple[int, float, int, float], ...]


def account_of(setting: Setting, target: Target, cause: int, examples: int) -> Account:
    """Figures of one cause, weighted by its share in each later event of the effect."""
    fitted, evidence, onsets = target.fit, target.evidence, setting.onsets
    assert fitted is not None
    place = int(np.searchsorted(target.causes, cause))
    mine = np.flatnonzero(evidence.pattern == cause)
    event, column = evidence.event[mine], evidence.column[mine]
    likely = fitted.weight[place][column] * evidence.value[mine] / fitted.intensity[event]
    support = float(likely.sum())
    begin = int(setting.begin[target.pattern])
    part = np.bincount(event, likely, minlength=len(fitted.intensity)).astype(np.float64)
    happened = np.sort(onsets.seconds[setting.begin[cause] : setting.begin[cause + 1]])
    set_off = float((fitted.weight[place] * target.effect.exposure[place]).sum()) / max(len(happened), 1)
    effect_at = onsets.seconds[begin : begin + len(part)]
    return Account(
        support=support,
        linked_share=float(likely[column >= setting.kernel.bins].sum()) / max(support, 1e-12),
        lag=_median(evidence.lag[mine], likely),
        standing=standing(happened, set_off, effect_at, part),
        examples=_examples(setting, evidence.cause[mine], begin + event, likely, examples),
    )


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order][min(int(np.searchsorted(total, total[-1] / 2)), len(values) - 1)])


def _examples(
    setting: Setting, cause_at: Indices, effect_at: Indices, likely: Floats, most: int
) -> tuple[tuple[int, float, int, float], ...]:
    """Most likely occasions, at most one per site of the effect."""
    events, onsets = setting.events, setting.onsets
    order = np.lexsort((effect_at, -likely))
    _, first = np.unique(onsets.site[effect_at[order]], return_index=True)
    return tuple(
        (int(events.site[c]), float(events.seconds[c]), int(onsets.site[e]), float(onsets.seconds[e]))
        for c, e in zip(cause_at[order[np.sort(first)][:most]], effect_at[order[np.sort(first)][:most]], strict=True)
    )
