"""Versions of trained models: the list, and which one is in use."""

from __future__ import annotations

from graph.cypher import query
from graph.knowledge.audit import audit_statement
from graph.model.actor import Actor, Scope
from graph.model.errors import NotFoundError
from graph.model.models import ModelVersion
from graph.model.permissions import needs
from graph.model.quoting import quoted
from graph.ports import Graph, Transaction
from resolvers.rows import record_of


@needs(Scope.READ)
async def list_versions(graph: Graph, kind: str) -> list[ModelVersion]:
    """All versions of a kind, newest first."""
    return [record_of(ModelVersion, row["model"]) for row in await graph.read(query("models/of_kind", kind=kind))]


@needs(Scope.ADMIN)
async def use_version(graph: Graph, kind: str, version: str | None, actor: Actor) -> None:
    """Put a version into use, or the shipped model with ``None``; running processes follow within 15 seconds.

    ``NotFoundError`` when the kind has no such version.
    """

    async def work(tx: Transaction) -> None:
        [row] = await tx.run(query("models/use", kind=kind, version=version))
        if version is not None and not row["found"]:
            raise NotFoundError(f"no version {quoted(version)} of the model {quoted(kind)}; see crashgraph model list")
        subjects = [] if version is None else [f"ModelVersion:{kind}:{version}"]
        await tx.run(audit_statement(actor, "use_model_version", subjects, count=1))

    await graph.transact(work)
