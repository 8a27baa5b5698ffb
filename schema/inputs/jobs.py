"""Parameters of job runs."""

from __future__ import annotations

import strawberry

from graph.model.errors import InvalidInputError
from schema.payloads import MutationInput

MAX_PARAMS = 100


@strawberry.input(description="A parameter of a run.")
class JobParamInput:
    """A parameter of a run."""

    name: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value as text.")


@strawberry.input(description="A run of a job.")
class RequestJobInput(MutationInput):
    """A run of a job."""

    name: str = strawberry.field(description="Name of the job.")
    params: list[JobParamInput] | None = strawberry.field(default=None, description="Parameters that differ from the defaults.")


@strawberry.input(description="A run to cancel.")
class CancelJobInput(MutationInput):
    """A run to cancel."""

    run_id: strawberry.ID = strawberry.field(description="The run, by its key or global id.")


def plain_params(params: list[JobParamInput]) -> dict[str, str]:
    """Values by name; ``InvalidInputError`` for too many or repeated names."""
    if len(params) > MAX_PARAMS:
        raise InvalidInputError(f"params: {len(params)} were given; no job takes more than {MAX_PARAMS}")
    names = [param.name for param in params]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidInputError(f"params: {', '.join(repeated)} was given twice")
    return {param.name: param.value for param in params}
