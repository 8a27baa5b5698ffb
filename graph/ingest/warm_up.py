"""Make ready what the first report would wait for."""

from __future__ import annotations

from graph.cypher import query
from graph.ingest.answer import Matcher
from graph.parsing.python.parser import PythonParser
from graph.ports import Graph
from graph.sources.submission import Submission

WRITES = ("signatures", "frames", "environments", "crashes", "roll_up")


async def warm(graph: Graph, matcher: Matcher) -> None:
    """Load the embedder, and have Neo4j plan every query of the way in, by matching an example and writing nothing."""
    await matcher.match(Submission(report=PythonParser.example))
    await graph.read(query("ingest/known_crashes", ids=[]))
    await graph.read(query("ingest/versions", product=""))
    await graph.write(*(query(f"ingest/{name}", rows=[]) for name in WRITES), query("ingest/version_chain", product="", ids=[]))
