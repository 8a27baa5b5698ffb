"""Where the message of a Python exception ends.

Python prints ``str(exception)`` as it is, so any line may continue a message until another writer begins: a logger (a
time, a level, an object of JSON, the beginning that the record above the traceback has too), Python itself, a server or
test runner, a shell, the supervisor of the process, or the markup of the page it was pasted to.
"""

from __future__ import annotations

import re

from graph.parsing.text.log.boundary import is_foreign
from graph.parsing.text.times import STAMP

LINE_LIMIT = 1_000
DIGITS = re.compile(r"\d+")
RECORD = re.compile(
    r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b[\]: ]|[IWEF]\d{4} \d\d:|\[[VDIWEFC] \d{2}"
    r"|<\d{1,3}>|\[\s{0,8}\d{1,9}\.\d{3,6}\]|(?:time|ts|timestamp|level|lvl|severity)=\S|\[pid: ?\d|[VDIWEF]/[\w.]{1,60}\("
    r"|\d\d?/\d\d? \d\d:\d\d|\[\d{1,2}/[A-Z][a-z]{2}/\d{4}|\[?[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d"
)
JSON = re.compile(
    r'\{\s{0,4}"[^\n]{0,300}?"(?:@?time(?:stamp)?|ts|asctime|lvl|level(?:name)?|severity|logger|msg|event|log|stream)"\s{0,4}:'
)
RULE = re.compile(r"={2,}|-{4,}|_{4,} |\"\"\"$|'''$|\*{4,}$|#{4,}$|~{4,}$")
PYTHON = re.compile(
    r"Exception ignored in\b|--- Logging error ---|Call stack:$|Error in sys\.excepthook|Original exception was:"
    r"|Exception in thread "
    r"|Task exception was never retrieved|Fatal Python error: |sys:1: \w*Warning|\S{1,300}:\d{1,9}: \w{0,60}Warning: "
    r'|(?:Micro|Adafruit Circuit)?Python \d\S{0,20} |(?:Micro|Circuit)Python v?\d|Type "help|Code done running'
    r"|terminate called |Ran \d{1,9} tests? in |(?:FAILED|ERROR|PASSED|SKIPPED|XFAIL) \S{1,300}(?:::|\.py)|FAILED \("
    r"| \* (?:Running|Restarting|Debugger|Serving|Detected|Debug mode|Environment)\b|Press C(?:TRL|trl)\+"
    r"|Watching for file changes"
    r"|Performing system checks|Django version |Quit the server with|Sentry is attempting|Waiting up to \d|!!! uWSGI"
)
ONE_LINE = re.compile(r"'[^\n]*'\s*$|\"[^\n]*\"\s*$|-?\d[\d.]*\s*$|\([^\n]*\)\s*$|None\s*$|<[^\n]*>\s*$")


def ends_message(line: str, record: str = "") -> bool:
    """Whether another record begins with a line; ``record`` is how the record above the traceback begins."""
    line = line[:LINE_LIMIT]
    if not line.strip() or line[0] == "\t" or line.startswith("    "):
        return False
    if record and DIGITS.sub("0", line[: 2 * len(record)]).startswith(record):
        return True
    return is_foreign(line) or any(form.match(line) for form in (RECORD, STAMP, JSON, RULE, PYTHON))


def is_one_line(error_type: str, first: str) -> bool:
    """Whether the message is complete: ``KeyError`` prints the ``repr`` of the key, which has no line ends if it is simple."""
    return error_type == "KeyError" and ONE_LINE.match(first) is not None


def record_start(text: str, start: int) -> str:
    """The first word of the line above ``start``, numbers replaced, if it may be the beginning of a log record."""
    above = text.rfind("\n", 0, max(start - 1, 0)) + 1
    if above >= start or start - above > 20_000:
        return ""
    word = text[above : min(start - 1, above + LINE_LIMIT)].partition(" ")[0]
    shape = DIGITS.sub("0", word)
    return shape + " " if 3 < len(shape) <= 80 and "0" in shape and word[:1].strip() else ""
