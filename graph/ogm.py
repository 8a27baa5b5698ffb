"""Models of the graph for notebooks, on py2neo, derived from the declarations.

::

    from graph.ogm import Pattern, connect

    graph = connect("bolt://localhost:7687", "neo4j", password)
    for pattern in Pattern.match(graph).order_by("_.occurrence_count DESC").limit(10):
        print(pattern.name, [solution.description for solution in pattern.resolves_from])

A model has every declared property of its label. A relationship is an attribute named like its type in small letters:
``crash.has_signature`` follows it forward, ``signature.has_signature_from`` backward, and ``pattern.co_occurs_with``
both ways where it has no direction.

For looking, not for writing: what is stored this way passes neither the fingerprint nor the roll-ups, and the service never
imports this module. py2neo is no longer maintained (its last release is 2021.2.4); its Bolt client works with Neo4j 2026,
its HTTP client does not. Install it with the extra ``ogm``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from py2neo import Graph
from py2neo.ogm import Model, Property, Related, RelatedFrom, RelatedTo

from graph.model import NODES, RELATIONSHIPS
from graph.model.declare import NodeDeclaration, RelationshipDeclaration
from graph.model.errors import InvalidInputError, UnavailableError

SCHEMES = {"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"}


def connect(uri: str, user: str, password: str, *, database: str = "neo4j") -> Graph:
    """A ``py2neo.Graph`` over Bolt; ``UnavailableError`` names the address when nothing answers there.

    ``neo4j://`` is accepted and taken as ``bolt://``: a notebook talks to the one server it names.
    """
    scheme = urlsplit(uri).scheme
    if scheme not in SCHEMES:
        raise InvalidInputError(f"{uri}: give an address that begins with bolt:// or neo4j://; py2neo's HTTP client is too old")
    try:
        graph = Graph(
            uri.replace("neo4j", "bolt", 1) if scheme.startswith("neo4j") else uri, name=database, auth=(user, password)
        )
        graph.run("RETURN 1")
    except Exception as error:  # py2neo lets sockets' and its own errors through; all mean that there is no connection
        raise UnavailableError(f"cannot connect to {uri} as {user}: {type(error).__name__}") from error
    return graph


def _model(declared: NodeDeclaration) -> Any:
    """The model of a label, without its relationships."""
    attributes: dict[str, Any] = {prop.name: Property() for prop in declared.shown}
    attributes |= {"__primarykey__": declared.key, "__module__": __name__, "__doc__": declared.help}
    return type(Model)(declared.label, (Model,), attributes)


def _join(declared: RelationshipDeclaration, models: dict[str, Any]) -> None:
    """Give both ends of a relationship their attributes; they need each other, so the models are there already."""
    source, target, name = models[declared.source], models[declared.target], declared.type.lower()
    if declared.directed:
        setattr(source, name, RelatedTo(target, declared.type))
        setattr(target, f"{name}_from", RelatedFrom(source, declared.type))
    else:
        setattr(source, name, Related(target, declared.type))


MODELS: dict[str, Any] = {label: _model(declared) for label, declared in NODES.items()}
"""Every model, by label."""

for _declared in RELATIONSHIPS.values():
    _join(_declared, MODELS)


def __getattr__(name: str) -> Any:
    """``graph.ogm.Pattern`` is the model of the label ``Pattern``, and so on for every label."""
    try:
        return MODELS[name]
    except KeyError:
        raise AttributeError(f"no label {name!r}; there are: {', '.join(MODELS)}") from None


def __dir__() -> list[str]:
    return sorted([*globals(), *MODELS])
