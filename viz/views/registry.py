"""What a view is, and the register of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from graph.model.errors import NotFoundError
from resolvers.records import Network, NetworkQuery
from viz.scene import Scene


@dataclass(frozen=True, slots=True)
class ViewDoors:
    """The other two ways to the rows of a view: texts to paste into the Neo4j Browser and into a GraphQL client."""

    cypher: str
    graphql: str


@dataclass(frozen=True, slots=True)
class View:
    """A named picture of the graph.

    ``scene`` makes the picture of a network. ``graphql`` writes the document that gives the same rows. The Cypher
    is the text of the query files that the use case runs, so the caller brings it (see :mod:`viz.views.doors`).
    """

    name: str
    title: str
    help: str
    scene: Callable[[Network], Scene]
    graphql: Callable[[NetworkQuery], str]
    query: NetworkQuery = field(default_factory=NetworkQuery)


VIEWS: dict[str, View] = {}


def register(new: View) -> View:
    """Add a view; ``ValueError`` when its name is taken."""
    if new.name in VIEWS:
        raise ValueError(f"two views are named {new.name!r}")
    VIEWS[new.name] = new
    return new


def view(name: str) -> View:
    """The view of that name; :class:`NotFoundError` names those there are."""
    try:
        return VIEWS[name]
    except KeyError:
        raise NotFoundError(f"there is no view {name[:80]!r}: the views are {', '.join(sorted(VIEWS))}") from None
