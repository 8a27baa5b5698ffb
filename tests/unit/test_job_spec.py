"""Parameters, schedules and the list of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.model import NODES, RELATIONSHIPS
from graph.model.declare import NodeDeclaration, RelationshipDeclaration
from graph.model.errors import InvalidInputError, NotFoundError
from jobs.outputs import check_spec
from jobs.params import param
from jobs.registry import JOBS, find_job, job_names
from jobs.schedule import latest_due, next_due, slot_of, trigger_of
from jobs.spec import JobSpec, describe_params, parse_params

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Knobs:
    depth: int = param("How deep.", default=3, minimum=1, maximum=9)
    share: float = param("How much.", default=0.5, minimum=0)
    loud: bool = param("Whether to shout.", default=False)
    name: str | None = param("What to call it.", default=None)


async def _nothing(_):
    yield []


SPEC = JobSpec("knobs", "1", "Test job.", "every hour", Knobs, (), (), _nothing)


def test_omitted_parameters_keep_their_defaults() -> None:
    assert parse_params(SPEC, {}) == Knobs()
    assert parse_params(SPEC, {"depth": "4", "share": "1", "loud": "yes", "name": "x"}) == Knobs(4, 1.0, True, "x")
    assert parse_params(SPEC, {"depth": 4.0, "loud": False, "name": None}) == Knobs(4)


@pytest.mark.parametrize(
    ("given_", "why"),
    [
        ({"deep": 1, "x": 2}, "no parameter deep, x; it takes: depth, share, loud, name"),
        ({"depth": "many"}, "parameter depth must be int, not 'many'"),
        ({"depth": 2.5}, "depth must be int"),
        ({"depth": True}, "depth must be int"),
        ({"depth": 0}, "depth must be at least 1 and at most 9, not 0"),
        ({"depth": 10}, "at most 9"),
        ({"share": -1}, "share must be at least 0, not -1"),
        ({"share": "nan"}, "share must be float"),
        ({"loud": "perhaps"}, "loud must be bool"),
        ({"name": 3}, "name must be str or NoneType"),
    ],
)
def test_a_wrong_parameter_is_named_with_what_it_must_be(given_: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        parse_params(SPEC, given_)


def test_parameters_describe_themselves() -> None:
    described = describe_params(SPEC)
    assert [(p.name, p.type, p.default) for p in described[:2]] == [("depth", "int", 3), ("share", "float", 0.5)]
    assert described[0].help == "How deep."


@pytest.mark.parametrize("spec", JOBS, ids=job_names())
def test_every_job_is_fully_declared(spec: JobSpec) -> None:
    check_spec(spec)
    assert spec.help
    assert spec.version
    assert latest_due(spec.schedule, NOW)
    assert parse_params(spec, {}) == spec.params()
    assert set(spec.reads) <= set(NODES) | set(RELATIONSHIPS)
    declared: dict[str, NodeDeclaration | RelationshipDeclaration] = {**NODES, **RELATIONSHIPS}
    for name in spec.writes:
        assert declared[name].written_by == spec.name
    assert all(p.help for p in describe_params(spec))


def test_no_type_has_two_owners() -> None:
    owned = [name for spec in JOBS for name in spec.writes]
    assert len(owned) == len(set(owned))
    assert len(job_names()) == len(set(job_names()))


def test_an_unknown_job_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="no job 'co-occurrence'; there are: co_occurrence"):
        find_job("co-occurrence")


@pytest.mark.parametrize(
    ("schedule", "before", "after"),
    [
        ("every 15 minutes", "05:00:00", "05:15:00"),
        ("every second", "05:06:07", "05:06:08"),
        ("Every 6 hours", "00:00:00", "06:00:00"),
        ("6 5 * * *", "05:06:00", "05:06:00"),
        ("*/10 * * * *", "05:00:00", "05:10:00"),
    ],
)
def test_due_times(schedule: str, before: str, after: str) -> None:
    assert f"{latest_due(schedule, NOW):%H:%M:%S}" == before
    assert f"{next_due(schedule, NOW):%H:%M:%S}" == after


def test_a_rare_due_time_is_found_years_back() -> None:
    assert latest_due("30 2 1 1 *", NOW) == datetime(2026, 1, 1, 2, 30, tzinfo=UTC)
    assert latest_due("0 0 29 2 *", NOW) == datetime(2024, 2, 29, tzinfo=UTC)
    assert latest_due("0 0 31 2 *", NOW) is None


@given(st.sampled_from(["every 15 minutes", "every 7 seconds", "*/5 * * * *", "30 2 * * 1"]), st.integers(0, 10**7))
def test_all_workers_agree_on_a_slot(schedule: str, seconds: int) -> None:
    now = NOW + timedelta(seconds=seconds)
    due = latest_due(schedule, now)
    assert due is not None
    assert due <= now
    following = next_due(schedule, due)
    assert following is not None
    assert following > now
    assert latest_due(schedule, following - timedelta(microseconds=1)) == due


def test_slots_are_named_in_utc() -> None:
    assert slot_of("a", datetime.fromisoformat("2026-03-04T05:00:00+02:00")) == "a@2026-03-04T03:00:00Z"


@pytest.mark.parametrize("schedule", ["", "sometimes", "every 0 seconds", "every -1 hour", "61 * * * *", "* * * *"])
def test_an_invalid_schedule_is_named(schedule: str) -> None:
    with pytest.raises(InvalidInputError, match="schedule"):
        trigger_of(schedule)
