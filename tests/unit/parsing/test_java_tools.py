"""Java traces as tools print them: build tools, crash reports in sections, application servers, Spark, Kafka, Jenkins."""

from __future__ import annotations

import pytest
from growth import assert_linear
from reading import names

from graph.model.report import ParsedReport
from graph.parsing.java.parser import JavaParser
from graph.parsing.read import read


def only(text: str) -> ParsedReport:
    [report] = JavaParser().parse(text)
    return report


SECTIONS = """---- {product} Crash Report ----
// Oops.

Time: 2026-03-05 10:15:22
Description: Rendering overlay

java.lang.IllegalStateException: Rendering overlay
	at toy.Painter.paint(Painter.java:117)
	at toy.World.draw(World.java:2070)
Caused by: java.io.IOException: no picture
	at toy.Files.read(Files.java:3)
	... 2 more


A detailed walkthrough of the error, its code path and all known details is as follows:
---------------------------------------------------------------------------------------

-- Head --
Thread: Render thread
Stacktrace:
	at toy.Painter.paint(Painter.java:117)

-- Affected level --
Details:
	All players: 1 total; [Player['x'/12, l='world']]
	Level name: ~~ERROR~~ NullPointerException: null
Stacktrace:
	at toy.World.tick(World.java:2034)
	at toy.World.load(World.java:1887)

-- System Details --
Details:
	{product} Version: 1.20.4
	Operating System: Linux (amd64) version 6.1
	Java Version: 17.0.9, Eclipse Adoptium
#@!@# Game crashed!
"""


@pytest.mark.parametrize("product", ["Minecraft", "Toy Launcher"])
def test_the_sections_of_a_crash_report_are_one_crash(product: str) -> None:
    text = SECTIONS.format(product=product)
    report = only(text)
    assert (report.error_type, report.message, len(report.frames)) == (
        "java.lang.IllegalStateException",
        "Rendering overlay",
        2,
    )
    assert (report.product, report.version) == (product, "1.20.4")
    assert report.environment == {"os": "Linux (amd64) version 6.1", "runtime": "Java 17.0.9"}
    assert [cause.error_type for cause in report.causes] == ["java.io.IOException"]
    assert text[slice(*report.span)] == text.partition("#@!@#")[0]


@pytest.mark.parametrize("label", ["Driver stacktrace:", "Server stack trace:", "Stacktrace:", "Caller stack:"])
def test_a_labelled_stack_continues_the_error_above(label: str) -> None:
    text = (
        "26/03/05 10:15:22 ERROR TaskSetManager: Task 0 failed\n"
        "org.apache.spark.SparkException: Job aborted: Lost task 0.3 (10.0.0.7 executor 2): java.io.IOException: gone\n"
        "\tat tills.Sum.add(Sum.scala:33)\n\n"
        f"{label}\n\tat org.apache.spark.scheduler.DAGScheduler.fail(DAGScheduler.scala:2844)\n"
        "\tat tills.SumJob$.main(SumJob.scala:14)\nCaused by: java.io.IOException: gone\n\tat tills.Sum.add(Sum.scala:33)\n"
    )
    report = only(text)
    assert names(report) == ["tills.Sum.add"]
    assert [(cause.relation, cause.error_type) for cause in report.causes] == [("cause", "java.io.IOException")]
    assert report.span == (0, len(text))


@pytest.mark.parametrize("label", ["Driver stacktrace:", "Stack trace:", "Stacktrace", "Full stack trace:"])
def test_a_label_above_the_frames_is_no_part_of_the_message(label: str) -> None:
    report = only(f"org.apache.spark.SparkException: Job aborted: executor lost\n\n{label}\n\tat a.B.c(B.scala:1)\n")
    assert (report.error_type, report.message) == ("org.apache.spark.SparkException", "Job aborted: executor lost")


def test_frames_with_a_blank_before_the_bracket() -> None:
    text = (
        "[WARNING] \njava.lang.reflect.InvocationTargetException\n"
        "    at jdk.internal.reflect.DirectMethodHandleAccessor.invoke (DirectMethodHandleAccessor.java:103)\n"
        "    at shop.Main$.run (Main.scala:9)\n    at sun.misc.Unsafe.park (Native Method)\n"
        "Caused by: shop.TillException: closed\n    at shop.Till.open (Till.kt:31)\n"
        "[INFO] ------------------------------------------------------------------------\n[INFO] BUILD FAILURE\n"
        "[ERROR] Failed to execute goal org.example:runner:3.1.0:java (default-cli) on project shop: closed -> [Help 1]\n"
        "[ERROR] \n[ERROR] For more information about the errors, read the articles:\n"
        "[ERROR] [Help 1] http://example.org/help\n"
    )
    [report] = read(text).reports
    assert names(report)[1:] == ["shop.Main$.run", "sun.misc.Unsafe.park"]
    assert [(cause.error_type, len(cause.frames)) for cause in report.causes] == [("shop.TillException", 1)]
    assert report.span == (0, len(text))


@pytest.mark.parametrize(
    "line", ["root cause", "----- Root Cause -----", "Root cause of ServletException.", "Nested Exception:"]
)
def test_a_root_cause_below_the_servers_exception(line: str) -> None:
    report = only(
        "javax.servlet.ServletException: order failed\n\tat web.Servlet.service(Servlet.java:12)\n"
        f"\n{line}\n\njava.lang.IllegalStateException: closed\n\tat shop.Till.open(Till.java:31)\n"
    )
    assert report.error_type == "javax.servlet.ServletException"
    assert [(cause.relation, cause.error_type, len(cause.frames)) for cause in report.causes] == [
        ("cause", "java.lang.IllegalStateException", 1)
    ]


def test_an_exception_without_frames_before_its_cause() -> None:
    report = only(
        "2026-03-05 10:15:22 ERROR [main] shop.Feed - stopped\n"
        "org.apache.kafka.common.errors.SerializationException: Error deserializing key/value\n"
        "for partition tills-0\n"
        "Caused by: com.fasterxml.jackson.core.JsonParseException: Unexpected character\n"
        ' at [Source: (byte[])"x"; line: 1, column: 2]\n'
        "\tat com.fasterxml.jackson.core.JsonParser._constructError(JsonParser.java:1851)\n"
        "\tat shop.Feed.read(Feed.java:4)\n"
    )
    assert (report.error_type, report.frames) == ("org.apache.kafka.common.errors.SerializationException", ())
    assert report.message == "Error deserializing key/value\nfor partition tills-0"
    [cause] = report.causes
    assert cause.message == 'Unexpected character\n at [Source: (byte[])"x"; line: 1, column: 2]'
    assert len(cause.frames) == 2


def test_jenkins_prints_from_the_root_cause() -> None:
    report = only(
        "java.io.IOException: disk is full\n\tat shop.Disk.write(Disk.java:7)\n"
        "Caused: hudson.remoting.ProxyException: call failed\n\tat hudson.remoting.Channel.call(Channel.java:1)\n"
        "\tat WorkflowScript.run(WorkflowScript:12)\n"
    )
    assert (report.error_type, report.frame_count) == ("hudson.remoting.ProxyException", 2)
    assert [cause.error_type for cause in report.causes] == ["java.io.IOException"]


@pytest.mark.parametrize("prefix", ["[error] ", "[ERROR] ", "     [java] ", "#12 4.31 ", "stderr| "])
def test_a_build_tools_prefix_on_every_line(prefix: str) -> None:
    lines = ["java.lang.AssertionError: differs", "Actual: 3", "\tat a.B.c(B.java:1)", "\tat a.B.d(B.java:2)"]
    report = only("".join(f"{prefix}{line}\n" for line in lines))
    assert (report.error_type, report.message, report.frame_count) == ("java.lang.AssertionError", "differs\nActual: 3", 2)


def test_an_exception_printed_before_its_trace() -> None:
    report = only("a.B.CartException: closed\na.B.CartException: closed\n\tat a.B.c(B.java:1)\n")
    assert (report.error_type, report.message) == ("a.B.CartException", "closed")
    report = only("java.lang.NullPointerException\n" * 2 + "java.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)\n")
    assert (report.error_type, report.message) == ("java.lang.IllegalStateException", "x")


@pytest.mark.parametrize("word", ["Caught", "Error", "Reason", "Cause"])
def test_a_word_before_the_exception(word: str) -> None:
    report = only(
        f"{word}: groovy.lang.MissingPropertyException: No such property\n\tat a.B.c(B.groovy:1)\n\tat a.B.d(B.groovy:2)\n"
    )
    assert (report.error_type, report.message) == ("groovy.lang.MissingPropertyException", "No such property")


CLOJURE = """#error {
 :cause "Divide by zero"
 :data {:a 1}
 :via
 [{:type clojure.lang.Compiler$CompilerException
   :message "Syntax error compiling at (till.clj:3:1), \\"x\\"."
   :at [clojure.lang.Compiler load "Compiler.java" 7647]}
  {:type java.lang.ArithmeticException
   :message "Divide by zero"
   :at [clojure.lang.Numbers divide "Numbers.java" 188]}]
 :trace
 [[clojure.lang.Numbers divide "Numbers.java" 188]
  [shop.till$open invokeStatic "till.clj" 3]
  [jdk.internal.reflect.NativeMethodAccessorImpl invoke0 nil -2]]}
"""


@pytest.mark.parametrize("before", ["", "user=> (open)\n", "2026-03-05 10:15:22 ERROR shop.till - "])
def test_an_error_map_of_clojure(before: str) -> None:
    text = before + CLOJURE + "next\n"
    report = only(text)
    assert (report.error_type, report.message) == (
        "clojure.lang.Compiler$CompilerException",
        'Syntax error compiling at (till.clj:3:1), "x".',
    )
    assert names(report) == ["clojure.lang.Compiler.load"]
    [cause] = report.causes
    assert (cause.error_type, len(cause.frames), cause.frames[1].file, cause.frames[1].line) == (
        "java.lang.ArithmeticException",
        3,
        "till.clj",
        3,
    )
    assert text[report.span[1] :] == "\nnext\n"


def test_a_failed_handler_of_uncaught_exceptions() -> None:
    report = only('Exception: java.lang.OutOfMemoryError thrown from the UncaughtExceptionHandler in thread "w-1"\n')
    assert (report.error_type, report.severity, report.extra) == ("java.lang.OutOfMemoryError", "critical", {"thread": "w-1"})


def test_the_console_of_the_junit_platform() -> None:
    first, second = JavaParser().parse(
        "Failures (2):\n  JUnit Jupiter:TillTest:opens()\n    MethodSource [className = 'x', methodName = 'opens']\n"
        "    => org.opentest4j.AssertionFailedError: expected: <3>\nbut was: <4>\n"
        "       org.junit.jupiter.api.AssertionUtils.fail(AssertionUtils.java:55)\n"
        "       shop.TillTest.opens(TillTest.java:12)\n"
        "       [...]\n  JUnit Jupiter:TillTest:shuts()\n    MethodSource [className = 'shop.TillTest', methodName = 'shuts']\n"
        "    => java.lang.IllegalStateException: closed\n       shop.Till.shut(Till.java:9)\n\nTest run finished\n"
    )
    assert (first.error_type, first.message) == ("org.opentest4j.AssertionFailedError", "expected: <3>\nbut was: <4>")
    assert names(first) == ["org.junit.jupiter.api.AssertionUtils.fail", "shop.TillTest.opens"]
    assert (second.error_type, names(second)) == ("java.lang.IllegalStateException", ["shop.Till.shut"])


def test_the_results_of_maven_repeat_the_failure() -> None:
    text = (
        "[ERROR] Tests run: 1, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 0.05 s <<< FAILURE! -- in shop.TillTest\n"
        "[ERROR] shop.TillTest.opens -- Time elapsed: 0.01 s <<< FAILURE!\njava.lang.AssertionError: \n\nExpecting:\n  3\n"
        "\tat shop.TillTest.opens(TillTest.java:12)\n\n[INFO] \n[INFO] Results:\n[INFO] \n[ERROR] Failures: \n"
        "[ERROR]   TillTest.opens:12 \nExpecting:\n  3\n[INFO] \n[ERROR] Tests run: 1, Failures: 1, Errors: 0, Skipped: 0\n"
    )
    [report] = read(text).reports
    assert (report.format, report.error_type, report.message) == ("java", "java.lang.AssertionError", "Expecting:\n  3")
    assert report.span == (0, len(text))


def test_the_message_of_a_cause_with_a_level_in_it() -> None:
    report = only(
        "shop.DataException: x\n\tat a.B.c(B.java:1)\nCaused by: org.postgresql.util.PSQLException: Batch failed\n"
        "ERROR: no column\n  Position: 3\n\tat a.D.e(D.java:3)\n"
    )
    [cause] = report.causes
    assert (cause.message, len(cause.frames)) == ("Batch failed\nERROR: no column\n  Position: 3", 1)


def test_the_error_of_a_server_in_brackets() -> None:
    report = only("org.apache.hadoop.ipc.RemoteException(java.io.IOException): too few\n\tat a.B.c(B.java:1)\n")
    assert (report.error_type, report.message) == ("org.apache.hadoop.ipc.RemoteException", "too few")


HOSTILE = {
    "maps": '#error {:via [{:type a.B :message "c"}] :trace [[a.b c nil 1]]',
    "open maps": "#error {",
    "handlers": "Exception: a.B thrown from the UncaughtExceptionHandler in thread ",
    "console": "  => a.BException: c\n       a.b(C.java:1)\nMethodSource [",
    "labels": "a.BException: c\nDriver stacktrace:\n\tat a.B.c(B.java:1)\n",
    "results": "\tat a.B.c(B.java:1)\n[ERROR] Failures:\nx\n",
    "titles": "---- A Crash Report ----\na.BException: c\n\tat a.B.c(B.java:1)\n",
    "candidates": "a.BException: c\n",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly(piece: str) -> None:
    assert_linear(lambda text: list(JavaParser().parse(text)), lambda count: piece * count + "\tat a.B.c(B.java:1)\n", 4_000)


PAGE = """<html><head><title>HTTP Status 500 – Internal Server Error</title></head><body>
<h1>HTTP Status 500 – Internal Server Error</h1><p><b>Exception</b></p><pre>org.wren.web.PageException: cannot draw &lt;nest&gt;
	org.wren.web.Page.draw(Page.java:40)
	org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:166)
</pre><p><b>Root Cause</b></p><pre>java.lang.IllegalStateException
	org.wren.Nest.&lt;init&gt;(Nest.java:12)
	org.wren.web.Page.draw(Page.java:38)
</pre><p><b>Note</b> The full stack trace is in the logs.</p></body></html>
"""
COPIED = """HTTP Status 500 – Internal Server Error

Exception

org.wren.web.PageException: cannot draw <nest>
	org.wren.web.Page.draw(Page.java:40)
	org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:166)

Root Cause

java.lang.IllegalStateException
	org.wren.Nest.<init>(Nest.java:12)
	org.wren.web.Page.draw(Page.java:38)

Note The full stack trace is in the logs.
"""


@pytest.mark.parametrize("text", [PAGE, COPIED], ids=["HTML", "copied"])
def test_the_error_page_of_tomcat(text: str) -> None:
    [report] = read(text).reports
    assert (report.error_type, report.message) == ("org.wren.web.PageException", "cannot draw <nest>")
    assert len(report.frames) == 2
    [cause] = report.causes
    assert (cause.error_type, cause.frames[0].qualified) == ("java.lang.IllegalStateException", "org.wren.Nest.<init>")
    assert text[report.span[0] :].startswith(("<pre>org.wren", "org.wren"))


@pytest.mark.parametrize("line", ["a.b\n", "a.b: c\n x\n", "<pre>a.b\n\tc(d)\n", "a.b\n\n\n", "Root Cause\n"])
def test_time_grows_linearly_with_hostile_pages(line: str) -> None:
    assert_linear(lambda text: read(text, "java"), lambda count: "HTTP Status 500\n" + line * count, 4_000)


def test_the_engine_that_runs_a_script_of_jenkins_is_not_to_blame() -> None:
    [report] = read(
        "java.lang.NullPointerException: Cannot invoke method size() on null object\n"
        "\tat org.codehaus.groovy.runtime.NullObject.invokeMethod(NullObject.java:91)\n"
        "\tat com.cloudbees.groovy.cps.sandbox.DefaultInvoker.methodCall(DefaultInvoker.java:20)\n"
        "\tat org.jenkinsci.plugins.workflow.cps.LoggingInvoker.methodCall(LoggingInvoker.java:105)\n"
        "\tat WorkflowScript.grind(WorkflowScript:7)\n"
        "\tat com.cloudbees.groovy.cps.impl.ContinuationGroup.methodCall(ContinuationGroup.java:90)\n"
    ).reports
    assert report.culprit is not None
    assert report.culprit.qualified == "WorkflowScript.grind"
