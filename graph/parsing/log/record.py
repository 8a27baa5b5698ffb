"""One line of a log: its level, time, logger and message, in the layouts that loggers and servers write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.times import STAMP, moment, of_text

LINE_LIMIT = 16_384
"""Characters of a line that are looked at."""
HEAD_LIMIT = 200
"""Characters between the time of a line and its level."""
WORST = frozenset({"fatal", "critical", "crit", "emergency", "emerg", "alert", "panic", "dpanic"})
ERRORS = WORST | {"error", "err", "eror", "severe", "fail", "failure"}
OTHERS = frozenset({"trace", "debug", "info", "information", "informational", "notice", "warn", "warning", "verbose", "fine"})

PRIORITY = re.compile(r"<(\d{1,3})>(?:1 )?")
KERNEL = re.compile(r"\[ {0,8}\d{1,9}\.\d{3,6}\](?:\[ {0,6}[TC]\d{1,9}\])? ?")
KLOG = re.compile(r"([TDIWEF])(\d{4}) (\d\d:\d\d:\d\d\.\d{3,6}) {1,8}(\d{1,10}) ([\w./+-]{1,200}+):(\d{1,7})\] ?")
LOGCAT = re.compile(
    r" {1,6}\d{1,9} {1,6}\d{1,9} ([VDIWEFA]) ([^:\n]{1,100}?) {0,20}: |([EF])/([^(:\n]{1,100}+)\( {0,8}\d{1,9}\): "
)
RUBY = re.compile(r"([DIWEFA]), ?(?=\[\d{4}-)")
DOTNET = re.compile(r"(fail|crit|warn|info|dbug|trce): ([A-Z][\w.+`]{0,300}+)\[(-?\d{1,9})\]")
WORD = re.compile(
    r"(?:(?<![\w./-])|(?<=[:.|]))(?P<word>TRACE|DEBUG|INFO(?:RMATION)?|NOTICE|WARN(?:ING)?|VERBOSE|FINE|ERROR|ERR|FATAL|CRIT(?:ICAL)?"
    r"|SEVERE|EMERG(?:ENCY)?|ALERT|D?PANIC|FAILURE)(?:/[\w-]{1,60}+)?(?![\w./=-])"
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
    r"|(?P<plain>[A-Za-z_][\w-]{0,60}+)(?=[ \t]{1,40}[-|][ \t]|[ \t]{2,40}:[ \t]))"
)
NAME = re.compile(r"[A-Za-z_][\w$-]*+(?:[./:]{1,2}[A-Za-z_$<][\w$<>-]*+)*+")
TYPE_ENDS = ("Error", "Exception")


@dataclass(slots=True)
class Record:
    """One record. ``level`` is a lower-case word; ``facts`` go to the environment or to what is told of one occurrence."""

    level: str
    message: str
    logger: str = ""
    at: datetime | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        """Whether it tells of an error or worse."""
        return self.level in ERRORS


@dataclass(frozen=True, slots=True)
class Head:
    """The record that belongs to a report below it. ``start`` is where its line starts."""

    start: int
    at: datetime | None


def head_of(text: str, start: int, floor: int) -> Head | None:
    """The record of an error that a logger wrote in the first line of a report or right above it, not before ``floor``.

    A report whose first line is a record itself, whatever its level, has no other one above it.
    """
    begin = max(text.rfind("\n", floor, start) + 1, floor)
    limit = min(len(text), begin + LINE_LIMIT)
    end = text.find("\n", begin, limit)
    own = text[begin : limit if end < 0 else end]
    if is_head(own):
        record = record_of(own)
        return Head(start, record.at) if record and record.at else None
    if begin <= floor:
        return None
    above = max(text.rfind("\n", floor, begin - 1) + 1, floor)
    line = text[above : min(begin - 1, above + LINE_LIMIT)]
    record = record_of(line) if is_head(line) else None
    return Head(above, record.at) if record and record.is_error else None


def is_head(line: str) -> bool:
    """Whether a line begins like a record of a log, of whatever level."""
    return bool(
        STAMP.match(line)
        or PRIORITY.match(line)
        or KLOG.match(line)
        or KERNEL.match(line)
        or RUBY.match(line)
        or _leading(line)
    )


def record_of(line: str) -> Record | None:
    """The record that a line of text holds; ``None`` where no level is told."""
    line = line[:LINE_LIMIT]
    priority = PRIORITY.match(line)
    if priority:
        return _syslog(line[priority.end() :], int(priority[1]) & 7)
    short = KLOG.match(line)
    if short:
        logger = short[5].rpartition("/")[2]
        return Record({"E": "error", "F": "fatal"}.get(short[1], "info"), line[short.end() :].strip(), logger)
    ruby = RUBY.match(line)
    kernel = KERNEL.match(line)
    begin = kernel.end() if kernel else ruby.end() if ruby else 0
    stamp = STAMP.match(line, begin)
    if not stamp:
        return _unstamped(line[begin:])
    return _stamped(line[stamp.end() :], moment(stamp))


def _stamped(rest: str, at: datetime | None) -> Record | None:
    """The record whose time has been read."""
    android = LOGCAT.match(rest)
    if android:
        return Record({"E": "error", "F": "fatal"}.get(android[1], "info"), rest[android.end() :].strip(), android[2], at)
    level = _level(rest)
    facts = {}
    system = SYSLOG.match(rest)
    if system and (level is None or system.end() <= level.start()):
        facts = {name: value for name, value in system.groupdict().items() if value}
        rest = rest[system.end() :]
        level = _level(rest)
    if level is None:
        return None
    message, logger = _unheaded(rest[level.end() :])
    logger = logger or _name_before(rest[: level.start("word")])
    return Record(level["word"].lower(), message, logger, at, facts)


def _level(rest: str) -> re.Match[str] | None:
    """The first level in what follows a time; words of a sentence are none."""
    end = min(len(rest), HEAD_LIMIT)
    found = [one for one in (form.search(rest, 0, end) for form in (WORD, BOXED, SPACED)) if one]
    named = NAMED.match(rest, len(rest) - len(rest.lstrip()))
    return min([*found, *([named] if named else [])], key=lambda one: one.start("word"), default=None)


def _leading(line: str) -> re.Match[str] | None:
    """The level that a line without a time begins with, behind at most a few brackets."""
    boxes = BOXES.match(line)
    start = boxes.end() if boxes else 0
    found = WORD.match(line, start) or BOXED.match(line) or DOTNET.match(line) or LOGCAT.match(line)
    return found or NAMED.match(line)


def _unstamped(line: str) -> Record | None:
    """A record that begins with its level."""
    found = _leading(line)
    if found is None:
        return None
    if found.re is DOTNET:
        return Record({"fail": "error", "crit": "critical"}.get(found[1], "info"), line[found.end() :].strip(), found[2])
    if found.re is LOGCAT:
        return Record({"E": "error", "F": "fatal"}.get(found[3], "info"), line[found.end() :].strip(), found[4].strip())
    rest = line[found.end() :]
    if found.re is WORD and rest[:1] not in {"", " ", "\t", ":", "]", "|", ">", ")"}:
        return None
    logger = ""
    if rest.startswith(":") and rest[1:2] not in {"", " "}:
        # Python's own layout: ERROR:logger:message
        logger, colon, after = rest[1:].partition(":")
        logger, rest = (logger, after) if colon and NAME.fullmatch(logger[:NAME_LIMIT]) else ("", rest)
    stamp = STAMP.match(rest.lstrip(" \t:]"))
    if stamp:
        rest = rest.lstrip(" \t:]")[stamp.end() :]
    message, named = _unheaded(rest)
    return Record(found["word"].lower(), message, logger or named, moment(stamp) if stamp else None)


def _syslog(rest: str, severity: int) -> Record | None:
    """A record of syslog whose priority has been read: the newer form tells zone and program, the older a local time."""
    level = "critical" if severity < 3 else "error" if severity == 3 else "info"
    newer = RFC5424.match(rest)
    at = of_text(newer["time"]) if newer else None
    if newer and (at or newer["time"] == "-"):
        data = DATA.match(newer["rest"])
        message = newer["rest"][data.end() if data else 0 :].lstrip("\ufeff").strip()
        facts = {name: newer[name] for name in ("host", "app", "pid") if newer[name] != "-"}
        return Record(level, message, "", at, facts)
    kernel = KERNEL.match(rest)
    stamp = STAMP.match(rest)
    system = SYSLOG.match(rest, stamp.end()) if stamp else None
    head = system or stamp or kernel
    told = {name: value for name, value in system.groupdict().items() if value} if system else {}
    return Record(level, rest[head.end() if head else 0 :].strip(), "", moment(stamp) if stamp else None, told)


def _unheaded(rest: str) -> tuple[str, str]:
    """A message without the thread, process and logger that stand before it, and the logger."""
    logger = ""
    position = 0
    for _ in range(10):
        found = PIECE.match(rest, position)
        if not found or found.end() == position:
            break
        name = found["dotted"] or found["plain"] or ""
        if name.rpartition(".")[2].endswith(TYPE_ENDS):
            break
        box = found["box"] or ""
        if not name and NAME.fullmatch(box) and box != "main" and not any(map(str.isdigit, box)):
            name = box
        logger = name or logger
        position = found.end()
    return rest[position:].strip(" \t:"), logger[:NAME_LIMIT]


def _name_before(head: str) -> str:
    """The logger that stands between the time and the level, as Python's usual layouts put it."""
    for part in reversed(head.replace("[", " ").replace("]", " ").replace("|", " ").split()):
        if part.rpartition(".")[2] and NAME.fullmatch(part) and part != "main" and not any(map(str.isdigit, part)):
            return part[:NAME_LIMIT]
    return ""
