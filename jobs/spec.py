"""What a job is: its name, its schedule, its parameters, what it reads and writes, and how it runs."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

from graph.model.actor import Actor
from graph.model.errors import InvalidInputError, LostClaimError
from graph.model.statement import Statement
from graph.ports import Reader

Value = int | float | str | bool | None
"""What a parameter may be, so that it survives JSON, an environment variable and a command line."""

_YES, _NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def param(help: str, *, default: Value, minimum: float | None = None, maximum: float | None = None) -> Any:
    """One parameter of a job: what it does, its default and its range."""
    return field(default=default, metadata={"help": help, "minimum": minimum, "maximum": maximum})


class Params(Protocol):
    """A frozen dataclass whose fields are made by :func:`param`."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


@dataclass(frozen=True, slots=True)
class NoParams:
    """A job without parameters."""


P = TypeVar("P", bound=Params)


@dataclass(frozen=True, slots=True)
class Edge:
    """A derived relationship that a job found. ``source`` and ``target`` are keys of the declared labels.

    ``target_label`` is given where the relationship may end at another label than the one declared first.
    ``properties`` are its own and the evidence it knows: ``score``, ``support``, ``p_value`` or
    ``q_value``, ``sample_crash_ids``. The runner adds the rest and refuses what is not declared.
    """

    type: str
    source: str
    target: str
    properties: Mapping[str, object]
    target_label: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: ``done`` of ``total`` steps, 0 for a total that is not known, at ``what``."""

    done: int = 0
    total: int = 0
    what: str = ""


@dataclass(slots=True)
class Work(Generic[P]):
    """What a run hands to its job. The job notes in ``counts`` whatever the run should be judged by.

    A job may be *incremental*: where ``changed_since`` is given, every crash received up to then was in the graph when the
    job's last run began to read, that run succeeded with the same version and parameters, and nothing but its edges is
    there. The job may then yield only what can differ, and says in ``touched`` for which keys of patterns it has looked
    at every edge: stale edges are removed where an end is among them, all others stay. A job that leaves ``touched``
    alone has looked at everything. The edges must be those that one full run would leave: incremental equals full.
    """

    graph: Reader
    params: P
    run_id: str
    actor: Actor
    """The job itself, for what it writes."""
    counts: dict[str, float] = field(default_factory=dict)
    changed_since: datetime | None = None
    touched: set[str] | None = None
    also: list[Statement] = field(default_factory=list)
    """Statements that write what its spec ``keeps``; they are run in the transaction that publishes the edges."""
    progressed: Progress = field(default_factory=Progress)
    stopped: bool = False
    """Whether the run was cancelled, is out of time or was taken over."""

    def progress(self, done: int, total: int = 0, what: str = "") -> None:
        """Say how far the job is, as often as it likes and from any thread: about once a second the graph is told.

        ``LostClaimError`` when the run has been stopped, so that a thread that calculates ends too.
        """
        if self.stopped:
            raise LostClaimError("the run was stopped; what it still calculates is not needed")
        self.progressed = Progress(done, total, what)


@dataclass(frozen=True, slots=True)
class JobSpec(Generic[P]):
    """One job. ``version`` changes whenever the same data may give other edges."""

    name: str
    version: str
    help: str
    schedule: str
    """Five cron fields in UTC, or ``every 15 minutes``; see :mod:`jobs.schedule`."""
    params: type[P]
    reads: tuple[str, ...]
    """Node labels and relationship types it looks at."""
    writes: tuple[str, ...]
    """Derived relationship types it owns: no other job writes them, and stale ones are removed."""
    run: Callable[[Work[P]], AsyncIterator[Sequence[Edge]]]
    """Yields edges in batches of any size, as they are found; the runner writes them all at once when it has ended."""
    keeps: tuple[str, ...] = ()
    """Labels of the nodes that it makes, or ``Label.property`` of what it sets on others, by ``Work.also``."""
    refuses: str = ""
    """What the job does not say, and what its edges do not mean: one or more sentences for docs/jobs.md."""
    timeout_seconds: float = 3600.0
    """A run that takes longer fails, and is not tried again."""
    max_attempts: int = 3
    """How often a run is tried whose failure may pass or whose worker died."""
    retry_seconds: float = 5.0
    """Wait before the second attempt; each later wait is twice as long, with jitter, see :mod:`jobs.backoff`."""
    after_ingest: bool = False
    """Whether a run is asked for when crashes have arrived since the last one, beside the schedule."""
    quiet_seconds: float = 20.0
    """That run waits until no crash has arrived for so long, but no longer than ``at_most_every_seconds``."""
    at_most_every_seconds: float = 300.0
    """Least time from the beginning of the job's last run to such a run."""
    defaults: Mapping[str, Value] = field(default_factory=dict)
    """Values of parameters that settings put in the place of the declared defaults."""


@dataclass(frozen=True, slots=True)
class ParamHelp:
    """A parameter as help pages and ``job list`` show it."""

    name: str
    type: str
    default: Value
    help: str


def describe_params(spec: JobSpec[Any]) -> list[ParamHelp]:
    """The parameters of a job, in the order they were written."""
    return [
        dataclasses.replace(told, default=spec.defaults.get(told.name, told.default)) for told in describe_values(spec.params)
    ]


def describe_values(declared: type[Params]) -> list[ParamHelp]:
    """The fields of a class made with :func:`param`, in the order they were written."""
    hints = typing.get_type_hints(declared)
    return [
        ParamHelp(
            f.name, " or ".join(kind.__name__ for kind in _kinds(hints[f.name])), cast("Value", f.default), f.metadata["help"]
        )
        for f in dataclasses.fields(declared)
    ]


def parse_params(spec: JobSpec[P], given: Mapping[str, object]) -> P:
    """Parameters from settings, JSON or ``name=value`` texts; what is not given keeps its default.

    ``InvalidInputError`` names an unknown parameter, a value of the wrong type or one out of range.
    """
    return spec.params(**{**spec.defaults, **parse_values(spec.name, spec.params, given)})


def parse_values(job: str, declared: type[Params], given: Mapping[str, object]) -> dict[str, Value]:
    """The values given for fields made with :func:`param`, converted and checked; ``InvalidInputError`` as above."""
    fields = {f.name: f for f in dataclasses.fields(declared)}
    unknown = sorted(given.keys() - fields.keys())
    if unknown:
        known = ", ".join(fields) or "none"
        raise InvalidInputError(f"job {job} has no parameter {', '.join(unknown)}; it takes: {known}")
    hints = typing.get_type_hints(declared)
    return {name: _value(job, fields[name], hints[name], value) for name, value in given.items()}


def _value(job: str, declared: dataclasses.Field[Any], hint: object, given: object) -> Value:
    kinds = _kinds(hint)
    try:
        value = _convert(kinds, given)
    except ValueError:
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise InvalidInputError(f"job {job}: parameter {declared.name} must be {wanted}, not {given!r:.80}") from None
    low, high = declared.metadata["minimum"], declared.metadata["maximum"]
    if isinstance(value, int | float) and not (low is None or value >= low) & (high is None or value <= high):
        limits = f"{'' if low is None else f'at least {low:g}'}{'' if None in (low, high) else ' and '}"
        raise InvalidInputError(
            f"job {job}: parameter {declared.name} must be {limits}{'' if high is None else f'at most {high:g}'}, not {value:g}"
        )
    return value


def _kinds(hint: object) -> tuple[type, ...]:
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (cast("type", hint),)


def _convert(kinds: tuple[type, ...], given: object) -> Value:
    """``given`` as the first kind that takes it; ``ValueError`` if none does."""
    for kind in kinds:
        if kind is types.NoneType and given in (None, "", "none"):
            return None
        if kind is bool and (isinstance(given, bool) or str(given).lower() in _YES | _NO):
            return given if isinstance(given, bool) else str(given).lower() in _YES
        if kind in (int, float) and not isinstance(given, bool) and isinstance(given, int | float | str):
            number = float(given)
            if number == number and abs(number) != float("inf") and (kind is float or number.is_integer()):  # noqa: PLR0124 # not NaN
                return number if kind is float else int(given if isinstance(given, int) else number)
        if kind is str and isinstance(given, str):
            return given
    raise ValueError(given)
