"""Delete crashes with everything that only they brought."""

from __future__ import annotations

from graph.erasure.deletion import DeletionPreview, DeletionResult
from graph.erasure.deletion import delete_crashes as delete
from graph.erasure.deletion import preview_deletion as preview
from graph.erasure.targets import DeletionTarget
from graph.model.actor import Actor, Scope
from graph.model.permissions import needs
from graph.ports import Graph


@needs(Scope.ADMIN)
async def preview_deletion(graph: Graph, target: DeletionTarget) -> DeletionPreview:
    """What a deletion would remove."""
    return await preview(graph, target)


@needs(Scope.ADMIN)
async def delete_crashes(graph: Graph, target: DeletionTarget, actor: Actor) -> DeletionResult:
    """Delete crashes."""
    actor.require(Scope.ADMIN)
    return await delete(graph, target, actor)
