"""The network of patterns: derived relationships within a budget, and the totals before the budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from graph.cypher import query
from graph.diagnosis.diagnose import recalled
from graph.model import RELATIONSHIPS
from graph.model.actor import Scope
from graph.model.errors import InvalidInputError, LimitError, NotFoundError
from graph.model.nodes import Pattern
from graph.model.permissions import needs
from graph.ports import Graph, Row
from resolvers.filters import PatternFilter, PatternOrder, check_severities, fulltext_query
from resolvers.patterns import list_patterns, patterns_by_id
from resolvers.records import Network, NetworkEdge, NetworkNode, NetworkQuery
from resolvers.relations import check_types
from resolvers.rows import read_list, record_of

MAX_NODES = 500
MAX_EDGES = 1000
MAX_DEPTH = 4


@needs(Scope.READ)
async def network(graph: Graph, request: NetworkQuery) -> Network:
    """The patterns and derived relationships that match a query, within its budget.

    Without a focus: the patterns with the most crashes. With a focus: the patterns up to ``depth`` hops around it, most
    strongly related first; ``total_nodes`` then counts those shown and their neighbours beyond the budget.
    Raises ``NotFoundError`` for an unknown focus, ``LimitError`` or ``InvalidInputError`` for an invalid query.
    """
    _check(request)
    if request.focus is None:
        ids, total_nodes, total_edges = await _whole(graph, request)
    else:
        ids, total_nodes = await _around(graph, request, request.focus)
        total_edges = 0
    nodes = await read_list(graph, "network/nodes", ids=ids, **_filter_params(request))
    rows = await graph.read(
        query("network/edges", ids=ids, types=check_types(request.types), min_score=request.min_score, limit=request.edges)
    )
    order = {id: number for number, id in enumerate(ids)}
    return Network(
        query=request,
        nodes=tuple(_node(row) for row in sorted(nodes, key=lambda row: order[row["id"]])),
        # A relationship that a job removes while it is read has no type.
        edges=tuple(_edge(row) for row in rows[0]["rows"] if row["type"] is not None),
        total_nodes=total_nodes,
        total_edges=max(total_edges, rows[0]["total"]),
    )


def _check(request: NetworkQuery) -> None:
    for name, value, least, most in (
        ("first", request.first, 1, MAX_NODES),
        ("edges", request.edges, 0, MAX_EDGES),
        ("depth", request.depth, 0, MAX_DEPTH),
    ):
        if value < least:
            raise InvalidInputError(f"{name}: {value} is too small; ask for {least} to {most}")
        if value > most:
            raise LimitError(f"{name}: {value} is above the limit of one network; ask for {least} to {most}")
    if not 0 <= request.min_score <= 1:
        raise InvalidInputError(f"minScore: {request.min_score} is not between 0 and 1")


def _filter_params(request: NetworkQuery) -> dict[str, object]:
    return {
        "types": check_types(request.types),
        "min_score": request.min_score,
        "severities": check_severities(request.severities),
    }


async def _whole(graph: Graph, request: NetworkQuery) -> tuple[list[str], int, int]:
    """Ids of the largest patterns that match, the number that match, and the number of relationships between those."""
    if request.types:
        return await _linked(graph, request)
    filter = PatternFilter(severities=request.severities, search=request.search)
    page = await list_patterns(graph, filter, PatternOrder.OCCURRENCES, request.first, maximum=MAX_NODES)
    if request.search is None:
        rows = await graph.read(query("network/totals", **_filter_params(request)))
    else:
        rows = await graph.read(query("network/search_totals", words=fulltext_query(request.search), **_filter_params(request)))
    return [item.pattern.pattern_id for item in page.items], rows[0]["nodes"], rows[0]["edges"]


async def _linked(graph: Graph, request: NetworkQuery) -> tuple[list[str], int, int]:
    """As :func:`_whole`, of the patterns that a relationship of the named types leads to or from."""
    params = {**_filter_params(request), "limit": request.first}
    if request.search is None:
        [row] = await graph.read(query("network/linked", **params))
    else:
        [row] = await graph.read(query("network/linked_search", words=fulltext_query(request.search), **params))
    return row["ids"], row["nodes"], row["edges"]


async def _around(graph: Graph, request: NetworkQuery, focus: str) -> tuple[list[str], int]:
    """Ids of the focus and the patterns around it, hop by hop; and the number with their neighbours beyond the budget."""
    if focus not in await patterns_by_id(graph, [focus]):
        raise NotFoundError(f"no pattern {focus!r} to focus on; `patterns` lists those that are stored")
    shown, frontier, left_out = [focus], [focus], 0
    for _ in range(request.depth):
        room = request.first - len(shown)
        rows = await graph.read(query("network/neighbours", ids=frontier, seen=shown, limit=room, **_filter_params(request)))
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
    return f"{pattern.validation_count}, {pattern.false_positive_count} of which found the match wrong"


def _solutions(solutions: Sequence[Row]) -> str | None:
    """The solutions that worked most often; ``None`` if there are none."""
    return "; ".join(f"{item['description']} (worked {item['worked']} times)" for item in solutions) or None


def _correlations(correlations: Sequence[Row]) -> str | None:
    """Facts that are over-represented among its crashes; ``None`` if there are none."""
    lines = (
        f"{item['attribute']} {item['value']} ({item['share']:.0%} of its own, {item['share_others']:.0%} of others)"
        for item in correlations
    )
    return "; ".join(lines) or None


def _edge(row: Row) -> NetworkEdge:
    declared = RELATIONSHIPS[row["type"]]
    evidence = row["evidence"]
    names = [p.name for p in declared.properties if p.name in evidence]
    return NetworkEdge(
        source=row["source"],
        target=row["target"],
        type=row["type"],
        score=evidence["score"],
        directed=declared.directed,
        evidence=_lines({name.replace("_", " "): evidence[name] for name in names}),
        properties=evidence,
    )


def _lines(facts: Mapping[str, object]) -> dict[str, str]:
    """Facts as text; unknown ones are omitted."""
    return {name: _text(value) for name, value in facts.items() if value is not None}


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() or abs(value) >= 1000 else f"{value:.3g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(item) for item in value)
    return str(value)
