"""Properties of any sequence of ingest and verdicts, on a real graph: undo leaves no trace, and no verdict is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from reports import submission
from test_reprocess import homes, older_receiver, signatures, text
from whole_graph import same_as, whole

from crashgraph.wiring import Container
from graph.knowledge.solutions import NewSolution
from graph.knowledge.validation import CrashReview
from graph.model.actor import person
from graph.model.errors import ContradictionError, InvalidInputError
from graph.model.statement import Statement
from graph.reprocess.reprocessor import Reprocessor
from graph.sources.submission import Submission
from jobs.registry import job_names
from jobs.runner import run_now
from resolvers.learning import UseReport, record_solution, resolve_pattern, use_solution, validate_crash

ERRORS = ("KeyError", "IndexError", "TimeoutError")
PLACES = ("db.pool", "web.view", "queue.pull", "mail.send")
BUG = st.tuples(st.sampled_from(ERRORS), st.integers(0, 3), st.sampled_from(PLACES), st.sampled_from(["serve", "batch"]))
BUGS = st.lists(BUG, min_size=4, max_size=9)
SEVERITY = st.sampled_from(["low", "medium", "high", "critical"])

EMPTY = Statement("MATCH (n) DETACH DELETE n", name="empty the graph")

bounded = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


async def emptied(container: Container) -> None:
    """Empty the graph, so that each example starts without data."""
    await container.graph.write(EMPTY)
    container.matcher.signature_matcher.reset_rarity()


def sent(bugs: list[tuple[str, int, str, str]], start: int = 0, severity: str = "high") -> list[Submission]:
    made = enumerate(bugs)
    return [submission(0, start + n, report=text(*bug), id=f"r{start + n}", severity=severity) for n, bug in made]


async def taught(container: Container, crash: str, pattern: str) -> None:
    """A validation, a solution that worked, and a status."""
    review = CrashReview(crash_id=crash, name="A name", root_cause="a cause", notes="n", severity="critical")
    await validate_crash(container.graph, review, person("ann"))
    made = await record_solution(container.graph, NewSolution(pattern_id=pattern, description="restart it"), person("ann"))
    await use_solution(
        container.graph,
        UseReport(solution_id=made.solution_id, pattern_id=pattern, worked=True, site="site-1", product="desk"),
        person("bob"),
    )
    await resolve_pattern(container.graph, pattern, person("ann"), version="1.9", product="desk")


@bounded
@given(bugs=BUGS, severity=SEVERITY, whom=st.lists(st.integers(0, 99), min_size=4, max_size=4), first=st.booleans())
async def test_merge_then_undo_is_the_identity(
    container: Container, bugs: list[tuple[str, int, str, str]], severity: str, whom: list[int], *, first: bool
) -> None:
    await emptied(container)
    await container.receiver.receive(sent(bugs, severity=severity))
    found = await homes(container)
    crashes, patterns = sorted(found), sorted(set(found.values()))
    assume(len(patterns) > 1)
    a = patterns.pop(whom[2] % len(patterns))
    b = patterns.pop(whom[3] % len(patterns))
    if first and patterns:  # verdicts on a part apply to the whole until the merge is undone
        await container.verdicts.not_caused_by(b, patterns[0], actor=person("ann"))
        await container.verdicts.different(b, patterns[-1], actor=person("ann"))
    await taught(container, crashes[whom[0] % len(crashes)], (a, b)[whom[1] % 2])
    before = await whole(container.graph)
    merged = await container.verdicts.merge([a, b], actor=person("ann"), reason="one race")
    assert await whole(container.graph) != before
    await container.verdicts.undo(merged.verdict.verdict_id, actor=person("bob"))
    assert await same_as(container.graph, before)


AFTER = st.lists(
    st.one_of(st.sampled_from([*job_names(), "reprocess"]), st.lists(BUG, min_size=1, max_size=4)), min_size=3, max_size=6
)


@bounded
@given(bugs=BUGS, which=st.tuples(st.integers(0, 99), st.integers(0, 99)), after=AFTER)
async def test_distinct_signatures_are_never_rejoined(
    container: Container,
    bugs: list[tuple[str, int, str, str]],
    which: tuple[int, int],
    after: list[str | list[tuple[str, int, str, str]]],
) -> None:
    await emptied(container)
    receipts = await older_receiver(container).receive(sent(bugs))
    ids = [str(receipt.crash_id) for receipt in receipts]
    made = {id: exact for id, (exact, _) in (await signatures(container)).items()}
    one = ids[which[0] % len(ids)]
    others = [id for id in ids if made[id] != made[one]]
    assume(others)
    other = others[which[1] % len(others)]
    await container.verdicts.different(f"Crash:{one}", f"Crash:{other}", actor=person("ann"))
    for number, work in enumerate([*after, "reprocess"]):
        if work == "reprocess":
            again = Reprocessor(container.graph, container.embedder)
            await again.apply(await again.plan())
        elif isinstance(work, str):
            await run_now(container.graph, work, {})
        else:
            await container.receiver.receive([*sent(work, 100 * (number + 1)), *sent(bugs, 1000 * (number + 1))])
        found = await homes(container)
        assert found[one] != found[other], work


@bounded
@given(bugs=BUGS, pairs=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.booleans()), max_size=3))
async def test_repeated_reports_change_nothing(
    container: Container, bugs: list[tuple[str, int, str, str]], pairs: list[tuple[int, int, bool]]
) -> None:
    await emptied(container)
    batch = sent(bugs)
    await container.receiver.receive(batch)
    patterns = sorted(set((await homes(container)).values()))
    for a, b, same in pairs:
        decide = container.verdicts.same if same else container.verdicts.different
        try:
            await decide(patterns[a % len(patterns)], patterns[b % len(patterns)], actor=person("ann"))
        except (ContradictionError, InvalidInputError):
            continue
    before = await whole(container.graph)
    await container.receiver.receive(batch)
    await asyncio.gather(*(container.receiver.receive([one]) for one in batch))
    assert await same_as(container.graph, before)


@bounded
@given(bug=BUG, known=BUGS, each=st.integers(1, 3))
async def test_eight_concurrent_writers_of_a_new_bug_create_one_pattern(
    container: Container, bug: tuple[str, int, str, str], known: list[tuple[str, int, str, str]], each: int
) -> None:
    await emptied(container)
    await container.receiver.receive(sent(known))
    before = await homes(container)
    new = replace(sent([bug])[0], report=text("NewError", bug[1], "fresh.start", bug[3]))

    def batch(writer: int) -> list[Submission]:
        return [replace(new, id=f"w{writer}.{n}") for n in range(each)]

    receipts = await asyncio.gather(*(container.receiver.receive(batch(writer)) for writer in range(8)))
    pattern_ids = {receipt.pattern_id for one in receipts for receipt in one}
    found = await homes(container)
    assert {found[str(receipt.crash_id)] for one in receipts for receipt in one} == pattern_ids
    assert len(pattern_ids) == 1
    counted = "MATCH (p:Pattern {pattern_id: $p}) RETURN p.occurrence_count AS n"
    [row] = await container.graph.read(Statement(counted, {"p": next(iter(pattern_ids))}))
    assert row["n"] == 8 * each + sum(home in pattern_ids for home in before.values())
