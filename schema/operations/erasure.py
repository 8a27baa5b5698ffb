"""Deleting crashes."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.erasure.targets import DeletionTarget, TargetKind
from graph.model.errors import InvalidInputError
from resolvers.erasure import delete_crashes, preview_deletion
from resolvers.nodes import key_of
from schema.context import Info
from schema.fields import mutation
from schema.payloads import DeletionPayload, with_user_errors

MAX_DELETED = 1_000


@strawberry.type
class ErasureMutation:
    """Deleting crashes."""

    @mutation(
        "Delete crashes, by their ids or all of one pattern, user or site, with everything that only they brought: signatures, "
        "patterns, environments, history. Give exactly one of the four.",
        delete_crashes,
    )
    async def delete_crashes(
        self,
        info: Info,
        crashes: Annotated[
            list[strawberry.ID] | None, strawberry.argument(description=f"Crashes, at most {MAX_DELETED:,}.")
        ] = None,
        pattern: Annotated[strawberry.ID | None, strawberry.argument(description="A pattern: all its crashes.")] = None,
        user: Annotated[str | None, strawberry.argument(description="The name of an affected user, as reported.")] = None,
        site: Annotated[str | None, strawberry.argument(description="A site.")] = None,
        dry_run: Annotated[bool, strawberry.argument(description="Only count what would be removed.")] = False,
    ) -> DeletionPayload:
        """Counts of what was removed."""
        context = info.context

        async def work() -> DeletionPayload:
            keys = {
                TargetKind.CRASH: None if crashes is None else tuple(key_of("Crash", id) for id in crashes),
                TargetKind.PATTERN: None if pattern is None else (key_of("Pattern", pattern),),
                TargetKind.USER: None if user is None else (context.stored_user(user),),
                TargetKind.SITE: None if site is None else (site,),
            }
            target = _only({kind: given for kind, given in keys.items() if given is not None})
            if dry_run:
                seen = await preview_deletion(context.graph, target, context.waiting)
                return DeletionPayload(
                    dry_run=True,
                    crashes=seen.crashes,
                    waiting=seen.waiting,
                    validations=seen.validations,
                    signatures=seen.signatures,
                    patterns=len(seen.patterns),
                    environments=seen.environments,
                )
            done = await delete_crashes(context.graph, target, context.actor, context.waiting)
            return DeletionPayload(
                dry_run=False,
                crashes=done.crashes,
                waiting=done.waiting,
                validations=done.validations,
                signatures=done.signatures,
                patterns=done.patterns,
                environments=done.environments,
            )

        return await with_user_errors(work, lambda errors: DeletionPayload(dry_run=dry_run, errors=errors))


def _only(given: dict[TargetKind, tuple[str, ...]]) -> DeletionTarget:
    if len(given) != 1:
        raise InvalidInputError("name what to delete with exactly one of crashes, pattern, user and site")
    [(kind, keys)] = given.items()
    if len(keys) > MAX_DELETED:
        raise InvalidInputError(f"crashes: {len(keys):,} are too many; delete at most {MAX_DELETED:,} at once")
    return DeletionTarget(kind, keys)
