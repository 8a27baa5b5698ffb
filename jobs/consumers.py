"""Runs a worker's consumers. The graph gives each consumer to one worker; the others retry periodically."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import structlog

from graph.cypher import query
from graph.model.actor import job_actor
from graph.model.consumers import Consumer
from graph.model.convert import record
from graph.model.errors import ConflictError, GraphError, LostClaimError
from graph.ports import Graph, Ports
from graph.retry import LONGEST_SECONDS, Outage, wait_seconds
from jobs import metrics
from jobs.consumer import ConsumerSpec, ConsumerWork
from jobs.endings import may_pass, reason_of
from jobs.heartbeat import while_beating
from jobs.spec import JobSpec

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConsumerTimes:
    """Seconds between attempts to claim, between heartbeats, and of silence after which a worker counts as dead."""

    poll: float
    heartbeat: float
    stale: float


@dataclass(frozen=True, slots=True)
class ConsumerHealth:
    """A consumer, its record if any worker ever ran it, and the seconds since its last heartbeat."""

    spec: ConsumerSpec
    record: Consumer | None
    silent_seconds: float | None


class ConsumerHost:
    """The consumers of one worker."""

    def __init__(
        self,
        graph: Graph,
        consumers: Sequence[ConsumerSpec],
        worker: str,
        *,
        jobs: tuple[JobSpec[Any], ...],
        ports: Ports,
        times: ConsumerTimes,
    ) -> None:
        """Nothing starts before :meth:`run`."""
        self._graph, self._consumers, self._worker = graph, consumers, worker
        self._jobs, self._ports, self._times = jobs, ports, times

    async def run(self) -> None:
        """Claim and run consumers until cancelled; then give them back."""
        async with asyncio.TaskGroup() as group:
            for spec in self._consumers:
                group.create_task(self._keep_running(spec), name=f"consumer {spec.name}")

    async def _keep_running(self, spec: ConsumerSpec) -> NoReturn:
        outage = Outage(f"consumer {spec.name} cannot be claimed or recorded")
        while True:
            try:
                consumer = await self._claim(spec)
                outage.over()
                if consumer:
                    await self._run_once(spec, consumer)
            except GraphError as error:
                outage.failed(error)
            await asyncio.sleep(self._times.poll)

    async def _claim(self, spec: ConsumerSpec) -> Consumer | None:
        claim = {"consumer": spec.name, "version": spec.version, "worker": self._worker, "stale_seconds": self._times.stale}
        try:
            _, rows = await self._graph.write(
                query("jobs/consumers/lock", consumer=spec.name), query("jobs/consumers/claim", **claim)
            )
        except ConflictError:  # another worker created the record at the same moment
            return None
        return record(Consumer, rows[0]["consumer"]) if rows else None

    async def _run_once(self, spec: ConsumerSpec, consumer: Consumer) -> None:
        """Run a claimed consumer until it ends, fails, is lost or cancelled."""
        bound, began = log.bind(consumer=spec.name, worker=self._worker), time.monotonic()
        bound.info("consumer started", watermark=consumer.watermark, failures=consumer.failures)
        work = ConsumerWork(
            self._graph, job_actor(spec.name), self._ports, self._jobs, spec.name, self._worker, consumer.watermark
        )
        try:
            with metrics.CONSUMER_RUNNING.labels(spec.name).track_inprogress():
                await while_beating(_awaited(spec, work), self._beat(spec))
            await self._release(spec)
        except LostClaimError:
            bound.warning("consumer was taken over by another worker")
        except asyncio.CancelledError:
            with contextlib.suppress(GraphError):  # another worker takes over when the heartbeats have stopped
                await asyncio.shield(self._release(spec))
            raise
        except Exception as failure:  # noqa: BLE001
            # Whatever a consumer raises ends this attempt and nothing else; the log shows where a defect is.
            if may_pass(failure):
                bound.warning("consumer failed", error=str(failure))
            else:
                bound.exception("consumer failed")
            recovered = work.watermark != consumer.watermark or time.monotonic() - began > LONGEST_SECONDS
            await self._fail(spec, failure, 1 if recovered else consumer.failures + 1)

    async def _beat(self, spec: ConsumerSpec) -> None:
        while True:
            await asyncio.sleep(self._times.heartbeat)
            try:
                [rows] = await self._graph.write(query("jobs/consumers/beat", consumer=spec.name, worker=self._worker))
            except GraphError as error:
                log.warning("consumer heartbeat failed", consumer=spec.name, error=str(error))
                continue
            if not rows:
                raise LostClaimError(f"consumer {spec.name} was taken over by another worker")

    async def _release(self, spec: ConsumerSpec) -> None:
        await self._graph.write(query("jobs/consumers/release", consumer=spec.name, worker=self._worker))

    async def _fail(self, spec: ConsumerSpec, failure: Exception, failures: int) -> None:
        metrics.CONSUMER_FAILURES.labels(spec.name).inc()
        statement = query(
            "jobs/consumers/fail",
            consumer=spec.name,
            worker=self._worker,
            failures=failures,
            error=reason_of(failure),
            wait_seconds=wait_seconds(failures, spec.restart_seconds),
        )
        await self._graph.write(statement)


async def consumer_health(graph: Graph, consumers: Sequence[ConsumerSpec]) -> list[ConsumerHealth]:
    """The state of each consumer as the graph knows it."""
    rows = await graph.read(query("jobs/consumers/by_names", names=[spec.name for spec in consumers]))
    stored = {row["consumer"]["name"]: row for row in rows}
    return [
        ConsumerHealth(spec, record(Consumer, row["consumer"]), row["silent_seconds"])
        if (row := stored.get(spec.name))
        else ConsumerHealth(spec, None, None)
        for spec in consumers
    ]


async def _awaited(spec: ConsumerSpec, work: ConsumerWork) -> None:
    await spec.run(work)
