"""Java stack traces: plain, chained, in logs, on Android, flattened, truncated; and deadlocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from growth import assert_linear
from reading import names

from graph.model.report import ParsedReport
from graph.parsing.java.parser import JavaParser
from graph.parsing.text.jvm_frames import parse_jvm_frame

# Made with OpenJDK 17.
CHAIN = """Exception in thread "main" java.lang.RuntimeException: while chaining
second line: x

  third
	at Main.chain(Main.java:5)
	at Main.main(Main.java:10)
Caused by: java.lang.IllegalArgumentException: java.lang.NullPointerException: Cannot invoke "String.length()" because "<parameter1>" is null
	at Main.low(Main.java:6)
	... 2 more
Caused by: java.lang.NullPointerException: Cannot invoke "String.length()" because "<parameter1>" is null
	... 3 more
"""  # noqa: E501 - as it was printed

SUPPRESSED = """Exception in thread "worker "7"" java.lang.NullPointerException: cart
	at java.base/java.util.Objects.requireNonNull(Objects.java:235)
	at Main.main(Main.java:11)
	Suppressed: java.lang.IllegalStateException: close b
		at Main$Res.close(Main.java:4)
		... 1 more
	Caused by: java.io.IOException: disk
		... 2 more
	Suppressed: java.lang.IllegalStateException: close a
		at Main$Res.close(Main.java:4)
		... 1 more
"""

DEADLOCK = """2026-11-21 10:55:19
Full thread dump OpenJDK 64-Bit Server VM (17.0.15+6-Debian-1deb12u1 mixed mode, sharing):

"left" #11 prio=5 os_prio=0 cpu=0.83ms elapsed=1.98s tid=0x00007fca30144a50 nid=0x3660 waiting for monitor entry  [0x00007fca0c3fe000]
   java.lang.Thread.State: BLOCKED (on object monitor)
	at Main.grab(Main.java:26)
	- waiting to lock <0x000000069ec1b6c8> (a java.lang.Object)
	- locked <0x000000069ec1b6b8> (a java.lang.Object)
	at Main.lambda$main$3(Main.java:19)

"VM Thread" os_prio=0 cpu=2.76ms elapsed=1.98s tid=0x00007fca300f4670 nid=0x3653 runnable

"""  # noqa: E501 - as it was printed
FOUND = """Found one Java-level deadlock:
=============================
"left":
  waiting to lock monitor 0x00007fc98c065ac0 (object 0x000000069ec1b6c8, a java.lang.Object),
  which is held by "right"

"right":
  waiting to lock monitor 0x00007fc9980015a0 (object 0x000000069ec1b6b8, a shop.Ledger),
  which is held by "left"

Java stack information for the threads listed above:
===================================================
"left":
	at Main.grab(Main.java:26)
	- waiting to lock <0x000000069ec1b6c8> (a java.lang.Object)
	- locked <0x000000069ec1b6b8> (a java.lang.Object)
	at Main.lambda$main$3(Main.java:19)
	at Main$$Lambda$1/0x00007fc9b0000a08.run(Unknown Source)
	at java.lang.Thread.run(java.base@17.0.15/Thread.java:840)
"right":
	at Main.grab(Main.java:27)
	- waiting to lock <0x000000069ec1b6b8> (a java.lang.Object)
	at java.lang.Thread.run(java.base@17.0.15/Thread.java:840)

Found 1 deadlock.

Heap
"""


def parsed(text: str) -> list[ParsedReport]:
    return list(JavaParser().parse(text))


def only(text: str) -> ParsedReport:
    assert JavaParser().sniff(text) > 0
    [report] = parsed(text)
    return report


def test_a_chain_of_causes() -> None:
    report = only(CHAIN)
    assert (report.error_type, report.message) == (
        "java.lang.RuntimeException",
        "while chaining\nsecond line: x\n\n  third",
    )
    assert names(report) == ["Main.chain", "Main.main"]
    assert (report.frames[0].file, report.frames[0].line, report.frame_count) == ("Main.java", 5, 2)
    assert [(one.relation, one.error_type, len(one.frames)) for one in report.causes] == [
        ("cause", "java.lang.IllegalArgumentException", 1),
        ("cause", "java.lang.NullPointerException", 0),
    ]
    assert report.extra == {"thread": "main"}
    assert (report.span, report.truncated) == ((0, len(CHAIN)), False)


def test_suppressed_exceptions_and_a_thread_with_quotes() -> None:
    report = only(SUPPRESSED)
    assert report.extra == {"thread": 'worker "7"'}
    assert names(report) == ["java.util.Objects.requireNonNull", "Main.main"]
    assert [frame.in_app for frame in report.frames] == [False, None]
    assert report.culprit == report.frames[1]
    assert [(one.relation, one.message) for one in report.causes] == [
        ("suppressed", "close b"),
        ("suppressed", "disk"),
        ("suppressed", "close a"),
    ]


def test_a_circular_cause_is_listed_once() -> None:
    text = (
        "java.lang.Exception: one\n\tat Main.main(Main.java:13)\nCaused by: java.lang.Exception: two\n"
        "\t... 1 more\nCaused by: [CIRCULAR REFERENCE: java.lang.Exception: one]\nnext\n"
    )
    report = only(text)
    assert [one.message for one in report.causes] == ["two"]
    assert text[report.span[1] :] == "next\n"


def test_a_trace_printed_from_the_root_cause() -> None:
    report = only(
        "java.io.IOException: root\n\tat shop.A.low(A.java:1)\n\t... 3 common frames omitted\n"
        "Wrapped by: java.lang.IllegalStateException: outer\n\tat shop.A.high(A.java:9)\n"
    )
    assert (report.error_type, names(report)) == ("java.lang.IllegalStateException", ["shop.A.high"])
    assert [(one.relation, one.error_type) for one in report.causes] == [("cause", "java.io.IOException")]


@pytest.mark.parametrize(
    ("line", "qualified", "file", "number"),
    [
        ("at shop.Cart.<init>(Cart.java:4)", "shop.Cart.<init>", "Cart.java", 4),
        ("at java.base@17.0.1/java.lang.Thread.run(Thread.java:840)", "java.lang.Thread.run", "Thread.java", 840),
        ("at app//shop.Cart.add(Cart.kt)", "shop.Cart.add", "Cart.kt", None),
        ("at jdk.proxy1/jdk.proxy1.$Proxy0.run(Unknown Source)", "jdk.proxy1.$Proxy0.run", None, None),
        ("at sun.reflect.Accessor.invoke0(Native Method) ~[?:1.8]", "sun.reflect.Accessor.invoke0", None, None),
        ("at a.b.c(Unknown Source:12)", "a.b.c", None, 12),
        ("at a.b.c(SourceFile)", "a.b.c", "SourceFile", None),
        ("at x.M$$Lambda$14/0x0000000800c03000.run(Unknown Source)", "x.M$$Lambda$14/0x0000000800c03000.run", None, None),
        ("at S$$FastClassBySpringCGLIB$$5a.x(<generated>) [a.jar:1]", "S$$FastClassBySpringCGLIB$$5a.x", "<generated>", None),
        ("at user$eval1$fn__2.invoke(NO_SOURCE_FILE:1)", "user$eval1$fn__2.invoke", "NO_SOURCE_FILE", 1),
        ("at shop.Spec.adds a thing, v1.2 (again)(Spec.groovy:12)", "shop.Spec.adds a thing, v1.2 (again)", "Spec.groovy", 12),
        ("at Köln.Straße.öffne(Straße.java:1)", "Köln.Straße.öffne", "Straße.java", 1),
    ],
)  # fmt: skip
def test_frame(line: str, qualified: str, file: str | None, number: int | None) -> None:
    frame = parse_jvm_frame(line)
    assert frame is not None
    assert (frame.qualified, frame.file, frame.line) == (qualified, file, number)


@pytest.mark.parametrize(
    "line",
    [
        "at Object.<anonymous> (/srv/a.js:1:2)",
        "at foo.bar(http://host/a.js:1:2)",
        "at Shop.Cart.Add(String name, Int32 n) in C:\\a\\Cart.cs:line 12",
        "at Shop.Program.Main()",
        "at Shop.Program.Main(String)",
        "at noon (see below)",
        "at a.b.c",
        "at .(x.java:1)",
    ],
)
def test_lines_that_are_not_frames(line: str) -> None:
    assert parse_jvm_frame(line) is None


SPRING = """2024-05-01T10:00:00.123+02:00 ERROR 1234 --- [nio-8080-exec-1] o.a.c.c.C.[dispatcherServlet]    : Servlet.service() threw exception [Request processing failed; nested exception is java.lang.NullPointerException] with root cause

java.lang.NullPointerException: null
	at shop.OrderService.place(OrderService.java:44) ~[classes/:na]
	at shop.OrderService$$FastClassBySpringCGLIB$$5a1b2c3.invoke(<generated>) ~[classes/:na]
	at org.springframework.cglib.proxy.MethodProxy.invoke(MethodProxy.java:218) ~[spring-core-5.3.9.jar:5.3.9]

2024-05-01T10:00:01.123+02:00  INFO 1234 --- [nio-8080-exec-1] c.s.App : fine
"""  # noqa: E501


def test_spring_boot_log_record() -> None:
    report = only(SPRING)
    assert (report.error_type, report.message, report.frame_count) == ("java.lang.NullPointerException", "", 3)
    assert report.occurred_at == datetime(2024, 5, 1, 8, 0, 0, 123_000, tzinfo=UTC)
    assert report.extra == {"thread": "nio-8080-exec-1"}
    assert SPRING[report.span[1] :].strip().startswith("2024-05-01T10:00:01.123+02:00  INFO")


def test_hadoop_log_records_mention_the_error() -> None:
    text = (
        "2015-10-18 18:01:47,978 ERROR [main] org.example.YarnChild: Error running child : java.lang.OutOfMemoryError: heap\n"
        "\tat org.example.io.IOUtils.readFully(IOUtils.java:12)\n"
        "\tat java.security.AccessController.doPrivileged(Native Method)\n"
        "2015-10-18 18:01:48,978 FATAL [IPC Server handler 3] org.example.Task: exited : java.io.IOException: a: b\n"
        "\tat org.example.NetUtils.wrapException(NetUtils.java:758)\n"
        "2015-10-18 18:01:49,978 INFO [main] org.example.Task: done\n"
    )
    first, second = parsed(text)
    assert (first.error_type, first.message, first.frame_count) == ("java.lang.OutOfMemoryError", "heap", 2)
    assert (second.error_type, second.message) == ("java.io.IOException", "a: b")
    assert second.extra == {"thread": "IPC Server handler 3"}
    assert first.occurred_at is None


@pytest.mark.parametrize(
    "prefix",
    [
        "05-01 10:00:00.123  1234  1234 E AndroidRuntime: ",
        "E/AndroidRuntime( 1234): ",
        "AndroidRuntime  E  ",
    ],
)
def test_android(prefix: str) -> None:
    lines = [
        "FATAL EXCEPTION: Thread-7",
        "Process: org.shop:remote, PID: 1234",
        "java.lang.RuntimeException: Unable to start",
        "\tat android.app.ActivityThread.performLaunchActivity(ActivityThread.java:3449)",
        "\tat org.shop.Main.a(Unknown Source:12)",
        "Caused by: a.b: x",
        "\tat org.shop.Main.onCreate(SourceFile:3)",
        "\t... 9 more",
    ]
    text = "".join(f"{prefix}{line}\n" for line in lines)
    report = only(text)
    assert (report.error_type, report.product, report.environment) == (
        "java.lang.RuntimeException",
        "org.shop",
        {"os": "Android"},
    )
    assert report.extra == {"thread": "Thread-7", "process": "org.shop:remote", "pid": "1234"}
    assert report.culprit == report.frames[1]
    assert [(one.error_type, one.message) for one in report.causes] == [("a.b", "x")]
    assert report.span == (0, len(text))


@pytest.mark.parametrize(
    "prefix",
    ["web_1  | ", "2024-05-01T10:00:00.123456789Z stderr F ", "    ", "> ", "[worker-9] ", "│ ", "Nov 21 10:0 host a[9]: "],
)
def test_a_prefix_on_every_line_is_removed(prefix: str) -> None:
    lines = [f"{prefix}{line}" for line in CHAIN.replace("\n\n", "\n").splitlines()]
    # Numbers in a prefix change from line to line, in length too.
    lines = [line.replace("[worker-9]", f"[worker-{number}]") for number, line in enumerate(lines, 5)]
    report = only("\n".join(lines) + "\nother text\n")
    assert (report.error_type, names(report)) == ("java.lang.RuntimeException", ["Main.chain", "Main.main"])
    assert report.message == "while chaining\nsecond line: x\n  third"
    assert [len(one.frames) for one in report.causes] == [1, 0]


def test_lost_or_escaped_line_ends_are_restored() -> None:
    flat = "ERROR x failed: java.lang.IllegalStateException: bad at shop.A.b(A.java:1) at shop.C.d(C.java:2) Caused by: a.E: e at shop.E.f(E.java:3) ... 2 more\n"  # noqa: E501
    escaped = (
        '{"level":"ERROR","message":"order \\"7\\" failed","stack_trace":"java.lang.IllegalStateException: bad\\r\\n'
        "\\tat shop.A.b(A.java:1)\\r\\n\\tat shop.C.d(C.java:2)\\r"
        '\\nCaused by: a.E: e\\r\\n\\tat shop.E.f(E.java:3)\\n\\t... 2 more\\n"}\n'
    )
    for text in (flat, escaped):
        report = only(text + "next line\n")
        assert (report.error_type, report.message) == ("java.lang.IllegalStateException", "bad")
        assert names(report) == ["shop.A.b", "shop.C.d"]
        assert [(one.error_type, len(one.frames)) for one in report.causes] == [("a.E", 1)]
        assert report.span == (0, len(text))


def test_messages_that_look_like_stacks() -> None:
    report = only(
        "com.google.inject.CreationException: Unable to create injector, see the following errors:\n\n"
        "1) Error injecting constructor, java.lang.NullPointerException\n  at shop.Bar.<init>(Bar.java:12)\n"
        "  while locating shop.Bar\n\n1 error\n"
        "\tat com.google.inject.internal.Errors.throwCreationExceptionIfErrorsExist(Errors.java:466)\n"
        "\tat shop.App.main(App.java:3)\n"
    )
    assert report.error_type == "com.google.inject.CreationException"
    assert names(report)[1:] == ["shop.App.main"]
    assert report.culprit == report.frames[1]
    report = only(
        "org.opentest4j.MultipleFailuresError: Multiple Failures (2 failures)\n"
        "\torg.opentest4j.AssertionFailedError: expected: <1> but was: <2>\n\tjava.lang.IllegalStateException: foo\n"
        "\tat org.junit.jupiter.api.AssertAll.assertAll(AssertAll.java:80)\n\tat shop.ATest.does some things(ATest.kt:80)\n"
    )
    assert report.error_type == "org.opentest4j.MultipleFailuresError"
    assert report.culprit == report.frames[1]


def test_a_thread_dump_is_a_report_only_with_a_deadlock() -> None:
    report = only(DEADLOCK + FOUND)
    assert (report.error_type, report.message) == (
        "Deadlock",
        "threads wait for each other: java.lang.Object, shop.Ledger",
    )
    assert names(report) == [
        "Main.grab",
        "Main.lambda$main$3",
        "Main$$Lambda$1/0x00007fc9b0000a08.run",
        "java.lang.Thread.run",
    ]
    assert (report.frames[3].file, report.extra) == ("Thread.java", {"thread": "left"})
    assert [(one.relation, one.message, len(one.frames)) for one in report.causes] == [
        ("parallel", "right waits for shop.Ledger", 2)
    ]
    assert (DEADLOCK + FOUND)[slice(*report.span)].endswith("Found 1 deadlock.\n")
    assert report.severity == "high"
    assert parsed(DEADLOCK) == []


def test_a_trace_flattened_to_escaped_tabs() -> None:
    report = only(r'{"message": "java.io.IOException: root\tat shop.A.low(A.java:1)\tat shop.A.high(A.java:9)"}')
    assert (report.error_type, report.message) == ("java.io.IOException", "root")
    assert names(report) == ["shop.A.low", "shop.A.high"]
    assert only("java.lang.X.Error: y,at a.B.c(D.java:1)").frame_count == 1


def test_errors_without_frames() -> None:
    text = 'Exception in thread "a" java.lang.OutOfMemoryError: Java heap space\n' * 2 + "other\n"
    reports = parsed(text)
    assert [(one.error_type, one.severity, one.frames) for one in reports] == [
        ("java.lang.OutOfMemoryError", "critical", ())
    ] * 2


def test_recursion_is_folded() -> None:
    report = only("java.lang.StackOverflowError\n" + "\tat Main.rec(Main.java:9)\n" * 1024)
    assert (len(report.frames), report.frame_count) == (1, 1024)


@pytest.mark.parametrize(
    "text", ["\tat shop.A.b(A.java:1)\n\tat shop.A.c(A.java:2)\nCaused by: a.X: y\n\tat shop.A.c(A.java:2)\n"]
)
def test_truncated_at_the_start(text: str) -> None:
    report = only(text)
    assert (report.error_type, report.truncated, report.frame_count, len(report.causes)) == ("", True, 2, 1)


def test_truncated_at_the_end() -> None:
    report = only("java.lang.IllegalStateException: x\n\tat shop.A.b(A.java:1)\n\tat shop.A.c(A.ja")
    assert (report.truncated, report.frame_count) == (True, 1)


def test_other_kinds_of_headers() -> None:
    stack = "\tat shop.A.b(A.java:1)\n"
    assert only(f"== Java Exception: shop.Bad: x\n{stack}DEDUP_TOKEN: 1\n").error_type == "shop.Bad"
    sax = only(f"org.xml.sax.SAXParseException; lineNumber: 1; Content is not allowed\n{stack}")
    assert (sax.error_type, sax.message) == ("org.xml.sax.SAXParseException", "lineNumber: 1; Content is not allowed")
    closure = only(f'Exception in thread "main" Syntax error compiling at (t.clj:3:1).\n{stack}')
    assert (closure.error_type, closure.message) == ("Exception", "Syntax error compiling at (t.clj:3:1).")
    assert only(f"1) testPay(shop.CartTest)java.lang.IllegalStateException: x\n{stack}").message == "x"
    assert only(f"MyProblem: x\n{stack}").error_type == "MyProblem"


HOSTILE = {
    "at": lambda n: "at " * 6 * n,
    "open": lambda n: "at a.b(" * 3 * n,
    "long name": lambda n: "java.lang.X: y\n\tat " + "a" * 20 * n + "(A.java:1)\n",
    "threads": lambda n: 'Exception in thread "m" a.B: c\n' * (n // 2),
    "quotes": lambda n: '"' * 20 * n + "\\n\tat shop.A.b(A.java:1)",
    "causes": lambda n: "java.lang.X: y\n" + "\tat shop.A.b(A.java:1)\nCaused by: a.B: c\n" * (n // 2),
    "frames and words": lambda n: "\tat shop.A.b(A.java:1)\nword\n" * (n // 2),
    "deadlocks": lambda n: 'Java-level deadlock\n"a":\n' * n,
    "prefixes": lambda n: "".join(f"{number} x at shop.A.b(A.java:1)\n" for number in range(n // 2)),
    "flattened": lambda n: "java.lang.X: y" + r"\tat shop.A.b(A.java:1)" * n,
    "nested escapes": lambda n: "java.lang.X: y" + "\\" * 20 * n + "n at shop.A.b(A.java:1)",
}


def parse_all(text: str) -> None:
    for report in parsed(text):
        assert 0 <= report.span[0] < report.span[1] <= len(text)


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(parse_all, text_of, 16_000)


def test_odd_characters_do_not_raise() -> None:
    parse_all("java.lang.\u202eX\x00: \ud800y\n\tat shop.\u2066A.b(A.java:1)\n")
