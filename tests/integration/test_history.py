"""The history of patterns on a real graph: every change has a revision, and any moment is restored."""

from __future__ import annotations

import asyncio
import getpass
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from reports import pattern_of, submission, traceback
from test_command_line import run
from test_verdicts import give_some, homes, undo_some, world

from crashgraph.wiring import Container
from graph.knowledge.history import pattern_as_of
from graph.knowledge.validation import CrashReview
from graph.model.actor import person
from graph.model.errors import NotFoundError
from graph.model.statement import Statement
from resolvers.history import history_of
from resolvers.learning import ignore_pattern, reopen_pattern, resolve_pattern, validate_crash
from schema.build import build_schema
from schema.context import Context

KEPT = (
    *(
        "name",
        "status",
        "severity",
        "severity_by",
        "confidence",
        "description",
        "root_cause",
        "trust",
        "first_seen",
        "last_seen",
    ),
    *("occurrence_count", "validation_count", "resolved_version", "created_at", "error_type"),
)


async def snapshot(container: Container) -> dict[str, tuple[dict[str, Any], set[str]]]:
    """The properties and signatures of every pattern."""
    rows = await container.graph.read(
        Statement("MATCH (p:Pattern) RETURN p {.*} AS p, [(p)<-[:OF_PATTERN]-(s) | s.exact] AS s")
    )
    return {row["p"]["pattern_id"]: ({name: row["p"].get(name) for name in KEPT}, set(row["s"])) for row in rows}


async def something_else(container: Container, chance: random.Random, number: int) -> None:
    """A change other than a verdict: crashes, status, or a validation."""
    text = Statement("MATCH (c:Crash)-[:HAS_SIGNATURE]->()-[:OF_PATTERN]->(p) RETURN c.crash_id AS c, p.pattern_id AS p")
    rows = sorted(await container.graph.read(text), key=str)
    crash, pattern = chance.choice(rows)["c"], chance.choice(rows)["p"]
    kind = chance.choice(["crash", "crash", "resolve", "reopen", "ignore", "validate"])
    if kind == "crash":
        await container.receiver.receive(
            [submission(chance.randrange(4), 1000 + number, severity=chance.choice(["low", "critical"]))]
        )
    elif kind == "resolve":
        await resolve_pattern(container.graph, pattern, person("ann"), version="7", product="desk")
    elif kind == "reopen":
        await reopen_pattern(container.graph, pattern, person("ann"))
    elif kind == "ignore":
        await ignore_pattern(container.graph, pattern, person("bob"), "noise")
    else:
        review = CrashReview(crash_id=crash, name=f"name {number}", root_cause=f"cause {number}", notes="n")
        await validate_crash(container.graph, review, person("ann"))


@pytest.mark.parametrize("seed", range(3))
async def test_any_moment_of_a_random_run_is_restored(container: Container, seed: int) -> None:
    chance = random.Random(seed)
    await world(container)
    moments = [(datetime.now(UTC), await snapshot(container))]
    standing: list[str] = []
    for number in range(16):
        what = chance.random()
        if what < 0.2 and standing:
            standing = await undo_some(container, standing, chance)
        elif what < 0.6:
            outcome = await give_some(container, chance)
            standing += [outcome.verdict.verdict_id] if outcome else []
        else:
            await something_else(container, chance, number)
        moments.append((datetime.now(UTC), await snapshot(container)))
    everything = {id for _, then in moments for id in then}
    assert len(everything) > 4
    for at, then in moments:
        for id in sorted(everything):
            if id not in then:
                with pytest.raises(NotFoundError):
                    await pattern_as_of(container.graph, id, at)
                continue
            found = await pattern_as_of(container.graph, id, at)
            values, signatures = then[id]
            gone = id not in moments[-1][1]
            restored = {name: getattr(found.pattern, name) for name in KEPT}
            if values["status"] == "merged":
                restored |= {"first_seen": None, "last_seen": None, "occurrence_count": None}
            if gone:  # a pattern that an undone verdict had made remains in the history only
                values = {name: values[name] for name in ("name", "status", "severity", "occurrence_count")}
            assert {name: restored[name] for name in values} == values, (id, at)
            assert {one.exact for one in found.signatures} == signatures


async def test_every_revision_has_what_changed_and_why(container: Container) -> None:
    one, other = await container.receiver.receive([submission(0), submission(1)])
    review = CrashReview(crash_id=one.crash_id, name="Missing tariff", notes="seen")
    await validate_crash(container.graph, review, person("ann"))
    merged = await container.verdicts.merge([pattern_of(one), pattern_of(other)], actor=person("bob"), reason="one cause")
    await container.verdicts.undo(merged.verdict.verdict_id, actor=person("cy"), reason="it was not")
    document = """query($p: ID!, $after: String) { pattern(id: $p) { history(first: 2, after: $after) {
      pageInfo { hasNextPage endCursor } nodes { version changeType by reason at signaturesAdded signaturesRemoved
      changes { name before after } crash { key } verdict { key kind undoneBy } } } } }"""
    steps, after = [], None
    while True:
        result = await build_schema().execute(
            document, {"p": one.pattern_id, "after": after}, Context(container.graph, container.matcher, container.receiver)
        )
        assert result.errors is None, result.errors
        assert result.data is not None
        page = result.data["pattern"]["history"]
        steps += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert [(step["version"], step["changeType"], step["by"]) for step in steps] == [
        (3, "UNDO", "person:cy"),
        (2, "MERGE", "person:bob"),
        (1, "PATTERN_UPDATE", "person:ann"),
    ]
    undone, merge, learned = steps
    assert undone["reason"] == "it was not"
    assert undone["signaturesRemoved"] == merge["signaturesAdded"] != []
    assert merge["verdict"] == {"key": merged.verdict.verdict_id, "kind": "MERGE", "undoneBy": "person:cy"}
    assert learned["crash"] == {"key": one.crash_id}
    names = {change["name"]: (change["before"], change["after"]) for change in learned["changes"]}
    assert names["name"] == ("KeyError in pricing.tariff_of", "Missing tariff")


async def test_a_removed_pattern_is_shown_as_it_was(container: Container) -> None:
    there = await world(container)
    a, *_ = there.patterns
    split = await container.verdicts.split(a, there.signatures[a][:1], actor=person("ann"), name="the other")
    between = datetime.now(UTC)
    await container.verdicts.undo(split.verdict.verdict_id, actor=person("ann"))
    document = "query($p: ID!, $at: DateTime!) { patternAsOf(id: $p, at: $at) { name version signatures { exact title } } }"
    given = {"p": split.pattern_id, "at": between.isoformat()}
    context = Context(container.graph, container.matcher, container.receiver)
    result = await build_schema().execute(document, given, context)
    assert result.errors is None, result.errors
    assert result.data is not None
    found = result.data["patternAsOf"]
    assert (found["name"], found["version"]) == ("the other", 1)
    assert [one["exact"] for one in found["signatures"]] == there.signatures[a][:1]
    for at, words in ((split.verdict.at - timedelta(days=1), "not there yet"), (datetime.now(UTC), "gone")):
        result = await build_schema().execute(document, given | {"at": at.isoformat()}, context)
        assert words in str(result.errors)
    with pytest.raises(NotFoundError, match="now or ever"):
        await pattern_as_of(container.graph, "never", between)


ME = f"person:{getpass.getuser()}"
DECIDE = """mutation($a: ID!, $b: ID!) { markDifferent(input: {a: $a, b: $b, onBehalfOf: "ann", reason: "other cause"}) {
  verdict { key kind by onBehalfOf } conflictingVerdictId errors { code } } }"""
MERGE = """mutation($p: [ID!]!) { mergePatterns(input: {patterns: $p, onBehalfOf: "bob"}) {
  verdict { key } pattern { key occurrenceCount } patterns { key } conflictingVerdictId errors { code message } } }"""
SPLIT = """mutation($p: ID!, $s: [ID!]!) { splitPattern(
  input: {pattern: $p, signatures: $s, onBehalfOf: "bob", name: "half"}) {
  verdict { key } pattern { key name } patterns { key } errors { message } } }"""
MOVE = """mutation($s: ID!, $p: ID!) { moveSignature(input: {signature: $s, pattern: $p, onBehalfOf: "bob"}) {
  verdict { kind } pattern { key } errors { message } } }"""
CAUSE = """mutation($a: ID!, $b: ID!) { markNotCausedBy(input: {effect: $a, cause: $b, onBehalfOf: "bob"}) {
  verdict { kind } errors { message } } }"""
SAME = """mutation($a: ID!, $b: ID!) { markSame(input: {a: $a, b: $b, onBehalfOf: "bob"}) {
  verdict { key } pattern { key } errors { message } } }"""
UNDO = """mutation($v: ID!) { undoVerdict(input: {verdict: $v, onBehalfOf: "cy"}) {
  verdict { undoneBy } errors { code message } } }"""
LIST = "query($a: ID, $s: Boolean!) { verdicts(first: 10, about: $a, active: $s) { nodes { key kind ordinal undoneBy } } }"


async def test_verdicts_through_graphql(container: Container) -> None:
    there = await world(container)
    a, b, c, d = there.patterns
    context = Context(container.graph, container.matcher, container.receiver)

    async def ask(text: str, **given: Any) -> Any:
        result = await build_schema().execute(text, given, context)
        assert result.errors is None, result.errors
        assert result.data is not None
        (answer,) = result.data.values()
        return answer

    different = await ask(DECIDE, a=a, b=f"Pattern:{b}")
    assert (different["verdict"]["kind"], different["errors"]) == ("DIFFERENT", [])
    assert (different["verdict"]["by"], different["verdict"]["onBehalfOf"]) == ("person:anonymous", "ann")
    refused = await ask(MERGE, p=[a, b])
    assert (refused["conflictingVerdictId"], refused["verdict"]) == (different["verdict"]["key"], None)
    assert refused["errors"][0]["code"] == "CONTRADICTION"
    merged = await ask(MERGE, p=[a, c])
    assert merged["pattern"] == {"key": a, "occurrenceCount": 8}
    assert merged["patterns"] == [{"key": a}]
    split = await ask(SPLIT, p=a, s=there.signatures[a][:1])
    assert split["pattern"]["name"] == "half"
    moved = await ask(MOVE, s=there.signatures[b][0], p=d)
    assert (moved["verdict"]["kind"], moved["pattern"]["key"]) == ("MOVE", d)
    assert (await homes(container))[there.signatures[b][0]] == d
    assert (await ask(CAUSE, a=b, b=d))["verdict"]["kind"] == "NOT_CAUSED_BY"
    assert (await ask(SAME, a=d, b=b))["errors"][0]["message"].startswith("verdict ")
    undone = await ask(UNDO, v=f"Verdict:{different['verdict']['key']}")
    assert undone["verdict"]["undoneBy"] == "person:anonymous"
    assert (await ask(UNDO, v="none"))["errors"][0]["code"] == "NOT_FOUND"
    listed = (await ask(LIST, s=False))["nodes"]
    assert [one["kind"] for one in listed] == ["UNDO", "NOT_CAUSED_BY", "MOVE", "SPLIT", "MERGE", "DIFFERENT"]
    assert [one["kind"] for one in (await ask(LIST, a=c, s=True))["nodes"]] == ["MERGE"]
    assert [one["undoneBy"] for one in listed if one["kind"] == "DIFFERENT"] == ["person:anonymous"]


async def test_the_commands_give_undo_and_list_verdicts(container: Container, environment: dict[str, str]) -> None:
    one, other = await container.receiver.receive([submission(0), submission(1)])
    before = datetime.now(UTC)
    await asyncio.sleep(0.01)  # the verdict must have a later time at any clock resolution

    def crashgraph(*arguments: str) -> list[Any]:
        done = run(environment, *arguments, "--output", "jsonl")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    [same] = crashgraph(
        "verdict", "same", pattern_of(one), f"Crash:{other.crash_id}", "--on-behalf-of", "ann", "--reason", "one race"
    )
    assert (same["kind"], same["pattern_id"], same["by"], same["on_behalf_of"]) == ("same", one.pattern_id, ME, "ann")
    refused = run(environment, "verdict", "different", pattern_of(one), pattern_of(other))
    assert refused.returncode == 2
    assert "undo the verdict" in refused.stderr
    assert [step["change_type"] for step in crashgraph("history", pattern_of(other))] == ["merge"]
    [then] = crashgraph("history", pattern_of(other), "--as-of", before.isoformat())
    assert (then["pattern"]["status"], len(then["signatures"])) == ("open", 1)
    text = run(environment, "history", pattern_of(other))
    assert "status: open → merged" in text.stdout
    shown = run(environment, "verdict", "undo", same["verdict_id"], "--on-behalf-of", "bob")
    assert f"undone by {ME}" in shown.stdout
    assert [row["kind"] for row in crashgraph("verdict", "list", pattern_of(one))][-1:] == ["same"]
    assert crashgraph("verdict", "list", "--active") == []
    assert (await container.receiver.receive([submission(1, 5)]))[0].pattern_id == other.pattern_id
    nothing = run(environment, "verdict", "undo", "nothing")
    assert (nothing.returncode, "no verdict" in nothing.stderr) == (2, True)
    wrong = run(environment, "history", pattern_of(one), "--as-of", "yesterday")
    assert wrong.returncode == 2


async def test_revisions_of_many_patterns_are_one_query(container: Container) -> None:
    receipts = await container.receiver.receive([submission(bug, report=traceback(bug)) for bug in range(4)])
    ids = [pattern_of(receipt) for receipt in receipts]
    await container.verdicts.merge(ids[:2], actor=person("ann"))
    pages = await history_of(container.graph, ids, 5)
    assert [len(pages[id].items) for id in ids] == [1, 1, 0, 0]
