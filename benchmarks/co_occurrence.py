"""Co-occurrence: seconds beside plain pair counting, and how silent it is where nothing goes together.

    python benchmarks/co_occurrence.py [--events FOLDER] [--sizes N ...] [--shifts N]

The first table runs on made-up streams (bursts, popular and rare patterns, every tenth pattern following
another). The baseline counts pairs within the window in plain Python, without any test; both run here and now,
so the ratio holds on any machine. The second table needs a folder of ``*.events.csv.gz`` files with the
columns ``seconds, site, pattern``: every stream is shifted circularly at random, so that every pair that is
still reported is false. Each table is followed by the same as one line of JSON.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from scipy import stats

from graph.algorithms.chance import expected_overall, streams_of
from graph.algorithms.co_occurrence import LEAST_WATCH, CoOccurrenceRules, find_pairs
from graph.algorithms.coincidence import coincidences
from graph.algorithms.streams import Events, Watch, onsets, shifted, watch_of

T = TypeVar("T")
DAY = 86400.0
RULES = CoOccurrenceRules()
SIZES = ("10000", "100000", "1000000", "5000000:1000000")


def made_up(size: int, patterns: int, seed: int = 0) -> tuple[Events, set[tuple[int, int]]]:
    """``size`` events over 90 days and 200 sites, and the pairs of patterns of which one follows the other."""
    rng = np.random.default_rng(seed)
    leaders = np.arange(0, patterns - 1, 10)
    base = size * 10 // 11
    pattern = (patterns * rng.beta(0.7, 2.0, base)).astype(np.int64)
    site = rng.integers(0, 200, base)
    seconds = rng.uniform(0, 90 * DAY, base)
    burst = rng.random(base) < 0.3
    source = rng.integers(0, base, int(burst.sum()))
    pattern[burst], site[burst] = pattern[source], site[source]
    seconds[burst] = seconds[source] + rng.exponential(1800.0, len(source))
    follows = np.flatnonzero((pattern % 10 == 0) & (pattern < patterns - 1))
    follows = rng.choice(follows, size - base)
    pattern = np.concatenate([pattern, pattern[follows] + 1])
    site = np.concatenate([site, site[follows]])
    seconds = np.concatenate([seconds, seconds[follows] + rng.exponential(30.0, len(follows))])
    return Events(pattern, site, seconds), {(int(p), int(p) + 1) for p in leaders}


def plain_counting(events: Events) -> Counter[tuple[int, int]]:
    """Pairs of different patterns within the window at one site, counted event by event."""
    by_site: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for pattern, site, second in zip(events.pattern.tolist(), events.site.tolist(), events.seconds.tolist(), strict=True):
        by_site[site].append((second, pattern))
    counts: Counter[tuple[int, int]] = Counter()
    for happened in by_site.values():
        happened.sort()
        for at, (second, pattern) in enumerate(happened):
            for following in range(at + 1, len(happened)):
                later, other = happened[following]
                if later - second > RULES.window:
                    break
                if other != pattern:
                    counts[min(pattern, other), max(pattern, other)] += 1
    return counts


def timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result


def size_of(text: str) -> tuple[int, int]:
    """Events and patterns of ``EVENTS`` or ``EVENTS:PATTERNS``; a hundred events a pattern where that is not said."""
    events, _, patterns = text.partition(":")
    return int(events), int(patterns) if patterns else max(int(events) // 100, 20)


def speed(sizes: list[tuple[int, int]]) -> list[dict[str, float]]:
    print(
        f"{'events':>9} {'kinds':>8} {'seen':>8} {'kept':>7} {'recall':>7} {'planted':>7} {'s':>6} {'plain s':>8} {'ratio':>5}"
    )
    rows = []
    for size, patterns in sizes:
        events, truth = made_up(size, patterns)
        took, found = timed(partial(find_pairs, events, RULES))
        plain, _ = timed(partial(plain_counting, events))
        kept = set(zip(found.pairs.first.tolist(), found.pairs.second.tolist(), strict=True))
        row = {
            "events": len(events), "patterns": patterns, "seen": found.seen, "kept": len(kept),
            "recall": len(kept & truth) / len(truth), "planted": len(kept & truth) / max(len(kept), 1),
            "seconds": took, "plain_seconds": plain, "ratio": took / plain,
        }  # fmt: skip
        rows.append(row)
        print(
            f"{len(events):>9,} {patterns:>8,} {found.seen:>8,} {len(kept):>7,} {row['recall']:>7.2f} {row['planted']:>7.2f} "
            f"{took:>6.2f} {plain:>8.2f} {row['ratio']:>5.2f}"
        )
    return rows


def read_events(path: Path) -> Events:
    patterns: dict[str, int] = {}
    sites: dict[str, int] = {}
    with gzip.open(path, "rt", newline="") as file:
        rows = [
            (
                patterns.setdefault(row["pattern"], len(patterns)),
                sites.setdefault(row["site"], len(sites)),
                float(row["seconds"]),
            )
            for row in csv.DictReader(file)
        ]
    pattern, site, seconds = zip(*rows, strict=True)
    return Events(np.array(pattern), np.array(site), np.array(seconds))


def naive(events: Events) -> tuple[int, int, int]:
    """Pairs seen together, and how many a lift above 1 and a site-stratified Poisson test alone would keep."""
    episodes = onsets(events, 2 * RULES.window)
    together = coincidences(episodes, RULES.window, RULES.neighbours)
    pairs, joint = np.unique(together.first * events.patterns + together.second, return_inverse=True)
    joint = np.bincount(joint, together.count).astype(int)
    streams = streams_of(episodes, watch_of(events, LEAST_WATCH * RULES.window), RULES.window)
    expected = expected_overall(streams, pairs // events.patterns, pairs % events.patterns)
    p_values = stats.poisson.sf(joint - 1, expected)
    poisson = (stats.false_discovery_control(p_values) <= RULES.max_q) & (joint >= RULES.min_support)
    return len(pairs), int((joint > expected).sum()), int(poisson.sum())


def silence(folder: Path, shifts: int) -> list[dict[str, object]]:
    print(f"\n{'set':<20} {'kept':>5} | on {shifts} shifted copies, mean per copy")
    print(f"{'':<20} {'real':>5} {'seen':>7} {'false':>7} {'share':>7} {'copies with any':>16} {'Poisson':>8} {'lift > 1':>9}")
    rows: list[dict[str, object]] = []
    for path in sorted(folder.glob("*.events.csv.gz")):
        events = read_events(path)
        everywhere = Watch(np.full(events.sites, events.seconds.min()), np.full(events.sites, np.ptp(events.seconds) + 1.0))
        copies = [shifted(events, everywhere, seed) for seed in range(shifts)]
        false = [len(find_pairs(copy, RULES, examples=0).pairs) for copy in copies]
        seen, lift, poisson = np.mean([naive(copy) for copy in copies], axis=0)
        row: dict[str, object] = {
            "set": path.name.removesuffix(".events.csv.gz"), "kept": len(find_pairs(events, RULES).pairs), "seen": seen,
            "false": float(np.mean(false)), "share": float(np.mean(false) / seen), "any": float(np.mean(np.array(false) > 0)),
            "poisson_share": float(poisson / seen), "lift_share": float(lift / seen),
        }  # fmt: skip
        rows.append(row)
        print(
            f"{row['set']:<20} {row['kept']:>5} {seen:>7.0f} {row['false']:>7.2f} {row['share']:>7.2%} {row['any']:>16.0%} "
            f"{row['poisson_share']:>8.2%} {row['lift_share']:>9.1%}"
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=Path, default=os.environ.get("CRASHGRAPH_BENCH_EVENTS"), help="folder of event sets")
    parser.add_argument(
        "--sizes", type=size_of, nargs="+", default=[size_of(size) for size in SIZES], metavar="EVENTS[:PATTERNS]"
    )
    parser.add_argument("--shifts", type=int, default=20)
    options = parser.parse_args()
    print(json.dumps({"benchmark": "co_occurrence.speed", "rows": speed(options.sizes)}))
    if options.events is None or not any(Path(options.events).glob("*.events.csv.gz")):
        print("\nno event sets: give their folder with --events or CRASHGRAPH_BENCH_EVENTS to measure false discoveries")
        return
    print(json.dumps({"benchmark": "co_occurrence.silence", "rows": silence(Path(options.events), options.shifts)}))


if __name__ == "__main__":
    main()
