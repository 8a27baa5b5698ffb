"""Which line above the frames of a Java stack trace is its header.

Every line of a message may look like a header, so the choice depends on where the block of header and message begins:
at the start of the text, below the previous report, or below a log record. Nearest the top, an exception's class is the
header; a label such as ``Actual: 3`` is one only where the block has nothing better.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from graph.parsing.java.header import CHAINED, STACK_LABEL, JavaHeader, Rating, parse_header
from graph.parsing.text.log.prefix import RECORD

ROOT_CAUSE = re.compile(r"\W{0,20}(?:with )?(?:root cause|nested (?:exceptions?|throwables?))\b[^\n]{0,30}$", re.IGNORECASE)
"""A line of application servers between an exception and its cause."""
PASSED_LINES = 60
QUOTE_DISTANCE = 20
"""Maximum lines of a message between a stack quoted in it and the stack of the exception."""
TEST = re.compile(r"<<< (?:ERROR|FAILURE)!|\bFAILED$|^\d{1,6}\) [^\s(]{1,300}\([\w$.]{1,300}\)$|^Testcase: ")
"""The line of a test runner above the failure of a test."""
LEVEL = re.compile(r"[^\s:=]{0,60}[\[(<| ](?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)[\])>| :]")


def begins_block(bare: str) -> bool:
    """Whether a line is a log record or a test runner's, below which a block of header and message begins."""
    tested = ("<<<" in bare or ")" in bare or bare.startswith("Testcase") or bare.endswith("FAILED")) and TEST.search(bare)
    return bool(tested) or RECORD.match(bare) is not None or LEVEL.match(bare) is not None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may be the header. ``below``: the number of lines between it and the frames."""

    header: JavaHeader
    start: int
    below: int
    paragraph: int
    margin: int = 0


def _behind_label(header: JavaHeader) -> JavaHeader:
    """The exception behind a label, as in Groovy's ``Caught: groovy.lang.…Exception: …``; else the header itself."""
    inner = parse_header(header.message) if header.rating is Rating.LABEL and not header.mark else None
    return replace(inner, rating=Rating.CLASS) if inner and inner.rating is Rating.EXCEPTION else header


@dataclass(slots=True)
class Block:
    """The lines above the frames, collected from the nearest one up to where the block begins.

    ``mentioned`` is an exception named within the line directly above the frames or in the log record above the block
    (``in_log``), ``top`` the index of the first line, ``labelled`` whether a line such as ``Stacktrace:`` was left out.
    """

    lines: list[str] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    mentioned: Candidate | None = None
    paragraph: int = 0
    filled: bool = False
    top: int = -1
    labelled: bool = False
    in_log: bool = False

    def add(self, line: str) -> None:
        """Add the next line further up, which may be a candidate too."""
        if line.strip():
            if not self.filled and STACK_LABEL.match(line.strip()):
                self.labelled = True
                line = ""
            else:
                self.filled = True
                self.top = len(self.lines)
        elif self.lines and self.lines[-1].strip():
            self.paragraph += 1
        self.lines.append(line)

    def offer(self, header: JavaHeader, start: int, margin: int) -> None:
        """Note that the line about to be added may be the header."""
        header = _behind_label(header)
        chained_below = bool(self.candidates) and self.candidates[-1].below == len(self.lines) - 1
        followed = chained_below and self.candidates[-1].header.mark in CHAINED
        # A class without a message is followed by its frames or its cause.
        if not (header.bare and self.filled and not followed):
            self.candidates.append(Candidate(header, start, len(self.lines), self.paragraph, margin))

    def mention(self, header: JavaHeader | None, start: int) -> None:
        """Note an exception named somewhere in the line about to be added, or in the record above the block."""
        if header:
            self.mentioned = Candidate(header, start, len(self.lines), self.paragraph)

    def passes_record(self, mentioned: JavaHeader | None, start: int) -> bool:
        """Whether a log record is part of the message: no exception is named in it or below it, but other words are."""
        named = mentioned or any(candidate.header.rating > Rating.LABEL for candidate in self.candidates)
        passes = self.filled and not named and self.mentioned is None and len(self.lines) < PASSED_LINES
        if not passes:
            self.mention(mentioned, start)
        self.in_log = True
        return passes

    @property
    def continues_message(self) -> bool:
        """Whether the lines, which name no exception, may be the rest of a message that quotes a stack."""
        return not self.in_log and 0 < len(self.lines) <= QUOTE_DISTANCE and bool(self.lines[0].strip())

    def header(self) -> Candidate | None:
        """The header; ``None`` if the block names no exception."""
        chained = [candidate for candidate in self.candidates if candidate.header.mark in CHAINED]
        own = [candidate for candidate in self.candidates if candidate.header.mark not in CHAINED]
        nearest = chained[0] if chained and chained[0].header.rating > Rating.LABEL else None
        chosen = self._named(own, nearest)
        if chosen or nearest:
            return chosen or nearest
        return self.mentioned or self._label(own) or (chained[0] if chained else None)

    def announces_cause(self, chosen: Candidate) -> bool:
        """Whether the line above the header says that a cause of the previous exception follows."""
        above = next((line.strip() for line in self.lines[chosen.below + 1 :] if line.strip()), "")
        return ROOT_CAUSE.match(above) is not None

    def _named(self, own: Sequence[Candidate], chained: Candidate | None) -> Candidate | None:
        """The line with a class name: the block's first one, or the topmost of the best in its paragraph."""
        named = [candidate for candidate in own if candidate.header.rating > Rating.LABEL]
        if chained:
            # A chain with a first exception printed without frames; anything further off belongs to another error.
            named = [candidate for candidate in named if candidate.paragraph == chained.paragraph]
        if not named:
            return None
        chosen = named[-1]
        if chosen.below != self.top:
            best = max(candidate.header.rating for candidate in named)
            strongest = [candidate for candidate in named if candidate.header.rating == best]
            chosen = [candidate for candidate in strongest if candidate.paragraph == strongest[0].paragraph][-1]
        # A program may print the exception before its stack trace.
        same = (chosen.header.error_type, chosen.header.message)
        return next(candidate for candidate in named if (candidate.header.error_type, candidate.header.message) == same)

    def _label(self, own: Sequence[Candidate]) -> Candidate | None:
        """A name that may be anything: accepted directly above the frames where its paragraph begins."""
        first = next((candidate for candidate in own if candidate.below == self.top), None)
        label = own[0] if own and not any(line.strip() for line in self.lines[: own[0].below]) else first
        if label is None:
            return None
        above = self.lines[label.below + 1 : label.below + 2]
        begins = label.below == self.top or not above[0].strip() if above else True
        return label if begins and (not self.in_log or "." in label.header.error_type) else None
