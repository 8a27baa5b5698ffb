"""The sentences of a page: what is shown, around what, and what is not shown."""

from __future__ import annotations

from dataclasses import dataclass

from resolvers.records import NetworkQuery
from viz.address import MOST_EDGES, MOST_NODES, query_string
from viz.scene import Scene
from viz.text import count, visible, words


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another state of the same page; ``href`` is a query string or empty for the start."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader must know about what is shown."""

    text: str
    link: Link | None = None


def is_whole(query: NetworkQuery) -> bool:
    """Whether the query asks for everything, so that an empty answer means an empty graph."""
    return not (query.focus or query.search or query.types or query.severities or query.min_score > 0)


def scope(query: NetworkQuery, scene: Scene) -> str:
    """What part of the graph this is; empty for the whole."""
    parts = []
    if query.focus:
        caption = next((node.caption for node in scene.nodes if node.id == query.focus), visible(query.focus))
        parts.append(f"Around “{caption}”, {count(query.depth, 'step')} away")
    if query.search:
        parts.append(f"Matching “{visible(query.search)}”")
    if query.severities:
        parts.append("Severity " + ", ".join(visible(name) for name in query.severities))
    if query.types:
        parts.append("Only " + ", ".join(visible(words(name)) for name in query.types))
    if query.min_score > 0:
        parts.append(f"Score at least {query.min_score:g}")
    return " · ".join(parts)


def notes(query: NetworkQuery, scene: Scene) -> list[Note]:
    """What the budget left out, each with a way to see it where there is one."""
    found = []
    if scene.hidden.nodes:
        found.append(Note(f"{count(scene.hidden.nodes, 'more pattern')}, with fewer crashes, not shown.", wider(query)))
    if scene.hidden.edges:
        found.append(Note(f"{count(scene.hidden.edges, 'more relationship')} not shown."))
    beyond = sum(1 for node in scene.nodes if node.hidden_neighbours)
    if beyond:
        verb = "has" if beyond == 1 else "have"
        found.append(Note(f"{count(beyond, 'pattern')} {verb} more neighbours than shown: the ringed ones, with their number."))
    return found


def wider(query: NetworkQuery) -> Link | None:
    """A link to the same query with the largest budget a page takes."""
    if query.first >= MOST_NODES:
        return None
    return Link(f"Show up to {MOST_NODES}", query_string(query, first=MOST_NODES, edges=MOST_EDGES))


def depths(query: NetworkQuery) -> list[Link]:
    """Links to the neighbourhood at one to three steps; empty without a focus."""
    if not query.focus:
        return []
    return [Link(str(depth), query_string(query, depth=depth)) for depth in (1, 2, 3)]
