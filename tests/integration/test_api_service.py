"""The typed client against the real service: reading, reporting, teaching, jobs, following, keys and errors."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
import pytest_asyncio
from click.testing import CliRunner, Result
from reports import submission, traceback

from crashgraph.api import ApiError, Client, checked, enums, inputs
from crashgraph.app import AppDependencies
from crashgraph.cli import cli
from crashgraph.match_text import render_answers
from crashgraph.serving import serving
from crashgraph.wiring import Container, build_access, build_intake
from graph.access.keys import create_api_key
from graph.access.users import create_user
from graph.knowledge.solutions import NewSolution
from graph.model.actor import Scope, person
from graph.model.statement import Statement
from graph.sources.files import ReadOptions, read_path
from resolvers.learning import record_solution

SECONDS = 60


@pytest_asyncio.fixture
async def url(container: Container) -> AsyncIterator[str]:
    """A service with four patterns."""
    await container.receiver.receive([submission(number % 4, number) for number in range(12)])
    with socket.create_server(("127.0.0.1", 0)) as bound:
        async with (
            build_intake(container) as intake,
            serving(AppDependencies(container, intake, build_access(container)), bound),
        ):
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"


async def test_what_the_graph_knows_is_read_page_by_page(url: str) -> None:
    async with Client(url) as client:
        first = await client.patterns(first=3)
        rest = await client.patterns(first=3, after=first.page_info.end_cursor)
        names = {pattern.name for pattern in [*first.nodes, *rest.nodes] if pattern}
        assert len(names) == 4
        assert (first.page_info.has_next_page, rest.page_info.has_next_page) == (True, False)
        [crash] = (await client.crashes(first=1, filter_=inputs.CrashFilterInput(site="site-1"))).nodes
        assert crash is not None
        assert crash.received_at.tzinfo is not None
        whole = await client.crash(crash.id)
        assert whole is not None
        assert whole.report is not None
        assert whole.report.startswith("Traceback")
        pattern = await client.pattern(whole.pattern.id if whole.pattern else "")
        assert pattern is not None
        assert pattern.known is not None
        assert sum(site.crashes for site in pattern.known.sites) == pattern.occurrence_count == 3
        path = await client.path(crash.id, pattern.id)
        assert [one.caption for one in path.nodes if one][-1] == pattern.name
        found = await client.search("tariff", kinds=[enums.SearchKind.PATTERN])
        assert [edge.node.typename__ for edge in found.edges if edge and edge.node] == ["Pattern"]
        assert (await client.pattern_as_of(pattern.id, datetime.now(UTC))).name == pattern.name  # type: ignore[union-attr]  # it is there
        assert (await client.me()).actor == "person:anonymous"
        assert await client.ask("query T($n: Int!) { patterns(first: $n) { nodes { name } } }", {"n": 1})


async def test_a_report_is_matched_stored_and_taught(url: str) -> None:
    async with Client(url) as client:
        report = traceback(0, line=30)
        [answer] = await client.match_crash(inputs.CrashInput(report=report), candidates=2)
        assert not answer.is_new
        assert (await client.submit_crash(inputs.SubmitCrashInput(report=report, site="new"))).receipts
        many = checked(
            await client.submit_crashes(inputs.SubmitCrashesInput(crashes=[inputs.CrashInput(report=report, id="7")]))
        )
        [result] = many.results
        assert result is not None
        [receipt] = result.receipts
        assert receipt is not None
        assert (receipt.pattern_id, receipt.external_id) == (answer.pattern_id, "7")
        review = inputs.ValidationInput(crash=receipt.crash_id, root_cause="no tariff", severity=enums.Severity.HIGH)
        taught = checked(await client.validate_crash(review)).pattern
        assert taught is not None
        assert (taught.root_cause, taught.severity) == ("no tariff", enums.Severity.HIGH)
        fix = inputs.SolutionInput(pattern=taught.id, description="load tariffs", kind=enums.SolutionKind.CODE)
        solution = checked(await client.record_solution(fix)).solution
        assert solution is not None
        used = checked(await client.record_use(inputs.UseInput(solution=solution.id, pattern=taught.id, worked=True)))
        assert (used.worked, used.failed) == (1, 0)
        done = checked(
            await client.resolve_pattern(inputs.ResolvePatternInput(pattern=taught.id, product="desk", version="2.0"))
        ).pattern
        assert done is not None
        assert done.status is enums.PatternStatus.RESOLVED


async def test_a_mutation_acts_once_by_its_id(url: str) -> None:
    async with Client(url) as client:
        a, b = [pattern.id for pattern in (await client.patterns(first=2)).nodes if pattern]
        decision = inputs.MarkDifferentInput(a=a, b=b, reason="other bugs", client_mutation_id="0d7c5a0e-one")
        first = checked(await client.mark_different(decision)).verdict
        again = checked(await client.mark_different(decision)).verdict
        assert first is not None
        assert again == first
        other = await client.mark_different(inputs.MarkDifferentInput(a=b, b=a, client_mutation_id="0d7c5a0e-one"))
        with pytest.raises(ApiError, match="CONFLICT"):
            checked(other)
        assert checked(await client.undo_verdict(inputs.UndoVerdictInput(verdict=first.id))).verdict
        assert [one.undone_by for one in (await client.verdicts(about=a)).nodes if one] != [None]


async def test_what_happens_is_followed(url: str) -> None:
    async with Client(url) as client, asyncio.timeout(SECONDS):
        run = checked(await client.request_job(inputs.RequestJobInput(name="co_occurrence"))).run
        assert run is not None
        progress = client.job_progress(run.run_id)
        assert (await anext(progress)).state is enums.RunState.REQUESTED
        await progress.aclose()  # type: ignore[attr-defined]  # it is an async generator
        seen = []
        async for one in client.event(after=0):
            seen.append(one.kind)
            if len(set(seen)) == 2:
                break
        assert set(seen) == {enums.EventKind.CRASHES_STORED, enums.EventKind.PATTERN_FOUNDED}
        async for received in client.crash_received(filter_=inputs.CrashFilterInput(site="site-2"), after=0):
            assert received.crash.site == "site-2"
            break
        assert {job.name for job in await client.jobs()} >= {"co_occurrence", "similarity"}
        assert checked(await client.cancel_job(inputs.CancelJobInput(run_id=run.run_id))).run


async def test_a_key_is_needed_where_there_are_users_and_bounds_what_may_be_done(container: Container, url: str) -> None:
    await create_user(container.graph, person("owner"), "ann", "admin", "correct horse battery staple")
    until = datetime.now(UTC) + timedelta(days=1)
    made = await create_api_key(container.graph, person("ann"), "reader", [Scope.READ], expires_at=until)
    async with Client(url) as stranger:
        with pytest.raises(ApiError) as refused:
            await stranger.patterns(first=1)
        assert (refused.value.codes, refused.value.status) == (("ACCESS",), 401)
        with pytest.raises(ApiError, match="ACCESS"):
            await anext(stranger.event())
    async with Client(url, key=made.token) as client:
        assert (await client.me()).organisation == "default"
        assert (await client.patterns(first=1)).nodes
        with pytest.raises(ApiError, match="FORBIDDEN"):
            checked(await client.ignore_pattern(inputs.IgnorePatternInput(pattern="x")))
        with pytest.raises(ApiError, match="NOT_FOUND"):
            await client.pattern("none")


def rounded(value: object) -> object:
    """Without the digits of a confidence that fades with every second."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


async def command(environment: dict[str, str], *arguments: str) -> Result:
    """What a command does beside the service, in a thread with loops of its own."""
    runner = CliRunner(env=environment)
    return await asyncio.to_thread(runner.invoke, cli, [*arguments], standalone_mode=False)


async def test_the_command_line_asks_a_service_elsewhere(container: Container, url: str, tmp_path: Path) -> None:
    owner, until = person("owner"), datetime.now(UTC) + timedelta(days=1)
    await create_user(container.graph, owner, "ann", "admin", "correct horse battery staple")
    made = await create_api_key(container.graph, person("ann"), "sender", [Scope.READ, Scope.REPORT], expires_at=until)
    async with Client(url, key=made.token) as client:
        fix = NewSolution(pattern_id=(await client.patterns(first=1)).nodes[0].pattern_id, description="load it")  # type: ignore[union-attr]  # there is one
    await record_solution(container.graph, fix, owner)
    there = {"CRASHGRAPH_HOME": str(tmp_path / "elsewhere"), "CRASHGRAPH_KEY": made.token}
    paths = [tmp_path / "known.txt", tmp_path / "new.txt", tmp_path / "prose.txt"]
    for path, text in zip(paths, (traceback(1), traceback(0).replace("tariff", "zebra"), "all is well"), strict=True):
        path.write_text(text)
        [submission_] = read_path(str(path), ReadOptions())
        answers = await container.matcher.match(submission_, 2)
        for options in ({"explain": True, "jsonl": False}, {"explain": True, "jsonl": True}, {"explain": False, "jsonl": True}):
            flags = [*(["--explain"] if options["explain"] else []), *(["--output", "jsonl"] if options["jsonl"] else [])]
            done = await command(there, "match", str(path), "--candidates", "2", "--service", url, *flags)
            assert done.exception is None, done.output
            expected = render_answers(submission_, answers, **options).decode()
            if options["jsonl"]:
                assert rounded(json.loads(done.stdout)) == rounded(json.loads(expected))
            else:
                assert done.stdout == expected
    done = await command(there, "ingest", *map(str, paths), "--service", url, "--output", "jsonl", "--site", "far")
    assert done.return_value == 3, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["source"], row["status"]) for row in rows] == [
        (str(paths[0]), "matched"), (str(paths[1]), "matched"), (str(paths[2]), "unparsed"),
    ]  # fmt: skip
    [row] = await container.graph.read(Statement("MATCH (c:Crash {site: 'far'}) RETURN count(c) AS crashes"))
    assert row["crashes"] == 3
    assert not (tmp_path / "elsewhere").exists(), "the graph of the own home is not opened"
    refused = await command({**there, "CRASHGRAPH_KEY": ""}, "match", str(paths[0]), "--service", url)
    assert isinstance(refused.exception, ApiError)
    assert refused.exception.codes == ("ACCESS",)
    wrong = await command(there, "match", str(paths[0]), "--service", "elsewhere")
    assert isinstance(wrong.exception, click.BadParameter)
    assert "is not an address" in wrong.exception.message
