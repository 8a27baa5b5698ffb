"""Does it get better with use? A labelled stream, and a person who answers one question in twenty.

The whole service takes each report of a labelled set in the order of its times. After every ``--step`` reports the person
looks at as many of the reports so far as five in a hundred of them, either those that the service was least sure of or any,
and says where each belongs: a verdict for the pattern of its bug, or that it is none of the pattern it is in. The job
``match_model`` then learns from what was said. The same stream without answers is what both are held against. A report
counts as put right by what the service said when it came; verdicts do not mend the past.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest.mock import patch

import matplotlib as mpl
import numpy as np
from _bench import own_graph
from _bench import report as print_report
from matplotlib import pyplot as plt
from recognition import EMPTY, SETS, LabelledReport, cases

from crashgraph.wiring import Container
from graph.matching.ranking_model import read_model
from graph.model.actor import person
from graph.model.errors import ContradictionError, InvalidInputError
from graph.model.statement import Statement
from graph.sources.submission import Submission
from jobs.learn import match_model
from jobs.runner import run_now

ANSWERED = 0.05
POINTS = 20
WAYS = ("nobody answers", "random questions", "least sure first")
HOMES = Statement(
    "MATCH (c:Crash)-[:HAS_SIGNATURE]->(s:Signature)-[:OF_PATTERN]->(p:Pattern) "
    "RETURN c.external_id AS id, s.exact AS exact, p.pattern_id AS pattern",
    name="homes",
)


@dataclass(slots=True)
class AnsweredStream:
    """One replay: what was said of each report when it came, and what the person has answered."""

    cases: list[LabelledReport] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    sure: dict[str, float] = field(default_factory=dict)
    answered: set[str] = field(default_factory=set)


class Person:
    """Knows the truth and answers questions about single reports by verdicts."""

    def __init__(self, container: Container, groups: dict[str, str]) -> None:
        """``groups`` maps reports to bugs."""
        self._container = container
        self._groups = groups

    async def answer(self, stream: AnsweredStream, chosen: Sequence[str]) -> None:
        """Say of each of these reports where it belongs."""
        for id in chosen:
            rows = {row["id"]: row for row in await self._container.graph.read(HOMES)}
            mine = rows[id]
            bugs: dict[str, Counter[str]] = defaultdict(Counter)
            for other, row in rows.items():
                if other != id and row["exact"] != mine["exact"]:
                    bugs[row["pattern"]][self._groups[other]] += 1
            stream.answered.add(id)
            # A person cannot say that two are apart which crash with the very same hash, nor say a thing twice.
            with suppress(ContradictionError, InvalidInputError):
                await self._say(mine, self._groups[id], bugs)

    async def _say(self, mine: dict[str, str], bug: str, bugs: dict[str, Counter[str]]) -> None:
        belongs = next((pattern for pattern, seen in bugs.items() if seen.most_common(1)[0][0] == bug), None)
        verdicts, subject = self._container.verdicts, f"Signature:{mine['exact']}"
        here = bugs.get(mine["pattern"])
        if belongs == mine["pattern"]:
            other = await self._other(mine)
            await verdicts.same(other, subject, actor=person("bench"))
        elif belongs is not None and here is None:
            await verdicts.same(f"Pattern:{belongs}", f"Pattern:{mine['pattern']}", actor=person("bench"))
        elif belongs is not None:
            await verdicts.move(subject, belongs, actor=person("bench"))
        elif here is not None:
            await verdicts.different(await self._other(mine), subject, actor=person("bench"))

    async def _other(self, mine: dict[str, str]) -> str:
        """Another signature of the same pattern."""
        rows = await self._container.graph.read(HOMES)
        return next(
            f"Signature:{row['exact']}" for row in rows if row["pattern"] == mine["pattern"] and row["exact"] != mine["exact"]
        )


async def replayed(container: Container, found: Sequence[LabelledReport], way: str, step: int, seed: int) -> AnsweredStream:
    await container.graph.run_implicit(EMPTY)
    container.matcher.signature_matcher.reset_rarity()
    container.matcher.signature_matcher.use(replace(container.matcher.signature_matcher.shipped_policy))
    groups, stream, chance = {case.id: case.group for case in found}, AnsweredStream(), random.Random(seed)
    person, met = Person(container, groups), set[str]()
    for number, case in enumerate(found, 1):
        handed_in = Submission(report=case.text, id=case.id, timestamp=case.time, product=case.product)
        (receipt,) = await container.receiver.receive([handed_in])
        rows = await container.graph.read(HOMES)
        mine = [groups[row["id"]] for row in rows if row["pattern"] == receipt.pattern_id and row["id"] != case.id]
        known = case.group in met
        stream.right.append(not known if receipt.is_new else bool(mine) and Counter(mine).most_common(1)[0][0] == case.group)
        stream.sure[case.id] = receipt.confidence or 0.0
        stream.cases.append(case)
        met.add(case.group)
        if way != WAYS[0] and number % step == 0:
            open_ = [one.id for one in stream.cases if one.id not in stream.answered]
            many = round(ANSWERED * number) - len(stream.answered)
            asked = chance.sample(open_, many) if way == WAYS[1] else sorted(open_, key=stream.sure.__getitem__)[:many]
            await person.answer(stream, asked)
            await run_now(container.graph, "match_model")
            container.matcher.signature_matcher.use(replace(container.matcher.signature_matcher.shipped_policy))
    return stream


def curve(right: Sequence[bool], points: int) -> list[float]:
    """Share put right among the last fifth of the stream up to each of so many points."""
    window = max(1, len(right) // 5)
    ends = [round(len(right) * (i + 1) / points) for i in range(points)]
    return [float(np.mean(right[max(0, end - window) : end])) for end in ends]


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled sets")
    parser.add_argument("--model", type=Path, help="a model that has not seen the set, instead of the shipped one")
    parser.add_argument("--set", choices=list(SETS), default="all Java failures")
    parser.add_argument("--step", type=int, default=40, help="reports between two rounds of answers")
    parser.add_argument("--seeds", type=int, default=2, help="replays with random questions")
    parser.add_argument("--plot", type=Path, help="where to write the curves as SVG")
    args = parser.parse_args()
    name, assertions = SETS[args.set]
    found, rows, curves, gains = cases(args.data, name, assertions=assertions), [], {}, {}
    async with own_graph() as container, AsyncExitStack() as stack:
        if args.model:
            model = read_model(json.loads(args.model.read_text(encoding="utf-8")))
            signature_matcher = container.matcher.signature_matcher
            signature_matcher.use(replace(signature_matcher.shipped_policy, model=model))
            stack.enter_context(patch.object(match_model, "shipped_model", return_value=model))
        for way in WAYS:
            seeds = range(args.seeds if way == WAYS[1] else 1)
            streams = [await replayed(container, found, way, args.step, seed) for seed in seeds]
            half = len(found) // 2
            rows.append(
                {
                    "set": args.set,
                    "way": way,
                    "replays": len(streams),
                    "answers": float(np.mean([len(one.answered) for one in streams])),
                    "assign": float(np.mean([np.mean(one.right) for one in streams])),
                    "second half": float(np.mean([np.mean(one.right[half:]) for one in streams])),
                    "last fifth": float(np.mean([curve(one.right, 1)[0] for one in streams])),
                }
            )
            curves[way] = np.mean([curve(one.right, POINTS) for one in streams], axis=0).tolist()
            gains[way] = np.mean([np.cumsum(one.right) for one in streams], axis=0)
    print_report("learning curve", rows)
    if args.plot:
        more = {way: (gain - gains[WAYS[0]]).tolist() for way, gain in gains.items()}
        plotted(args.plot, args.set, curves, more)


def plotted(file: Path, name: str, curves: Mapping[str, Sequence[float]], more: Mapping[str, Sequence[float]]) -> None:
    """Draw the share put right, and how many more were than without answers; the same curves give the same file."""
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = name
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    reports = len(next(iter(more.values())))
    for way, colour in zip(WAYS, ("#888888", "#4477aa", "#cc3311"), strict=True):
        left.plot([round(reports * (i + 1) / POINTS) for i in range(POINTS)], curves[way], label=way, color=colour, linewidth=2)
        right.plot(range(1, reports + 1), more[way], color=colour, linewidth=2)
    left.set_title(f"{name}: put right among the latest fifth", loc="left", fontsize=11)
    left.set_ylabel("share put right")
    left.legend(frameon=False)
    right.set_title("more put right than with no answers", loc="left", fontsize=11)
    right.set_ylabel("reports")
    for axes in (left, right):
        axes.set_xlabel("reports so far")
        axes.grid(visible=True, color="#dddddd")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    asyncio.run(main())
