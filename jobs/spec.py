"""What a job is: its name, its schedule, its parameters, what it reads and writes, and how it runs."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

from graph.model.errors import InvalidInputError
from graph.model.statement import Statement
from graph.ports import Row

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

    ``properties`` are its own and the evidence it knows: ``score``, ``support``, ``p_value`` or
    ``q_value``, ``sample_crash_ids``. The runner adds the rest and refuses what is not declared.
    """

    type: str
    source: str
    target: str
    properties: Mapping[str, object]


class Reader(Protocol):
    """The half of the graph that a job may use by itself: it reads, the runner writes."""

    async def read(self, statement: Statement) -> list[Row]:
        """Rows of a read-only statement."""
        ...


@dataclass(slots=True)
class Work(Generic[P]):
    """What a run hands to its job. The job notes in ``counts`` whatever the run should be judged by."""

    graph: Reader
    params: P
    run_id: str
    counts: dict[str, float] = field(default_factory=dict)


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
    """Yields edges in batches of any size, as they are found."""


@dataclass(frozen=True, slots=True)
class ParamHelp:
    """A parameter as help pages and ``job list`` show it."""

    name: str
    type: str
    default: Value
    help: str


def describe_params(spec: JobSpec[Any]) -> list[ParamHelp]:
    """The parameters of a job, in the order they were written."""
    hints = typing.get_type_hints(spec.params)
    return [
        ParamHelp(
            f.name, " or ".join(kind.__name__ for kind in _kinds(hints[f.name])), cast("Value", f.default), f.metadata["help"]
        )
        for f in dataclasses.fields(spec.params)
    ]


def parse_params(spec: JobSpec[P], given: Mapping[str, object]) -> P:
    """Parameters from settings, JSON or ``name=value`` texts; what is not given keeps its default.

    ``InvalidInputError`` names an unknown parameter, a value of the wrong type or one out of range.
    """
    fields = {f.name: f for f in dataclasses.fields(spec.params)}
    unknown = sorted(given.keys() - fields.keys())
    if unknown:
        known = ", ".join(fields) or "none"
        raise InvalidInputError(f"job {spec.name} has no parameter {', '.join(unknown)}; it takes: {known}")
    hints = typing.get_type_hints(spec.params)
    values = {name: _value(spec.name, fields[name], hints[name], value) for name, value in given.items()}
    return spec.params(**values)


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
