"""Jobs and their runs: listing, requesting, cancelling and following them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from graph.model.actor import Scope
from graph.ports import Graph
from jobs.claims import cancel_run, request_run
from resolvers.jobs import get_run, list_runs
from resolvers.nodes import key_of
from schema.context import Info
from schema.fields import mutation, query, subscription
from schema.inputs.jobs import CancelJobInput, RequestJobInput, plain_params
from schema.listeners import Listeners
from schema.payloads import Input, JobRunPayload, answered
from schema.types.declared import to_type
from schema.types.jobs import Job, job_type
from schema.types.nodes import JobRun
from schema.types.pages import After, Connection, First, connection

MAX_LISTENERS = 100
"""Maximum number of concurrent subscribers in one process."""

RunId = Annotated[strawberry.ID, strawberry.argument(description="The run, by its key or global id.")]

_LISTENERS = Listeners(MAX_LISTENERS)


@strawberry.type
class JobQuery:
    """Queries about jobs and runs."""

    @query("All jobs.", Scope.READ)
    def jobs(self, info: Info) -> list[Job]:
        """The jobs."""
        return [job_type(spec) for spec in info.context.jobs]

    @query("Runs of one job, or of all jobs, newest first.", list_runs)
    async def job_runs(
        self,
        info: Info,
        first: First,
        after: After = None,
        job: Annotated[str | None, strawberry.argument(description="Name of the job; all if omitted.")] = None,
    ) -> Connection[JobRun]:
        """One page of runs."""
        names = [spec.name for spec in info.context.jobs] if job is None else [job]
        return connection(await list_runs(info.context.graph, names, first, after), to_type)

    @query("One run.", get_run)
    async def job_run(self, info: Info, id: RunId) -> JobRun | None:
        """One run; an error with code `NOT_FOUND` if it is unknown."""
        run: JobRun = to_type(await get_run(info.context.graph, key_of("JobRun", id)))
        return run


@strawberry.type
class JobMutation:
    """Requests to workers."""

    @mutation(
        "Request a run of a job, which a worker carries out. A waiting run with the same parameters is returned instead.",
        request_run,
    )
    async def request_job(self, info: Info, input: Input[RequestJobInput]) -> JobRunPayload:
        """The run, or the error in the name or parameters."""
        context = info.context

        async def work(graph: Graph) -> JobRunPayload:
            values = plain_params(input.params or [])
            run = await request_run(graph, input.name, values, actor=context.actor, jobs=context.jobs)
            return JobRunPayload(run=to_type(run))

        return await answered(info, input, work, JobRunPayload)

    @mutation(
        "Cancel a run: a waiting one ends at once, a running one at its next heartbeat. The job's earlier results stay.",
        cancel_run,
    )
    async def cancel_job(self, info: Info, input: Input[CancelJobInput]) -> JobRunPayload:
        """The run after the request; one that had ended is unchanged."""

        async def work(graph: Graph) -> JobRunPayload:
            run = await cancel_run(graph, key_of("JobRun", input.run_id, "runId"), actor=info.context.actor)
            return JobRunPayload(run=to_type(run))

        return await answered(info, input, work, JobRunPayload)


@strawberry.type
class JobSubscription:
    """Following runs."""

    @subscription("A run now and after each change; completes when the run ends.", get_run)
    async def job_progress(self, info: Info, run_id: RunId) -> AsyncGenerator[JobRun, None]:
        """The run after each change."""
        key = key_of("JobRun", run_id)
        with _LISTENERS.one_more():
            async for run in info.context.feed.run(key):
                yield to_type(run)
