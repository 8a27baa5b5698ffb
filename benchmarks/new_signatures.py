"""How fast crashes with signatures that are new to the graph are stored, beside an earlier commit in the same run.

Three streams of distinct signatures: each founds a pattern; all join one pattern; and the roll-up alone, in a pattern that has
so many signatures already. Embedding is measured apart as well. Each size runs with the code of a checkout of the earlier
commit and with this one, each on an empty graph of its own; ids, patterns and strategies must be equal.

    git worktree add /tmp/before COMMIT
    PYTHONPATH=. python benchmarks/new_signatures.py --before /tmp/before [--sizes 2000 8000 20000] [--only roll-up]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from _bench import own_graph, report

from graph.cypher import query
from graph.embedding.minilm import MiniLm, model_folder
from graph.ingest.prepare import CrashBuilder
from graph.model.severity import SEVERITIES
from graph.model.statement import Statement
from graph.redaction.redactor import Redactor
from graph.sources.submission import Submission

SIZES = (2_000, 8_000, 20_000)
BATCH = 100
"""Different signatures in a batch, as the service has at most."""
EMBEDDED = 200
ROLLED_UP = 20
START = datetime(2026, 1, 1, tzinfo=UTC)
STEMS = (
    *("order", "price", "cart", "stock", "user", "mail", "cache", "index", "route", "token", "batch", "shard"),
    *("queue", "frame", "layer", "node", "edge", "graph", "page", "form"),
)
WORDS = [stem + end for stem in STEMS for end in ("er", "or", "um", "ix", "al", "ing", "ed", "ion", "ist", "ity")]
GROW = """
MATCH (first:Signature)-[:OF_PATTERN]->(p:Pattern)
WITH first, p LIMIT 1
UNWIND range($from, $to) AS number
CREATE (s:Signature {exact: 'grown' + number, first_seen: $at, last_seen: $at})-[:OF_PATTERN]->(p)
CREATE (:Crash {crash_id: 'grown' + number, occurred_at: $at, received_at: $at})-[:HAS_SIGNATURE]->(s)
"""


def apart(number: int, chance: random.Random) -> str:
    """A report that founds a pattern."""
    names = [f"{chance.choice(WORDS)}{chance.randrange(40)}" for _ in range(14)]
    frames = "".join(
        f'  File "/srv/{names[at]}/{names[at + 1]}.py", line {number % 400 + 1}, in {names[at + 2]}_{chance.choice(WORDS)}\n'
        f"    {names[at + 3]}()\n"
        for at in range(8)
    )
    error = chance.choice(WORDS).title()
    return f"Traceback (most recent call last):\n{frames}{error}Error: {names[9]} {names[10]} of {names[11]} {names[12]}\n"


def joined(number: int, chance: random.Random) -> str:
    """A report that joins the pattern of the others, with a message and a last frame of its own."""
    own = f"{chance.choice(WORDS)}{number}"
    places = (("main", "run"), ("web", "serve"), ("orders", "load"), ("pricing", "tariff_of"), ("pricing", f"step_{own}"))
    frames = "".join(f'  File "/srv/shop/{module}.py", line 3, in {name}\n    x()\n' for module, name in places)
    rest = " ".join(chance.choice(WORDS) for _ in range(3))
    return f"Traceback (most recent call last):\n{frames}KeyError: tariff of {own} {rest} is missing\n"


STREAMS: dict[str, Callable[[int, random.Random], str]] = {"apart": apart, "joined": joined}


def submissions(stream: str, count: int) -> list[Submission]:
    """The stream, the same each time."""
    chance = random.Random(7)  # a fixed stream
    return [
        Submission(
            report=STREAMS[stream](number, chance),
            timestamp=START + timedelta(minutes=number),
            id=f"{stream}{number}",
            product="shop",
        )
        for number in range(count)
    ]


async def through(stream: str, count: int) -> None:
    """Store a stream with the code on the path; print the seconds and what each crash became."""
    builder = CrashBuilder(Redactor(b"k" * 32))
    prepared = [crash for one in submissions(stream, count) for crash in builder.prepare(one, START)]
    async with own_graph() as container:
        await container.receiver.store(prepared[:1])
        began = time.perf_counter()
        receipts = []
        for start in range(1, len(prepared), BATCH):
            receipts += await container.receiver.store(prepared[start : start + BATCH])
        seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "became": [[one.id, one.pattern_id, one.strategy] for one in receipts]}))


def by(checkout: Path, stream: str, count: int) -> dict[str, object]:
    """What :func:`through` prints with the code of a checkout."""
    environment = {**os.environ, "PYTHONPATH": f"{checkout}{os.pathsep}{Path(__file__).parent}"}
    command = [sys.executable, __file__, "--through", stream, str(count)]
    done = subprocess.run(command, env=environment, cwd=checkout, stdout=subprocess.PIPE, check=True, text=True)
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def streams(before: Path, sizes: Sequence[int]) -> list[dict[str, object]]:
    """Signatures per second of both commits."""
    rows = []
    for stream in STREAMS:
        for count in sizes:
            old, new = by(before, stream, count), by(Path.cwd(), stream, count)
            rates = [(count - 1) / float(str(one["seconds"])) for one in (old, new)]
            same = old["became"] == new["became"]
            rows.append(
                {"stream": stream, "signatures": count, "before /s": rates[0], "now /s": rates[1]}
                | {"ratio": rates[1] / rates[0], "same answers": str(same)}
            )
    return rows


async def roll_ups(before: Path, sizes: Sequence[int]) -> list[dict[str, object]]:
    """Milliseconds of the roll-up of one batch in a pattern with so many signatures, with the queries of both commits."""
    (crash,) = CrashBuilder(Redactor(b"k" * 32)).prepare(submissions("joined", 1)[0], START)
    assert crash.fingerprint is not None
    row = {"exact": crash.fingerprint.exact, "crashes": 0, "first_seen": START, "last_seen": START, "severity_rank": 3}
    text = (before / "graph/cypher/ingest/roll_up.cypher").read_text(encoding="utf-8")
    now = query("ingest/roll_up", rows=[row], severities=list(SEVERITIES))
    old = Statement(text, now.params, "roll-up before")
    lock = query("ingest/lock_patterns", exacts=[crash.fingerprint.exact])
    rows = []
    async with own_graph() as container:
        await container.receiver.store([crash])
        grown = 0
        for size in sizes:
            more = Statement(GROW, {"from": grown + 1, "to": size, "at": START}, "grow a pattern")
            await container.graph.write(more)
            grown = size
            spent = [0.0, 0.0]
            for turn in range(ROLLED_UP + 3):
                for which, statements in enumerate(([old], [lock, now])):
                    began = time.perf_counter()
                    await container.graph.write(*statements)
                    # The first ones are planned.
                    spent[which] += (time.perf_counter() - began) * 1e3 if turn >= 3 else 0.0
            milliseconds = [one / ROLLED_UP for one in spent]
            rows.append({"in the pattern": size, "before ms": milliseconds[0], "now ms": milliseconds[1]})
            rows[-1]["ratio"] = milliseconds[0] / milliseconds[1]
    return rows


def embedding(before: Path) -> list[dict[str, object]]:
    """Milliseconds of the processor per text, with the model of both commits."""
    builder = CrashBuilder(Redactor(b"k" * 32))
    prepared = [builder.prepare(one, START)[0].fingerprint for one in submissions("apart", EMBEDDED)]
    texts = [one.text for one in prepared if one is not None]
    earlier: dict[str, type[MiniLm]] = {"__name__": "earlier"}  # type: ignore[dict-item]  # a module's namespace
    exec((before / "graph/embedding/minilm.py").read_text(encoding="utf-8"), earlier)  # our own earlier code
    spent = []
    vectors = []
    for model in (earlier["MiniLm"](model_folder()), MiniLm(model_folder())):
        model.embed(texts[:10])
        began = time.process_time()
        vectors.append(model.embed(texts))
        spent.append((time.process_time() - began) / len(texts) * 1e3)
    farthest = float(abs(vectors[0] - vectors[1]).max())
    return [
        {"texts": len(texts), "before ms": spent[0], "now ms": spent[1], "ratio": spent[0] / spent[1]}
        | {"largest difference": f"{farthest:.1e}"}
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="checkout of the earlier commit")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--only", choices=["streams", "roll-up", "embedding"])
    parser.add_argument("--through", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.through:
        asyncio.run(through(args.through[0], int(args.through[1])))
        return
    if args.before is None:
        parser.error("name the checkout of the earlier commit with --before")
    if args.only in {None, "embedding"}:
        report("embedding new signatures", embedding(args.before))
    if args.only in {None, "roll-up"}:
        report("roll-up of one batch", asyncio.run(roll_ups(args.before, args.sizes)))
    if args.only in {None, "streams"}:
        report("storing new signatures", streams(args.before.resolve(), args.sizes))


if __name__ == "__main__":
    main()
