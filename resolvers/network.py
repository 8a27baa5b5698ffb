"""The network of patterns: a budgeted picture of what jobs found, and what the budget left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from graph.cypher import query
from graph.diagnosis.diagnose import recalled
from graph.model import RELATIONSHIPS
from graph.model.errors import InvalidInputError, LimitError, NotFoundError
from graph.model.nodes import Pattern
from graph.ports import Graph, Row
from resolvers.filters import PatternFilter, PatternOrder, check_severities, words_of
from resolvers.patterns import list_patterns, patterns_by_id
from resolvers.records import Network, NetworkEdge, NetworkNode, NetworkQuery
from resolvers.relations import check_types
from resolvers.rows import found, record_of

MAX_NODES = 500
MAX_EDGES = 1000
MAX_DEPTH = 4


async def network(graph: Graph, asked: NetworkQuery) -> Network:
    """The patterns and derived relationships that a query asks for, within its budget.

    Without a focus: the patterns with the most crashes first. With one: the patterns around it, the most strongly
    related first, ``depth`` steps far; ``total_nodes`` then counts those shown and the neighbours that were left out.
    Raises ``NotFoundError`` for an unknown focus, ``LimitError`` and ``InvalidInputError`` for a query that cannot be.
    """
    _check(asked)
    if asked.focus is None:
        ids, total_nodes, total_edges = await _whole(graph, asked)
    else:
        ids, total_nodes = await _around(graph, asked, asked.focus)
        total_edges = 0
    nodes = await found(graph, "network/nodes", ids=ids, **_narrowed(asked))
    rows = await graph.read(
        query("network/edges", ids=ids, types=check_types(asked.types), min_score=asked.min_score, limit=asked.edges)
    )
    order = {id: place for place, id in enumerate(ids)}
    return Network(
        query=asked,
        nodes=tuple(_node(row) for row in sorted(nodes, key=lambda row: order[row["id"]])),
        edges=tuple(_edge(row) for row in rows[0]["found"]),
        total_nodes=total_nodes,
        total_edges=max(total_edges, rows[0]["total"]),
    )


def _check(asked: NetworkQuery) -> None:
    for name, value, least, most in (
        ("first", asked.first, 1, MAX_NODES),
        ("edges", asked.edges, 0, MAX_EDGES),
        ("depth", asked.depth, 0, MAX_DEPTH),
    ):
        if value < least:
            raise InvalidInputError(f"{name}: {value} is too small; ask for {least} to {most}")
        if value > most:
            raise LimitError(f"{name}: {value} is more than one network may have; ask for {least} to {most}")
    if not 0 <= asked.min_score <= 1:
        raise InvalidInputError(f"minScore: {asked.min_score} is not a score; scores are 0 to 1")


def _narrowed(asked: NetworkQuery) -> dict[str, object]:
    return {
        "types": check_types(asked.types),
        "min_score": asked.min_score,
        "severities": check_severities(asked.severities),
    }


async def _whole(graph: Graph, asked: NetworkQuery) -> tuple[list[str], int, int]:
    """Ids of the biggest patterns that match; how many match, and how many relationships join two of those."""
    narrowed = PatternFilter(severities=asked.severities, search=asked.search)
    page = await list_patterns(graph, narrowed, PatternOrder.OCCURRENCES, asked.first, maximum=MAX_NODES)
    if asked.search is None:
        rows = await graph.read(query("network/totals", **_narrowed(asked)))
    else:
        rows = await graph.read(query("network/search_totals", words=words_of(asked.search), **_narrowed(asked)))
    return [item.pattern.pattern_id for item in page.items], rows[0]["nodes"], rows[0]["edges"]


async def _around(graph: Graph, asked: NetworkQuery, focus: str) -> tuple[list[str], int]:
    """Ids of the focus and of what is found step by step around it; and how many more were next to what is shown."""
    if focus not in await patterns_by_id(graph, [focus]):
        raise NotFoundError(f"no pattern {focus!r} to focus on; `patterns` lists those that are stored")
    shown, frontier, left_out = [focus], [focus], 0
    for _ in range(asked.depth):
        room = asked.first - len(shown)
        rows = await graph.read(query("network/neighbours", ids=frontier, seen=shown, limit=room, **_narrowed(asked)))
        frontier = rows[0]["ids"]
        left_out = rows[0]["total"] - len(frontier)
        shown += frontier
        if not frontier or left_out:
            break
    return shown, len(shown) + left_out


def _node(row: Row) -> NetworkNode:
    pattern = record_of(Pattern, row["pattern"])
    diagnosis = recalled(pattern.taxonomy_code, pattern.cluster_id, pattern.diagnosis_confidence)
    return NetworkNode(
        id=pattern.pattern_id,
        label="Pattern",
        caption=pattern.name,
        severity=pattern.severity,
        status=pattern.status,
        size=pattern.occurrence_count,
        details=_lines(
            {
                "Error type": pattern.error_type,
                "Category": pattern.taxonomy_code,
                "What it is": diagnosis.title if diagnosis else None,
                "What to do": diagnosis.hint if diagnosis else None,
                "Severity": pattern.severity,
                "Status": pattern.status,
                "Crashes": pattern.occurrence_count,
                "Signatures": row["signature_count"],
                "Confidence": pattern.confidence,
                "First seen": pattern.first_seen,
                "Last seen": pattern.last_seen,
                "Description": pattern.description,
                "Root cause": pattern.root_cause,
                "Resolved in": pattern.resolved_version,
                "Seen again in": pattern.regressed_version,
                "Validations": _validations(pattern),
                "Solutions": _solutions(row["solutions"]),
                "More often with": _correlations(row["correlations"]),
            }
        ),
        hidden_neighbours=row["hidden"],
    )


def _validations(pattern: Pattern) -> str | None:
    if not pattern.validation_count:
        return None
    return f"{pattern.validation_count}, {pattern.false_positive_count} of them wrong"


def _solutions(solutions: Sequence[Row]) -> str | None:
    """The solutions that worked most often, or nothing."""
    return "; ".join(f"{one['description']} (worked {one['worked']} times)" for one in solutions) or None


def _correlations(found: Sequence[Row]) -> str | None:
    """What is over-represented where it happens, or nothing."""
    told = (
        f"{one['attribute']} {one['value']} ({one['share']:.0%} of its own, {one['share_others']:.0%} of others)"
        for one in found
    )
    return "; ".join(told) or None


def _edge(row: Row) -> NetworkEdge:
    declared = RELATIONSHIPS[row["type"]]
    evidence = row["evidence"]
    known = [p.name for p in declared.properties if p.name in evidence]
    return NetworkEdge(
        source=row["source"],
        target=row["target"],
        type=row["type"],
        score=evidence["score"],
        directed=declared.directed,
        evidence=_lines({name.replace("_", " "): evidence[name] for name in known}),
    )


def _lines(facts: Mapping[str, object]) -> dict[str, str]:
    """Facts as text, those that are not known left out."""
    return {name: _text(value) for name, value in facts.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() or abs(value) >= 1000 else f"{value:.3g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(item) for item in value)
    return str(value)
