"""The sentences around a network: what is shown, around what, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass

from resolvers.network import MAX_EDGES, MAX_NODES
from resolvers.records import NetworkQuery
from viz.scene.address import query_string
from viz.scene.scene import Scene
from viz.text import count, visible, words


@dataclass(frozen=True, slots=True)
class StateLink:
    """A link to another state of the same page; ``href`` is a query string or empty for the start."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something the budget left out, and a link that shows it."""

    text: str
    link: StateLink | None = None


def is_whole(query: NetworkQuery) -> bool:
    """True for a query without filters: its empty answer means an empty graph."""
    return not (query.focus or query.search or query.types or query.severities or query.min_score > 0)


def scope(query: NetworkQuery, scene: Scene) -> str:
    """The part of the graph that is shown; empty for the whole."""
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
    """What the budget left out, each with a link to it where one exists."""
    omissions = []
    if scene.hidden.nodes:
        omissions.append(Note(f"{count(scene.hidden.nodes, 'more pattern')}, with fewer crashes, not shown.", wider(query)))
    if scene.hidden.edges:
        omissions.append(Note(f"{count(scene.hidden.edges, 'more relationship')} not shown."))
    beyond = sum(1 for node in scene.nodes if node.hidden_neighbours)
    if beyond:
        verb = "has" if beyond == 1 else "have"
        text = f"{count(beyond, 'pattern')} {verb} more neighbours than are shown; a ring marks them, with the number."
        omissions.append(Note(text))
    return omissions


def wider(query: NetworkQuery) -> StateLink | None:
    """A link to the same query with the largest budget that a page takes."""
    if query.first >= MAX_NODES:
        return None
    return StateLink(f"Show up to {MAX_NODES}", query_string(query, first=MAX_NODES, edges=MAX_EDGES))


def depths(query: NetworkQuery) -> list[StateLink]:
    """Links to the neighbourhood at one to three steps; empty without a focus."""
    if not query.focus:
        return []
    return [StateLink(str(depth), query_string(query, depth=depth)) for depth in (1, 2, 3)]
