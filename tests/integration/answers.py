"""What an installation answers, as bytes: a document for every GraphQL query, and the commands that show stored data."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

from crashgraph.cli import cli
from crashgraph.settings import Settings
from crashgraph.wiring import open_container
from graph.model.actor import Actor, ActorKind, Scope
from graph.model.statement import Statement
from schema.build import build_schema
from schema.context import Context
from schema.examples import examples

ADMIN = Actor(ActorKind.PERSON, "ann", frozenset(Scope))
DEPTH = 5
"""Of fields below a query, at most."""
PAGE = 5
ALLOWED = {"me": {"ACCESS"}, "sessions": {"NOT_FOUND"}, "apiKeys": {"NOT_FOUND"}}
"""Codes of errors of queries about the caller, who has no account."""
REPORT = "Traceback (most recent call last):\n  File \"/srv/shop/pay.py\", line 3, in pay\nKeyError: 'total'\n"
CONFIDENCE = re.compile(rb'("(?:current_)?confidence": ?0\.\d{3})\d*')
DUE = re.compile(rb'"nextDueAt": "[^"]*"')
KEYS = Statement("""
MATCH (p:Pattern) WITH p ORDER BY p.occurrence_count DESC, p.pattern_id LIMIT 6 WITH collect(p.pattern_id) AS patterns
MATCH (c:Crash) WITH patterns, c ORDER BY c.crash_id LIMIT 6 WITH patterns, collect(c.crash_id) AS crashes
MATCH (c:Crash)-[:OCCURRED_IN]->(e:Environment) WHERE c.crash_id IN crashes
WITH patterns, crashes, c, e ORDER BY c.crash_id LIMIT 1
WITH patterns, crashes, {crash: c.crash_id, environment: e.environment_id} AS place
MATCH (e:Environment) WITH patterns, crashes, place, min(e.environment_id) AS environment
MATCH (s:Site) WITH patterns, crashes, place, environment, min(s.name) AS site
MATCH (r:JobRun) RETURN patterns, crashes, place, environment, site, min(r.run_id) AS run
""")
ROWS = (
    "MATCH (c:Crash) RETURN c {.*} AS crash ORDER BY c.crash_id LIMIT 40",
    "MATCH (a)-[r]->(b) RETURN type(r) AS type, labels(a) AS a, labels(b) AS b, count(*) AS count ORDER BY type, a, b",
    "MATCH (p:Pattern) RETURN p {.*} AS pattern ORDER BY p.pattern_id",
    "MATCH (e:Event) RETURN e {.*} AS event ORDER BY e.position",
    "SHOW INDEXES YIELD name, type, state WHERE type <> 'LOOKUP' RETURN name, type, state ORDER BY name",
    "MATCH (s:Signature) RETURN s.exact AS exact, s.embedding AS embedding ORDER BY exact LIMIT 40",
)


def answers(settings: Settings, folder: Path, at: str) -> dict[str, bytes]:
    """Everything that the installation of the environment answers; ``at`` is a time to ask about.

    What depends on the moment of the question is left out: when a job is due, and digits of a confidence, which decreases.
    """
    keys = asyncio.run(_keys(settings))
    given = asyncio.run(_graphql(settings, keys, at)) | dict(_commands(keys, folder, at))
    return {name: CONFIDENCE.sub(rb"\1", DUE.sub(b"", text)) for name, text in given.items()}


async def _keys(settings: Settings) -> dict[str, Any]:
    async with open_container(settings) as container:
        [row] = await container.graph.read(KEYS)
    return row


async def _graphql(settings: Settings, keys: dict[str, Any], at: str) -> dict[str, bytes]:
    schema = build_schema()
    asked = {one.title: ([one.query], one.variables) for one in examples() if one.kind == "query" and not one.needs_ids}
    asked |= {name: (texts, {}) for name, texts in documents(schema._schema, keys, at)}
    given = {}
    async with open_container(settings) as container:
        for name, (texts, variables) in asked.items():
            for text in texts:
                context = Context(container.graph, container.matcher, container.receiver, actor=ADMIN)
                result = await schema.execute(text, variables, context)
                codes = {(one.extensions or {}).get("code") for one in result.errors or ()}
                if codes != {"LIMIT"}:
                    break
            assert codes <= ALLOWED.get(name.split()[0], {"NOT_FOUND"} if variables else set()), (name, result.errors, text)
            given[f"GraphQL: {name}"] = json.dumps([result.data, sorted(codes)], indent=1).encode()
    return given


def documents(schema: GraphQLSchema, keys: dict[str, Any], at: str) -> Iterator[tuple[str, list[str]]]:
    """Documents per query with all fields, first those that ask the deepest, which may be more than the limits allow."""
    assert schema.query_type is not None
    pattern, crash = f'"{keys["patterns"][0]}"', f'"{keys["crashes"][0]}"'
    stated: dict[str, list[str]] = {
        "crash": [f'id: "{id}"' for id in keys["crashes"]],
        "pattern": [f'id: "{id}"' for id in keys["patterns"]],
        "node": [f'id: "Pattern:{keys["patterns"][0]}"', f'id: "Crash:{keys["crashes"][0]}"', f'id: "Site:{keys["site"]}"'],
        "network": ["", f"focus: {pattern}, depth: 2"],
        "appliedSolutions": [
            f"first: {PAGE}, {place}" for place in (f'environment: "{keys["environment"]}"', f'site: "{keys["site"]}"')
        ],
        "patternAsOf": [f'id: {pattern}, at: "{at}"'],
        "matchCrash": [f"input: {{report: {json.dumps(REPORT)}}}"],
        "verdicts": [f"first: {PAGE}", f"first: {PAGE}, about: {pattern}", f"first: {PAGE}, about: {crash}"],
        "crashes": [f"first: {PAGE}, order: {order}" for order in ("RECEIVED", "OCCURRED")],
        "jobRun": [f'id: "{keys["run"]}"'],
        "nodes": [f'ids: ["Pattern:{keys["patterns"][0]}", "Crash:{keys["crashes"][0]}", "Site:{keys["site"]}"]'],
        "site": [f'id: "{keys["site"]}"'],
        "environment": [f'id: "{keys["environment"]}"'],
        "search": [f'first: {PAGE}, text: "shop error"', f"first: {PAGE}, text: {pattern}"],
        # The only shortest one: which of several is shown is not the same after a restore.
        "path": [f'from: "Crash:{keys["place"]["crash"]}", to: "Environment:{keys["place"]["environment"]}"'],
    }
    for name, field in schema.query_type.fields.items():
        if "id" in field.args and name not in stated:
            continue
        for number, arguments in enumerate(stated.get(name, [_pages(field)])):
            called = f"{name}({arguments})" if arguments else name
            selections = [_selected(field, schema, depth, ()) for depth in range(DEPTH, 0, -1)]
            yield f"{name} {number}", [f"{{ {called} {text} }}" for text in dict.fromkeys(selections)]


def _pages(field: GraphQLField) -> str:
    return f"first: {PAGE}" if "first" in field.args else ""


def _selected(field: GraphQLField, schema: GraphQLSchema, depth: int, above: tuple[str, ...]) -> str:
    kind = get_named_type(field.type)
    if is_leaf_type(kind):
        return ""
    if isinstance(kind, GraphQLInterfaceType) and kind.name == "Node":
        # Fields of the same name have another type in each label: only those that all have.
        return f"{{ {_own(kind)} }}"
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        parts = [f"... on {one.name} {{ {_own(one)} }}" for one in schema.get_possible_types(kind)]
        return f"{{ __typename {' '.join(parts)} }}"
    assert isinstance(kind, GraphQLObjectType)
    parts = [_own(kind)]
    for name, inner in kind.fields.items():
        inside = get_named_type(inner.type)
        required = {key for key, one in inner.args.items() if isinstance(one.type, GraphQLNonNull) and "first" not in key}
        if depth > 1 and not is_leaf_type(inside) and inside.name not in above and not (required - _defaulted(inner)):
            selected = _selected(inner, schema, depth - 1, (*above, kind.name))
            parts.append(f"{name}{'(first: 2)' if 'first' in inner.args else ''} {selected}")
    return f"{{ {' '.join(filter(None, parts))} }}"


def _defaulted(field: GraphQLField) -> set[str]:
    return {key for key, one in field.args.items() if one.default_value is not None and repr(one.default_value) != "Undefined"}


def _own(kind: GraphQLObjectType | GraphQLInterfaceType) -> str:
    plain = (name for name, one in kind.fields.items() if is_leaf_type(get_named_type(one.type)) and not one.args)
    return " ".join(["__typename", *plain])


def _commands(keys: dict[str, Any], folder: Path, at: str) -> Iterator[tuple[str, bytes]]:
    report = folder / "report.txt"
    report.write_text(REPORT, encoding="utf-8")
    commands: list[list[str]] = []
    for id in islice(keys["patterns"], 3):
        commands += [["pattern", "show", id], ["history", id], ["history", id, "--as-of", at]]
        commands += [["solution", "list", "--pattern", id]]
    commands += [
        ["solution", "list", "--environment", keys["environment"]],
        ["solution", "list", "--site", keys["site"]],
        ["verdict", "list"],
        ["pattern", "due", "--days", "0"],
        ["job", "history"],
        ["job", "history", "similarity"],
        ["model", "list"],
        ["match", str(report), "--explain"],
    ]
    for command in [*commands, *(["db", "cypher", text] for text in ROWS)]:
        yield " ".join(command), _run(*command)
        yield " ".join([*command, "--output jsonl"]), _run(*command, "--output", "jsonl")
    written: list[tuple[str, list[str]]] = [
        ("export.graphml", ["export"]),
        ("export.json", ["export"]),
        ("network.html", ["view", "network"]),
        ("focus.html", ["view", "network", "--focus", keys["patterns"][0], "--depth", "2"]),
    ]
    for name, command in written:
        _run(*command, "-o", str(folder / name))
        yield name, (folder / name).read_bytes()


def _run(*command: str) -> bytes:
    result = CliRunner().invoke(cli, list(command), catch_exceptions=False)
    assert result.exit_code == 0, (command, result.output)
    return result.stdout_bytes
