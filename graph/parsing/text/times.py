"""Times at the head of log lines and in JSON fields: where they end, and which moment they are where the zone is known."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH = "|".join(MONTHS)
CLOCK = r"\d\d?:\d\d(?::\d\d(?:[.,:]\d{1,9})?)?(?:[ ]?[AP]M\b)?"
ZONE = r"[ ]?(?:Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b(?:[ ]UTC\b)?)"
STAMP = re.compile(
    rf"""[\[(<"]?(?:
      (?P<date>\d{{4}}[-/.]\d\d?[-/.]\d\d?)[T_ :]\ ?(?P<clock>{CLOCK})(?P<zone>{ZONE})?
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
"""A time as loggers write it: ISO, of Apache, of syslog, of Java's and Windows' loggers, of Android, or only a clock."""
ISO = re.compile(r"(\d{4})[-/.](\d\d?)[-/.](\d\d?)[T_ :] ?(\d\d?):(\d\d)(?::(\d\d)(?:[.,:](\d{1,9}))?)?(.{0,12})", re.DOTALL)
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
SECONDS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (1e8, 1.0))
"""From which size on a number of an epoch counts nanoseconds, microseconds, milliseconds, seconds."""
LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


def moment(found: re.Match[str]) -> datetime | None:
    """The moment, in UTC, of a match of ``STAMP``; ``None`` where the zone is not told."""
    if found["epoch"]:
        return of_epoch(float(found["epoch"]))
    if found["date"]:
        return of_text(f"{found['date']}T{found['clock']}{found['zone'] or ''}")
    if found["month"]:
        date = f"{found['year']}-{MONTHS.index(found['month']) + 1:02}-{found['day']}"
        return of_text(f"{date}T{found['clock2']}{found['zone2'] or ''}")
    return None


def of_value(value: object) -> datetime | None:
    """The moment that a JSON value tells: a text with a zone, or the number of an epoch, also as a text."""
    if isinstance(value, dict):
        return of_value(next((value[key] for key in ("$date", "$numberLong") if key in value), None))
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return of_epoch(value)
    if not isinstance(value, str) or len(value) > 64:
        return None
    text = value.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return of_epoch(float(text))
    return of_text(text)


def of_text(text: str) -> datetime | None:
    """The moment of an ISO-like time with a zone (``Z``, ``UTC``, ``GMT``, an offset), in UTC."""
    found = ISO.match(text)
    zone = _zone(found[8]) if found else None
    if not found or zone is None:
        return None
    year, month, day, hour, minute = (int(found[group]) for group in range(1, 6))
    second, part = int(found[6] or 0), int((found[7] or "0")[:6].ljust(6, "0"))
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), part, UTC) - zone
    except (ValueError, OverflowError):
        return None


def _zone(text: str) -> timedelta | None:
    """What a zone is ahead of UTC."""
    text = text.strip()
    if text.startswith(("Z", "UTC", "GMT")):
        return timedelta(0)
    found = OFFSET.match(text)
    if not found:
        return None
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return ahead if found[1] == "+" else -ahead


def of_epoch(number: float) -> datetime | None:
    """The moment that lies so many seconds, or thousandths, millionths, billionths of one, after 1970."""
    if not -LATEST * 1e9 < number < LATEST * 1e9 * 10:
        return None
    unit = next((unit for least, unit in SECONDS if number >= least), None)
    if unit is None or number / unit > LATEST:
        return None
    return datetime.fromtimestamp(round(number / unit, 6), UTC)
