"""One declaration per record and per relationship of the graph, and what is derived from them."""

from graph.model import (
    access,
    audit,
    communities,
    consumers,
    events,
    idempotency,
    installation,
    models,
    nodes,
    relationships,
    verdicts,
)
from graph.model.declare import NODES, RELATIONSHIPS

__all__ = [
    "NODES",
    "RELATIONSHIPS",
    "access",
    "audit",
    "communities",
    "consumers",
    "events",
    "idempotency",
    "installation",
    "models",
    "nodes",
    "relationships",
    "verdicts",
]
