"""Parameters of jobs and consumers: declared as fields of a dataclass, read from JSON, the environment or a command line."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeAlias, cast

from graph.model.errors import InvalidInputError
from graph.model.quoting import quoted

ParamValue: TypeAlias = int | float | str | bool | None
"""Type of a parameter: it survives JSON, an environment variable and a command line."""

_YES, _NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def param(help: str, *, default: ParamValue, minimum: float | None = None, maximum: float | None = None) -> Any:
    """Declare a parameter with its help text, default and range."""
    return field(default=default, metadata={"help": help, "minimum": minimum, "maximum": maximum})


class JobParams(Protocol):
    """A frozen dataclass with fields made by :func:`param`."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


@dataclass(frozen=True, slots=True)
class NoParams:
    """A job without parameters."""


@dataclass(frozen=True, slots=True)
class ParamHelp:
    """A parameter, as shown by help pages and ``job list``."""

    name: str
    type: str
    default: ParamValue
    help: str


def describe_values(declared: type[JobParams]) -> list[ParamHelp]:
    """Fields made with :func:`param`, in declaration order."""
    hints = typing.get_type_hints(declared)
    return [
        ParamHelp(
            f.name,
            " or ".join(kind.__name__ for kind in _kinds(hints[f.name])),
            cast("ParamValue", f.default),
            f.metadata["help"],
        )
        for f in dataclasses.fields(declared)
    ]


def parse_values(job: str, declared: type[JobParams], given: Mapping[str, object]) -> dict[str, ParamValue]:
    """Given values, converted and checked against the fields of ``declared``.

    ``InvalidInputError`` names an unknown parameter, a value of the wrong type or one out of range.
    """
    fields = {f.name: f for f in dataclasses.fields(declared)}
    unknown = sorted(given.keys() - fields.keys())
    if unknown:
        known = ", ".join(fields) or "none"
        raise InvalidInputError(f"job {job} has no parameter {', '.join(unknown)}; it takes: {known}")
    hints = typing.get_type_hints(declared)
    return {name: _value(job, fields[name], hints[name], value) for name, value in given.items()}


def _value(job: str, declared: dataclasses.Field[Any], hint: object, given: object) -> ParamValue:
    kinds = _kinds(hint)
    try:
        value = _convert(kinds, given)
    except ValueError:
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise InvalidInputError(f"job {job}: parameter {declared.name} must be {wanted}, not {quoted(given)}") from None
    low, high = declared.metadata["minimum"], declared.metadata["maximum"]
    if isinstance(value, int | float) and not (low is None or value >= low) & (high is None or value <= high):
        limits = f"{'' if low is None else f'at least {low:g}'}{'' if None in (low, high) else ' and '}"
        raise InvalidInputError(
            f"job {job}: parameter {declared.name} must be {limits}{'' if high is None else f'at most {high:g}'}, not {value:g}"
        )
    return value


def _kinds(hint: object) -> tuple[type, ...]:
    return typing.get_args(hint) if isinstance(hint, types.UnionType) else (cast("type", hint),)


def _convert(kinds: tuple[type, ...], given: object) -> ParamValue:
    """``given`` as the first kind that accepts it; ``ValueError`` if none does."""
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
