"""Last messages of a native program: an uncaught C++ exception, a failed assertion, an error of the C library.

Debuggers, core handlers and test logs print these lines directly above the stack; they name the cause better than the
signal that follows. Frames hold the same information where their arguments are printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT

ASSERTION = "ASSERT"
ABORTED = "SIGABRT"
ABORT_FUNCTIONS = re.compile(
    r"_*+(?:GI_)?_*+(?:abort|raise|gsignal|kill|tgkill|pthread_kill(?:_\w+)?|terminate|assert_fail(?:_base)?|assert_rtn"
    r"|libc_message(?:_impl)?|fortify_fail|rt_sigprocmask|wassert)|std::terminate|__cxxabiv1::__terminate"
)
"""Functions that end the process."""
# Characters above a stack that are searched for its cause.
ABOVE_LIMIT = 4_000

THROWN = "terminate called after throwing an instance of "
NOTHING_THROWN = "terminate called without an active exception"
THROWN_BY_LLVM = "terminating due to uncaught exception of type "
THROWN_BY_OLD_LLVM = "terminating with uncaught exception of type "
WHAT_LINE = re.compile(r"\s{0,8}what\(\):  ?([^\n]*)")
# Formats of glibc, Android, musl and macOS, GLib, Qt, InnoDB, PostgreSQL and Redis.
FAILED_ASSERTION = re.compile(
    r"(?:^|: )Assertion [`'](?P<gnu>.{1,2000})' failed\.?\s*$"
    r"|:ERROR:[^\n:]{1,400}:\d{1,9}:(?>[^\n]{0,400}?: assertion failed)(?: \([^\n]{0,400}\))?: (?P<glib>.{1,2000}+)$"
    r"|\bASSERT(?>(?: failure in [^\n]{1,400}?)?: \")(?P<qt>.{1,2000}?)\",? (?:in )?file [^\n]{1,1000}, line \d"
    r"|\bFailing assertion: (?P<innodb>.{1,2000})$|\bAssertion failure: [^\s:]{1,400}:\d{1,9}:(?P<innodb8>.{1,2000})$"
    r"|\bAssertion failure in (?:thread \d{1,20} in )?file (?P<innodb_place>\S{1,1000} line \d{1,9})"
    r"|\bFatal glibc error: [^\n]{1,400}?: assertion failed: (?P<glibc>.{1,2000})$"
    r"|\bTRAP: (?:failed Assert|FailedAssertion)\(\"(?P<postgres>.{1,2000}?)\"(?:\)|, File: )"
    r"|==> [^\s:]{1,400}:\d{1,9} '(?P<redis>.{1,2000})' is not true"
    r'|(?:^|: )assertion "(?P<bionic>.{1,2000})" failed(?:: .*)?$'
    r"|^Assertion failed: (?P<bsd>.{1,2000}?)(?: \([^()]*: [^()]*: \d+\)|, (?:function|file) [^\n]*)\s*$"
)
ASSERTION_MARKS = ("ssertion", "ASSERT", "TRAP: failed Assert", "' is not true")
FAILED_CHECK = re.compile(r"\b(?:(?P<debug>DCHECK|Debug check)|CHECK|Check) failed: (?P<expression>[^\n]{1,2000})")
# Substrings of C library messages and their error type; the first match counts.
LIBRARY_ERROR_TYPES = (
    ("double free", "Heap-double-free"),
    ("stack smashing", "Stack-buffer-overflow"),
    ("buffer overflow", "Buffer-overflow"),
    ("corrupt", "Heap-corruption"),
    ("(): ", "Heap-corruption"),
)
LIBRARY_ERROR = re.compile(
    r"(?:\*{3} )?(?:Error in `[^\n']{0,300}': )?("
    r"stack smashing detected|buffer overflow detected|invalid (?:longjmp|memcpy)[\w ]*|double free or corruption[\w ()!]*"
    r"|(?:free|malloc|realloc|calloc|munmap_chunk|malloc_consolidate|corrupted)\(\): [\w .,():>-]{1,100}"
    r"|corrupted (?:size vs\. prev_size[\w ]*|double-linked list[\w ()]*)|pure virtual method called)(?=$|[\s:*])"
)
ASSERT_FUNCTIONS = re.compile(
    r"_*+(?:GI_)?_*+(?:assert_fail(?:_base)?|assert_rtn|assert2?|wassert|glibcxx_assert_fail)|g_assertion_message\w*"
)
EXPRESSION_ARGUMENT = re.compile(
    r'\b(?:assertion|assertion@entry|expr|expr@entry|_Message|condition|__condition)=(?:0x[0-9a-f]+ )?L?"'
)
MESSAGE_FUNCTIONS = re.compile(r"_*+(?:GI_)?_*+(?:libc_message(?:_impl)?|fortify_fail|malloc_printerr|libc_fatal)")
MESSAGE_ARGUMENT = re.compile(r'\b(?:msg|msg@entry|str|str@entry|message|message@entry)=(?:0x[0-9a-f]+ )?"')
THROW_FUNCTION = re.compile(r"std::(?:__\w+::)?__throw_(\w{1,60}?)(?:_fmt|\[abi:\w+\])?")


@dataclass(frozen=True, slots=True)
class Termination:
    """Error type, message, and the position of the message in the text (-1 if it comes from frames)."""

    error_type: str
    message: str
    at: int = -1


def termination_above(text: str, floor: int, end: int) -> Termination | None:
    """Find the program's last message in ``text[floor:end]``, at most ``ABOVE_LIMIT`` characters above ``end``."""
    floor = max(floor, end - ABOVE_LIMIT)
    position = end
    # Read upwards: the nearest message ended the program.
    while position > floor:
        start = max(text.rfind("\n", floor, position - 1) + 1, floor)
        termination = _termination_in_line(text, start, position, end)
        if termination:
            return termination
        position = start
    return None


def termination_in(message: str) -> Termination | None:
    """Find the program's last message within a stored message."""
    message = message[:ABOVE_LIMIT]
    return termination_above(message, 0, len(message))


def termination_from_frames(frames: Iterable[tuple[str, str]]) -> Termination | None:
    """Derive the termination from pairs of function and printed arguments, innermost first."""
    message = ""
    for function, arguments in frames:
        if ASSERT_FUNCTIONS.fullmatch(function):
            expression = _quoted(arguments, EXPRESSION_ARGUMENT)
            if expression:
                return Termination(ASSERTION, expression)
        if MESSAGE_FUNCTIONS.fullmatch(function):
            message = message or _quoted(arguments, MESSAGE_ARGUMENT)
        thrown = THROW_FUNCTION.fullmatch(function)
        if thrown:
            return Termination(f"std::{thrown[1]}", message)
    return _library_error(message) if message else None


def _library_error(message: str, at: int = -1) -> Termination:
    """Error type of a message of the C library."""
    return Termination(next((error_type for mark, error_type in LIBRARY_ERROR_TYPES if mark in message), ABORTED), message, at)


def _termination_in_line(text: str, start: int, end: int, limit: int) -> Termination | None:
    line = text[start:end].rstrip("\r\n")[:MESSAGE_LIMIT]
    for mark in (THROWN, THROWN_BY_LLVM, THROWN_BY_OLD_LLVM):
        at = line.find(mark)
        if at >= 0:
            return _uncaught_exception(line[at + len(mark) :], text[end:limit], start)
    if NOTHING_THROWN in line:
        return Termination(ABORTED, NOTHING_THROWN, start)
    if any(mark in line for mark in ASSERTION_MARKS):
        failed = FAILED_ASSERTION.search(line)
        if failed:
            return Termination(ASSERTION, str(failed[str(failed.lastgroup)]).strip(), start)
    if "heck failed: " in line or "CHECK failed: " in line:
        check = FAILED_CHECK.search(line)
        if check:
            name = "DCHECK failure" if check["debug"] else "CHECK failure"
            return Termination(name, check["expression"].strip(), start)
    library = LIBRARY_ERROR.match(line.strip())
    return _library_error(library[1].strip(), start) if library else None


def _uncaught_exception(thrown: str, following: str, start: int) -> Termination:
    """Type and message of an uncaught exception: gcc quotes the type and prints ``what()`` below, clang uses a colon."""
    if thrown.startswith(("'", "`")):
        what = WHAT_LINE.match(following)
        return Termination(_type(thrown[1:].partition("'")[0]), what[1].rstrip()[:MESSAGE_LIMIT] if what else "", start)
    error_type, _, message = thrown.partition(": ")
    return Termination(_type(error_type), message.strip(), start)


def _type(name: str) -> str:
    return name.strip()[:NAME_LIMIT] or "exception"


def _quoted(arguments: str, opening: re.Pattern[str]) -> str:
    """Return the unescaped string literal after the first argument that matches ``opening``; empty if there is none."""
    match = opening.search(arguments)
    if not match:
        return ""
    parts: list[str] = []
    position = match.end()
    while position < len(arguments) and len(parts) < MESSAGE_LIMIT:
        character = arguments[position]
        if character == '"':
            break
        if character == "\\":
            position += 1
            character = {"n": "\n", "t": "\t"}.get(arguments[position : position + 1], arguments[position : position + 1])
        parts.append(character)
        position += 1
    return "".join(parts).strip()
