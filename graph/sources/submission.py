"""One thing that was handed in: a text, or an exception with its frames, and what its sender says about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from graph.model.report import ParsedReport, StackFrame
from graph.rules import severity
from graph.rules.culprit import culprit

STRUCTURED = "structured"
"""The format of what arrives as an exception with frames instead of as a text."""

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
        "native": (".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".m", ".mm", ".swift", ".S"),
    }.items()
    for ending in endings
}
"""Which platform's rules speak about frames, by the ending of their files."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in. It may hold several reports, or none that can be read; it is never dropped.

    ``report`` is the text as it came; ``frames`` are innermost first. ``timestamp`` carries a time zone.
    ``error`` says why it could not be read as a submission; ``report`` then has what came instead.
    ``source`` names the way in (a path, ``-``, an interface), ``ordinal`` its place there, from 0;
    ``file_hash`` is the SHA-256 of the file in hex, ``None`` when there is none.
    """

    report: str | None = None
    exception_type: str | None = None
    exception_message: str | None = None
    frames: tuple[StackFrame, ...] = ()
    id: str | None = None
    timestamp: datetime | None = None
    product: str | None = None
    version: str | None = None
    site: str | None = None
    user: str | None = None
    session: str | None = None
    severity: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    file_name: str | None = None
    source: str = "-"
    file_hash: str | None = None
    ordinal: int = 0
    format: str = "auto"
    platform: str = ""
    """Whose rules speak about ``frames``; empty to go by their files."""
    error: str | None = None

    def structured(self) -> ParsedReport | None:
        """The report, where it came as an exception or frames; ``None`` where it is a text that must be parsed."""
        if self.error is not None or not (self.exception_type or self.exception_message or self.frames):
            return None
        error_type, message = self.exception_type or "", self.exception_message or ""
        return ParsedReport(
            format=STRUCTURED,
            error_type=error_type,
            message=message,
            frames=self.frames,
            culprit=culprit(self.frames, self.platform or platform_of(self.frames)),
            severity=severity.infer(error_type, message),
            span=(0, len(self.text())),
        )

    def text(self) -> str:
        """The report's text; for an exception with frames, one that reads like it: the error, then a line per frame."""
        if self.report is not None:
            return self.report
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield ": ".join(part for part in (self.exception_type, self.exception_message) if part)
        for frame in self.frames:
            place = f" ({frame.file}{'' if frame.line is None else f':{frame.line}'})" if frame.file else ""
            times = f" [{frame.repeated} times]" if frame.repeated > 1 else ""
            yield f"  at {frame.qualified}{place}{times}"


def platform_of(frames: tuple[StackFrame, ...]) -> str:
    """The platform whose rules fit the frames, from their files and the spelling of their functions; empty when unknown."""
    for frame in frames[:10]:
        if frame.file and (platform := ENDINGS.get(frame.file[frame.file.rfind(".") :])):
            return platform
        if ">>" in frame.function:
            return "smalltalk"
    return ""
