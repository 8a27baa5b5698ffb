"""A crash of Apple's systems as both layouts give it, and the report made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from graph.model.report import ParsedReport
from graph.parsing.apple.failure import Failure, failure_in
from graph.parsing.apple.frames import AppleFrame, Images, runtime_failure, stack_frames
from graph.parsing.native.blame import blamable
from graph.parsing.text.report import complete
from graph.parsing.text.times import parse_time
from graph.rules.culprit import culprit

NAME = "apple"
TYPE = re.compile(r"([\w.:]{1,200})(?: \((\w{2,20})\))?")
VERSION = re.compile(r"(\S{1,100})(?: \(([^()]{0,100})\))?")
SYSTEM = re.compile(r"(.{1,100}?)(?: \(([\w.]{1,40})\))?\s*$")
NOT_GIVEN = frozenset({"", "???", "(null)", "Unknown", "unknown", "0"})


@dataclass(slots=True)
class Crash:
    """The parts of a report. ``exception_frames`` belong to the uncaught exception, ``frames`` to the crashed thread."""

    start: int
    end: int
    exception: str = ""
    subtype: str = ""
    codes: str = ""
    termination: str = ""
    information: str = ""
    failure: Failure | None = None
    frames: list[AppleFrame] = field(default_factory=list)
    exception_frames: list[AppleFrame] = field(default_factory=list)
    images: Images = field(default_factory=Images)
    product: str = ""
    version: str = ""
    process: str = ""
    system: str = ""
    device: str = ""
    cpu: str = ""
    time: str = ""
    thread: str = ""
    address: str = ""
    truncated: bool = False


def report_of(crash: Crash) -> ParsedReport:
    """The report of a crash: the error is the uncaught exception or failed check, else Apple's exception."""
    failure = crash.failure or failure_in(crash.information)
    exception = TYPE.match(crash.exception)
    name, signal = (exception[1], exception[2] or "") if exception else ("", "")
    if name.isdigit():
        name = "EXC_CRASH"
    error_type = failure.error_type if failure and failure.error_type else name or "Crash"
    stated = failure.message if failure else ""
    # A named exception without a reason has no message: the signal says less than its name.
    message = stated if failure and failure.error_type else stated or _message(crash, signal)
    frames = stack_frames(crash.exception_frames or crash.frames, crash.images)
    version = VERSION.match(crash.version)
    system = SYSTEM.match(crash.system[:200])
    report = complete(
        ParsedReport(
            format=NAME,
            error_type=error_type,
            message=message,
            frames=frames,
            occurred_at=parse_time(crash.time),
            product=_given(crash.product) or _given(crash.process),
            version=_given(version[1]) if version else None,
            environment=_stated(
                os=system[1] if system else "", build=(version[2] or "") if version else "", device=crash.device, cpu=crash.cpu
            ),
            extra=_stated(
                process=crash.process, thread=crash.thread, signal=signal, exception=name, termination=crash.termination
            ),
            span=(crash.start, crash.end),
            truncated=crash.truncated,
        ),
        NAME,
    )
    return replace(report, culprit=culprit(blamable(frames, error_type) or frames, NAME))


def _message(crash: Crash, signal: str) -> str:
    """The first of what states the reason in words."""
    codes = crash.codes if crash.codes[:1].isalpha() else ""
    return runtime_failure(crash.frames) or crash.subtype or codes or crash.termination or signal


def _given(text: str) -> str | None:
    return None if text in NOT_GIVEN else text


def _stated(**facts: str) -> dict[str, str]:
    return {name: value for name, value in facts.items() if value not in NOT_GIVEN}
