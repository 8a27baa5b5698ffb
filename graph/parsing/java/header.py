"""The line that names a Java exception: class, message, and the mark before them, such as ``Caused by:``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graph.parsing.text.log_prefix import CLASS_ENDINGS, SCAN_LIMIT, exception_in_record

# The marks are literals and the class name is matched greedily, so that every line is scanned once.
HEADER = re.compile(
    r'[ \t]*+(?:(?P<mark>Exception in thread "(?P<thread>[^\n]{0,200}?)"|Caused by:|Suppressed:|Wrapped by:'
    r"|== Java Exception:|Uncaught Kotlin exception:|Uncaught exception:|Unhandled exception:) ?)?"
    r"(?P<type>[^\W\d][\w$.-]*+)(?:(?P<colon>:(?!\S*//)) ?(?P<message>.*)|(?P<rest>[;( \[].*)|\s*$)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class JavaHeader:
    """An exception named by one line. ``mark`` is the text before the class, such as ``Caused by:``."""

    error_type: str
    message: str
    mark: str = ""
    thread: str = ""


def parse_header(line: str, *, near: bool) -> JavaHeader | None:
    """Parse the exception that a line starts with.

    Directly above the frames (``near``) any class name is accepted, further up only one that looks like an exception's.
    """
    match = HEADER.match(line[:SCAN_LIMIT])
    if not match:
        return None
    name, mark = match["type"].rstrip("-"), match["mark"] or ""
    has_message = match["colon"] is not None
    if not mark and not _is_exception_name(name, near=near and match["rest"] is None, has_message=has_message):
        return None
    if match["rest"] is not None and not name.endswith(CLASS_ENDINGS):
        return JavaHeader("Exception", line[match.start("type") :].strip(), mark, match["thread"] or "") if mark else None
    message = line[match.start("message") :] if match["colon"] else (match["rest"] or "").lstrip("; ")
    return JavaHeader(name, "" if message.strip() == "null" else message, mark, match["thread"] or "")


def _is_exception_name(name: str, *, near: bool, has_message: bool) -> bool:
    """Whether a name is an exception class: by its ending, or because it is a class name with a package.

    Directly above the frames (``near``) a class without a package is accepted if a message follows.
    """
    last = name[name.rfind(".") + 1 :]
    if not last or name.endswith("."):
        return False
    if name.endswith(CLASS_ENDINGS):
        return last[0].isupper() or "." in name
    if near:
        return "." in name or (has_message and last[0].isupper())
    return "." in name and last[0].isupper() and len(last) > 1 and not last.isupper()


def header_in_record(line: str) -> JavaHeader | None:
    """The exception that a log record mentions anywhere in its line."""
    named = exception_in_record(line)
    return JavaHeader(*named) if named else None
