"""Parameters of job runs."""

from __future__ import annotations

import strawberry

from graph.model.errors import InvalidInputError

MAX_PARAMS = 100


@strawberry.input(description="A parameter of a run.")
class JobParamInput:
    """A parameter of a run."""

    name: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value as text.")


def plain_params(params: list[JobParamInput]) -> dict[str, str]:
    """Values by name; ``InvalidInputError`` for too many or repeated names."""
    if len(params) > MAX_PARAMS:
        raise InvalidInputError(f"params: {len(params)} were given; no job takes more than {MAX_PARAMS}")
    names = [param.name for param in params]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidInputError(f"params: {', '.join(repeated)} was given twice")
    return {param.name: param.value for param in params}
