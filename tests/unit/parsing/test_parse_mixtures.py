"""Pieces of reports in any order, with any prefix, do not make a parser raise."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graph.parsing.dotnet.parser import DotnetParser
from graph.parsing.hotspot.parser import HotspotParser
from graph.parsing.java.parser import JavaParser
from graph.parsing.protocol import Parser
from graph.parsing.python.parser import PythonParser
from graph.parsing.python.warning import PythonWarningParser
from graph.parsing.read import read
from graph.parsing.wcr.parser import WcrParser

PIECES = [
    'Exception in thread "main" java.lang.IllegalStateException: x',
    "java.lang.NullPointerException: null",
    "Caused by: a.B: c",
    "\tSuppressed: a.B",
    "Wrapped by: a.B: c",
    "[CIRCULAR REFERENCE: a.B: c]",
    "\tat shop.Cart.add(Cart.java:41)",
    "\tat shop.Cart.add(Cart.ja",
    "\t... 12 more",
    "java.lang.X: y at a.B.c(D.java:1) at a.B.d(D.java:2)",
    '{"x":"java.lang.X: y\\n\\tat a.B.c(D.java:1)\\n"}',
    "2024-05-01T10:00:00.123+02:00 ERROR 1 --- [main] a.B : failed",
    "E/AndroidRuntime( 1): FATAL EXCEPTION: main",
    "Full thread dump OpenJDK 64-Bit Server VM:",
    '"left" #11 prio=5 tid=0x1',
    "   java.lang.Thread.State: BLOCKED",
    "Found one Java-level deadlock:",
    "Java stack information for the threads listed above:",
    '"left":',
    "  waiting to lock monitor 0x1 (object 0x2, a java.lang.Object),",
    "# A fatal error has been detected by the Java Runtime Environment:",
    "#  SIGSEGV (0xb) at pc=0x1, pid=2, tid=3",
    "# Problematic frame:",
    "# C  [liba.so+0x1]  f+0x1",
    "Native frames: (J=compiled Java code)",
    "j  shop.A.b()V+1",
    "END.",
    "Unhandled exception. System.X: y ---> System.Exception: z",
    " ---> System.ArgumentException: a",
    " ---> (Inner Exception #0) System.FormatException: b",
    "   at Shop.Cart.Get(String k) in C:\\a.cs:line 12",
    "   bei Shop.Cart.Get(String k) in C:\\a.cs:Zeile 12.",
    "  at Shop.Cart.Get (System.String k) [0x00001] in <1>:0 <---",
    "   --- End of inner exception stack trace ---",
    "--- End of stack trace from previous location ---",
    "Stack overflow.",
    "Repeat 24 times:",
    "--------------------------------",
    "Fatal Python error: Segmentation fault",
    "Current thread 0x1 (most recent call first):",
    '  File "a.py", line 1 in f',
    "Extension modules: a.b (total: 1)",
    "KeyError                      Traceback (most recent call last)",
    "Cell In[1], line 1",
    "----> 1 f()",
    "File /a/b.py:3, in f(x)",
    "╭──────── Traceback (most recent call last) ────────╮",
    "│ /a/b.py:3 in f                                    │",
    "╰───────────────────────────────────────────────────╯",
    "KeyError: 'x'",
    "The above exception was the direct cause of the following exception:",
    "____________ test_a ____________",
    "    def test_a():",
    "E       KeyError: 'x'",
    "a.py:3: KeyError",
    "a.py:3: in f",
    '{"x": "Traceback (most recent call last):\\n  File \\"a.py\\", line 1, in f\\nE: x"}',
    'Traceback (most recent call last): File "a.py", line 1, in f g() E: x',
    "/a/b.py:12: UserWarning: x",
    "==2024/1/2==3:4:5==BEGIN RUNTIME DIAGNOSTIC DUMP",
    "Cause of Dump: x",
    "Active Process",
    "Suspended Processes",
    "Process named: 'a'",
    "[1] \tA(B)>>raise",
    "Memory Report",
    "All objects",
    "",
    "\r",
]
PREFIXES = ["", "x | ", "  ", "[7] ", "2024-05-01T10:00:00Z stderr F ", "│ "]
READERS = (PythonParser(), PythonWarningParser(), HotspotParser(), JavaParser(), DotnetParser(), WcrParser())
every_reader = pytest.mark.parametrize("parser", READERS, ids=lambda parser: parser.name)

texts = st.builds(
    lambda lines, prefix, end: end.join(prefix + line for line in lines),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30)), max_size=40),
    st.sampled_from(PREFIXES),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)


def check(parser: Parser, text: str) -> None:
    last = 0
    assert 0 <= parser.sniff(text) <= 1
    for report in parser.parse(text):
        start, end = report.span
        assert last <= start < end <= len(text)
        last = end
        assert all(frame.repeated >= 1 and frame.function for frame in report.frames)
        assert (report.culprit in report.frames) if report.frames else report.culprit is None
        assert report.severity in {"critical", "high", "medium", "low"}
        assert report.occurred_at is None or report.occurred_at.tzinfo is not None
        assert {cause.relation for cause in report.causes} <= {"cause", "context", "member", "suppressed", "parallel"}


@every_reader
@settings(max_examples=150, deadline=None)
@given(text=texts)
def test_no_mixture_raises(parser: Parser, text: str) -> None:
    check(parser, text)


INTERRUPTED = "\n".join(
    f"x | {line}"
    for line in (
        "java.lang.X: y at a.B.c(D.java:1) at a.B.d(D.java:2)",
        'Exception in thread "main" java.lang.IllegalStateException: x',
        "java.lang.X: y at a.B.c(D.java:1) at a.B.d(D.java:2)",
    )
)


@example(text=INTERRUPTED)
@settings(max_examples=150, deadline=None)
@given(text=texts)
def test_reports_of_a_mixture_do_not_overlap(text: str) -> None:
    """A report that others interrupt is in pieces, and theirs lie between them."""
    last = 0
    for start, end in sorted(piece for report in read(text).reports for piece in report.pieces or (report.span,)):
        assert last <= start < end <= len(text)
        last = end
