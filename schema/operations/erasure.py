"""Deleting crashes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import strawberry

from graph.erasure.targets import DeletionTarget, TargetKind
from graph.knowledge.idempotency import act_repeatably
from graph.model.errors import InvalidInputError
from graph.ports import Graph
from resolvers.erasure import delete_crashes, preview_deletion
from resolvers.nodes import key_of
from schema.context import Info
from schema.fields import mutation
from schema.inputs.erasure import MAX_DELETED, DeleteCrashesInput
from schema.payloads import DeletionPayload, Input, answered
from schema.types.declared import from_record


@strawberry.type
class ErasureMutation:
    """Deleting crashes."""

    @mutation(
        "Delete crashes, by their ids or all of one pattern, user or site, with everything that only they brought: signatures, "
        "patterns, environments, history. Give exactly one of the four.",
        delete_crashes,
    )
    async def delete_crashes(self, info: Info, input: Input[DeleteCrashesInput]) -> DeletionPayload:
        """Counts of what was removed."""
        context = info.context

        async def work(graph: Graph) -> DeletionPayload:
            target = _target(input, context.stored_user)
            if input.dry_run:
                seen = await preview_deletion(graph, target, context.waiting)
                return from_record(DeletionPayload, seen, dry_run=True, patterns=len(seen.patterns))
            return from_record(
                DeletionPayload, await delete_crashes(graph, target, context.actor, context.waiting), dry_run=False
            )

        return await answered(info, input, work, partial(DeletionPayload, dry_run=input.dry_run), once=act_repeatably)


def _target(input: DeleteCrashesInput, stored_user: Callable[[str], str]) -> DeletionTarget:
    keys = {
        TargetKind.CRASH: None if input.crashes is None else tuple(key_of("Crash", id, "crashes") for id in input.crashes),
        TargetKind.PATTERN: None if input.pattern is None else (key_of("Pattern", input.pattern, "pattern"),),
        TargetKind.USER: None if input.user is None else (stored_user(input.user),),
        TargetKind.SITE: None if input.site is None else (input.site,),
    }
    return _only({kind: given for kind, given in keys.items() if given is not None})


def _only(given: dict[TargetKind, tuple[str, ...]]) -> DeletionTarget:
    if len(given) != 1:
        raise InvalidInputError("name what to delete with exactly one of crashes, pattern, user and site")
    [(kind, keys)] = given.items()
    if len(keys) > MAX_DELETED:
        raise InvalidInputError(f"crashes: {len(keys):,} are too many; delete at most {MAX_DELETED:,} at once")
    return DeletionTarget(kind, keys)
