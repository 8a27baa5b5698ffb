"""Jobs and their runs: list, request, cancel and follow."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from typing import Annotated, Any

import strawberry

from graph.model.errors import BusyError, ConflictError, InvalidInputError, UsageError
from jobs.claims import cancel_run, request_run
from jobs.params import ParamHelp
from jobs.schedule import next_due
from jobs.spec import JobSpec, describe_params
from resolvers import jobs
from resolvers.nodes import key_of
from schema.context import Info
from schema.declared import Node, node_type
from schema.fields import mutation, resolved
from schema.pages import After, Connection, First, connection
from schema.submit import UserError

MAX_LISTENERS = 100
"""Maximum concurrent subscribers in one process."""
LOOK_SECONDS = 0.5
"""Interval between looks at a followed run."""
MAX_PARAMS = 100

RunId = Annotated[strawberry.ID, strawberry.argument(description="The run.")]


@node_type()
class JobRun(Node):
    """One run of one job."""


@strawberry.type(description="A parameter of a job.")
class JobParam:
    """A parameter of a job."""

    name: str = strawberry.field(description="Its name.")
    type: str = strawberry.field(description="`int`, `float`, `str`, `bool`, or one of them or none.")
    default: str | None = strawberry.field(description="Default, settings included.")
    help: str = strawberry.field(description="Effect of the parameter.")


@strawberry.input(description="A parameter of a run.")
class JobParamInput:
    """A parameter of a run."""

    name: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value as text.")


@strawberry.type(description="A job, run on schedule or on request.")
class Job:
    """A job."""

    spec: strawberry.Private[JobSpec[Any]]
    name: str = strawberry.field(description="Its name.")
    version: str = strawberry.field(description="Changes whenever the same data may give another result.")
    help: str = strawberry.field(description="What it finds.")
    limitations: str = strawberry.field(description="What its result does not mean.")
    schedule: str = strawberry.field(description="Five cron fields in UTC, `every N minutes`, or `off`.")
    after_ingest: bool = strawberry.field(description="Whether it also runs when crashes have arrived.")
    quiet_seconds: float = strawberry.field(description="Seconds without a new crash before such a run.")
    at_most_every_seconds: float = strawberry.field(description="Minimum seconds from the last run to such a run.")
    timeout_seconds: float = strawberry.field(description="A run that takes longer fails.")
    max_attempts: int = strawberry.field(description="Maximum attempts at a run that fails for a passing reason.")
    reads: list[str] = strawberry.field(description="Labels and relationship types it reads.")
    writes: list[str] = strawberry.field(description="Relationship types and labels it owns.")
    updates: list[str] = strawberry.field(description="Labels and types it adds to, and `Label.property` it sets.")

    @resolved("Its parameters.")
    def params(self) -> list[JobParam]:
        """The parameters."""
        return [_param(described) for described in describe_params(self.spec)]

    @resolved("When it is due next; null if it runs on request only.")
    def next_due_at(self) -> datetime | None:
        """The next due time."""
        return next_due(self.spec.schedule, datetime.now(UTC))

    @resolved("Its last run, in any state.")
    async def last_run(self, info: Info) -> JobRun | None:
        """The last run."""
        found = await info.context.load(jobs.last_runs, self.name)
        return JobRun(found.last) if found and found.last else None

    @resolved("The last run that succeeded.")
    async def last_success(self, info: Info) -> JobRun | None:
        """The last success."""
        found = await info.context.load(jobs.last_runs, self.name)
        return JobRun(found.succeeded) if found and found.succeeded else None


@strawberry.type(description="The run, or why nothing was done.")
class JobRunPayload:
    """The run, or why nothing was done."""

    run: JobRun | None = strawberry.field(default=None, description="The run.")
    errors: list[UserError] = strawberry.field(default_factory=list, description="Why nothing was done; empty on success.")


@strawberry.type
class JobQuery:
    """Queries of jobs."""

    @resolved("All jobs.")
    def jobs(self, info: Info) -> list[Job]:
        """The jobs."""
        return [_job(spec) for spec in info.context.jobs]

    @resolved("Runs of one job, or of all, newest first.")
    async def job_runs(
        self,
        info: Info,
        first: First,
        after: After = None,
        job: Annotated[str | None, strawberry.argument(description="Name of the job; all if left out.")] = None,
    ) -> Connection[JobRun]:
        """One page of runs."""
        names = [spec.name for spec in info.context.jobs] if job is None else [job]
        return connection(await jobs.list_runs(info.context.graph, names, first, after), JobRun)

    @resolved("One run by its id.")
    async def job_run(self, info: Info, id: RunId) -> JobRun | None:
        """One run; an error with code `NOT_FOUND` if there is none."""
        return JobRun(await jobs.get_run(info.context.graph, key_of("JobRun", id)))


@strawberry.type
class JobMutation:
    """Mutations of jobs."""

    @mutation(
        "Request a run, which a worker executes. A waiting run with the same parameters is returned instead of a second one."
    )
    async def request_job(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="Name of the job.")],
        params: Annotated[
            list[JobParamInput] | None, strawberry.argument(description="Parameters that differ from the job's defaults.")
        ] = None,
    ) -> JobRunPayload:
        """The run, or what is wrong with the name or the parameters."""
        try:
            given = _given(params or [])
            return JobRunPayload(
                run=JobRun(await request_run(info.context.graph, name, given, actor=info.context.actor, jobs=info.context.jobs))
            )
        except (UsageError, ConflictError) as error:
            return _refused(error)

    @mutation("Cancel a run: a waiting one at once, a running one at its next heartbeat. Earlier output of the job is kept.")
    async def cancel_job(self, info: Info, run_id: RunId) -> JobRunPayload:
        """The run as it is now; one that had ended is unchanged."""
        try:
            return JobRunPayload(
                run=JobRun(await cancel_run(info.context.graph, key_of("JobRun", run_id), actor=info.context.actor))
            )
        except UsageError as error:
            return _refused(error)


@strawberry.type(description="Subscriptions.")
class Subscription:
    """Subscriptions."""

    @strawberry.subscription(description="A run now and at each change, until it has ended.")  # type: ignore[untyped-decorator]
    async def job_progress(self, info: Info, run_id: RunId) -> AsyncGenerator[JobRun, None]:
        """The run, again and again."""
        key = key_of("JobRun", run_id)
        with _LISTENERS.one_more():
            async for run in jobs.follow_run(info.context.graph, key, seconds=LOOK_SECONDS):
                yield JobRun(run)


class Listeners:
    """Bounded number of subscribers."""

    def __init__(self, most: int) -> None:
        """Start without subscribers."""
        self._most = most
        self._lock = threading.Lock()
        self.count = 0

    @contextmanager
    def one_more(self) -> Iterator[None]:
        """Count one subscriber while the context lasts; ``BusyError`` when there are too many."""
        with self._lock:
            if self.count >= self._most:
                raise BusyError(f"{self._most} subscribe already; query jobRun instead, or subscribe later", 5)
            self.count += 1
        try:
            yield
        finally:
            with self._lock:
                self.count -= 1


_LISTENERS = Listeners(MAX_LISTENERS)


def _job(spec: JobSpec[Any]) -> Job:
    same = {field.name: getattr(spec, field.name) for field in fields(spec) if field.name in Job.__annotations__}
    return Job(**{**same, "spec": spec, "reads": list(spec.reads), "writes": list(spec.writes), "updates": list(spec.updates)})


def _param(described: ParamHelp) -> JobParam:
    default = None if described.default is None else str(described.default)
    return JobParam(name=described.name, type=described.type.replace("NoneType", "none"), default=default, help=described.help)


def _given(params: list[JobParamInput]) -> dict[str, str]:
    if len(params) > MAX_PARAMS:
        raise InvalidInputError(f"params: {len(params)} were given; no job takes more than {MAX_PARAMS}")
    names = [one.name for one in params]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidInputError(f"params: {', '.join(twice)} was given twice")
    return {one.name: one.value for one in params}


def _refused(error: UsageError | ConflictError) -> JobRunPayload:
    return JobRunPayload(errors=[UserError(code=error.code, message=str(error))])
