"""Over-represented attributes, and controls that are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import fisher_exact

from graph.algorithms.over_representation import (
    OverRepresentationBounds,
    Table,
    audit_attributes,
    over_represented,
    possible_tests,
)


def table(rows: list[tuple[int, int]], value_of: list[int]) -> Table:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return Table(columns[:, 0], columns[:, 1], np.array(value_of, dtype=np.int64))


def busy(seed: int, subjects: int = 400, patterns: int = 300, evenness: float = 1.0) -> Table:
    """Subjects of very different activity, patterns of very different frequency, and an independent value."""
    rng = np.random.default_rng(seed)
    active = (1.0 + rng.permutation(subjects)) ** -evenness
    often = (1.0 + np.arange(patterns)) ** -1.0
    events = subjects * 15
    return Table(
        rng.choice(subjects, events, p=active / active.sum()),
        rng.choice(patterns, events, p=often / often.sum()),
        rng.choice(6, subjects, p=[0.4, 0.25, 0.15, 0.1, 0.06, 0.04]),
    )


def test_it_is_fishers_test_where_all_are_equally_active() -> None:
    """20 subjects, each with one pattern: 8 of 10 with the value on one side, 1 of 10 on the other."""
    rows = [(subject, subject // 10) for subject in range(20)]
    values = [0] * 8 + [1] * 2 + [0] + [1] * 9
    found = over_represented([table(rows, values)], OverRepresentationBounds(min_support=1, max_q=1.0, min_lift=0.0))
    at = next(n for n in range(len(found.pairs)) if (found.pairs.pattern[n], found.pairs.value[n]) == (0, 0))
    exact = fisher_exact(np.array([[8, 2], [1, 9]]), alternative="greater").pvalue
    assert found.pairs.p_value[at] == pytest.approx(exact)
    assert found.pairs.odds_ratio[at] == pytest.approx(8.5 * 9.5 / (2.5 * 1.5))
    assert (found.pairs.share[at], found.pairs.share_others[at]) == (pytest.approx(0.8), pytest.approx(0.1))
    assert found.pairs.lift[at] == pytest.approx(8 / 4.5)


def test_repeats_are_one_occasion() -> None:
    quiet = [(subject, 1 + subject % 9) for subject in range(200)]
    burst = [(0, 0)] * 10_000
    values = [0, *([1] * 199)]
    assert len(over_represented([table(quiet + burst, values)], OverRepresentationBounds(min_support=1)).pairs) == 0


def test_what_is_planted_is_found_and_nothing_else() -> None:
    noise = busy(1)
    with_value = np.flatnonzero(noise.value_of == 3)
    rows = list(zip(noise.subject.tolist(), noise.pattern.tolist(), strict=True))
    rows += [(int(subject), 300) for subject in with_value[:25]] + [(int(subject), 300) for subject in range(0, 400, 80)]
    found = over_represented([table(rows, noise.value_of.tolist())], OverRepresentationBounds())
    assert list(zip(found.pairs.pattern.tolist(), found.pairs.value.tolist(), strict=True)) == [(300, 3)]
    assert found.pairs.lift[0] > 4
    assert found.tests >= found.seen // 10


@pytest.mark.parametrize("evenness", [0.0, 0.7, 1.3])
def test_it_is_silent_on_noise_however_unevenly_active_the_subjects_are(evenness: float) -> None:
    kept = sum(len(over_represented([busy(seed, evenness=evenness)], OverRepresentationBounds()).pairs) for seed in range(20))
    assert kept <= 1
    audit = audit_attributes([busy(99, evenness=evenness)], OverRepresentationBounds(), rounds=10)
    assert audit.seen > 1_000
    assert audit.false_pairs <= 1


def test_a_value_of_the_busy_does_not_correlate_with_everything() -> None:
    """Of 300 subjects 30 have nearly every pattern; Fisher's test alone would report their value for most."""
    values = [0] * 30 + [1] * 270
    kept = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rows = [(subject, int(p)) for subject in range(30) for p in rng.choice(100, 70, replace=False)]
        rows += [(subject, int(p)) for subject in range(30, 300) for p in rng.choice(100, 5, replace=False)]
        kept += len(over_represented([table(rows, values)], OverRepresentationBounds()).pairs)
    assert kept <= 2


def test_each_family_of_tables_gets_its_part_of_one_false_discovery_rate() -> None:
    rows = [(subject, subject // 20) for subject in range(40)]
    strong = table(rows, [0] * 14 + [1] * 6 + [0] * 6 + [1] * 14)
    others = [busy(seed) for seed in range(5)]

    def q(*others: Table) -> float:
        pairs = over_represented([strong, *others], OverRepresentationBounds(max_q=1.0, min_lift=0.0)).pairs
        return float(pairs.q_value[list(pairs.table).index(0)])

    alone = q()
    assert q(*others) > 20 * alone, "in one family they pay for each other"
    assert q(*(replace(one, family=1) for one in others)) == pytest.approx(2 * alone)


def test_tables_that_cannot_be_significant_are_not_tested() -> None:
    sizes, widths = np.array([3, 5, 40]), np.array([2, 6, 80])
    assert possible_tests(sizes, widths, 100, OverRepresentationBounds(min_support=3)) == 5 - 1, (
        "all 3 of 80 % of 100 would be chance"
    )
    assert possible_tests(sizes, widths, 100, OverRepresentationBounds(min_support=6)) == 2


def test_empty_tables_are_no_failure() -> None:
    empty = table([], [])
    found = over_represented([empty, table([(0, 0)], [0])], OverRepresentationBounds())
    assert (len(found.pairs), found.seen, found.tests) == (0, 0, 0)
    assert over_represented([], OverRepresentationBounds()).tests == 0


@pytest.mark.parametrize("wrong", [{"min_support": 0}, {"max_q": 0.0}, {"max_q": 1.5}])
def test_bounds_name_what_is_wrong(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        OverRepresentationBounds(**wrong)  # type: ignore[arg-type]  # fields by name
