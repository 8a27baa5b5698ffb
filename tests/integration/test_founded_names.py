"""No two patterns that ingest or a split founds share a name."""

from __future__ import annotations

import itertools

from crashgraph.wiring import Container
from graph.matching.cascade import Policy, Thresholds
from graph.model.actor import person
from graph.model.statement import Statement
from graph.sources.submission import Submission

NEVER = Policy(Thresholds(structural=1.0, semantic=1.0, fuzzy=1.0))
"""Every new signature founds a pattern."""
PLAIN = "ValueError in orders.load"


def crash(message: str, caller: str = "run", number: int = 0) -> Submission:
    text = (
        'Traceback (most recent call last):\n  File "/srv/shop/jobs.py", line 9, in '
        f'{caller}\n    load()\n  File "/srv/shop/orders.py", line 3, in load\n    x()\nValueError: {message}\n'
    )
    return Submission(report=text, id=f"{message} {caller} {number}")


async def test_patterns_that_would_be_called_alike_are_set_apart(container: Container) -> None:
    container.matcher.signature_matcher.use(NEVER)
    messages = ("no lines", "no address")
    (first,) = await container.receiver.receive([crash("no lines")])
    others = await container.receiver.receive(
        [crash(message, caller) for message, caller in itertools.product(messages, ("run", "retry"))]
    )
    names = {receipt.pattern_id: receipt.pattern_name for receipt in (first, *others)}
    assert first.pattern_name == PLAIN
    assert len(names) == 4
    assert len(set(names.values())) == 4
    assert f"{PLAIN}: no address" in names.values()
    assert f"{PLAIN}: no lines" in names.values()
    assert f"{PLAIN}, called by jobs.retry" in names.values()


async def test_a_split_gets_a_name_of_its_own(container: Container) -> None:
    texts = [crash(f"no lines for order of the {period}") for period in ("day", "year")]
    first, second = await container.receiver.receive(texts)
    assert first.pattern_id
    assert first.pattern_id == second.pattern_id
    (row,) = await container.graph.read(Statement("MATCH (s:Signature) RETURN collect(s.exact) AS exacts", name="exacts"))
    split = await container.verdicts.split(first.pattern_id, row["exacts"][:1], actor=person("ann"))
    named = Statement("MATCH (p:Pattern {pattern_id: $id}) RETURN p.name AS name", {"id": split.pattern_id}, name="named")
    (row,) = await container.graph.read(named)
    assert row["name"].startswith(f"{PLAIN}: no lines for order of the ")
