"""Due times of a job, computed so that all workers agree.

A schedule is five cron fields (``30 2 * * *``, in UTC), ``every N seconds|minutes|hours|days`` or ``off``. The due
times of an interval are whole multiples of it since 1970, so they do not depend on when a worker started.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from graph.model.errors import InvalidInputError

OFF = "off"
"""Schedule of a job that runs on request only."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INTERVAL = re.compile(r"every\s+(?:(\d+)\s+)?(second|minute|hour|day)s?", re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_LOOK_BACK = timedelta(days=366 * 5)


class _Never:
    """A trigger that never fires."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:  # noqa: ARG002
        return None


class Trigger(Protocol):
    """What APScheduler calls a trigger."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first due time at or after ``now``; ``None`` if there is none."""
        ...


def trigger_of(schedule: str) -> Trigger:
    """The trigger of a schedule; ``InvalidInputError`` for one that cannot be parsed."""
    from apscheduler.triggers.cron import CronTrigger
    from apscheduler.triggers.interval import IntervalTrigger

    if schedule.strip().lower() == OFF:
        return _Never()
    if found := _INTERVAL.fullmatch(schedule.strip()):
        seconds = int(found.group(1) or 1) * _SECONDS[found.group(2).lower()]
        if seconds < 1:
            raise InvalidInputError(f"schedule {schedule!r}: the interval must be at least one second")
        return cast("Trigger", IntervalTrigger(seconds=seconds, start_date=EPOCH, timezone=UTC))
    try:
        return cast("Trigger", CronTrigger.from_crontab(schedule, timezone=UTC))
    except ValueError as error:
        raise InvalidInputError(
            f"schedule {schedule!r} is neither five cron fields nor 'every N seconds|minutes|hours|days' nor 'off': {error}"
        ) from None


def next_due(schedule: str, now: datetime) -> datetime | None:
    """The first due time after ``now``."""
    return trigger_of(schedule).get_next_fire_time(None, now + timedelta(microseconds=1))


def latest_due(schedule: str, now: datetime) -> datetime | None:
    """The last due time at or before ``now``; ``None`` if there was none for years."""
    trigger = trigger_of(schedule)
    back = timedelta(minutes=1)
    while back <= _LOOK_BACK:
        due = trigger.get_next_fire_time(None, now - back)
        if due is None:
            return None  # there is no such date
        if due <= now:
            return _last_before(trigger, due, now)
        back *= 2
    return None


def slot_of(job: str, due: datetime) -> str:
    """The name of one due run, the same for every worker: ``co_occurrence@2026-01-31T02:30:00Z``."""
    return f"{job}@{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _last_before(trigger: Trigger, due: datetime, now: datetime) -> datetime:
    while (following := trigger.get_next_fire_time(due, due + timedelta(microseconds=1))) is not None and following <= now:
        due = following
    return due.astimezone(UTC)
