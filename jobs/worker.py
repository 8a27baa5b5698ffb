"""The worker: runs jobs that are due or requested, and the consumers, until it is stopped.

Workers know nothing of each other. Each sees when a job is due and tries to claim that slot; each looks for requested runs,
and for runs and consumers of workers that went silent. The graph lets one of them win.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from graph.model.errors import GraphError
from graph.ports import Graph, Ports
from graph.retry import Outage
from jobs.claims import STALE_SECONDS, ClaimedRun, Jobs, claim_slot, claim_waiting, worker_name
from jobs.consumer import ConsumerSpec
from jobs.consumers import ConsumerHost, ConsumerTimes
from jobs.registry import CONSUMERS, JOBS
from jobs.runner import DEFAULT_PORTS, HEARTBEAT_SECONDS, execute
from jobs.schedule import OFF, latest_due, trigger_of
from jobs.spec import JobSpec

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Times are in seconds."""

    poll_seconds: float = 2.0
    """Interval between looks for requested runs and silent workers."""
    heartbeat_seconds: float = HEARTBEAT_SECONDS
    stale_seconds: float = STALE_SECONDS
    """Silence after which another worker's run or consumer is taken over."""
    grace_seconds: float = 5.0
    """Time for a run in progress to end when the worker is stopped; then it is given back."""
    concurrency: int = 1
    """Maximum runs at once; one worker never runs a job twice at once."""


class Worker:
    """One worker."""

    def __init__(
        self,
        graph: Graph,
        settings: WorkerSettings | None = None,
        *,
        jobs: Jobs = JOBS,
        consumers: tuple[ConsumerSpec, ...] = CONSUMERS,
        ports: Ports = DEFAULT_PORTS,
        name: str | None = None,
    ) -> None:
        """Nothing starts before :meth:`run`."""
        self.name = name or worker_name()
        self._graph = graph
        self._settings = settings or WorkerSettings()
        self._jobs = jobs
        self._consumers = consumers
        self._ports = ports
        self._running: dict[str, asyncio.Task[None]] = {}
        self._postponed: dict[str, JobSpec[Any]] = {}
        self._free = asyncio.Lock()
        self._outage = Outage("the graph cannot be asked for runs of jobs")

    async def run(self) -> None:
        """Work until cancelled; then finish or give back what is in progress."""
        scheduler = self._scheduler()
        scheduler.start()
        consuming = asyncio.create_task(self.consume(), name="consumers")
        log.info("worker started", worker=self.name, jobs=[spec.name for spec in self._jobs])
        try:
            # Run what fell due while no worker ran; the graph refuses a slot that was done.
            for spec in self._jobs:
                await self.run_due(spec)
            await consuming
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)
            consuming.cancel()
            await asyncio.gather(consuming, return_exceptions=True)
            await self.stop()

    async def consume(self) -> None:
        """Run the consumers that this worker can claim, until cancelled."""
        settings = self._settings
        times = ConsumerTimes(settings.poll_seconds, settings.heartbeat_seconds, settings.stale_seconds)
        host = ConsumerHost(self._graph, self._consumers, self.name, jobs=self._jobs, ports=self._ports, times=times)
        await host.run()

    async def run_due(self, spec: JobSpec[Any], now: datetime | None = None) -> None:
        """Claim and start the latest due run of a job, if no worker has."""
        due = latest_due(spec.schedule, now or datetime.now(UTC))
        if due is None:
            return
        async with self._free:
            if self._full() or spec.name in self._running:
                # Another worker may take the slot meanwhile; otherwise the next poll does.
                self._postponed[spec.name] = spec
                return
            self._postponed.pop(spec.name, None)
            try:
                self._start(await claim_slot(self._graph, spec, due, self.name))
            except GraphError as error:
                self._postponed[spec.name] = spec
                self._outage.failed(error)

    async def poll(self) -> None:
        """Claim and start what waits, if this worker is free: postponed runs, then requested ones."""
        for spec in list(self._postponed.values()):
            await self.run_due(spec)
        async with self._free:
            if self._full():
                return
            try:
                self._start(
                    await claim_waiting(
                        self._graph,
                        self.name,
                        jobs=self._jobs,
                        stale_seconds=self._settings.stale_seconds,
                        busy=tuple(self._running),
                    )
                )
                self._outage.over()
            except GraphError as error:
                self._outage.failed(error)

    async def idle(self) -> None:
        """Wait until nothing is in progress."""
        while self._running:
            await asyncio.wait(self._running.values())

    async def stop(self) -> None:
        """Let runs in progress end within the grace time, then give them back."""
        tasks = list(self._running.values())
        if tasks:
            log.info("worker stopping", worker=self.name, running=sorted(self._running))
            _, late = await asyncio.wait(tasks, timeout=self._settings.grace_seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        log.info("worker stopped", worker=self.name)

    def _scheduler(self) -> AsyncIOScheduler:
        # Its log lines about each tick are noise; what matters is logged here.
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=options)
        for spec in (spec for spec in self._jobs if spec.schedule.strip().lower() != OFF):
            scheduler.add_job(self.run_due, trigger_of(spec.schedule), args=[spec], id=f"due:{spec.name}")
        scheduler.add_job(self.poll, "interval", seconds=self._settings.poll_seconds, id="poll")
        return scheduler

    def _full(self) -> bool:
        return len(self._running) >= self._settings.concurrency

    def _start(self, claimed: ClaimedRun | None) -> None:
        if claimed is None:
            return
        name = claimed.spec.name
        task = asyncio.create_task(self._do(claimed), name=f"job {name}")
        self._running[name] = task
        task.add_done_callback(lambda _: self._running.pop(name, None))

    async def _do(self, claimed: ClaimedRun) -> None:
        try:
            await execute(self._graph, claimed, ports=self._ports, heartbeat_seconds=self._settings.heartbeat_seconds)
        except GraphError as error:
            # The run could not be recorded; its heartbeat stops and some worker takes it over.
            log.warning("job run could not be recorded", run_id=claimed.run.run_id, error=str(error))


async def run_worker(
    graph: Graph,
    settings: WorkerSettings | None = None,
    *,
    jobs: Jobs = JOBS,
    consumers: tuple[ConsumerSpec, ...] = CONSUMERS,
    ports: Ports = DEFAULT_PORTS,
) -> None:
    """Work until cancelled."""
    await Worker(graph, settings, jobs=jobs, consumers=consumers, ports=ports).run()
