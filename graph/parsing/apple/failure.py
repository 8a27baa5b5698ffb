"""What a program of Apple's systems printed when it ended: an uncaught exception, a failed check of Swift, an assertion."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.parsing.native.termination import ABORTED, termination_in
from graph.parsing.protocol import MESSAGE_LIMIT

TERMINATING = "*** Terminating app due to uncaught exception"
EXCEPTION = re.compile(re.escape(TERMINATING) + r"(?: of class)? '([^'\n]{1,300})'(?:, reason: ?)?")
UNCAUGHT = re.compile(r"uncaught exception of type (?!NSException\b)")
ENDS = ("*** First throw", "*** Call stack at first throw", "terminating ", "libc++abi", "abort() called", "UserInfo:")
SWIFT_FAILURE = re.compile(
    r"(?:\S{1,300}\.swift:\d{1,9}: )?(?P<kind>Fatal error|Precondition failed|Assertion failed|fatal error)"
    r"(?:: (?P<message>[^\n]*))?"
)
SIGNATURE = re.compile(r"[A-Z]\w{2,100}Exception")
OLD_PLACE = re.compile(r"(?:: |, )file [^\n]{1,400}, line \d{1,9}$")
GENERIC = ("abort() called", "terminating with uncaught exception of type NSException", "dyld: in dlopen()")
MESSAGE_LINES = 60


@dataclass(frozen=True, slots=True)
class Failure:
    """``error_type`` is empty if the text names none of its own."""

    error_type: str
    message: str


def exception_in(text: str) -> Failure | None:
    """The uncaught Objective-C exception in a text that begins before it."""
    match = EXCEPTION.search(text)
    if not match:
        return None
    return Failure(match[1], exception_reason(text, match.end()))


def exception_reason(text: str, position: int) -> str:
    """The reason of an exception, in quotes and possibly of several lines, from ``position`` on."""
    lines: list[str] = []
    for line in text[position : position + MESSAGE_LIMIT].splitlines()[:MESSAGE_LINES]:
        if lines and line.strip().startswith(ENDS):
            break
        lines.append(line)
        if line.endswith("'") and len(lines) == 1:
            break
    return "\n".join(lines).strip().removeprefix("'").removesuffix("'")


def failure_in(information: str) -> Failure | None:
    """The failure in the application specific information; ``None`` without one that says more than the signal."""
    information = information[:MESSAGE_LIMIT].strip()
    exception = exception_in(information) if TERMINATING in information else None
    if exception:
        return exception
    swift = SWIFT_FAILURE.search(information) if "swift" in information or "atal error" in information else None
    if swift:
        message = OLD_PLACE.sub("", (swift["message"] or "").strip())
        return Failure("", f"{swift['kind']}: {message}" if message else swift["kind"])
    native = termination_in(information) if "ssert" in information or UNCAUGHT.search(information) else None
    if native and native.error_type != ABORTED:
        return Failure(native.error_type, native.message)
    rest = [line.strip() for line in information.splitlines() if line.strip() and not line.strip().startswith(GENERIC)]
    # macOS names the class of the exception apart, as the signature.
    named = next((line for line in rest if SIGNATURE.fullmatch(line)), "")
    return Failure(named, "\n".join(line for line in rest if line != named)) if rest else None
