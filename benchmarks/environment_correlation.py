"""Environment correlation: planted facts found, and silence where there are none, beside two methods that count crashes.

    PYTHONPATH=. python benchmarks/environment_correlation.py [--sizes N ...] [--copies N]

Made-up crashes of one product at sites of very different activity, in bursts of up to three days at one site. Every tenth
pattern is eight times as frequent where one fact (system, version, runtime, database or memory) has one value. Methods in
the same run:

- ours: as the job does it, from the rows that the graph gives to the pairs;
- most frequent: the value that most crashes of a pattern have, if more than half have it, and 1.5 times as many as of all;
- Fisher: Fisher's test on numbers of crashes, Benjamini-Hochberg over all pairs seen, lift of 1.5 and five crashes at least.

The second table has the same crashes without anything planted, so that every pair that is reported is false.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from _bench import report
from scipy.stats import false_discovery_control, hypergeom

from graph.algorithms.over_representation import OverRepresentationBounds, over_represented
from jobs.correlate.environment_correlation import Sighting, comparisons_of

FACTS = {"os": 5, "version": 6, "runtime": 4, "database": 4, "memory_class": 3}
EFFECT, PLANTED_EVERY, BURST = 8.0, 10, 8.0
DAYS = 150
Triple = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Made:
    """Crashes as columns, what each site is, and what was planted."""

    pattern: np.ndarray
    site: np.ndarray
    day: np.ndarray
    facts: list[dict[str, str]]
    planted: set[Triple]


def made_up(size: int, seed: int, *, effect: float) -> Made:
    """``size`` crashes, in bursts, of ``size / 400`` patterns at up to 600 sites."""
    rng = np.random.default_rng(seed)
    sites, patterns = min(600, 60 + size // 500), max(30, size // 400)
    values = {name: rng.choice(count, sites, p=_shares(count)) for name, count in FACTS.items()}
    facts = [{name: f"{name} {chosen[at]}" for name, chosen in values.items()} for at in range(sites)]
    active = (1.0 + rng.permutation(sites)) ** -0.6
    often = (1.0 + rng.permutation(patterns)) ** -0.7
    occasions = int(size / BURST)
    share = rng.multinomial(occasions, often / often.sum())
    pattern, site, planted = [], [], set()
    for at in range(patterns):
        weight = active
        if at % PLANTED_EVERY == 0:
            name = str(rng.choice(list(FACTS)))
            value = int(rng.integers(FACTS[name]))
            weight = active * np.where(values[name] == value, effect, 1.0)
            planted |= {(f"p{at}", name, f"{name} {value}")} if effect > 1 else set()
        pattern.append(np.full(share[at], at))
        site.append(rng.choice(sites, share[at], p=weight / weight.sum()))
    repeats = rng.geometric(1 / BURST, occasions)
    day = np.repeat(rng.integers(0, DAYS, occasions), repeats) + rng.integers(0, 3, repeats.sum())
    return Made(np.repeat(np.concatenate(pattern), repeats), np.repeat(np.concatenate(site), repeats), day, facts, planted)


def _shares(count: int) -> np.ndarray:
    shares = 0.6 ** np.arange(count)
    return shares / shares.sum()


def rows(made: Made) -> list[Sighting]:
    """As the job reads them."""
    environments = [
        {**facts, "product": "shop", "site": f"site {at}", "environment_id": str(at)} for at, facts in enumerate(made.facts)
    ]
    key = made.pattern * np.int64(len(made.facts)) + made.site
    cells = np.unique(np.stack([key, made.day]), axis=1)
    starts = np.flatnonzero(np.r_[True, np.diff(cells[0]) != 0])
    days = np.split(cells[1], starts[1:])
    return [
        Sighting(f"p{k // len(made.facts)}", environments[k % len(made.facts)], [], one.tolist())
        for k, one in zip(cells[0][starts].tolist(), days, strict=True)
    ]


def ours(seen: list[Sighting]) -> set[Triple]:
    questions = comparisons_of(seen, 10, 7)
    pairs = over_represented([one.table() for one in questions], OverRepresentationBounds()).pairs
    names = [(tuple(one.patterns), one.name, tuple(one.values)) for one in questions]
    return {
        (names[t][0][p], names[t][1], names[t][2][v])
        for t, p, v in zip(pairs.table.tolist(), pairs.pattern.tolist(), pairs.value.tolist(), strict=True)
    }


def counted(made: Made) -> Iterator[tuple[str, list[str], np.ndarray]]:
    """For each fact its values and how many crashes of each pattern (rows) have each (columns)."""
    every = {
        **{name: [facts[name] for facts in made.facts] for name in FACTS},
        "site": [f"site {n}" for n in range(len(made.facts))],
    }
    for name, of_site in every.items():
        values, index = np.unique(of_site, return_inverse=True)
        table = np.zeros((int(made.pattern.max()) + 1, len(values)), dtype=np.int64)
        np.add.at(table, (made.pattern, index[made.site]), 1)
        yield name, values.tolist(), table


def most_frequent(made: Made) -> set[Triple]:
    found = set()
    for name, values, table in counted(made):
        share = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
        usual = table.sum(axis=0) / table.sum()
        best = share.argmax(axis=1)
        for at in range(len(table)):
            value = best[at]
            if table[at, value] >= 5 and share[at, value] > 0.5 and share[at, value] >= 1.5 * usual[value]:
                found.add((f"p{at}", name, values[value]))
    return found


def fisher(made: Made) -> set[Triple]:
    names: list[Triple] = []
    p_values, enough = [], []
    for name, values, table in counted(made):
        at, value = np.nonzero(table)
        both, of_pattern, of_value = table[at, value], table.sum(axis=1)[at], table.sum(axis=0)[value]
        p_values.append(hypergeom.sf(both - 1, table.sum(), of_value, of_pattern))
        enough.append((both >= 5) & (both >= 1.5 * of_value * of_pattern / table.sum()))
        names += [(f"p{a}", name, values[v]) for a, v in zip(at.tolist(), value.tolist(), strict=True)]
    kept = (false_discovery_control(np.concatenate(p_values)) <= 0.05) & np.concatenate(enough)
    return {names[at] for at in np.flatnonzero(kept).tolist()}


def timed(work: Callable[[], set[Triple]]) -> tuple[set[Triple], float]:
    began = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began


def compare(size: int, copies: int, *, effect: float) -> list[dict[str, object]]:
    """One row a method: means over copies with different seeds."""
    sums: dict[str, np.ndarray] = {}
    planted = 0
    for seed in range(copies):
        made = made_up(size, seed, effect=effect)
        seen = rows(made)
        planted += len(made.planted)
        for name, method in {
            "ours": partial(ours, seen),
            "most frequent": partial(most_frequent, made),
            "Fisher": partial(fisher, made),
        }.items():
            found, took = timed(method)
            sums[name] = sums.get(name, np.zeros(3)) + np.array([len(found), len(found & made.planted), took])
    told = []
    for name, (found, right, took) in sums.items():
        row: dict[str, object] = {"crashes": size, "method": name, "reported": found / copies}
        if effect > 1:
            row |= {"precision": right / max(found, 1), "recall": right / planted}
        told.append({**row, "seconds": took / copies})
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--copies", type=int, default=5)
    options = parser.parse_args()
    for name, effect in (("planted", EFFECT), ("silence", 1.0)):
        report(
            f"environment_correlation.{name}",
            [row for size in options.sizes for row in compare(size, options.copies, effect=effect)],
        )


if __name__ == "__main__":
    main()
