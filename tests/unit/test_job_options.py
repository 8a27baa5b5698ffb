"""Options of every job, parameters by environment, and waits between attempts."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields

import pytest

from crashgraph.settings import job_variables
from crashgraph.wiring import configured_jobs
from graph.model.errors import InvalidInputError
from graph.retry import LONGEST_SECONDS, wait_seconds
from jobs.options import JobOptions, names_of, tailored, tuned, variable_of
from jobs.params import param
from jobs.registry import JOBS, job_names
from jobs.schedule import latest_due, next_due
from jobs.spec import JobSpec, describe_params, parse_params
from jobs.worker import Worker


@dataclass(frozen=True, slots=True)
class Knobs:
    depth: int = param("How deep.", default=3, minimum=1, maximum=9)
    loud: bool = param("Whether to shout.", default=False)


async def _nothing(_):
    yield []


SPEC = JobSpec("two_words", "1", "Test job.", "every hour", Knobs, (), (), _nothing)


def test_a_run_takes_options_beside_the_parameters() -> None:
    spec, params, changed = tailored(SPEC, {"depth": "4", "timeout_seconds": "60", "max_attempts": 1})
    assert (spec.timeout_seconds, spec.max_attempts, spec.retry_seconds) == (60.0, 1, SPEC.retry_seconds)
    assert params == Knobs(4)
    assert json.loads(changed) == {"depth": 4, "max_attempts": 1, "timeout_seconds": 60.0}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"timeout_seconds": 0}, "timeout_seconds must be at least"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"deep": 1}, "deep"),
    ],
)
def test_wrong_options_are_named(given: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        tailored(SPEC, given)


def test_the_environment_sets_parameters_and_options() -> None:
    variables = {
        "CRASHGRAPH_JOB_TWO_WORDS_DEPTH": "7",
        "CRASHGRAPH_JOB_TWO_WORDS_LOUD": "yes",
        "CRASHGRAPH_JOB_TWO_WORDS_SCHEDULE": "off",
        "CRASHGRAPH_JOB_TWO_WORDS_AFTER_INGEST": "true",
        "CRASHGRAPH_JOB_TWO_WORDS_TIMEOUT_SECONDS": "5",
        "CRASHGRAPH_PORT": "1",
    }
    [spec] = tuned([SPEC], variables)
    assert parse_params(spec, {}) == Knobs(7, loud=True)
    assert parse_params(spec, {"depth": 2}) == Knobs(2, loud=True)
    assert (spec.schedule, spec.after_ingest, spec.timeout_seconds) == ("off", True, 5.0)
    assert [parameter.default for parameter in describe_params(spec)] == [7, True]


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("CRASHGRAPH_JOB_TWO_WORDS_DEPTH", "12", "CRASHGRAPH_JOB_TWO_WORDS_DEPTH.*at most 9"),
        ("CRASHGRAPH_JOB_TWO_WORDS_DEPTH", "deep", "CRASHGRAPH_JOB_TWO_WORDS_DEPTH.*must be int"),
        ("CRASHGRAPH_JOB_TWO_WORDS_DEPT", "1", "is CRASHGRAPH_JOB_TWO_WORDS_DEPTH meant"),
        ("CRASHGRAPH_JOB_TWO_WORDS_SCHEDULE", "sometimes", "CRASHGRAPH_JOB_TWO_WORDS_SCHEDULE.*sometimes"),
        ("CRASHGRAPH_JOB_ZZZ", "1", "CRASHGRAPH_JOB_ZZZ: no job takes that"),
    ],
)
def test_a_wrong_variable_names_itself(variable: str, value: str, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        tuned([SPEC], {variable: value})


@pytest.mark.parametrize("spec", JOBS, ids=job_names())
def test_every_parameter_of_every_job_can_be_set(monkeypatch: pytest.MonkeyPatch, spec: JobSpec) -> None:
    for parameter in describe_params(spec):
        if parameter.default is not None:
            monkeypatch.setenv(variable_of(spec.name, parameter.name), str(parameter.default))
    assert job_variables() or not describe_params(spec)
    [found] = [job for job in configured_jobs() if job.name == spec.name]
    assert parse_params(found, {}) == spec.params()
    monkeypatch.setenv(variable_of(spec.name, "timeout_seconds"), "soon")
    with pytest.raises(InvalidInputError, match=variable_of(spec.name, "timeout_seconds")):
        configured_jobs()


def test_no_two_settings_have_one_variable() -> None:
    variables = [variable_of(spec.name, name) for spec in JOBS for name in names_of(spec)]
    assert sorted({one for one in variables if variables.count(one) > 1}) == []


def test_options_are_fields_of_a_job() -> None:
    assert {option.name for option in fields(JobOptions)} <= {field.name for field in fields(JobSpec)}


def test_a_job_that_is_off_is_never_due() -> None:
    [spec] = tuned([SPEC], {"CRASHGRAPH_JOB_TWO_WORDS_SCHEDULE": "Off"})
    from datetime import UTC, datetime

    assert latest_due(spec.schedule, datetime.now(UTC)) is None
    assert next_due(spec.schedule, datetime.now(UTC)) is None
    assert [job.id for job in Worker(None, jobs=(spec,))._scheduler().get_jobs()] == ["poll"]  # type: ignore[arg-type]  # no graph


def test_waits_double_up_to_the_longest_and_differ() -> None:
    for failures in range(1, 12):
        whole = min(5.0 * 2 ** (failures - 1), LONGEST_SECONDS)
        waits = {wait_seconds(failures, 5.0) for _ in range(50)}
        assert all(whole / 2 <= wait <= whole for wait in waits)
        assert len(waits) > 10
    assert wait_seconds(10**9, 5.0) <= LONGEST_SECONDS
