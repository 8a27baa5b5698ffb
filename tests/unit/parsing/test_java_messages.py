"""Java messages of several lines: none of their lines is taken for the exception, whatever surrounds the trace."""

from __future__ import annotations

import pytest

from graph.model.report import ParsedReport
from graph.parsing.java.parser import JavaParser

MESSAGES = {
    "hamcrest": "\nExpected: is <3>\n     but: was <4>",
    "flush labels": "stock differs\nExpected: 3\nActual: 4",
    "labels after a blank line": "stock differs\n\nExpected: 3\n\nActual: 4",
    "assertj": "[total]\nExpecting actual:\n  12\nto be equal to:\n  13\nbut was not.",
    "assertj soft": "\nMultiple Failures (2 failures)\n-- failure 1 --\nExpecting: a\nActual: b\n-- failure 2 --\nExpecting: c",
    "exceptions compared": "expected:\njava.lang.IllegalStateException: closed\nbut was:\njava.io.IOException: gone",
    "exceptions listed": "2 errors\n\njava.lang.IllegalStateException: closed\n\nshop.TillException: gone",
    "unqualified exception": "Refused\nValidationError: country is missing",
    "a class in a list": "Beans differ\nshop.Till: closed\nshop.Cart: open",
    "validation": "Invalid order\ncart.country: must not be null\ncart.size: must be greater than 0",
    "sql": 'bad SQL grammar [select 1\nfrom tills]; nested\nERROR: no column "x"\n  Hint: try y\n  Position: 8',
    "flyway": "V2 failed\n----\nSQL State  : 42601\nMessage    : ERROR: near x\nLine       : 3\nStatement  : x",
    "json": 'Unexpected body\n{\n  "Error: x": 1,\n"State": "open"\n}',
    "jackson": "Unrecognized token 'x'\n at [Source: (String)\"x\"; line: 1, column: 2]",
    "xml": "not equal\n<a>\nName: b\n</a>",
    "tree": "\nExpected: SCRIPT 1\n\nResult: SCRIPT 1\n\nSubtree1: NAME a\n\nSubtree2: NAME b",
    "mockito": "\nWanted but not invoked:\nlist.add(1);\n-> at shop.CartTest.adds(CartTest.java:12)\nActually: never.\n",
    "log lines": "Output differs:\n2026-03-05 10:15:22 INFO Till - opened\nExpected: closed",
    "caused by as words": "Could not start\nCaused by: a wrong setting\nSetting: size",
    "url": "Refused\nhttps://example.org/help: see there\nPath: /a",
    "oracle": "ORA-06512: at line 5\nORA-00942: no table\n\nhttps://docs.example.org/ora-00942/",
    "windows path": "No such file\nC:\\till\\a.txt: missing\nDrive: C",
    "sentence": "Could not read\nError while reading till 5\nFailure in row 3",
    "spaces": "a\n\n\n  b\nTill: 5",
}  # fmt: skip
STACK = "\tat shop.Till.open(Till.java:31)\n\tat shop.Main.main(Main.java:5)\n"
CONTEXTS = {
    "alone": "{trace}",
    "below prose": "It fails since the update:\n\n{trace}\nAny ideas?\n",
    "below a record": "2026-03-05 10:15:22,123 ERROR [main] shop.Main - Request failed\n{trace}",
    "below a record with a message": "2026-03-05 10:15:22,123 ERROR [main] shop.Main - Failed: order 5: no till\n{trace}",
    "surefire": "opens(shop.TillTest)  Time elapsed: 0.012 s  <<< ERROR!\n{trace}\nTests run: 1\n",
    "gradle": "TillTest > opens FAILED\n{trace}\n1 test completed\n",
    "junit": "There was 1 failure:\n1) opens(shop.TillTest)\n{trace}\nFAILURES!!!\n",
    "ant": "    [junit] Testcase: opens took 0.1 sec\n    [junit] \tFAILED\n{trace}",
    "second": "java.lang.RuntimeException: first\n\tat shop.A.b(A.java:1)\n\tat shop.A.c(A.java:2)\n{trace}",
    "level": "[main] ERROR shop.Main - order failed\n{trace}",
}
TYPES = ("org.opentest4j.AssertionFailedError", "shop.TillException", "java.lang.AssertionError")


def read(text: str) -> list[ParsedReport]:
    return list(JavaParser().parse(text))


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("message", MESSAGES)
def test_no_line_of_a_message_is_the_exception(message: str, context: str) -> None:
    if (message, context) == ("exceptions listed", "below prose"):
        pytest.skip("an exception in a paragraph of its own may as well be the header")
    for error_type in TYPES:
        trace = f"{error_type}: {MESSAGES[message]}\n{STACK}"
        report = read(CONTEXTS[context].format(trace=trace))[-1]
        assert report.error_type == error_type
        assert report.message.split("\n") == MESSAGES[message].strip("\n").split("\n")
        assert [frame.qualified for frame in report.frames][-2:] == ["shop.Till.open", "shop.Main.main"]


@pytest.mark.parametrize("indent", ["\t", "  ", "    "])
@pytest.mark.parametrize("quoted", ["java.lang.IllegalStateException: closed\n", "", "Remote trace:\n"])
def test_a_stack_quoted_in_a_message(indent: str, quoted: str) -> None:
    message = f"Unexpected error\n{quoted}{indent}at server.A.b(A.java:1)\n{indent}at server.C.d(C.java:2)\n\nExpected nothing"
    [report] = read(f"java.lang.AssertionError: {message}\n{STACK}")
    assert report.error_type == "java.lang.AssertionError"
    assert [frame.qualified for frame in report.frames] == ["shop.Till.open", "shop.Main.main"]
    assert report.message == message


@pytest.mark.parametrize("elision", ["...", "[...]", "\t...", "\t…", "<snip>", "// truncated", "(omitted)", "\t... 31 more"])
def test_frames_that_were_left_out(elision: str) -> None:
    [report] = read(
        f"java.lang.IllegalStateException: x\n\tat shop.Till.open(Till.java:31)\n{elision}\n\tat shop.Main.main(Main.java:5)\n"
    )
    assert [frame.qualified for frame in report.frames] == ["shop.Till.open", "shop.Main.main"]
