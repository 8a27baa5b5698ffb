"""JSON from outside: how deep it may be, and that nothing reads it another way."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from crashgraph.http_ingest.envelope import read_envelope
from crashgraph.http_ingest.reports import _submissions
from crashgraph.http_ingest.sentry import read_event
from graph.model.errors import InvalidInputError
from graph.model.outside_json import MAX_DEPTH, is_deep, read_json
from graph.parsing.text.json_values import json_values
from graph.parsing.text.log.fields import parse_json_object
from graph.sources.json_lines import submission_of
from graph.sources.submission import Submission
from resolvers.cursors import Position, position_after
from schema.app import graphql_app
from schema.context import Context
from schema.socket import _message

ROOT = Path(__file__).parents[2]
DEPTHS = (MAX_DEPTH + 1, 300, 900, 5_000, 200_000)
OWN = {
    "crashgraph/api/connection.py": "the answer of the service that the client asks",
    "crashgraph/backups.py": "a file of the home, and keys that were sealed",
    "crashgraph/commands/serve.py": "lines of the parent process",
    "crashgraph/commands/history.py": "revisions in the graph",
    "crashgraph/commands/job.py": "counts of runs in the graph",
    "crashgraph/http_ingest/keys.py": "a file of the home",
    "crashgraph/local_service/announcement.py": "a file of the home",
    "crashgraph/local_service/client.py": "the answer of the own service",
    "crashgraph/organisations.py": "a file of the home",
    "crashgraph/settings.py": "a file of the home",
    "crashgraph/supervisor/attached.py": "lines of the parent process",
    "crashgraph/supervisor/supervisor.py": "lines of a child process",
    "graph/embedding/encoder_process.py": "a line of the parent process",
    "graph/erasure/quotations.py": "verdicts and events in the graph",
    "graph/erasure/stored_texts.py": "properties in the graph that are declared as JSON",
    "graph/knowledge/idempotency.py": "answers in the graph",
    "graph/knowledge/history.py": "revisions in the graph",
    "graph/knowledge/verdicts/journal.py": "verdicts in the graph",
    "graph/matching/ranking_model.py": "a file of this package",
    "graph/matching/ranking_versions.py": "models in the graph",
    "graph/model/outside_json.py": "the reader itself",
    "graph/server/http_query.py": "answers of Neo4j",
    "graph/server/jars.py": "a file of the cache",
    "graph/server/locks.py": "a file of the home",
    "graph/server/mount.py": "answers of Neo4j",
    "graph/server/ports.py": "a file of the home",
    "graph/server/state.py": "a file of the home",
    "graph/sources/tail.py": "a file of the home",
    "graph/store/backup/file.py": "a backup",
    "graph/parsing/apple/ips.py": "values in a report, checked with is_deep",
    "graph/parsing/text/json_values.py": "values in a report, checked with is_deep",
    "jobs/endings.py": "parameters of runs in the graph",
    "jobs/runner.py": "parameters of runs in the graph",
    "schema/examples/__init__.py": "a file of this package",
    "schema/operations/events.py": "events in the graph",
    "schema/types/declared.py": "properties in the graph that are declared as JSON",
    "schema/types/nodes.py": "revisions in the graph",
    "viz/scene/payload.py": "options that this package wrote",
}
"""Modules that read JSON which crashgraph itself wrote, and where it comes from."""


def nested(depth: int, kind: str = "list") -> str:
    return "[" * depth + "]" * depth if kind == "list" else '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize("kind", ["list", "object"])
@pytest.mark.parametrize("loosely", [True, False])
def test_the_deepest_value_is_read_and_one_level_more_is_not(kind: str, loosely: bool) -> None:
    assert read_json(nested(MAX_DEPTH, kind), loosely=loosely)
    for depth in DEPTHS:
        with pytest.raises(InvalidInputError):
            read_json(nested(depth, kind), loosely=loosely)


def test_a_wide_value_is_not_deep() -> None:
    assert len(read_json("[" + "[[]]," * 10_000 + "[]]")) == 10_001


def test_brackets_in_texts_do_not_count() -> None:
    assert read_json('["' + "[" * 1_000 + '"]')


READERS: dict[str, Callable[[str], object]] = {
    "reports": lambda deep: _submissions("application/json", f'{{"report":"x","facts":{deep}}}'.encode(), {}),
    "store": lambda deep: read_event(f'{{"extra":{deep}}}'.encode(), "the body"),
    "store, loosely": lambda deep: read_event(f'{{"extra":{deep},"x":NaN}}'.encode(), "the body"),
    "envelope": lambda deep: read_envelope(f'{{"trace":{deep}}}\n'.encode()),
    "item": lambda deep: read_envelope(f'{{}}\n{{"type":"event","x":{deep}}}\n{{}}'.encode()),
    "cursor": lambda deep: position_after(base64.urlsafe_b64encode(deep.encode()).decode(), "patterns", Position(0, "")),
    "socket": lambda deep: _message(f'{{"type":"ping","payload":{deep}}}'),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("depth", DEPTHS)
def test_every_reader_refuses_a_value_that_is_too_deep(reader: str, depth: int) -> None:
    with pytest.raises(InvalidInputError):
        READERS[reader](nested(depth))


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_line_that_is_too_deep_is_kept_with_the_reason(depth: int) -> None:
    line = f'{{"report":"x","facts":{nested(depth)}}}'
    submission = submission_of(line, Submission(source="test"))
    assert submission.report == line
    assert submission.error is not None
    assert submission.error.startswith("line 1: the text ")


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_record_in_a_report_that_is_too_deep_is_plain_text(depth: int) -> None:
    assert parse_json_object(f'{{"level":"error","fields":{nested(depth)}}}') is None


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("place", ["variables", "extensions", "x"])
async def test_graphql_refuses_a_body_that_is_too_deep(place: str, depth: int) -> None:
    app = graphql_app(lambda _: Context(graph=None, matcher=None, receiver=None))  # type: ignore[arg-type]  # nothing is asked
    body = f'{{"query":"{{ __typename }}","{place}":{{"a":{nested(depth)}}}}}'
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://crashgraph") as client:
        answer = await client.post("/graphql", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"] == {"code": "INVALID_INPUT"}


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_value_in_a_report_that_is_too_deep_is_left_out(depth: int) -> None:
    good = '{"level": "error"}'
    text = f'{{"extra": {nested(depth)}}}\n{good}\n'
    values = [value.content for value in json_values(text)]
    assert {"level": "error"} in values
    assert not any(is_deep(value) for value in values)


def test_nothing_else_reads_json_from_outside() -> None:
    pattern = re.compile(r"\b(?:or)?json\.loads?\(|\braw_decode\(|\.json\(\)")
    rooms = ("crashgraph", "graph", "jobs", "resolvers", "schema", "viz")
    readers = {
        str(path.relative_to(ROOT))
        for room in rooms
        for path in (ROOT / room).rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert readers == set(OWN)
