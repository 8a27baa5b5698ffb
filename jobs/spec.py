"""What a job is: its name, schedule and parameters, what it reads and writes, and the function that runs it."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from graph.model.actor import Actor
from graph.model.errors import LostClaimError
from graph.model.statement import Statement
from graph.ports import Ports, Reader
from jobs.params import JobParams, ParamHelp, ParamValue, describe_values, parse_values

P = TypeVar("P", bound=JobParams)


@dataclass(frozen=True, slots=True)
class JobNode:
    """A node to merge by the key of its label, which ``properties`` holds.

    ``properties`` are set at every run, ``on_create`` only when the node is new. The runner adds run id, algorithm and time
    where the label declares them, and refuses what the model does not declare.
    """

    label: str
    properties: Mapping[str, object]
    on_create: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobEdge:
    """A relationship to merge between two existing nodes, named by the keys of their labels.

    ``target_label`` is given where the relationship may end at another label than the one declared first. ``properties``
    of a derived relationship include its evidence: ``score``, ``support``, ``p_value`` or ``q_value``,
    ``sample_crash_ids``. The runner adds the rest and refuses what the model does not declare.
    """

    type: str
    source: str
    target: str
    properties: Mapping[str, object] = field(default_factory=dict)
    target_label: str | None = None


@dataclass(frozen=True, slots=True)
class NodeUpdate:
    """Properties to set on an existing node of another writer; ``None`` removes one. A missing node is skipped."""

    label: str
    key: str
    properties: Mapping[str, object]


JobOutput: TypeAlias = JobNode | JobEdge | NodeUpdate | Statement
"""What a job may yield. A ``Statement`` is for a write that depends on the state of the graph at the moment of publishing,
such as the next version number of a history; it runs last, in the publishing transaction."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` steps, doing ``what``; ``total`` is 0 while unknown."""

    done: int = 0
    total: int = 0
    what: str = ""


@dataclass(slots=True)
class Work(Generic[P]):
    """What a run gives its job. The job records in ``counts`` what the run should be judged by.

    A job may be *incremental*. If ``changed_since`` is set, every crash received up to then was in the graph when the job's
    last run began to read, that run succeeded with the same version and parameters, and its output is still in the graph.
    The job may then yield only what can differ, and puts into ``touched`` the keys for which it did look at everything:
    stale edges with an end among them are removed, and stale nodes with such a key. A job that leaves ``touched`` alone
    has looked at everything. The result must be that of a full run.
    """

    graph: Reader
    params: P
    run_id: str
    actor: Actor
    """The job, as recorded with its writes."""
    ports: Ports
    counts: dict[str, float] = field(default_factory=dict)
    changed_since: datetime | None = None
    touched: set[str] | None = None
    progressed: Progress = field(default_factory=Progress)
    stopped: bool = False
    """Whether the run was cancelled, timed out or was taken over."""

    def progress(self, done: int, total: int = 0, what: str = "") -> None:
        """Report progress, as often as needed and from any thread; it is stored about once a second.

        ``LostClaimError`` when the run was stopped, so that a computing thread ends too.
        """
        if self.stopped:
            raise LostClaimError("the run was stopped; its result is no longer needed")
        self.progressed = Progress(done, total, what)


@dataclass(frozen=True, slots=True)
class JobSpec(Generic[P]):
    """One job. ``version`` changes whenever the same data may give another result."""

    name: str
    version: str
    help: str
    schedule: str
    """Five cron fields in UTC, or ``every 15 minutes``; see :mod:`jobs.schedule`."""
    params: type[P]
    reads: tuple[str, ...]
    """Node labels and relationship types it reads."""
    writes: tuple[str, ...]
    """Relationship types and node labels it owns: no other job writes them, and each run replaces the last one's output."""
    run: Callable[[Work[P]], AsyncIterator[Sequence[JobOutput]]]
    """Yields output in batches of any size; the runner writes all of it at once when the job has ended."""
    updates: tuple[str, ...] = ()
    """Labels and types it adds to, and ``Label.property`` it sets on nodes of others. The runner removes nothing there."""
    limitations: str = ""
    """What the result does not mean: one or more sentences for docs/jobs.md."""
    timeout_seconds: float = 3600.0
    """A run that takes longer fails and is not retried."""
    max_attempts: int = 3
    """Attempts at a run that fails for a temporary reason or loses its worker."""
    retry_seconds: float = 5.0
    """Wait before the second attempt; each later wait is twice as long, with jitter, see :mod:`graph.retry`."""
    after_ingest: bool = False
    """Whether a run is also requested when crashes have arrived since the last one."""
    quiet_seconds: float = 20.0
    """Such a run waits until no crash has arrived for this long, but at most ``at_most_every_seconds``."""
    at_most_every_seconds: float = 300.0
    """Minimum time from the start of the job's last run to such a run."""
    defaults: Mapping[str, ParamValue] = field(default_factory=dict)
    """Parameter defaults from settings, which replace the declared ones."""


def describe_params(spec: JobSpec[Any]) -> list[ParamHelp]:
    """The parameters of a job in declaration order, with the defaults in force."""
    return [
        dataclasses.replace(declared, default=spec.defaults.get(declared.name, declared.default))
        for declared in describe_values(spec.params)
    ]


def parse_params(spec: JobSpec[P], given: Mapping[str, object]) -> P:
    """Parameters from settings, JSON or ``name=value`` texts; those not given keep their default.

    ``InvalidInputError`` names an unknown parameter, a value of the wrong type or one out of range.
    """
    return spec.params(**{**spec.defaults, **parse_values(spec.name, spec.params, given)})
