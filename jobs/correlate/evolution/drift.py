"""Drift within a pattern: one of its signatures fades where another appears.

Matching followed the bug, so there is no second pattern to link; the drift is recorded in the history of the pattern.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import permutations

import numpy as np

from graph.algorithms.evolution import Candidates, EvolutionBounds, Timeline, find_evolutions, permuted
from graph.cypher import query
from graph.model.statement import Statement
from graph.ports import Reader
from jobs.correlate.evolution.products import Product, SignatureForm

FORMS = 12
"""Maximum signatures compared per pattern, those with the most occasions first."""


@dataclass(frozen=True, slots=True)
class SignatureDrift:
    """A signature that another one of the same pattern replaced, at a version."""

    product: str
    version: str
    older: SignatureForm
    newer: SignatureForm
    left: float
    before: float
    support: int
    p_value: float

    @property
    def revision_id(self) -> str:
        """Stable id of this drift."""
        parts = (self.newer.pattern, self.product, self.older.exact, self.newer.exact)
        return sha256("\n".join(parts).encode()).hexdigest()[:32]

    @property
    def why(self) -> str:
        """The evidence as a sentence."""
        return (
            f"From {self.version} of {self.product or 'an unnamed product'} on it comes as {self.newer.title} "
            f"[{self.newer.exact[:8]}], and {self.older.title} [{self.older.exact[:8]}] is down to {self.left:.0%} of its "
            "rate. "
            f"Either was seen on {self.support:,} days at a site or more; if versions had nothing to do with it, as much would "
            f"be seen with probability {self.p_value:.1g}."
        )


def drifts(product: Product, bounds: EvolutionBounds) -> list[SignatureDrift]:
    """Drifts of a product's patterns: the strongest per pattern and version."""
    counts, pairs = product.form_counts, _pairs(product)
    evolutions = find_evolutions(Timeline(counts, product.timeline.exposure), pairs, bounds)
    strongest: dict[tuple[str, int], SignatureDrift] = {}
    for at in range(len(evolutions)):
        newer, older = product.forms[int(evolutions.newer[at])], product.forms[int(evolutions.older[at])]
        change = int(evolutions.change[at])
        drift = SignatureDrift(
            product=product.name,
            version=product.versions[change],
            older=older,
            newer=newer,
            left=float(evolutions.left[at]),
            before=float(evolutions.before[at]),
            support=int(evolutions.support[at]),
            p_value=float(evolutions.p_value[at]),
        )
        strongest.setdefault((newer.pattern, change), drift)
    return list(strongest.values())


def false_drifts(product: Product, bounds: EvolutionBounds, rng: np.random.Generator) -> int:
    """Number of drifts found with the versions permuted over all occasions of the product."""
    with_forms = {form.pattern for form in product.forms}
    others = [at for at, pattern in enumerate(product.patterns) if pattern not in with_forms]
    everything = Timeline(np.vstack([product.form_counts, product.timeline.counts[others]]), product.timeline.exposure)
    turned = replace(product, form_counts=permuted(everything, rng).counts[: len(product.forms)])
    return len(drifts(turned, bounds))


async def new_revisions(graph: Reader, changes: Sequence[SignatureDrift], now: datetime) -> list[Statement]:
    """Statements that append the drifts to the history of their pattern, those that are there left out."""
    [row] = await graph.read(query("jobs/evolution/known_drifts", ids=[drift.revision_id for drift in changes]))
    known = set(row["ids"])
    return [
        query("history/revise", pattern_id=drift.newer.pattern, revision=_revision(drift, now), crash_id=None)
        for drift in changes
        if drift.revision_id not in known
    ]


def _revision(drift: SignatureDrift, now: datetime) -> dict[str, object]:
    change = {"change_type": "drift", "by": "evolution", "reason": drift.why, "before": "{}", "after": "{}"}
    return {"revision_id": drift.revision_id, "at": now, **change}


def _pairs(product: Product) -> Candidates:
    """Both directions of each pair of signatures of one pattern."""
    of_pattern: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for at, (form, total) in enumerate(zip(product.forms, product.form_counts.sum(axis=1).tolist(), strict=True)):
        of_pattern[form.pattern][at] = total
    pairs = [
        pair
        for pattern in sorted(of_pattern)
        for pair in permutations([at for at, _ in of_pattern[pattern].most_common(FORMS)], 2)
    ]
    newer, older = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return Candidates(newer, older, np.ones(len(pairs)))
