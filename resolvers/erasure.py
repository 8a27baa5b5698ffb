"""Delete crashes with everything that only they brought, and redact once more what stays."""

from __future__ import annotations

from graph.erasure.deletion import DeletionPreview, DeletionResult
from graph.erasure.deletion import delete_crashes as delete
from graph.erasure.deletion import preview_deletion as preview
from graph.erasure.redact_again import RedactionAgain, RedactionReport
from graph.erasure.targets import DeletionTarget
from graph.erasure.waiting import WaitingReports
from graph.model.actor import Actor, Scope
from graph.model.permissions import needs
from graph.ports import Graph


@needs(Scope.ADMIN)
async def preview_deletion(graph: Graph, target: DeletionTarget, waiting: WaitingReports) -> DeletionPreview:
    """What a deletion would remove."""
    return await preview(graph, target, waiting)


@needs(Scope.ADMIN)
async def delete_crashes(graph: Graph, target: DeletionTarget, actor: Actor, waiting: WaitingReports) -> DeletionResult:
    """Delete crashes."""
    actor.require(Scope.ADMIN)
    return await delete(graph, target, actor, waiting)


@needs(Scope.ADMIN)
async def redact_again(again: RedactionAgain, actor: Actor, *, dry_run: bool = False) -> RedactionReport:
    """Redact everything that is stored with today's rules."""
    return await again.run(actor, dry_run=dry_run)
