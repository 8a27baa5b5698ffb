"""The generated client is in step with the schema and its operations, and needs nothing of the service."""

from __future__ import annotations

import subprocess
import sys

from graphql import build_schema, parse, validate

from schema.build import sdl
from tools import api_client

NEEDED = {"httpx", "pydantic", "graph", "crashgraph"}
SERVICE = {
    "neo4j", "strawberry", "graphql", "starlette", "uvicorn", "numpy", "scipy", "torch", "networkx", "schema", "viz",
    "resolvers", "jobs", "jinja2", "orjson", "sentence_transformers",
}  # fmt: skip
PROBE = """
import importlib.abc, json, sys

class Refusing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in set(sys.argv[1:]):
            raise ImportError(f"{name} is of the service")

sys.meta_path.insert(0, Refusing())
import crashgraph.api
client = crashgraph.api.Client()
print(json.dumps(sorted(name for name in sys.modules if name.startswith(("graph.", "crashgraph.")))))
"""


def test_the_client_is_made_from_this_schema_and_these_operations() -> None:
    kept = (api_client.GENERATED / api_client.MADE_FROM).read_text(encoding="utf-8")
    assert kept == api_client.made_from(), "the client is out of step; run `make client`, and look at the difference"


def test_a_change_of_what_the_client_uses_is_noticed() -> None:
    document = parse(api_client.operations())
    lines = set(api_client.used(build_schema(sdl()), document))
    for old, new, line in (
        ("  occurrenceCount: Int!", "  occurrenceCount: Float!", "Pattern.occurrenceCount: Float!"),
        ("enum Severity {\n", "enum Severity {\n  WORSE\n", "Severity: WORSE CRITICAL HIGH MEDIUM LOW"),
        ("input FrameInput {\n", "input FrameInput {\n  column: Int\n", "FrameInput.column: Int"),
    ):
        assert old in sdl()
        assert line in set(api_client.used(build_schema(sdl().replace(old, new)), document)) - lines


def test_every_operation_is_valid() -> None:
    assert validate(build_schema(sdl()), parse(api_client.operations())) == []


def test_the_client_needs_nothing_of_the_service() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE, *SERVICE], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "graph.store" not in done.stdout
