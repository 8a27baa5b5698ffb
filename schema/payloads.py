"""What every mutation payload has: errors that the caller can fix."""

from __future__ import annotations

import strawberry

from graph.model.errors import CrashgraphError


@strawberry.type(description="An error that the caller can fix.")
class UserError:
    """An error that the caller can fix."""

    code: str = strawberry.field(description="Stable code, such as `INVALID_INPUT`.")
    message: str = strawberry.field(description="What was wrong, with which value, and how to fix it.")


def user_errors(error: CrashgraphError) -> list[UserError]:
    """The payload entry of an error."""
    return [UserError(code=error.code, message=str(error))]
