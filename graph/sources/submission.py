"""A submission: a report as text, or an exception with frames, and what its sender states about it.

The texts that a sender may state are declared here once, with :func:`stated`. JSON lines, ``POST /api/reports`` and GraphQL
accept them under the same name, and :mod:`graph.ingest.prepare` stores them on the crash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.rules import severity
from graph.rules.culprit import culprit

STRUCTURED = "structured"
"""Format of an exception with frames, which needs no parser."""

ENDINGS = {
    ending: platform
    for platform, endings in {
        "python": (".py", ".pyx", ".pyi"),
        "smalltalk": (".st",),
        "java": (".java", ".kt", ".scala", ".groovy", ".clj"),
        "dotnet": (".cs", ".vb", ".fs"),
        "javascript": (".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".vue"),
        "go": (".go",),
        "rust": (".rs",),
        "ruby": (".rb", ".erb", ".rake"),
        "php": (".php", ".phtml"),
        "dart": (".dart",),
        "native": (".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".m", ".mm", ".swift", ".S"),
    }.items()
    for ending in endings
}
"""Platform of a frame, by the ending of its file."""


def stated(*, stored_as: str | None = None, per_report: bool = False) -> Any:
    """A text that the sender may state, stored in the crash property ``stored_as`` (by default of the same name).

    One that is ``per_report`` cannot be stated once for a whole batch.
    """
    return field(default=None, metadata={"stored_as": stored_as, "per_report": per_report})


@dataclass(frozen=True, slots=True)
class Submission:
    """Input of ingest. It may hold several reports, or none that can be parsed; it is stored in any case.

    ``report`` is the text as received; ``frames`` are innermost first. ``timestamp`` carries a time zone. ``error`` is the
    reason why the input could not be read; ``report`` then holds the raw input. ``source`` names the file or interface,
    ``ordinal`` the position there, from 0; ``file_hash`` is the SHA-256 of the file in hex. ``marked`` is the same each time
    that a request is sent again, if its sender marked it with an id.
    """

    report: str | None = None
    exception_type: str | None = None
    exception_message: str | None = None
    frames: tuple[StackFrame, ...] = ()
    id: str | None = stated(stored_as="external_id", per_report=True)
    timestamp: datetime | None = None
    product: str | None = stated()
    version: str | None = stated()
    site: str | None = stated()
    user: str | None = stated(per_report=True)
    session: str | None = stated(per_report=True)
    severity: str | None = stated(per_report=True)
    environment: Mapping[str, str] = field(default_factory=dict)
    file_name: str | None = stated()
    source: str = "-"
    file_hash: str | None = None
    marked: str | None = None
    ordinal: int = 0
    format: str = "auto"
    platform: str = ""
    """Platform of ``frames``, for the culprit rules; empty to infer it from their files."""
    error: str | None = None

    def structured(self) -> ParsedReport | None:
        """The report of an exception or frames; ``None`` for a text, which must be parsed."""
        if self.error is not None or not (self.exception_type or self.exception_message or self.frames):
            return None
        error_type, message = self.exception_type or "", self.exception_message or ""
        frames = tuple(map(_shortened, self.frames))
        return ParsedReport(
            format=STRUCTURED,
            error_type=error_type,
            message=message,
            frames=frames,
            culprit=culprit(frames, self.platform or platform_of(frames)),
            platform=self.platform or platform_of(frames),
            severity=severity.infer(error_type, message),
            span=(0, len(self.text())),
        )

    def text(self) -> str:
        """The report; for an exception with frames, a rendering: the error, then a line per frame."""
        if self.report is not None:
            return self.report
        return "\n".join(self._lines())

    def completed_by(self, report: ParsedReport) -> Submission:
        """The same with what the report states and the sender does not; severity is left to the parser."""
        values: dict[str, Any] = {one.name: one.value(self, report) for one in STATED if one.name != "severity"}
        return replace(self, **values)

    def _lines(self) -> Iterator[str]:
        yield ": ".join(part for part in (self.exception_type, self.exception_message) if part)
        for frame in self.frames:
            place = f" ({frame.file}{'' if frame.line is None else f':{frame.line}'})" if frame.file else ""
            times = f" [{frame.repeated} times]" if frame.repeated > 1 else ""
            yield f"  at {frame.qualified}{place}{times}"


@dataclass(frozen=True, slots=True)
class StatedField:
    """A field of :class:`Submission` declared with :func:`stated`; ``stored_as`` is the crash property it fills."""

    name: str
    stored_as: str
    per_report: bool

    def value(self, submission: Submission, report: ParsedReport | None) -> str | None:
        """The sender's value, or else the report's own where reports have such a field."""
        return getattr(submission, self.name) or getattr(report, self.name, None)


STATED = tuple(
    StatedField(one.name, one.metadata["stored_as"] or one.name, one.metadata["per_report"])
    for one in fields(Submission)
    if "stored_as" in one.metadata
)
"""All fields that a sender may state, in the order of their declaration."""


def _shortened(frame: StackFrame) -> StackFrame:
    """The frame with names as long as parsers read them; rules may take more than linear time for a name."""
    if max(map(len, (frame.function, frame.module, frame.file or ""))) <= NAME_LIMIT:
        return frame
    file = frame.file and frame.file[:NAME_LIMIT]
    return replace(frame, function=frame.function[:NAME_LIMIT], module=frame.module[:NAME_LIMIT], file=file)


def platform_of(frames: tuple[StackFrame, ...]) -> str:
    """The platform of frames, by the endings of their files and the spelling of their functions; empty if unknown."""
    for frame in frames[:10]:
        if frame.file and (platform := ENDINGS.get(frame.file[frame.file.rfind(".") :])):
            return platform
        if ">>" in frame.function:
            return "smalltalk"
    return ""
