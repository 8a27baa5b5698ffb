"""Evolution: what became of bugs from version to version, on the sample set's truth, beside the most similar earlier pattern.

    PYTHONPATH=. python benchmarks/evolution.py [--scales N ...] [--seeds N ...] [--growth N ...]

Each scale and seed makes a sample set, which goes through the whole service into a graph of its own; then the job runs. A
*lineage* of the truth leads from what a bug looked like to what it looks like from a version on. Where matching put both
into one pattern there is no edge to find; such lineages are counted (``in one``) and left out of the recall.

- An edge is right when a lineage leads from a form that the older pattern has to a form that the newer one has, or when
  both have the same bug and no version of the newer one's crashes is as early as one of the older one's: then its callers
  moved. ``strict`` counts lineages alone.
- A lineage is found when an edge leads from a pattern of its later form to one of its earlier form.
- ``kind`` is the share of the edges along a lineage whose kind is the truth's.
- ``returned``: of the patterns that stand for a bug which was away for versions, how many are told so, over how many there
  are; ``false`` how many others are.

Beside it, on the same likeness and above the same floor: for each pattern the most similar one that was seen earlier.
The last row of each set is the same graph after the versions are permuted over all its crashes; every edge is then false, and
``share`` is how many there are over the pairs that were compared.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from _bench import own_graph, report

from crashgraph.wiring import Container
from graph.algorithms.evolution import Candidates, EvolutionBounds, Timeline, find_evolutions
from graph.cypher import query
from graph.model.statement import Statement
from graph.sources.json_lines import submission_of
from graph.sources.submission import Submission
from jobs.correlate.evolution.drift import drifts
from jobs.correlate.evolution.job import EvolutionParams
from jobs.correlate.evolution.products import read_products
from jobs.runner import run_now
from samples import Truth, generate, load_truth

Pair = tuple[str, str]
"""Newer and older pattern, or later and earlier form."""
BATCH = 500
VERSIONS_GROWN = 40


@dataclass(frozen=True, slots=True)
class Known:
    """The truth about the patterns of one graph."""

    forms: dict[str, set[str]]
    lineages: dict[Pair, str]
    faults: dict[str, str]
    versions: dict[str, set[int]]
    """Versions of each pattern's crashes, by their place in the order."""

    def led(self, pair: Pair) -> set[Pair]:
        """Lineages from a form of the older to a form of the newer pattern."""
        newer, older = pair
        return {(a, b) for a in self.forms[newer] for b in self.forms[older] if (a, b) in self.lineages}

    def right(self, pair: Pair) -> bool:
        """Whether there is one, or both are the same bug, one after the other."""
        newer, older = ({self.faults[form] for form in self.forms[one]} for one in pair)
        follows = min(self.versions[pair[0]]) > max(self.versions[pair[1]])
        return bool(self.led(pair)) or (bool(newer & older) and follows)

    def in_one(self) -> set[Pair]:
        """Lineages with both forms in one pattern."""
        return {line for line in self.lineages for forms in self.forms.values() if set(line) <= forms}


async def known_of(container: Container, truth: Truth) -> Known:
    """Which pattern has which forms."""
    form_of, forms, versions = truth.forms_by_crash(), defaultdict(set), defaultdict(set)
    text = """
    MATCH (c:Crash)-[:HAS_SIGNATURE]->(:Signature)-[:OF_PATTERN]->(p:Pattern)
    RETURN c.external_id AS crash, c.version AS version, p.pattern_id AS pattern
    """
    for row in await container.graph.read(Statement(text)):
        forms[row["pattern"]].add(form_of[row["crash"]])
        versions[row["pattern"]].add(truth.versions.index(row["version"]))
    lineages = {(line.target, line.source): str(line.kind) for line in truth.lineages}
    return Known(dict(forms), lineages, {form.form_id: form.fault for form in truth.forms}, dict(versions))


async def ours(container: Container) -> tuple[dict[Pair, str], dict[str, float], float]:
    """The edges with their kinds, the run's counts, and how many seconds it took."""
    began = time.perf_counter()
    done = await run_now(container.graph, "evolution")
    took = time.perf_counter() - began
    if done.state != "succeeded":
        raise SystemExit(done.error)
    rows = await container.graph.read(
        Statement("MATCH (a)-[r:EVOLVES_FROM]->(b) RETURN a.pattern_id AS newer, b.pattern_id AS older, r.kind AS kind")
    )
    return {(row["newer"], row["older"]): row["kind"] for row in rows}, json.loads(done.counts or "{}"), took


async def most_similar_earlier(container: Container) -> tuple[set[Pair], float]:
    """For each pattern the nearest of those that were seen before it, above the job's floor."""
    began, params = time.perf_counter(), EvolutionParams()
    rows = await container.graph.read(Statement("MATCH (p:Pattern) RETURN p.pattern_id AS id, p.first_seen AS first"))
    first = {row["id"]: row["first"] for row in rows}
    ids, found = sorted(first), set()
    for begin in range(0, len(ids), 100):
        some = ids[begin : begin + 100]
        asked = query("jobs/evolution/neighbours", ids=some, fetched=params.fetched, floor=params.floor, limit=params.top)
        [row] = await container.graph.read(asked)
        for one in row["rows"]:
            earlier = [other["id"] for other in one["neighbours"] if first[other["id"]] < first[one["id"]]]
            found |= {(one["id"], earlier[0])} if earlier else set()
    return found, time.perf_counter() - began


async def permute_versions(container: Container, seed: int) -> None:
    """Give each crash the version of another one."""
    rows = await container.graph.read(Statement("MATCH (c:Crash) RETURN c.crash_id AS id, c.version AS version ORDER BY id"))
    versions = np.random.default_rng(seed).permutation([row["version"] for row in rows]).tolist()
    given = [{"id": row["id"], "version": version} for row, version in zip(rows, versions, strict=True)]
    await container.graph.write(
        Statement("UNWIND $rows AS row MATCH (c:Crash {crash_id: row.id}) SET c.version = row.version", {"rows": given})
    )


def judged(method: str, found: Iterable[Pair], known: Known, took: float) -> dict[str, object]:
    """Precision and recall."""
    edges, one = set(found), known.in_one()
    wanted = known.lineages.keys() - one
    led = {line for pair in edges for line in known.led(pair)} & wanted
    return {
        "method": method,
        "lineages": len(known.lineages),
        "in one": len(one),
        "edges": len(edges),
        "precision": sum(known.right(pair) for pair in edges) / max(len(edges), 1),
        "strict": sum(bool(known.led(pair)) for pair in edges) / max(len(edges), 1),
        "recall": len(led) / max(len(wanted), 1),
        "seconds": took,
    }


def kind_share(edges: dict[Pair, str], known: Known) -> float:
    """How often the kind is that of a lineage which the edge goes along."""
    told = [kind in {known.lineages[line] for line in lines} for pair, kind in edges.items() if (lines := known.led(pair))]
    return sum(told) / max(len(told), 1)


async def returned(container: Container, truth: Truth, known: Known) -> tuple[str, int]:
    """Patterns reported as returned: correct ones over all true ones, and false ones."""
    rows = await container.graph.read(
        Statement("MATCH (p:Pattern) WHERE size(p.returned_in) > 0 RETURN collect(p.pattern_id) AS ids")
    )
    told = set(rows[0]["ids"])
    away = {line.source for line in truth.lineages if line.kind == "re-introduced"}
    kept = {
        pattern
        for pattern, forms in known.forms.items()
        if any(line[1] in away and set(line) <= forms for line in known.lineages)
    }
    return f"{len(told & kept)}/{len(kept)}", len(told - kept)


async def drifted(container: Container, truth: Truth, known: Known) -> dict[str, str]:
    """Drifts within patterns: correct over all, and detected lineages over those in one pattern with distinct signatures."""
    form_of, forms = truth.forms_by_crash(), defaultdict(set)
    text = "MATCH (c:Crash)-[:HAS_SIGNATURE]->(s:Signature) RETURN c.external_id AS crash, s.exact AS exact"
    for row in await container.graph.read(Statement(text)):
        forms[row["exact"]].add(form_of[row["crash"]])
    products = await read_products(container.graph, EvolutionParams().look_back_days, datetime.now(UTC))
    pairs = [(one.newer.exact, one.older.exact) for each in products for one in drifts(each, EvolutionParams().bounds())]
    led = [{(a, b) for a in forms[newer] for b in forms[older]} & known.lineages.keys() for newer, older in pairs]
    same = [
        bool(lines) or bool({known.faults[f] for f in forms[newer]} & {known.faults[f] for f in forms[older]})
        for lines, (newer, older) in zip(led, pairs, strict=True)
    ]
    apart = {line for line in known.in_one() if not any(set(line) <= one for one in forms.values())}
    return {"drifts right": f"{sum(same)}/{len(pairs)}", "told": f"{len(apart & set().union(*led))}/{len(apart)}"}


async def compare(scale: float, seed: int) -> list[dict[str, object]]:
    """One row a method for one sample set."""
    with tempfile.TemporaryDirectory() as folder:
        made = generate(Path(folder), seed=seed, scale=scale)
        truth, lines = load_truth(made.truth), made.reports.read_text("utf-8").splitlines()
    async with own_graph() as container:
        for begin in range(0, len(lines), BATCH):
            await container.receiver.receive(
                [submission_of(line, Submission(ordinal=begin)) for line in lines[begin : begin + BATCH]]
            )
        known = await known_of(container, truth)
        edges, _, took = await ours(container)
        wrong = [pair for pair in edges if not known.right(pair)]
        missed = known.lineages.keys() - known.in_one() - {line for pair in edges for line in known.led(pair)}
        for pair, kind in sorted(edges.items()):
            if (led := known.led(pair)) and kind not in {known.lineages[line] for line in led}:
                print(f"told {kind}, is {sorted({known.lineages[line] for line in led})}: {_forms(known, pair)}")
        print(f"scale {scale:g}, seed {seed}: false {[_forms(known, pair) for pair in wrong]}, missed {sorted(missed)}")
        back, false = await returned(container, truth, known)
        drift = await drifted(container, truth, known)
        rows = [
            judged("ours", edges, known, took) | {"kind": kind_share(edges, known), "returned": back, "false": false} | drift
        ]
        nearest, took = await most_similar_earlier(container)
        rows.append(
            judged("most similar earlier", nearest, known, took) | dict.fromkeys(("kind", "returned", "false", *drift), "")
        )
        await permute_versions(container, seed)
        edges, counts, took = await ours(container)
    share = len(edges) / max(counts["pairs_compared"], 1)
    return [{"crashes": len(lines), **row, "share": ""} for row in rows] + [
        {
            **dict.fromkeys(("crashes", *rows[0]), ""),
            "crashes": len(lines),
            "method": "ours, permuted",
            "edges": len(edges),
            "seconds": took,
            "share": share,
        }
    ]


def grown(patterns: int, seed: int = 0) -> dict[str, object]:
    """The algorithm alone, on made-up patterns in 40 versions, every tenth of which becomes another; 16 neighbours each."""
    rng = np.random.default_rng(seed)
    exposure = rng.integers(2_000, 20_000, VERSIONS_GROWN)
    share, totals = exposure / exposure.sum(), 3 + rng.geometric(0.1, patterns)
    counts = rng.multinomial(totals, share)
    planted = patterns // 10
    for at in range(planted):  # the row behind all planted ones is what this one becomes
        change = rng.integers(5, VERSIONS_GROWN - 5)
        counts[at] = rng.multinomial(totals[at], np.where(np.arange(VERSIONS_GROWN) < change, share, 0) / share[:change].sum())
        late = np.where(np.arange(VERSIONS_GROWN) < change, 0, share) / share[change:].sum()
        counts[planted + at] = rng.multinomial(totals[planted + at], late)
    newer = np.repeat(np.arange(patterns), 16)
    older = (newer + rng.integers(1, patterns, len(newer))) % patterns
    likeness = rng.uniform(0.6, 0.8, len(newer))
    rows = np.arange(planted)
    pairs = Candidates(np.r_[newer, planted + rows], np.r_[older, rows], np.r_[likeness, np.full(planted, 0.9)])
    began = time.perf_counter()
    found = find_evolutions(Timeline(counts, exposure), pairs, EvolutionBounds())
    took = time.perf_counter() - began
    right = int((found.newer == found.older + planted).sum())
    return {
        "patterns": patterns,
        "pairs": len(pairs),
        "planted found": right / planted,
        "found that were planted": right / max(len(found), 1),
        "seconds": took,
    }


def _forms(known: Known, pair: Pair) -> str:
    return " <- ".join("+".join(sorted(known.forms[one])) for one in pair)


async def main(scales: Sequence[float], seeds: Sequence[int]) -> None:
    rows = [row for scale, seed in zip(scales, seeds, strict=True) for row in await compare(scale, seed)]
    report("evolution", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scales", type=float, nargs="+", default=[1.0, 1.0, 2.0, 4.0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[2026, 7, 1, 2])
    parser.add_argument("--growth", type=int, nargs="*", default=[], help="instead: the algorithm alone on so many patterns")
    options = parser.parse_args()
    if options.growth:
        report("evolution.growth", [grown(patterns) for patterns in options.growth])
    else:
        asyncio.run(main(options.scales, options.seeds))
