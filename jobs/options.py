"""Options that every job takes beside its own parameters, and jobs as configured by settings."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from graph.model.errors import InvalidInputError
from jobs.params import JobParams, ParamValue, param, parse_values
from jobs.schedule import trigger_of
from jobs.spec import JobSpec, describe_params, parse_params

PREFIX = "CRASHGRAPH_JOB_"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of one run; an omitted one keeps the declared value."""

    timeout_seconds: float | None = param("A run that takes longer fails.", default=None, minimum=0.001)
    max_attempts: int | None = param("Maximum attempts per run.", default=None, minimum=1, maximum=100)


@dataclass(frozen=True, slots=True)
class JobOptions(RunOptions):
    """Options of a job."""

    retry_seconds: float | None = param("Wait before the second attempt.", default=None, minimum=0.001)
    schedule: str | None = param("Five cron fields in UTC, `every N minutes`, or `off`.", default=None)
    after_ingest: bool | None = param("Also run when crashes have arrived.", default=None)
    quiet_seconds: float | None = param("Seconds without a new crash before such a run.", default=None, minimum=0)
    at_most_every_seconds: float | None = param("Minimum seconds from the last run to such a run.", default=None, minimum=1)


def tailored(spec: JobSpec[Any], given: Mapping[str, object]) -> tuple[JobSpec[Any], Any, str]:
    """A job with the options of one run, its parameters, and the given values as canonical JSON.

    ``InvalidInputError`` names an unknown or invalid value.
    """
    options, own = _split(RunOptions, spec, given)
    params = parse_params(spec, own)
    said: dict[str, ParamValue] = {**{name: getattr(params, name) for name in own}, **options}
    return dataclasses.replace(spec, **options), params, json.dumps(said, sort_keys=True)


def tuned(jobs: Iterable[JobSpec[Any]], variables: Mapping[str, str]) -> tuple[JobSpec[Any], ...]:
    """Jobs configured by the variables ``CRASHGRAPH_JOB_<NAME>_<PARAMETER>``; other variables are ignored.

    ``InvalidInputError`` names an unknown or invalid variable.
    """
    specs = {spec.name: spec for spec in jobs}
    places = {variable_of(job, name): (job, name) for job, spec in specs.items() for name in names_of(spec)}
    for variable, value in sorted(variables.items()):
        if variable.startswith(PREFIX) and value:
            job, name = _place(variable, places)
            try:
                specs[job] = _with(specs[job], name, value)
            except InvalidInputError as error:
                raise InvalidInputError(f"settings: {variable}: {error}") from None
    return tuple(specs.values())


def variable_of(job: str, name: str) -> str:
    """Environment variable of a parameter or an option of a job."""
    return f"{PREFIX}{job}_{name}".upper()


def names_of(spec: JobSpec[Any]) -> list[str]:
    """Names that settings can configure: the job's parameters and the options of every job."""
    return [*(param.name for param in describe_params(spec)), *(f.name for f in dataclasses.fields(JobOptions))]


def _place(variable: str, places: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    if variable in places:
        return places[variable]
    near = get_close_matches(variable, places, n=1)
    raise InvalidInputError(
        f"settings: {variable}: no job takes that; {f'is {near[0]} meant?' if near else 'see docs/jobs.md'}"
    )


def _with(spec: JobSpec[Any], name: str, value: str) -> JobSpec[Any]:
    options, own = _split(JobOptions, spec, {name: value})
    if "schedule" in options and spec.name:
        trigger_of(str(options["schedule"]))
    parsed = parse_values(spec.name, spec.params, own)
    return dataclasses.replace(spec, defaults={**spec.defaults, **parsed}, **options)


def _split(
    declared: type[JobParams], spec: JobSpec[Any], given: Mapping[str, object]
) -> tuple[dict[str, Any], dict[str, object]]:
    """Options, converted, and the job's own parameters, unconverted."""
    names = {f.name for f in dataclasses.fields(declared)}
    options = parse_values(spec.name, declared, {name: value for name, value in given.items() if name in names})
    kept = {name: value for name, value in options.items() if value is not None}
    return kept, {name: value for name, value in given.items() if name not in names}
