"""Prefixes that a logger, a container runtime or syslog put before every line of a program.

No list of known layouts: a prefix is what precedes a line of a stack, if other lines of the text start with it too. Times
in it may differ from line to line; everything else, such as host, program, process, stream and level, identifies the source.
The lines of one source are put together even if lines of other sources lie between them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from graph.parsing.carrier.lines import CarriedLine
from graph.parsing.carrier.shapes import FRAMED, HEADED, LEADING, STARTED, TIMES, is_prefixed

HEAD_LIMIT = 400
"""Characters of a line that a prefix may have."""
TOKENS = 14
TOKEN = re.compile(r"\s*(?:[^\s\]:|>\")│]*[\]:|>\")│]+|\S+)")
NAME = re.compile(r"[\w.@/-]{1,80}(?:\|[\w.@/-]{1,80})? *[|│]")
"""A container's name, padded to a column."""
GROUP = "+ Exception Group Traceback"
LENGTHS = 48
"""Lengths of prefixes that are compared with each line."""
STAMP = "\x00"
"""Takes the place of a time in the start of a line; ``clean`` leaves no such character in a text."""
WITHOUT_PREFIX = "\x00"
"""Marks a line that continues the one above it and has no prefix of its own."""
SOME_TIME = "2026-03-05T10:15:22Z"
PARTIAL = re.compile(rf"({STAMP} std(?:out|err)) P(?= |$)")
LEVEL = re.compile(r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|SEVERE)\b")
CLOCK = re.compile(r"(\d\d?):(\d\d):(\d\d)")
PAUSE = 1
"""Seconds between two lines of a logger that do not belong to the same stack."""


class _Head:
    """The start of a line with every time in it replaced by one character."""

    __slots__ = ("partial", "stamp", "text", "times")

    def __init__(self, line: str) -> None:
        start = line[:HEAD_LIMIT]
        self.times = [match.span() for match in TIMES.finditer(start)]
        self.stamp = start[slice(*self.times[0])] if self.times else ""
        self.text = _without_times(start, self.times)
        self.partial = bool(self.times) and PARTIAL.match(self.text) is not None
        if self.partial:
            # A container runtime splits long lines; all parts but the last are marked P.
            self.text = PARTIAL.sub(r"\1 F", self.text)

    def position(self, length: int) -> int:
        """Position in the line after ``length`` characters of ``text``."""
        count = self.text.count(STAMP, 0, length)
        return length + sum(end - start - 1 for start, end in self.times[:count])


def _without_times(text: str, times: Sequence[tuple[int, int]]) -> str:
    parts = []
    position = 0
    for start, end in times:
        parts.append(text[position:start])
        position = end
    return STAMP.join([*parts, text[position:]]) if times else text


def split_prefixed(lines: Sequence[CarriedLine]) -> list[list[CarriedLine]] | None:
    """The lines without prefixes, by source, and last those without a source; ``None`` if no stack has a prefix."""
    prefixes = _prefixes([_Head(line.text) for line in lines if is_prefixed(line.text)])
    if not prefixes:
        return None
    heads = [_Head(line.text) if STARTED.match(line.text) else None for line in lines]
    sources = _sources(heads, prefixes)
    counts = Counter(source for source in sources if source)
    several = {
        prefix
        for prefix in prefixes
        if counts[prefix] > 1 or (len(lines) <= 2 and (LEADING.match(prefix) or _is_leading(prefix)))
    }
    if not several:
        return None
    if len(several) < len(prefixes):
        sources = _sources(heads, several)
    return _parts(lines, heads, sources)


def _is_leading(prefix: str) -> bool:
    """Whether a prefix with a time is a carrier's and nothing else, even if only one line has it."""
    return LEADING.fullmatch(f"{prefix.replace(STAMP, SOME_TIME).rstrip()} ") is not None


def _prefixes(heads: Sequence[_Head]) -> set[str]:
    """What precedes lines of stacks; of two prefixes that start alike only the shorter, the rest may be an inner carrier's."""
    candidates = {prefix for prefix in (_prefix(head.text) for head in heads) if prefix}
    prefixes: set[str] = set()
    lengths: list[int] = []
    for prefix in sorted(candidates, key=lambda prefix: (len(prefix), prefix)):
        if len(lengths) < LENGTHS and not _source(prefix, lengths, prefixes):
            prefixes.add(prefix)
            if len(prefix) not in lengths:
                lengths.append(len(prefix))
    return prefixes


def _prefix(text: str) -> str:
    """What precedes a line of a stack; empty if the line is none or has no prefix."""
    position = 0
    if HEADED.match(text) or (text.startswith("[") and FRAMED.match(text)):
        return ""
    for _ in range(TOKENS):
        token = (NAME.match(text) if not position else None) or TOKEN.match(text, position)
        if token is None:
            break
        position = token.end()
        if FRAMED.match(text, position) or HEADED.match(text, position + text.startswith((" ", "\t"), position)):
            return _quoted(text[:position])
    return ""


def _quoted(prefix: str) -> str:
    """The prefix up to a quote that it opens and does not close: each line is in quotes."""
    quote = prefix.find(' "')
    return prefix[: quote + 2] if quote >= 0 and prefix.count('"') % 2 else prefix


def _sources(heads: Sequence[_Head | None], prefixes: AbstractSet[str]) -> list[str | None]:
    """The prefix of each line."""
    lengths = sorted(set(map(len, prefixes)))
    return [_source(head.text, lengths, prefixes) if head else None for head in heads]


def _source(text: str, lengths: Sequence[int], prefixes: AbstractSet[str]) -> str | None:
    for length in lengths:
        if text[:length] in prefixes and not (text[length : length + 1].isalnum() and text[length - 1].isalnum()):
            return text[:length]
    return None


def _parts(
    lines: Sequence[CarriedLine], heads: Sequence[_Head | None], sources: Sequence[str | None]
) -> list[list[CarriedLine]]:
    groups: dict[str, list[list[CarriedLine]]] = {}
    rest: list[CarriedLine] = []
    current: list[CarriedLine] | None = None
    joins: dict[str, bool] = {}
    for line, head, source in zip(lines, heads, sources, strict=True):
        if head is None or source is None:
            # A logger that prints a text of several lines puts its prefix before the first one only.
            if current is not None and line.text[:1].isspace() and line.text.strip():
                current.append(line.with_text(WITHOUT_PREFIX + line.text))
            else:
                rest.append(line)
                current = None
            continue
        payload = line.text[head.position(len(source)) :]
        pieces = groups.setdefault(source, [])
        if not pieces or (LEVEL.search(source) and _is_later(pieces[-1][-1].stamp, head.stamp)):
            pieces.append([])
        current = pieces[-1]
        if joins.get(source) and current:
            current.append(current.pop().extended(line.end, payload.removeprefix(" ")))
        else:
            current.append(line.with_text(payload, head.stamp))
        joins[source] = head.partial
    parts = [_without_gap(piece, source) for source, pieces in groups.items() for piece in pieces]
    return [*parts, rest] if rest else parts


def _is_later(before: str, after: str) -> bool:
    first, second = CLOCK.search(before), CLOCK.search(after)
    if not first or not second:
        return False
    seconds = [int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3]) for match in (first, second)]
    return abs(seconds[1] - seconds[0]) > PAUSE


def _without_gap(lines: Sequence[CarriedLine], source: str) -> list[CarriedLine]:
    """Remove the blanks between prefix and text, which all lines have, and quotes around each line."""
    own = [line.text for line in lines if line.text.strip() and line.text[0] != WITHOUT_PREFIX]
    gap = min((len(text) - len(text.lstrip(" \t")) for text in own), default=0)
    if any(text.lstrip().startswith(GROUP) for text in own):
        # Python indents a group by two blanks of its own.
        gap = max(gap - 2, 0)
    quoted = source.endswith('"')
    return [line.with_text(_payload(line.text, gap, quoted)) for line in lines]


def _payload(text: str, gap: int, quoted: bool) -> str:
    """The text that a line carries behind its prefix."""
    if text.startswith(WITHOUT_PREFIX):
        return text.removeprefix(WITHOUT_PREFIX)
    if quoted:
        end = text.rfind('"')
        return text[:end] if end >= 0 else text
    return text[gap:] if text.strip() else ""
