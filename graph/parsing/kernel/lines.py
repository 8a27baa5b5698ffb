"""Lines of kernel logs: the prefix added by console, syslog or journal, and the context that printed them."""

from __future__ import annotations

import re
from dataclasses import dataclass

BODY_LIMIT = 2_000
"""Characters of a line that are read; the rest still belongs to the report."""
PREFIX_LIMIT = 240
"""Maximum length of the prefix before the kernel's message."""

# The prefix: optional parts in this order. Every repetition is bounded.
PREFIX = re.compile(
    r"(?:\*\* {0,3}\d{1,9} printk messages dropped \*\* ?)?"
    r"(?:[\w.@-]{1,64} login: )?"
    # Prefix of syslog, the journal, a Go log or a serial console.
    r"(?:\d{4}[-/]\d\d[-/]\d\d[T ](\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?(Z|[+-]\d\d:?\d\d)? (?:[\w.:@-]{1,255} kernel: )?"
    r"|[A-Z][a-z]{2} [ \d]\d (\d\d:\d\d:\d\d)(?:\.\d{1,9})? [\w.:@-]{1,255} kernel: "
    r"|(?:[\w.:@-]{1,255} )?kernel: )?"
    r"(?:[a-z]{2,8} *:[a-z]{3,6} *: )?"
    r"(?:<\d{1,3}>)?"
    r"(\[ *\+?\d{1,8}\.\d{1,9}(?:[,@]\d{1,3})?\]|\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d (\d\d:\d\d:\d\d) \d{4}\])?"
    r" ?(?:\[ *([TC]\d{1,9})\]|\(\d{1,3}\)\[\d{1,7}:[^\]\n]{1,32}\]|c\d{1,3} {1,6}\d{1,7}(?= ))?"
    r" ?"
)


@dataclass(frozen=True, slots=True)
class KernelLine:
    """One line; ``end`` is the start of the next one.

    ``body`` is the kernel's message, ``tag`` the thread (``T12``) or CPU (``C1``) that printed it, ``stamp`` the time since
    boot and ``clock`` the time of day, as printed. ``logged`` marks a line with the prefix of a kernel log.
    """

    start: int
    end: int
    body: str
    tag: str = ""
    stamp: str = ""
    clock: str = ""
    logged: bool = False

    @property
    def since_boot(self) -> float | None:
        """Seconds since boot, if printed."""
        if not self.stamp or "+" in self.stamp or self.stamp[1].isalpha():
            return None
        return float(self.stamp.strip("[] ").partition("@")[0].partition(",")[0])

    @property
    def seconds_of_day(self) -> float | None:
        """Seconds since midnight, if printed."""
        if not self.clock:
            return None
        hours, minutes, seconds = self.clock.split(":")
        return int(hours) * 3600.0 + int(minutes) * 60.0 + int(seconds)


def line_of(text: str, start: int, limit: int) -> KernelLine:
    """Split the line at ``start``, which ends before ``limit``."""
    cut = text.find("\n", start, limit)
    end = limit if cut < 0 else cut + 1
    stop = min(limit if cut < 0 else cut, start + BODY_LIMIT)
    if stop > start and text[stop - 1] == "\r":
        stop -= 1
    match = PREFIX.match(text, start, stop)
    if match is None or match.end() - start <= 1:
        return KernelLine(start, end, text[start:stop])
    day, _, clock, stamp, dated, tag = match.groups("")
    logged = bool(stamp or clock) or "kernel: " in match[0]
    return KernelLine(start, end, text[match.end() : stop], tag, stamp, day or clock or dated, logged)


def zoned_time(text: str, start: int) -> str | None:
    """Date and time with time zone at the start of a line; ``None`` if there is none."""
    match = ZONED.match(text, start, start + 60)
    return match[0] if match else None


ZONED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)")
