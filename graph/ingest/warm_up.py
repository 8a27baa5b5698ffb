"""Warm-up: load the embedder and have Neo4j plan the ingest queries, so that the first report waits for neither."""

from __future__ import annotations

from graph.cypher import query
from graph.ingest.match_report import ReportMatcher
from graph.model.severity import SEVERITIES
from graph.parsing.python.parser import PythonParser
from graph.ports import Graph
from graph.sources.submission import Submission

WRITES = ("signatures", "frames", "environments", "crashes")


async def warm(graph: Graph, matcher: ReportMatcher) -> None:
    """Match an example report and run every ingest query without rows; nothing is stored."""
    await matcher.match(Submission(report=PythonParser.example))
    await graph.read(query("ingest/known_crashes", ids=[]))
    await graph.read(query("ingest/versions", product=""))
    await graph.write(
        *(query(f"ingest/{name}", rows=[]) for name in WRITES),
        query("ingest/lock_patterns", exacts=[]),
        query("ingest/roll_up", rows=[], severities=list(SEVERITIES)),
        query("ingest/seen_in", rows=[]),
        query("ingest/version_chain", product="", ids=[]),
    )
