"""Crashes to delete."""

from __future__ import annotations

import strawberry

from schema.payloads import MutationInput

MAX_DELETED = 1_000


@strawberry.input(description="Crashes to delete: exactly one of the four.")
class DeleteCrashesInput(MutationInput):
    """Crashes to delete."""

    crashes: list[strawberry.ID] | None = strawberry.field(default=None, description=f"Crashes, at most {MAX_DELETED:,}.")
    pattern: strawberry.ID | None = strawberry.field(default=None, description="A pattern: all its crashes.")
    user: str | None = strawberry.field(default=None, description="The name of an affected user, as reported.")
    site: str | None = strawberry.field(default=None, description="A site.")
    dry_run: bool = strawberry.field(default=False, description="Only count what would be removed.")
