"""Errors that py4j passes on from Java: the message is a Java stack trace, whose message may be a traceback of a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from graph.model.report import Cause, ParsedReport
from graph.parsing.python.report import causes
from graph.parsing.python.trace import HEADER, PythonException

JAVA_ERROR = "Py4JJavaError"
BEGIN = "\n: "
LIMIT = 1 << 20

Bridge: TypeAlias = Callable[[str, PythonException], None]
JavaReader: TypeAlias = Callable[[str], Iterable[ParsedReport]]
PythonReader: TypeAlias = Callable[[str], Iterable[PythonException]]


def take_java_causes(text: str, exception: PythonException, read_java: JavaReader, read_python: PythonReader) -> None:
    """Read the stack trace in the exception's message as its causes, and extend the exception over it."""
    name = text.rfind(JAVA_ERROR, exception.span[0], exception.span[1])
    name = name if name >= 0 else exception.span[0]
    following = text.find(JAVA_ERROR, exception.span[1])
    limit = min(len(text) if following < 0 else text.rfind("\n", 0, following) + 1, name + LIMIT)
    begin = text.find(BEGIN, name, limit)
    if begin < 0 or begin - name > len(exception.message) + 200:
        return
    begin += len(BEGIN)
    report = next(iter(read_java(text[begin:limit])), None)
    if report is None or report.span[0] > 0 or not report.error_type:
        return
    raised = [Cause("cause", report.error_type, report.message, report.frames), *report.causes]
    worker = next((cause.message for cause in reversed(raised) if HEADER in cause.message), "")
    exception.members = (*exception.members, *raised, *causes(list(read_python(worker)), "cause"))
    exception.message = exception.message.partition(BEGIN)[0].rstrip()
    exception.span = (exception.span[0], max(exception.span[1], begin + report.span[1]))
