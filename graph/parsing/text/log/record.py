"""One log line parsed into level, time, logger and message, in the layouts of common loggers and servers."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.times import STAMP, parse_time, stamp_time

LINE_LIMIT = 16_384
"""Maximum number of characters read of a line."""
HEADER_LIMIT = 200
"""Maximum number of characters between the time of a line and its level."""
WORST = frozenset({"fatal", "ftl", "critical", "crit", "emergency", "emerg", "alert", "panic", "dpanic"})
ERRORS = WORST | {"error", "err", "eror", "severe", "fail", "failure"}

SYSLOG_PRIORITY = re.compile(r"<(\d{1,3})>(?:1 )?")
KERNEL_STAMP = re.compile(r"\[ {0,8}\d{1,9}\.\d{3,6}\](?:\[ {0,6}[TC]\d{1,9}\])? ?")
KLOG = re.compile(r"([TDIWEF])(\d{4}) (\d\d:\d\d:\d\d\.\d{3,6}) {1,8}(\d{1,10}) ([\w./+-]{1,200}+):(\d{1,7})\] ?")
LOGCAT = re.compile(
    r" {1,6}\d{1,9} {1,6}\d{1,9} ([VDIWEFA]) ([^:\n]{1,100}?) {0,20}: |([EF])/([^(:\n]{1,100}+)\( {0,8}\d{1,9}\): "
)
# `[pid:tid:MMDD/HHMMSS.mmm:LEVEL:file.cc(12)] message`, the first parts only if they are switched on
CHROMIUM = re.compile(
    r"\[(?:\d{1,10}:)?(?:\d{1,20}:)?(?:\d{4}/\d{6}(?:\.\d{1,6})?:)?"
    r"(VERBOSE-?\d|INFO|WARNING|ERROR|FATAL):([\w./+-]{1,200})\(\d{1,7}\)\] ?"
)
RUBY_LEVEL = re.compile(r"([DIWEFA]), ?(?=\[\d{4}-)")
DOTNET_LEVEL = re.compile(r"(fail|crit|warn|info|dbug|trce): ([A-Z][\w.+`]{0,300}+)\[(-?\d{1,9})\]")
HEADER = re.compile("|".join(form.pattern for form in (SYSLOG_PRIORITY, KLOG, RUBY_LEVEL, CHROMIUM, LOGCAT, DOTNET_LEVEL)))
WORD = re.compile(
    r"(?:(?<![\w./-])|(?<=[:.|]))(?P<word>TRACE|DEBUG|INFO(?:RMATION)?|NOTICE|WARN(?:ING)?|VERBOSE|FINE|ERROR|ERR|FATAL|FTL|WRN|INF|DBG|VRB|CRIT(?:ICAL)?"
    r"|SEVERE|EMERG(?:ENCY)?|ALERT|D?PANIC|FAILURE|LOG(?=:  ))(?:/[\w-]{1,60}+)?(?![\w./=-])"
)
BOXED = re.compile(
    r"[\[<(](?:[\w-]{1,40}+:)?(?P<word>trace\d?|debug|info(?:rmation)?|notice|warn(?:ing)?|verbose|error|err|fatal"
    r"|crit(?:ical)?|severe|emerg(?:ency)?|alert|panic|eror)[ ]{0,8}[\])>]",
    re.IGNORECASE,
)
NAMED = re.compile(
    r"(?P<word>error|err|fatal|critical|crit|panic|emerg|alert|warning|warn|info|notice|debug)(?=: )", re.IGNORECASE
)
SPACED = re.compile(r"(?<=[ \t])(?P<word>error|fatal|critical|panic|warning|warn|info|notice|debug)(?=[ \t])")
BOXES = re.compile(r"(?:\[[^\[\]\n]{0,100}+\][ \t]{0,8}+){0,4}+")
SYSLOG = re.compile(r"[ \t]{1,4}(?P<host>[\w.:-]{1,255}+) (?P<app>[\w./@+-]{1,200}+)(?:\[(?P<pid>\d{1,10})\])?: ?")
RFC5424 = re.compile(
    r"(?P<time>\S{1,40}+) (?P<host>\S{1,255}+) (?P<app>\S{1,100}+) (?P<pid>\S{1,128}+) \S{1,32}+ (?P<rest>[-\[].*)", re.DOTALL
)
DATA = re.compile(r"-(?: |$)|(?:\[(?:[^\]\"\\\n]++|\"(?:[^\"\\\n]++|\\[^\n])*+\"|\\)*+\])++ ?")

PIECE = re.compile(
    r"[ \t]*+(?:(?P<mark>[\]>|:,-]{1,3}+(?=[ \t\[]|$))|[\[(](?P<box>[^\[\]()\n]{0,100}+)[\])](?::|(?=[ \t\[(]|$))"
    r"|(?P<number>\*?\d{1,10}(?:#\d+)?:?)(?=[ \t])"
    r"|(?P<dotted>[A-Za-z_$@][\w$@/-]{0,100}+(?:(?:\.|::|:)[\w$@/<>-]{1,100}+){1,30}+)"
    r"(?=[ \t]{1,40}[:|-][ \t]|:[ \t]|[ \t]-[ \t]|\][ \t])"
    r"|(?P<plain>[A-Za-z_][\w-]{0,60}+)(?=[ \t]{1,40}[-|][ \t]|[ \t]{2,40}:[ \t]|\][ \t]))"
)
BRACKETED = re.compile(r"[\[(<{][^\[\]()<>{}\n]{0,200}[\])>}]?")
PLAIN_WORD = re.compile(r"[A-Za-z]{2,40}[,;.]?")
NAME = re.compile(r"[A-Za-z_][\w$-]*+(?:[./:]{1,2}[A-Za-z_$<][\w$<>-]*+)*+")
TYPE_ENDS = ("Error", "Exception")
MESSAGE_LINES = 6
"""Lines of a record that are searched for its start above a report."""
STARTERS = frozenset(f' [(<"{string.digits}{string.ascii_uppercase}acdefinptw')
"""First characters of records: of a time, a bracket, or a level."""
ZEROS = str.maketrans("123456789", "000000000")


@dataclass(slots=True)
class LogRecord:
    """One log record. ``level`` is a lower-case word; ``facts`` are host, app and pid of a syslog header."""

    level: str
    message: str
    logger: str = ""
    at: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        """Whether the level is error or worse."""
        return self.level in ERRORS


@dataclass(frozen=True, slots=True)
class RecordAbove:
    """The record that a report below it belongs to. ``start`` is the start of its line, ``at`` its time."""

    start: int
    at: datetime | None
    layout: str = ""
    """What precedes the level in the line, digits as 0: records of one logger have it in common."""


def record_above(text: str, start: int, floor: int) -> RecordAbove | None:
    """The error record in the first line of a report or above it, not before ``floor``; its message may have several lines.

    A report that starts with a record has no other one above it.
    """
    begin = max(text.rfind("\n", floor, start) + 1, floor)
    limit = min(len(text), begin + LINE_LIMIT)
    end = text.find("\n", begin, limit)
    own = text[begin : limit if end < 0 else end]
    if is_stamped(own) or (_starts_unstamped(own) and not NAMED.match(own)):
        record = parse_record(own)
        return RecordAbove(start, record.at) if record and record.at else None
    for distance in range(MESSAGE_LINES):
        if begin <= floor:
            break
        above = max(text.rfind("\n", floor, begin - 1) + 1, floor)
        line = text[above : min(begin - 1, above + LINE_LIMIT)]
        if is_stamped(line) or (not distance and _starts_unstamped(line)):
            record = parse_record(line)
            return RecordAbove(above, record.at, record_layout(line)) if record and record.is_error else None
        if not line.strip():
            break
        begin = above
    return None


def record_layout(line: str) -> str:
    """The time at the start of a line with its digits as 0, which the records of one logger have in common."""
    stamp = STAMP.match(line)
    return stamp[0].translate(ZEROS) if stamp else ""


def starts_record(line: str) -> bool:
    """Whether a line starts like a log record, of any level."""
    return line[:1] in STARTERS and (is_stamped(line) or _starts_unstamped(line))


def is_stamped(line: str) -> bool:
    """Whether a line starts with what only a logger prints: a time, a priority, or a header of a known logger."""
    return bool(STAMP.match(line) or HEADER.match(line))


def is_level_stamped(line: str) -> bool:
    """Whether a line starts with a level and a time behind it."""
    level = _leading_level(line)
    return level is not None and STAMP.match(line[level.end() : HEADER_LIMIT].lstrip(" \t:]")) is not None


def _starts_unstamped(line: str) -> bool:
    """Whether a line starts like a record without a time: with the time since boot, or with its level."""
    return line[:1] in STARTERS and bool(KERNEL_STAMP.match(line) or _leading_level(line))


def parse_record(line: str) -> LogRecord | None:
    """Parse a line into a record; ``None`` if it has no level."""
    line = line[:LINE_LIMIT]
    priority = SYSLOG_PRIORITY.match(line)
    if priority:
        return _parse_syslog(line[priority.end() :], int(priority[1]) & 7)
    short = KLOG.match(line)
    if short:
        logger = short[5].rpartition("/")[2]
        return LogRecord({"E": "error", "F": "fatal"}.get(short[1], "info"), line[short.end() :].strip(), logger)
    chromium = CHROMIUM.match(line)
    if chromium:
        message, logger = line[chromium.end() :].strip(), chromium[2].rpartition("/")[2]
        # Browsers log much as an error that fails nothing; a script's uncaught error is one.
        is_failure = chromium[1] == "FATAL" or (chromium[1] == "ERROR" and "Uncaught " in message)
        return LogRecord(chromium[1].lower() if is_failure else "info", message, logger)
    ruby = RUBY_LEVEL.match(line)
    kernel = KERNEL_STAMP.match(line)
    begin = kernel.end() if kernel else ruby.end() if ruby else 0
    stamp = STAMP.match(line, begin)
    if not stamp:
        return _parse_unstamped(line[begin:])
    return _parse_stamped(line[stamp.end() :], stamp_time(stamp))


def _parse_stamped(rest: str, at: datetime | None) -> LogRecord | None:
    """Parse the rest of a record after its time."""
    android = LOGCAT.match(rest)
    if android:
        return LogRecord({"E": "error", "F": "fatal"}.get(android[1], "info"), rest[android.end() :].strip(), android[2], at)
    level = _find_level(rest)
    facts = {}
    system = SYSLOG.match(rest)
    if system and (level is None or system.end() <= level.start()):
        facts = {name: value for name, value in system.groupdict().items() if value}
        rest = rest[system.end() :]
        level = _find_level(rest)
    if level is None or not _is_in_place(level, rest, has_program=bool(facts)):
        return None
    message, logger = _split_header(rest[level.end() :])
    logger = logger or _logger_before(rest[: level.start("word")])
    return LogRecord(level["word"].lower(), message, logger, at, facts)


def _find_level(rest: str) -> re.Match[str] | None:
    """The first level after a time; words within a sentence are ignored."""
    end = min(len(rest), HEADER_LIMIT)
    matches = [match for match in (form.search(rest, 0, end) for form in (WORD, BOXED, SPACED)) if match]
    named = NAMED.match(rest, len(rest) - len(rest.lstrip()))
    return min([*matches, *([named] if named else [])], key=lambda match: match.start("word"), default=None)


def parse_header(line: str) -> LogRecord:
    """Parse a line without a level: time, host and program of its header, if it has one, and the rest as message."""
    stamp = STAMP.match(line)
    rest = line[stamp.end() :] if stamp else line
    system = SYSLOG.match(rest) if stamp else None
    facts = {name: value for name, value in system.groupdict().items() if value} if system else {}
    message = rest[system.end() :] if system else rest
    return LogRecord("", message.strip(" \t-"), "", stamp_time(stamp) if stamp else None, facts)


def _is_in_place(level: re.Match[str], rest: str, *, has_program: bool) -> bool:
    """Whether a level is where loggers put it: behind brackets, names and numbers of a header, not within a sentence.

    A word in small letters counts only directly behind the header, and in a syslog line only directly behind the program.
    """
    before = BRACKETED.sub(" ", rest[: level.start("word")]).split()
    words = sum(PLAIN_WORD.fullmatch(part) is not None for part in before)
    if level.re is SPACED:
        return len(before) <= (0 if has_program else 2) and words <= 1
    if level.re is BOXED:
        return words <= 3
    return words <= (1 if has_program else 3)


def _leading_level(line: str) -> re.Match[str] | None:
    """The level that a line without a time starts with, after at most a few brackets."""
    boxes = BOXES.match(line)
    start = boxes.end() if boxes else 0
    match = WORD.match(line, start) or BOXED.match(line) or DOTNET_LEVEL.match(line) or LOGCAT.match(line)
    return match or NAMED.match(line)


def _parse_unstamped(line: str) -> LogRecord | None:
    """Parse a record that starts with its level."""
    match = _leading_level(line)
    if match is None:
        return None
    if match.re is DOTNET_LEVEL:
        return LogRecord({"fail": "error", "crit": "critical"}.get(match[1], "info"), line[match.end() :].strip(), match[2])
    if match.re is LOGCAT:
        return LogRecord({"E": "error", "F": "fatal"}.get(match[3], "info"), line[match.end() :].strip(), match[4].strip())
    rest = line[match.end() :]
    if match.re is WORD and rest[:1] not in {"", " ", "\t", ":", "]", "|", ">", ")"}:
        return None
    logger = ""
    if rest.startswith(":") and rest[1:2] not in {"", " "}:
        # Python's own layout: ERROR:logger:message
        logger, colon, after = rest[1:].partition(":")
        logger, rest = (logger, after) if colon and NAME.fullmatch(logger[:NAME_LIMIT]) else ("", rest)
    stamp = STAMP.match(rest.lstrip(" \t:]"))
    if stamp:
        rest = rest.lstrip(" \t:]")[stamp.end() :]
    message, named = _split_header(rest)
    return LogRecord(match["word"].lower(), message, logger or named, stamp_time(stamp) if stamp else None)


def _parse_syslog(rest: str, severity: int) -> LogRecord | None:
    """Parse the rest of a syslog record after its priority: RFC 5424, or the older form with a local time."""
    level = "critical" if severity < 3 else "error" if severity == 3 else "info"
    newer = RFC5424.match(rest)
    at = parse_time(newer["time"]) if newer else None
    if newer and (at or newer["time"] == "-"):
        data = DATA.match(newer["rest"])
        message = newer["rest"][data.end() if data else 0 :].lstrip("\ufeff").strip()
        facts = {name: newer[name] for name in ("host", "app", "pid") if newer[name] != "-"}
        return LogRecord(level, message, "", at, facts)
    kernel = KERNEL_STAMP.match(rest)
    stamp = STAMP.match(rest)
    system = SYSLOG.match(rest, stamp.end()) if stamp else None
    header = system or stamp or kernel
    facts = {name: value for name, value in system.groupdict().items() if value} if system else {}
    return LogRecord(level, rest[header.end() if header else 0 :].strip(), "", stamp_time(stamp) if stamp else None, facts)


def _split_header(rest: str) -> tuple[str, str]:
    """Split off the thread, process and logger before a message; returns message and logger."""
    logger = ""
    position = 0
    for _ in range(10):
        match = PIECE.match(rest, position)
        if not match or match.end() == position:
            break
        name = match["dotted"] or match["plain"] or ""
        if name.rpartition(".")[2].endswith(TYPE_ENDS):
            break
        box = match["box"] or ""
        if not name and NAME.fullmatch(box) and box != "main" and not any(map(str.isdigit, box)):
            name = box
        logger = name or logger
        position = match.end()
    return rest[position:].strip(" \t:"), logger[:NAME_LIMIT]


def _logger_before(header: str) -> str:
    """The logger between time and level, where common Python layouts put it."""
    for part in reversed(header.replace("[", " ").replace("]", " ").replace("|", " ").split()):
        if part.rpartition(".")[2] and NAME.fullmatch(part) and part != "main" and not any(map(str.isdigit, part)):
            return part[:NAME_LIMIT]
    return ""
