"""The line that names a Java exception: class, message, and the mark before them, such as ``Caused by:``.

``Throwable.toString`` prints a class name, then ``: `` and the message if there is one. Lines of a message may have the
same form, so a line is rated by what its name can be: an exception's class, any class, or only a label.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from graph.parsing.text.log.prefix import CLASS_ENDINGS, SCAN_LIMIT, exception_in_record

COMPOSED = "ComposedException "
"""Mark above a member of RxJava's ``CompositeException``; its number follows, and the exception on the next line."""
CHAINED = {"Caused by:": "cause", "Wrapped by:": "cause", "Caused:": "cause", "Suppressed:": "suppressed", COMPOSED: "member"}
"""Marks of the further exceptions of a chain, and their relation."""
OUTWARD = frozenset({"Wrapped by:", "Caused:"})
"""Marks of an exception that wraps the one printed before it."""

STACK_LABEL = re.compile(
    r"(?:[\w'-]{1,30} ){0,3}(?:stack ?-?traces?|call ?-?stack|stack|backtrace)\b[^\n:]{0,40}:?$", re.IGNORECASE
)
"""A line that announces a stack and is part of no message."""

# The marks are literals and the class name is matched greedily, so that every line is scanned once.
HEADER = re.compile(
    r'[ \t]*+(?:(?P<mark>Exception in thread "(?P<thread>[^\n]{0,200}?)"|Caused by:|Suppressed:|Wrapped by:|Caused:'
    r"|== Java Exception:|Uncaught Kotlin exception:|Uncaught exception:|Unhandled exception:) ?)?"
    # Hadoop adds the class of the error at the server in brackets.
    r"(?P<type>[^\W\d][\w$.-]*+)(?:\([\w$.]{1,300}\)(?=:))?(?:(?P<colon>:(?!\S*//)) ?(?P<message>.*)|(?P<rest>[;( \[].*)|\s*$)",
    re.DOTALL,
)


class Rating(IntEnum):
    """What the name in a line can be."""

    LABEL = 1
    CLASS = 2
    EXCEPTION = 3


@dataclass(frozen=True, slots=True)
class JavaHeader:
    """An exception named by one line. ``mark`` is the text before the class, such as ``Caused by:``.

    ``bare``: the line ends after the class, so there is no message and the frames follow.
    """

    error_type: str
    message: str
    mark: str = ""
    thread: str = ""
    rating: Rating = Rating.EXCEPTION
    bare: bool = False


def parse_header(line: str) -> JavaHeader | None:
    """Parse the exception that a line starts with; after a mark any text is accepted."""
    match = HEADER.match(line[:SCAN_LIMIT])
    if not match:
        return None
    name, mark = match["type"].rstrip("-"), match["mark"] or ""
    rating = _rate(name, match)
    if not rating and not mark:
        return None
    thread = match["thread"] or ""
    if match["rest"] is not None and not name.endswith(CLASS_ENDINGS):
        text = line[match.start("type") :].strip()
        return JavaHeader("Exception", text, mark, thread, Rating.LABEL) if mark else None
    message = line[match.start("message") :] if match["colon"] else (match["rest"] or "").lstrip("; ")
    bare = match["colon"] is None and match["rest"] is None
    return JavaHeader(name, "" if message.strip() == "null" else message, mark, thread, rating or Rating.LABEL, bare)


def _rate(name: str, match: re.Match[str]) -> Rating | None:
    """Rate a name by its last part and by what follows it; ``None`` for a word of a sentence."""
    package, dot, last = name.rpartition(".")
    printed = match["rest"] is None
    if not last:
        return None
    if last.endswith(CLASS_ENDINGS) and "-" not in name and (dot or last[0].isupper()):
        if last in CLASS_ENDINGS and not dot:
            return Rating.LABEL if match["colon"] else None
        if not printed and not match["rest"].startswith((";", "[", "(")):
            return Rating.LABEL
        return Rating.EXCEPTION if dot else Rating.CLASS
    if not printed:
        return None
    if dot:
        named_as_class = last[0].isupper() and len(last) > 1 and not last.isupper() and package[0].islower()
        return Rating.CLASS if named_as_class and "-" not in name else Rating.LABEL
    return Rating.LABEL if last[0].isupper() and (match["message"] or "").strip() else None


def header_in_record(line: str) -> JavaHeader | None:
    """The exception that a log record mentions anywhere in its line."""
    named = exception_in_record(line)
    return JavaHeader(*named) if named else None
