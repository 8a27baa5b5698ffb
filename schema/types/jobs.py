"""Jobs, and their parameters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import strawberry

from jobs.params import ParamHelp
from jobs.schedule import next_due
from jobs.spec import JobSpec, describe_params
from resolvers import jobs
from schema.context import Info
from schema.fields import resolved
from schema.types.declared import from_record, to_type
from schema.types.nodes import JobRun


@strawberry.type(description="A parameter of a job.")
class JobParam:
    """A parameter of a job."""

    name: str = strawberry.field(description="Its name.")
    type: str = strawberry.field(description="`int`, `float`, `str` or `bool`, or one of these or `none`.")
    default: str | None = strawberry.field(description="Default value, settings included.")
    help: str = strawberry.field(description="What it controls.")


@strawberry.type(description="A job, run on a schedule or on request.")
class Job:
    """A job."""

    spec: strawberry.Private[JobSpec[Any]]
    name: str = strawberry.field(description="Its name.")
    version: str = strawberry.field(description="Version; changes whenever the same data may give other results.")
    help: str = strawberry.field(description="What it finds.")
    limitations: str = strawberry.field(description="What its results do not mean.")
    schedule: str = strawberry.field(description="Five cron fields in UTC, `every N minutes`, or `off`.")
    after_ingest: bool = strawberry.field(description="Whether it also runs after new crashes.")
    quiet_seconds: float = strawberry.field(description="How long no crash must have arrived before such a run.")
    at_most_every_seconds: float = strawberry.field(description="Minimum interval between such runs.")
    timeout_seconds: float = strawberry.field(description="Maximum duration of a run; longer runs fail.")
    max_attempts: int = strawberry.field(description="Maximum number of attempts after temporary failures.")
    reads: list[str] = strawberry.field(description="Labels and relationship types it reads.")
    writes: list[str] = strawberry.field(description="Relationship types and labels it owns.")
    updates: list[str] = strawberry.field(description="Labels and types it adds to, and `Label.property` it sets.")

    @resolved("Its parameters.")
    def params(self) -> list[JobParam]:
        """The parameters."""
        return [_param(param) for param in describe_params(self.spec)]

    @resolved("When it is due next; null if it runs on request only.")
    def next_due_at(self) -> datetime | None:
        """The next due time."""
        return next_due(self.spec.schedule, datetime.now(UTC))

    @resolved("Its latest run.")
    async def last_run(self, info: Info) -> JobRun | None:
        """The latest run."""
        runs = await info.context.load(jobs.last_runs, self.name)
        return to_type(runs.last) if runs and runs.last else None

    @resolved("Its latest run that succeeded.")
    async def last_success(self, info: Info) -> JobRun | None:
        """The latest success."""
        runs = await info.context.load(jobs.last_runs, self.name)
        return to_type(runs.succeeded) if runs and runs.succeeded else None


def job_type(spec: JobSpec[Any]) -> Job:
    """A job as its GraphQL type."""
    return from_record(Job, spec, spec=spec)


def _param(param: ParamHelp) -> JobParam:
    default = None if param.default is None else str(param.default)
    return from_record(JobParam, param, type=param.type.replace("NoneType", "none"), default=default)
