"""Times at the start of log lines and in JSON fields, converted to UTC where the time zone is known."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH = "|".join(MONTHS)
CLOCK = r"\d\d?:\d\d(?::\d\d(?:[.,:]\d{1,9})?)?(?:[ ]?[AP]M\b)?"
ZONE = r"[ ]?(?:Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b(?:[ ]UTC\b)?)"
STAMP = re.compile(
    rf"""[\[(<"]?(?:
      (?P<date>\d{{4}}[-/.]\d\d?[-/.]\d\d?)[T_ :,]\ ?(?P<clock>{CLOCK})(?P<zone>{ZONE})?
    | (?P<day>\d\d?)[/ -](?P<month>{MONTH})[/ -](?P<year>\d{{4}})[: ](?P<clock2>{CLOCK})(?P<zone2>{ZONE})?
    | \d\d?[./]\d\d?[./]\d{{2,4}},?\ {CLOCK}
    | (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?\ )?(?:{MONTH})[a-z]*\ {{1,2}}\d\d?,?(?:\ \d{{4}},?)?
      \ {CLOCK}(?:\ [A-Z]{{2,5}}\b)?(?:\ \d{{4}}\b)?
    | \d\d-\d\d\ \d\d:\d\d:\d\d\.\d{{3}}
    | (?P<epoch>1\d{{9}}(?:\.\d{{1,9}})?)(?=[\s\]])
    | \d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?
    )[\])>"]?[:,]?""",
    re.VERBOSE,
)
"""A logger's time: ISO 8601, Apache, syslog, Java and Windows loggers, Android, or only a clock."""
ISO = re.compile(r"(\d{4})[-/.](\d\d?)[-/.](\d\d?)[T_ :,] ?(\d\d?):(\d\d)(?::(\d\d)(?:[.,:](\d{1,9}))?)?(.{0,12})", re.DOTALL)
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
SECONDS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))
"""Smallest epoch number, and its units per second: nanoseconds, microseconds, milliseconds, seconds."""
LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


def stamp_time(match: re.Match[str]) -> datetime | None:
    """Time, in UTC, of a match of ``STAMP``; ``None`` without a time zone."""
    if match["epoch"]:
        return parse_epoch(float(match["epoch"]))
    if match["date"]:
        return parse_time(f"{match['date']}T{match['clock']}{match['zone'] or ''}")
    if match["month"]:
        date = f"{match['year']}-{MONTHS.index(match['month']) + 1:02}-{match['day']}"
        return parse_time(f"{date}T{match['clock2']}{match['zone2'] or ''}")
    return None


def parse_time_value(value: object) -> datetime | None:
    """Time, in UTC, of a JSON value: text with a time zone, or an epoch number, also as text."""
    if isinstance(value, dict):
        return parse_time_value(next((value[key] for key in ("$date", "$numberLong") if key in value), None))
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return parse_epoch(value)
    if not isinstance(value, str) or len(value) > 64:
        return None
    text = value.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return parse_epoch(float(text))
    return parse_time(text)


def parse_time(text: str) -> datetime | None:
    """Time, in UTC, of an ISO-like text with a time zone (``Z``, ``UTC``, ``GMT``, an offset); otherwise ``None``."""
    match = ISO.match(text)
    zone = _zone_offset(match[8]) if match else None
    if not match or zone is None:
        return None
    year, month, day, hour, minute = (int(match[group]) for group in range(1, 6))
    second, part = int(match[6] or 0), int((match[7] or "0")[:6].ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), part, UTC) - zone
    except (ValueError, OverflowError):
        return None


def _zone_offset(text: str) -> timedelta | None:
    """Offset of a time zone from UTC."""
    text = text.strip()
    if text.startswith(("Z", "UTC", "GMT")):
        return timedelta(0)
    match = OFFSET.match(text)
    if not match:
        return None
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return ahead if match[1] == "+" else -ahead


def parse_epoch(number: float) -> datetime | None:
    """Time of an epoch number in seconds, milli-, micro- or nanoseconds; ``None`` outside 1973 to 2200."""
    if not -LATEST * 1e9 < number < LATEST * 1e9 * 10:
        return None
    unit = next((unit for least, unit in SECONDS if number >= least), None)
    if unit is None or number / unit > LATEST:
        return None
    return datetime.fromtimestamp(round(number / unit, 6), UTC)
