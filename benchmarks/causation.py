"""Causation through the whole service, compared with plain methods, on event streams with known causes.

    python benchmarks/causation.py --events FOLDER [--shifts N] [--made-up V ...]

Each ``*.events.csv.gz`` (columns ``seconds, site, pattern``) becomes crashes: an exception type, message and frames of made-up
words for each pattern, handed in as JSON lines to an empty graph on a real Neo4j, with the links between sites of
``*.truth.json`` stored as ``crashgraph site link`` does. Then the job ``causation`` runs, and its edges are read back.
``differ`` counts the edges that only the job or only the algorithm on the same events in memory reports.

Beside it, on the same events in memory: every pair with at least five "A, then B within a minute at the same site", in the
direction that has more; the most frequent predecessor of each pattern; and pairwise Granger causality, a likelihood-ratio
test of binned counts (Poisson, one lag of a minute, own and linked sites) with Benjamini-Hochberg at .05.

The last column is the share of ordered pairs that the algorithm reports on circularly shifted streams, where every
pair is false. ``--made-up V`` adds simulated sets with V patterns, ``--bursty SEED``
sets of bursts, chains, bad hours and hidden drivers. ``--growth N`` measures the algorithm alone on N events of
the co-occurrence benchmark, in which every tenth pattern is followed by another.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gzip
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from _bench import own_graph
from _bench import report as print_report
from co_occurrence import made_up as streams
from numpy.typing import NDArray
from scipy import stats

from crashgraph.wiring import Container
from graph.algorithms.causation.antecedents import SiteLinks, antecedents, links_of, ranges
from graph.algorithms.causation.decide import CausationRules, find_causes
from graph.algorithms.streams import Events, Watch, shifted
from graph.cypher import query
from graph.model.statement import Statement
from graph.sources.json_lines import submission_of
from graph.sources.submission import Submission
from jobs.runner import run_now

START = datetime(2026, 1, 1, tzinfo=UTC)
READ = """
MATCH (a:Pattern)-[r:CAUSES]->(b:Pattern)
RETURN a.error_type AS cause, b.error_type AS effect, r.state AS state
"""
CHUNK = 2_000
MINUTE = 60.0
Table = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Set:
    """Events with known causes: ``truth[a, b]`` says that a sets off b."""

    name: str
    events: Events
    truth: Table
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    """Linked sites."""
    sites: int


def read_set(path: Path) -> Set:
    told = json.loads(path.with_name(path.name.replace(".events.csv.gz", ".truth.json")).read_text(encoding="utf-8"))
    with gzip.open(path, "rt", newline="") as file:
        rows = [(row["pattern"], row["site"], float(row["seconds"])) for row in csv.DictReader(file)]
    pattern = {
        name: at for at, name in enumerate(sorted({row[0] for row in rows} | {p for pair in told["causes"] for p in pair}))
    }
    site = {
        name: at for at, name in enumerate(sorted({row[1] for row in rows} | {s for pair in told["site_links"] for s in pair}))
    }
    truth = np.zeros((len(pattern), len(pattern)), dtype=bool)
    for cause, effect in told["causes"]:
        truth[pattern[cause], pattern[effect]] = True
    links = np.array([(site[a], site[b]) for a, b in told["site_links"]], dtype=np.int64).reshape(-1, 2)
    events = Events(
        np.array([pattern[row[0]] for row in rows]),
        np.array([site[row[1]] for row in rows]),
        np.array([row[2] for row in rows]),
    )
    return Set(path.name.removesuffix(".events.csv.gz"), events, truth, links[:, 0], links[:, 1], len(site))


def made_up(patterns: int, size: int, seed: int = 0, sites: int = 40) -> Set:
    """A simulated topological Hawkes process: one to six causes a pattern, exponential lags of 20 s, links in a mesh."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(patterns)
    truth = np.zeros((patterns, patterns), dtype=bool)
    for late in range(1, patterns):
        for early in rng.choice(late, min(late, int(rng.integers(1, 7))), replace=False):
            truth[order[early], order[late]] = True
    pairs = np.array([(a, b) for a, b in itertools.combinations(range(sites), 2) if rng.random() < 7 / sites], dtype=np.int64)
    near = [[site] for site in range(sites)]
    for a, b in pairs.tolist():
        near[a].append(b)
        near[b].append(a)
    ratio = rng.uniform(0.08, 0.2, truth.shape) * truth
    rows: list[tuple[int, int, float]] = []
    waiting = [
        (int(p), int(s), float(t))
        for p, s, t in zip(
            rng.integers(0, patterns, size // 2),
            rng.integers(0, sites, size // 2),
            rng.uniform(0, size * 30.0, size // 2),
            strict=True,
        )
    ]
    while waiting:
        pattern, site, second = waiting.pop()
        rows.append((pattern, site, float(np.floor(second))))
        effects = np.flatnonzero(rng.random(patterns) < ratio[pattern]).tolist()
        waiting.extend(
            (effect, int(rng.choice(near[site])), second + rng.exponential(20.0)) for effect in effects if near[site]
        )
    columns = list(zip(*sorted(rows, key=lambda row: row[2])[:size], strict=True))
    events = Events(np.array(columns[0]), np.array(columns[1]), np.array(columns[2]))
    return Set(f"made up, {patterns} patterns", events, truth, pairs[:, 0], pairs[:, 1], sites)


def bursty(seed: int) -> Set:
    """Twelve patterns at 30 sites in a ring, with four causes among much that only looks like it.

    0 → 1 → 2 follow each other in episodes that repeat; 3 → 4 cross to the neighbour after a fixed delay; 5 → 6 is rare.
    Bad hours raise 5, 7 and 8 alike; a hidden driver sets off 7 and 8 in either order; 9 and 10 burst on their own, and
    repeat in step for days at two sites; 11 happens alone.
    """
    rng = np.random.default_rng(seed)
    span, sites = 20 * 86_400.0, 30
    rows: list[tuple[int, int, float]] = []

    def episode(pattern: int, site: int, start: float) -> None:
        rows.extend(
            (pattern, site, start + later) for later in np.cumsum(np.r_[0.0, rng.exponential(40.0, rng.geometric(0.3))])
        )

    for site in range(sites):
        for start in rng.uniform(0, span, 12):
            episode(0, site, start)
            if rng.random() < 0.6:
                episode(1, site, start + rng.exponential(20.0))
                if rng.random() < 0.6:
                    episode(2, site, rows[-1][2] + rng.exponential(30.0))
        for start in rng.uniform(0, span, 10):
            rows.append((3, site, start))
            if rng.random() < 0.5:
                episode(4, (site + 1) % sites, start + 90.0 + rng.uniform(0, 10.0))
        for start in rng.uniform(0, span, 3):
            rows.append((5, site, start))
            if rng.random() < 0.7:
                rows.append((6, site, start + rng.exponential(30.0)))
        for start in rng.uniform(0, span, 6):
            rows.extend(
                (pattern, site, start + second) for pattern in (5, 7, 8) for second in rng.uniform(0, 3600.0, rng.poisson(3))
            )
        for start in rng.uniform(0, span, 6):
            for pattern in (7, 8):
                episode(pattern, site, start + rng.exponential(20.0))
        for pattern in (1, 2, 4, 6, 11):
            rows.extend((pattern, site, second) for second in rng.uniform(0, span, 5))
        for pattern in (9, 10):
            for start in rng.uniform(0, span, 4):
                rows.extend((pattern, site, start + second) for second in np.arange(rng.integers(5, 40)) * 60.0)
    for site in (0, 7):
        rows.extend((pattern, site, 1e5 * site + turn * 300.0 + 2.0 * pattern) for turn in range(1000) for pattern in (9, 10))
    columns = list(zip(*sorted((p, s, float(np.floor(t))) for p, s, t in rows), strict=True))
    truth = np.zeros((12, 12), dtype=bool)
    truth[[0, 1, 3, 5], [1, 2, 4, 6]] = True
    first = np.arange(sites)
    events = Events(np.array(columns[0]), np.array(columns[1]), np.array(columns[2]))
    return Set(f"bursty, seed {seed}", events, truth, first, (first + 1) % sites, sites)


def words() -> Iterator[str]:
    """Made-up words without digits, no two alike: six letters, two of them a vowel each."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    shuffled = np.random.default_rng(7).permutation(len(syllables) ** 3)
    for number in shuffled.tolist():
        yield "".join(syllables[number // len(syllables) ** place % len(syllables)] for place in range(3))


def json_lines(one: Set) -> Iterator[str]:
    """Each event as one line of ``ingest --jsonl``; the exception type ends in the pattern's name in letters."""
    spring = words()
    kinds = []
    for _ in range(len(one.truth)):
        said = list(itertools.islice(spring, 10))
        frames = [
            {"function": said[at], "module": f"{said[at + 1]}.{said[at + 2]}", "file": f"{said[at + 1]}.py"} for at in (3, 5, 7)
        ]
        kinds.append({"exception": {"type": f"{said[0].title()}Error", "message": f"{said[1]} {said[2]}"}, "frames": frames})
    rows = zip(one.events.pattern.tolist(), one.events.site.tolist(), one.events.seconds.tolist(), strict=True)
    for number, (pattern, site, second) in enumerate(rows):
        when = (START + timedelta(seconds=second)).isoformat()
        line = {"id": f"event-{number}", "timestamp": when, "site": f"site-{site}", "product": "made up"}
        yield json.dumps(line | kinds[pattern])


def type_names(one: Set) -> list[str]:
    """The exception type of each pattern."""
    return [f"{word.title()}Error" for word in itertools.islice(words(), 0, 10 * len(one.truth), 10)]


async def through_service(container: Container, one: Set) -> tuple[Table, dict[str, float]]:
    """Ingest, link, run the job, read the edges."""
    begin = time.perf_counter()
    lines = json_lines(one)
    ordinal = 0
    while chunk := list(itertools.islice(lines, CHUNK)):
        handed_in = [submission_of(text, Submission(ordinal=ordinal + at)) for at, text in enumerate(chunk)]
        receipts = await container.receiver.receive(handed_in)
        wrong = [receipt.reason for receipt in receipts if receipt.status != "matched"]
        assert not wrong, wrong[:3]
        ordinal += len(chunk)
    pairs = [[f"site-{a}", f"site-{b}"] for a, b in zip(one.first.tolist(), one.second.tolist(), strict=True)]
    await container.graph.write(query("ingest/site_links", pairs=pairs))
    stored = time.perf_counter() - begin
    run = await run_now(container.graph, "causation")
    assert run.state == "succeeded", run.error
    place = {name: at for at, name in enumerate(type_names(one))}
    found = np.zeros_like(one.truth)
    states = []
    for row in await container.graph.read(Statement(READ)):
        found[place[row["cause"]], place[row["effect"]]] = True
        states.append(row["state"])
    counts = json.loads(run.counts or "{}")
    told = {
        "patterns": counts["patterns"], "ingest s": stored, "job s": run.duration_seconds or 0.0,
        **{state: states.count(state) for state in ("supported", "candidate", "refuted")},
    }  # fmt: skip
    return found, told


def followed(one: Set, window: float) -> NDArray[np.int64]:
    """How often B came within ``window`` seconds after A at the same site."""
    nowhere = links_of(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), one.sites)
    before = antecedents(one.events, one.events, nowhere, window)
    later = before.lag > 0
    size = len(one.truth)
    keys = one.events.pattern[before.cause[later]] * size + one.events.pattern[before.effect[later]]
    return np.bincount(keys, minlength=size * size).reshape(size, size)


def lagged_counts(one: Set) -> Table:
    count = followed(one, MINUTE)
    found = (count >= 5) & (count > count.T)
    np.fill_diagonal(found, val=False)
    return found


def usual_predecessor(one: Set) -> Table:
    count = followed(one, MINUTE)
    np.fill_diagonal(count, 0)
    found = np.zeros_like(one.truth)
    for effect in np.flatnonzero(count.sum(axis=0)).tolist():
        found[int(np.argmax(count[:, effect])), effect] = True
    return found


def granger(one: Set) -> Table:
    """Rate of B in minutes with and without A in the one before, here or at a linked site; apart where B itself was there."""
    size, events = len(one.truth), one.events
    links = links_of(one.first, one.second, one.sites)
    bins = int(events.seconds.max() // MINUTE) + 2
    cell = events.site * np.int64(bins) + (events.seconds // MINUTE).astype(np.int64)
    total = float(one.sites * bins)
    here = [np.unique(cell[events.pattern == pattern], return_counts=True) for pattern in range(size)]
    reached = [_next_cells(cells, links, bins) for cells, _ in here]
    p_value = np.ones((size, size))
    for effect in range(size):
        cells, counts = here[effect]
        own = np.isin(cells, reached[effect])
        for cause in range(size):
            if cause == effect or not len(cells) or not len(reached[cause]):
                continue
            after = np.isin(cells, reached[cause])
            both = float(np.isin(reached[effect], reached[cause], assume_unique=True).sum())
            gain = 0.0
            with_own = float(len(reached[effect]))
            for mine, exposed, whole in ((own, both, with_own), (~own, len(reached[cause]) - both, total - with_own)):
                yes, no = float(counts[mine & after].sum()), float(counts[mine & ~after].sum())
                gain += _gain(yes, no, exposed, whole - exposed)
            p_value[cause, effect] = stats.chi2.sf(2 * gain, 2)
    off = ~np.eye(size, dtype=bool)
    found = np.zeros_like(one.truth)
    found[off] = stats.false_discovery_control(p_value[off]) <= 0.05
    return found


def _next_cells(cells: NDArray[np.int64], links: SiteLinks, bins: int) -> NDArray[np.int64]:
    """The minutes that follow, at the same sites and at linked ones."""
    site, minute = cells // bins, cells % bins
    who, at = ranges(links.begin[site], links.begin[site + 1])
    return np.unique(np.concatenate([cells + 1, links.site[at] * bins + minute[who] + 1]))


def _gain(yes: float, no: float, exposed: float, rest: float) -> float:
    """Log-likelihood gained by a rate of its own where exposed, if that is higher."""
    if exposed <= 0 or rest <= 0 or yes / exposed <= no / rest:
        return 0.0
    rate = (yes + no) / (exposed + rest)
    return sum(n * np.log(n / e / rate) for n, e in ((yes, exposed), (no, rest)) if n > 0)


def judged(found: Table, truth: Table) -> dict[str, float]:
    """Precision, recall and F1 of directed edges; SHD counts a pair once, however it is wrong."""
    true = int((found & truth).sum())
    precision, recall = true / max(int(found.sum()), 1), true / max(int(truth.sum()), 1)
    wrong = (found != truth) | (found != truth).T
    return {
        "edges": int(found.sum()), "precision": precision, "recall": recall,
        "F1": 2 * precision * recall / max(precision + recall, 1e-9), "SHD": int(np.triu(wrong, 1).sum()),
    }  # fmt: skip


def in_memory(one: Set) -> Table:
    """The edges of the algorithm alone."""
    causes = find_causes(one.events, links_of(one.first, one.second, one.sites), CausationRules(), examples=0).causes
    found = np.zeros_like(one.truth)
    found[causes.cause, causes.effect] = True
    return found


def silence(one: Set, shifts: int) -> float:
    """Share of ordered pairs reported on shifted streams, mean of ``shifts`` copies."""
    links = links_of(one.first, one.second, one.sites)
    lowest, span = one.events.seconds.min(), np.ptp(one.events.seconds) + 1.0
    everywhere = Watch(np.full(one.sites, lowest), np.full(one.sites, span))
    false = [
        len(find_causes(shifted(one.events, everywhere, 10_000 + n), links, CausationRules(), examples=0).causes)
        for n in range(shifts)
    ]
    return float(np.mean(false)) / (len(one.truth) * (len(one.truth) - 1)) if shifts else 0.0


def growth(sizes: Sequence[int]) -> list[dict[str, object]]:
    """Seconds, and how much of what was planted is found."""
    rng = np.random.default_rng(0)
    first, second = np.triu_indices(200, 1)
    linked = rng.random(len(first)) < 0.03
    links = links_of(first[linked], second[linked], 200)
    rows: list[dict[str, object]] = []
    for size in sizes:
        events, planted = streams(size, max(size // 100, 20))
        begin = time.perf_counter()
        found = find_causes(events, links, CausationRules())
        seconds = time.perf_counter() - begin
        kept = set(zip(found.causes.cause.tolist(), found.causes.effect.tolist(), strict=True))
        rows.append(
            {
                "events": size,
                "patterns": events.patterns,
                "fitted": found.followed,
                "recall": len(kept & planted) / len(planted),
                "precision": len(kept & planted) / max(len(kept), 1),
                "seconds": seconds,
            }
        )
    return rows


METHODS: dict[str, Callable[[Set], Table]] = {
    "A before B": lagged_counts,
    "usual predecessor": usual_predecessor,
    "Granger": granger,
}


async def measure(sets: Sequence[Set], shifts: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for one in sets:
        async with own_graph() as container:
            found, told = await through_service(container, one)
        rows.append(
            {"set": one.name, "method": "crashgraph", **judged(found, one.truth), "seconds": told["job s"]}
            | {
                "differ": int((found != in_memory(one)).sum()),
                "shifted %": 100 * silence(one, shifts),
                "ingest s": told["ingest s"],
            }
        )
        print(json.dumps({**rows[-1], **told}), flush=True)
        for name, method in METHODS.items():
            begin = time.perf_counter()
            found = method(one)
            seconds = time.perf_counter() - begin
            rows.append(
                {"set": one.name, "method": name, **judged(found, one.truth), "seconds": seconds}
                | {"differ": "", "shifted %": "", "ingest s": ""}
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=Path, default=os.environ.get("CRASHGRAPH_BENCH_EVENTS"), help="folder of event sets")
    parser.add_argument("--only", nargs="*", default=[], help="names of sets")
    parser.add_argument("--shifts", type=int, default=5)
    parser.add_argument("--made-up", type=int, nargs="*", default=[30, 60, 120], help="patterns of simulated sets")
    parser.add_argument("--bursty", type=int, nargs="*", default=[0, 1], help="seeds of bursty sets")
    parser.add_argument("--size", type=int, default=250, help="events a pattern of those")
    parser.add_argument(
        "--growth", type=int, nargs="*", default=[10_000, 100_000, 1_000_000], help="events, the algorithm alone"
    )
    options = parser.parse_args()
    paths = sorted(Path(options.events).glob("*.events.csv.gz")) if options.events else []
    sets = [read_set(path) for path in paths if not options.only or path.name.removesuffix(".events.csv.gz") in options.only]
    sets += [made_up(patterns, patterns * options.size) for patterns in options.made_up]
    sets += [bursty(seed) for seed in options.bursty]
    if sets:
        print_report("causation", asyncio.run(measure(sets, options.shifts)))
    if options.growth:
        print_report("causation.growth", growth(options.growth))


if __name__ == "__main__":
    main()
