"""Redacting once more: what an earlier version's rules left is nowhere afterwards, and everything is still where it was."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from reports import pattern_of, submission
from test_deletion import ORPHANS, RECOUNT, quoting, rows, spooled
from test_verdicts import traceback
from whole_graph import same_as, whole

from crashgraph.wiring import Container, build_intake
from graph.embedding.sentence_transformer import MiniLmEmbedder
from graph.erasure import redact_again
from graph.erasure.pages import Row
from graph.erasure.redact_again import RedactionAgain, RedactionReport
from graph.erasure.stored_texts import StoredTexts
from graph.ingest.pipeline import IngestPipeline
from graph.ingest.prepare import CrashBuilder
from graph.knowledge.events import events_since
from graph.knowledge.validation import CrashReview
from graph.matching.cascade import Policy
from graph.matching.signature_matcher import SignatureMatcher
from graph.model.actor import person
from graph.model.declare import NodeDeclaration
from graph.model.events import EventKind
from graph.model.integrity import StoredReport, sha256
from graph.model.statement import Statement
from graph.ports import Transaction
from graph.redaction.redactor import Redactor, Scrubbed
from resolvers.learning import validate_crash

pytestmark = pytest.mark.timeout(600)
ANN = person("ann")
SECRET = "Sesame77zq"


class Yesterday(Redactor):
    """Redaction of an earlier version, which knew nothing of these secrets."""

    def marked(self, text: str, user: str | None = None) -> Scrubbed:  # noqa: ARG002  # as in the base
        return Scrubbed(text)


def yesterday(container: Container) -> Container:
    """The same installation with the rules of an earlier version."""
    builder = CrashBuilder(Yesterday(b"y" * 32))
    receiver = IngestPipeline(
        container.graph, builder, SignatureMatcher(container.graph, container.embedder, Policy()), model=container.embedder.name
    )
    return replace(container, receiver=receiver)


def again(container: Container, **options: Any) -> RedactionAgain:
    return RedactionAgain(container.graph, StoredTexts(container.redactor), container.embedder, container.waiting, **options)


async def redacted(container: Container, *, dry_run: bool = False) -> RedactionReport:
    return await again(container).run(ANN, dry_run=dry_run)


def leaky(minute: int, **changes: Any) -> Any:
    report = traceback("LoginError", f"password={SECRET} was refused", "gate.open")
    values = {
        "report": f"{report}\n{SECRET} again",
        "site": f"token={SECRET}",
        "version": f"1.0 pwd={SECRET}",
        "product": "shop",
    }
    return submission(0, minute, **{**values, **changes}, environment={"os": f"Linux secret={SECRET}", "note": f"pin={SECRET}"})


async def test_what_an_earlier_version_left_is_nowhere_and_everything_is_where_it_was(
    container: Container, embedder: MiniLmEmbedder
) -> None:
    old = yesterday(container)
    receipts = await old.receiver.receive([leaky(minute) for minute in range(3)])
    other = (await old.receiver.receive([submission(1, 50)]))[0]
    review = CrashReview(crash_id=receipts[0].crash_id, correct=True, name=f"the bug of {SECRET}", notes="seen")
    await validate_crash(container.graph, review, ANN)
    await container.verdicts.merge([pattern_of(receipts[0]), pattern_of(other)], actor=ANN)
    assert len(await quoting(container, [SECRET])) > 20
    ids = """
    MATCH (c:Crash)-[:HAS_SIGNATURE]->(s)-[:OF_PATTERN]->(p)
    RETURN c.crash_id AS c, s.exact AS s, p.pattern_id AS p ORDER BY c
    """
    before, graph = await rows(container, ids), await whole(container.graph)

    counted = await redacted(container, dry_run=True)
    assert await same_as(container.graph, graph)
    report = await redacted(container)

    assert await quoting(container, [SECRET]) == []
    assert await rows(container, ids) == before
    assert (report.kinds, report.crashes, report.places) == (counted.kinds, counted.crashes, counted.places)
    assert sorted(report.crashes) == sorted(one.crash_id for one in receipts)
    assert set(report.kinds) == {"secret"}
    assert SECRET not in repr(report)
    assert await rows(container, RECOUNT) == []
    for row in await rows(container, "MATCH (c:Crash) RETURN c.crash_id AS id, c.report AS report, c.stored_hash AS hash"):
        assert StoredReport(row["id"], row["report"], row["hash"]).checked()
    [signature] = await rows(
        container, "MATCH (s:Signature) WHERE s.cause CONTAINS 'Login' RETURN s.text AS t, s.embedding AS e"
    )
    assert signature["e"] == pytest.approx(embedder.embed([signature["t"]])[0].tolist(), abs=1e-5)
    [event] = (await events_since(container.graph, 0, [EventKind.CRASHES_REDACTED])).events
    assert (event.count, event.actor) == (3, "person:ann")
    once = await whole(container.graph)
    nothing = await redacted(container)
    assert (nothing.places, nothing.crashes) == ({}, [])
    assert await same_as(container.graph, once)
    [new] = await container.receiver.receive([leaky(90)])
    assert pattern_of(new) == before[0]["p"], "the next crash of the bug is recognised"


async def test_a_node_whose_new_name_another_has_is_joined_with_it(container: Container) -> None:
    [first] = await yesterday(container).receiver.receive([leaky(1)])
    [second] = await container.receiver.receive([leaky(2)])
    assert len(await rows(container, "MATCH (n:Site) RETURN n")) == 2

    report = await redacted(container)

    assert report.joined >= 3, "site, version and fact"
    assert len(await rows(container, "MATCH (n:Site) RETURN n")) == 1
    places = """
    MATCH (:Crash {crash_id: $id})-[:OCCURRED_IN]->()-[:AT_SITE|RUNS_VERSION|HAS_ATTRIBUTE]->(x)
    RETURN elementId(x) AS x
    """
    ends = [{row["x"] for row in await rows(container, places, id=one.crash_id)} for one in (first, second)]
    assert ends[0] == ends[1]
    assert await rows(container, ORPHANS) == []


async def test_a_text_that_changes_meanwhile_counts_once(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    await yesterday(container).receiver.receive([leaky(1)])
    counted = await redacted(container, dry_run=True)
    meanwhile = [Statement("MATCH (s:Signature) SET s.cause = s.cause + ' again'", name="change it meanwhile")]

    async def write(declared: NodeDeclaration, rows: Sequence[Row], tx: Transaction) -> Any:
        if declared.label == "Signature" and meanwhile:
            await container.graph.write(meanwhile.pop())
        return await unhindered(declared, rows, tx)

    unhindered = redact_again._write
    monkeypatch.setattr(redact_again, "_write", write)
    report = await redacted(container)
    assert not meanwhile
    assert (report.kinds, report.places, report.left) == (counted.kinds, counted.places, 0)
    assert await quoting(container, [SECRET]) == []


async def test_a_run_that_was_ended_is_completed_by_the_next(container: Container) -> None:
    await yesterday(container).receiver.receive([leaky(minute) for minute in range(5)])
    for steps in range(1, 12, 3):

        def stop(_: int, left: list[int] = [steps]) -> None:  # noqa: B006  # counts down
            left[0] -= 1
            if not left[0]:
                raise InterruptedError

        with pytest.raises(InterruptedError):
            await again(container, progress=stop).run(ANN)
    await redacted(container)
    assert await quoting(container, [SECRET]) == []


async def test_what_waits_in_the_spool_is_redacted(container: Container) -> None:
    old = yesterday(container)
    [id, *_] = await spooled(old, leaky(1), submission(1, 2))
    files = list(container.settings.home.iterdir())
    assert any(SECRET.encode() in path.read_bytes() for path in files)

    report = await redacted(container)

    assert (report.waiting, report.unread) == (1, 0)
    assert [path.name for path in files if SECRET.encode() in path.read_bytes()] == []
    async with build_intake(container) as intake:
        while intake._spool.reports:
            await asyncio.sleep(0.02)
    assert len(await rows(container, "MATCH (c:Crash) RETURN c")) == 2
    assert await quoting(container, [SECRET]) == []
    [row] = await rows(container, "MATCH (c:Crash {crash_id: $id}) RETURN c.report AS report, c.stored_hash AS hash", id=id)
    assert sha256(row["report"]) == row["hash"]


async def test_a_running_service_goes_on(container: Container) -> None:
    await yesterday(container).receiver.receive([leaky(minute) for minute in range(300)])
    stored = 0
    running = True

    async def send() -> None:
        nonlocal stored
        while running:
            stored += len(await container.receiver.receive([leaky(1_000 + stored + number) for number in range(20)]))

    sending = asyncio.create_task(send())
    report = await redacted(container)
    running = False
    await sending
    assert (len(report.crashes), report.left) == (300, 0)
    assert await quoting(container, [SECRET]) == []
    assert len(await rows(container, "MATCH (c:Crash) RETURN c")) == 300 + stored
    assert await rows(container, RECOUNT) == []
    assert await rows(container, ORPHANS) == []


async def test_the_command_reports_and_repeats_nothing(container: Container, environment: dict[str, str]) -> None:
    await yesterday(container).receiver.receive([leaky(1)])

    async def run(*options: str) -> str:
        command = (sys.executable, "-m", "crashgraph", "redact", "--again", *options)
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
        output = (await process.communicate())[0].decode()
        assert (process.returncode, SECRET in output) == (0, False)
        return output

    assert "would be replaced" in await run("--dry-run")
    assert await quoting(container, [SECRET])
    [done] = map(json.loads, (await run("--output", "jsonl")).splitlines())
    assert (done["dry_run"], len(done["crashes"])) == (False, 1)
    assert await quoting(container, [SECRET]) == []
    assert "replaced: nothing" in await run()
