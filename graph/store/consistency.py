"""Check that every node and relationship can be read, and that the graph agrees with itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass

from graph.cypher import query
from graph.model import NODES, RELATIONSHIPS
from graph.model.choices import Choice
from graph.model.declare import Property
from graph.model.errors import GraphError
from graph.model.statement import Statement
from graph.ports import Reader

SAMPLES = 3
SHOWN_CHARACTERS = 40
"""Of a text that is not known."""
RESTORE = "restore a backup: `crashgraph db restore FILE`"
RECOUNT = "delete one of its crashes, or give a verdict: both recount it; if there are many, " + RESTORE
RELATIONS = (
    (
        "crashes without pattern",
        "checks/crashes_without_pattern",
        "delete them with `crashgraph delete crash ID` and send their reports again",
    ),
    ("patterns without signature", "checks/patterns_without_signature", RESTORE),
    (
        "signatures of several patterns",
        "checks/signatures_of_several_patterns",
        "merge these patterns: `crashgraph verdict merge`",
    ),
    ("environments without crash", "checks/environments_without_crash", "harmless: the next crash there uses it"),
    ("roll-ups", "checks/rolled_up", RECOUNT),
    ("counts per environment", "checks/seen_in", RECOUNT),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. ``wrong`` is a number of nodes or relationships; ``advice`` says what to do about them."""

    name: str
    wrong: int
    samples: tuple[str, ...] = ()
    advice: str = ""
    error: str | None = None
    """Why the check itself could not be finished."""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong and self.error is None


async def check_consistency(graph: Reader, version: str) -> AsyncIterator[Finding]:
    """All findings. ``version`` is that of current fingerprints."""
    for label, declared in NODES.items():
        statement = _unreadable(
            label, f"(n:{label})", f"coalesce(toString(n.{declared.key}), elementId(n))", declared.properties
        )
        yield await _finding(graph, f"{label} can be read", statement, RESTORE)
    for type_, relationship in RELATIONSHIPS.items():
        statement = _unreadable(type_, f"()-[n:{type_}]->()", "elementId(n)", relationship.properties)
        yield await _finding(graph, f"{type_} can be read", statement, RESTORE)
    async for finding in _fixed_texts(graph):
        yield finding
    for name, file, advice in RELATIONS:
        yield await _finding(graph, name, query(file, limit=SAMPLES), advice)
    yield await _finding(graph, "events without a gap", query("checks/event_gaps"), RESTORE)
    outdated = query("checks/outdated_fingerprints", version=version, limit=SAMPLES)
    yield await _finding(graph, f"fingerprints of version {version}", outdated, "run `crashgraph reprocess`")


async def _fixed_texts(graph: Reader) -> AsyncIterator[Finding]:
    """A finding for each property with a text that its set lacks; one for all if there is none."""
    sound = True
    for name, statement, advice in _texts_of_sets():
        finding = await _finding(graph, name, statement, advice)
        if not finding.ok:
            sound = False
            yield finding
    if sound:
        yield Finding("fixed texts", 0)


def _texts_of_sets() -> Iterator[tuple[str, Statement, str]]:
    """A check for each property with a fixed set of texts: its name, what it reads, and what to do."""
    for label, node in NODES.items():
        shown = f"coalesce(toString(n.{node.key}), elementId(n))"
        for one in node.properties:
            if one.values is not None:
                yield (
                    f"{label}.{one.name} has a known text",
                    _unknown(f"(n:{label})", shown, one, one.values),
                    _known(one.values),
                )
    for type_, relationship in RELATIONSHIPS.items():
        for one in relationship.properties:
            if one.values is not None:
                statement = _unknown(f"()-[n:{type_}]->()", "elementId(n)", one, one.values)
                yield f"{type_}.{one.name} has a known text", statement, _known(one.values)


def _unknown(pattern: str, shown: str, one: Property, known: type[Choice]) -> Statement:
    """Nodes or relationships ``n`` whose property has a text that is not of its set."""
    held = f"n.{one.name}" if one.neo4j_type.startswith("LIST") else f"[n.{one.name}]"
    text = (
        f"MATCH {pattern} WHERE n.{one.name} IS NOT NULL WITH n, [held IN {held} WHERE NOT held IN $known | held] AS unknown "
        f"WHERE unknown <> [] RETURN count(n) AS wrong, "
        f"collect({shown} + ' has ' + left(toStringOrNull(unknown[0]), {SHOWN_CHARACTERS}))[..{SAMPLES}] AS samples"
    )
    return Statement(text, {"known": list(known.values())}, f"unknown texts of {one.name}")


def _known(known: type[Choice]) -> str:
    texts = ", ".join(known.values())
    return f"GraphQL shows null there: another version or program wrote it; use that version, or set one of {texts}"


def _unreadable(name: str, pattern: str, shown: str, properties: Iterable[Property]) -> Statement:
    """Reads every property of all nodes or relationships ``n``; counts those that lack one that each of them has."""
    text = (
        f"MATCH {pattern} WITH n, properties(n) AS held WHERE any(name IN $required WHERE held[name] IS NULL) "
        f"RETURN count(n) AS wrong, collect({shown})[..{SAMPLES}] AS samples"
    )
    required = [one.name for one in properties if not one.optional]
    return Statement(text, {"required": required}, f"read every {name}")


async def _finding(graph: Reader, name: str, statement: Statement, advice: str) -> Finding:
    try:
        rows = await graph.read(statement)
    except GraphError as error:
        return Finding(name, 0, (), RESTORE, str(error))
    if not rows:
        return Finding(name, 0)
    return Finding(name, rows[0]["wrong"], tuple(rows[0]["samples"]), advice)
