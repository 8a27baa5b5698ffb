"""Go errors: output of programs built with Go 1.26, and of older versions and libraries."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, names, only_report

from graph.parsing.go.error_types import fatal_type, panic_type
from graph.parsing.go.frames import split_name
from graph.parsing.read import read

only = partial(only_report, "go")


INDEX = """panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.(*cart).at(...)
	/srv/shop/main.go:22
main.main()
	/srv/shop/main.go:38 +0x85e
exit status 2
"""


def test_a_panic_of_the_runtime() -> None:
    report = only(INDEX)
    assert report.error_type == "Index out of range"
    assert report.message == "runtime error: index out of range [5] with length 3"
    assert names(report) == ["main.(*cart).at", "main.main"]
    assert [(frame.file, frame.line, frame.in_app) for frame in report.frames] == [
        ("/srv/shop/main.go", 22, True),
        ("/srv/shop/main.go", 38, True),
    ]
    assert (blamed(report), report.extra, report.span) == ("main.(*cart).at", {"goroutine": "1"}, (0, len(INDEX)))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("runtime error: slice bounds out of range [:5] with capacity 2", "Slice bounds out of range"),
        ("runtime error: integer divide by zero", "Integer divide by zero"),
        ("runtime error: invalid memory address or nil pointer dereference", "Invalid memory address"),
        ("runtime error: makeslice: len out of range", "Makeslice: len out of range"),
        ("runtime error: hash of unhashable type []int", "Hash of unhashable"),
        ("assignment to entry in nil map", "Assignment to entry in nil map"),
        ("interface conversion: interface {} is string, not int", "Interface conversion"),
        ("main.Kind(3)", "main.Kind"),
        ("(main.Bad) 0x776930", "main.Bad"),
        ("(*example.org/shop/cart.Bad) 0x2920dcad21c0", "example.org/shop/cart.Bad"),
        ("something bad", "panic"),
        ("open: file does not exist", "panic"),
    ],
)
def test_kinds_of_panics(value: str, kind: str) -> None:
    assert panic_type(value) == kind


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("stack overflow", "Stack overflow"),
        ("all goroutines are asleep - deadlock!", "Deadlock"),
        ("concurrent map writes", "Concurrent map writes"),
        ("runtime: out of memory", "Out of memory"),
        ("sync: unlock of unlocked mutex", "Fatal error"),
    ],
)
def test_kinds_of_fatal_errors(value: str, kind: str) -> None:
    assert fatal_type(value) == kind


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("main.main", ("main", "main")),
        ("net/http.(*conn).serve.func1", ("net/http", "(*conn).serve.func1")),
        ("github.com/a/go-b.(*T).M", ("github.com/a/go-b", "(*T).M")),
        ("main.pick[...]", ("main", "pick[...]")),
        ("example.org/x.Map[go.shape.int,example.org/y.T]", ("example.org/x", "Map[go.shape.int,example.org/y.T]")),
        ("gopkg.in/yaml%2ev3.(*parser).peek", ("gopkg.in/yaml%2ev3", "(*parser).peek")),
        ("panic", ("", "panic")),
    ],
)
def test_package_and_function(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_a_signal() -> None:
    report = only(
        "panic: runtime error: invalid memory address or nil pointer dereference\n"
        "[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x65e535]\n\n"
        "goroutine 1 [running]:\nmain.main()\n\t/srv/shop/main.go:44 +0x155\n"
    )
    assert (report.extra["signal"], report.extra["address"]) == ("SIGSEGV", "0x18")


def test_a_multiline_message() -> None:
    report = only("panic: line one\n\tline two\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/shop/main.go:50 +0x858\n")
    assert (report.error_type, report.message) == ("panic", "line one\nline two")


AGAIN = """--- FAIL: TestAt (0.00s)
panic: runtime error: index out of range [5] with length 1 [recovered, repanicked]

goroutine 7 [running]:
testing.tRunner.func1.2({0x634e60, 0x19d067f241b0})
	/usr/local/go/src/testing/testing.go:1974 +0x232
testing.tRunner.func1()
	/usr/local/go/src/testing/testing.go:1977 +0x349
panic({0x634e60?, 0x19d067f241b0?})
	/usr/local/go/src/runtime/panic.go:860 +0x13a
example.org/shop.(*cart).at(...)
	/srv/shop/main.go:22
example.org/shop.TestAt(0x19d067fd2248?)
	/srv/shop/x_test.go:3 +0xa
testing.tRunner(0x19d067fd2248, 0x662ab8)
	/usr/local/go/src/testing/testing.go:2036 +0xea
created by testing.(*T).Run in goroutine 1
	/usr/local/go/src/testing/testing.go:2101 +0x4c5
FAIL	example.org/shop	0.007s
"""


def test_the_culprit_of_a_repanic_is_its_origin() -> None:
    report = only(AGAIN)
    assert report.message == "runtime error: index out of range [5] with length 1"
    assert (blamed(report), report.causes) == ("example.org/shop.(*cart).at", ())
    assert [frame.in_app for frame in report.frames] == [False, False, False, True, True, False]
    assert report.extra["created_by"] == "testing.(*T).Run"


def test_a_panic_while_another_was_handled() -> None:
    report = only(
        "panic: first [recovered]\n\tpanic: second\n\ngoroutine 1 [running]:\nmain.main.func2()\n\t/srv/shop/main.go:66 +0x26\n"
        "panic({0x6e2680?, 0x776c60?})\n\t/usr/local/go/src/runtime/panic.go:860 +0x13a\nmain.main()\n"
        "\t/srv/shop/main.go:67 +0x716\n"
    )
    assert (report.message, blamed(report)) == ("second", "main.main.func2")
    assert [(cause.relation, cause.message) for cause in report.causes] == [("context", "first")]


def test_a_panic_recovered_by_the_http_server() -> None:
    report = only(
        "2026/11/21 11:04:51 http: panic serving 127.0.0.1:49512: runtime error: integer divide by zero\n"
        "goroutine 5 [running]:\n"
        "net/http.(*conn).serve.func1()\n\t/usr/local/go/src/net/http/server.go:1897 +0xbd\n"
        "panic({0x6f8020?, 0x9fdbd0?})\n\t/usr/local/go/src/runtime/panic.go:860 +0x13a\n"
        "main.main.func6({0x77c008?, 0x1bb8d4a86000}, 0x0?)\n\t/srv/shop/main.go:93 +0x44\n"
        "net/http.HandlerFunc.ServeHTTP(0x4804f9?, {0x77c008?, 0x1bb8d4a86000?}, 0x1bb8d4a13b30?)\n"
        "\t/usr/local/go/src/net/http/server.go:2286 +0x29\n"
        "created by net/http.(*Server).Serve in goroutine 20\n\t/usr/local/go/src/net/http/server.go:3464 +0x485\n"
    )
    assert (report.error_type, report.message) == ("Integer divide by zero", "runtime error: integer divide by zero")
    assert blamed(report) == "main.main.func6"


DEADLOCK = """fatal error: all goroutines are asleep - deadlock!

goroutine 1 [select (no cases)]:
main.main()
	/srv/shop/main.go:2 +0x65

goroutine 17 [chan send]:
main.main.func1()
	/srv/shop/main.go:2 +0x36
created by main.main in goroutine 1
	/srv/shop/main.go:2 +0x50
exit status 2
"""


def test_a_deadlock_is_one_report_for_all_goroutines() -> None:
    report = only(DEADLOCK)
    assert (report.error_type, names(report), report.span) == ("Deadlock", ["main.main"], (0, len(DEADLOCK)))


def test_a_stack_overflow_after_the_stack_of_the_runtime() -> None:
    report = only(
        "runtime: goroutine stack exceeds 65536-byte limit\nfatal error: stack overflow\n\nruntime stack:\n"
        "runtime.throw({0x759182?, 0x200000008?})\n"
        "\t/usr/local/go/src/runtime/panic.go:1229 +0x48 fp=0x7ffcf17d9c38 sp=0x7ffcf17d9c08 pc=0x482f48\n"
        "runtime.newstack()\n"
        "\t/usr/local/go/src/runtime/stack.go:1207 +0x5fd fp=0x7ffcf17d9d68 sp=0x7ffcf17d9c38 pc=0x468dbd\n\n"
        "goroutine 1 gp=0x62c2a9841e0 m=0 mp=0xa0d640 [running]:\n"
        + "main.deep(0x0?)\n\t/srv/shop/main.go:32 +0x17 fp=0x62c2aa483b0 sp=0x62c2aa48398 pc=0x65e3b7\n"
        * 50
        + "...additional frames elided...\nmain.main()\n"
        "\t/srv/shop/main.go:86 +0x17 fp=0x62c2aa483b0 sp=0x62c2aa48398 pc=0x65e3b7\n"
    )
    assert (report.error_type, blamed(report)) == ("Stack overflow", "main.deep")
    assert ([frame.repeated for frame in report.frames], report.frame_count) == ([50, 1], 51)


RACE = """==================
WARNING: DATA RACE
Read at 0x00c0000941b8 by goroutine 8:
  main.main.func7()
      /srv/shop/main.go:111 +0x33

Previous write at 0x00c0000941b8 by main goroutine:
  main.main()
      /srv/shop/main.go:112 +0x40c

Goroutine 8 (running) created at:
  main.main()
      /srv/shop/main.go:111 +0x3ea
==================
"""


def test_data_races() -> None:
    report, other = read(RACE + "2\n" + RACE + "Found 2 data race(s)\n").reports
    assert (report.error_type, report.message, names(report)) == ("Data race", "read / previous write", ["main.main.func7"])
    assert [(cause.error_type, cause.frames[0].line) for cause in report.causes] == [("Previous write", 112)]
    assert other.error_type == "Data race"


def test_the_fuzzer_output_is_part_of_the_panic() -> None:
    text = INDEX.replace("exit status 2\n", "") + (
        "==42108== ERROR: libFuzzer: deadly signal\n    #0 0x49f071 in __sanitizer_print_stack_trace asan_stack.cpp:86:3\n"
        "    #1 0x5c8a90 in runtime.raise runtime/sys_linux_amd64.s:149\n\nSUMMARY: libFuzzer: deadly signal\n"
    )
    report = only(text)
    assert (report.error_type, blamed(report)) == ("Index out of range", "main.(*cart).at")


def test_a_panic_observed_by_a_kubernetes_controller() -> None:
    report = only(
        'E0101 12:00:00.000000       1 runtime.go:79] Observed a panic: "invalid memory address or nil pointer dereference" '
        "(runtime error: invalid memory address or nil pointer dereference)\ngoroutine 12 [running]:\n"
        "k8s.io/apimachinery/pkg/util/runtime.logPanic(0x1, 0x2)\n"
        "\t/go/pkg/mod/k8s.io/apimachinery@v0.20.0/pkg/util/runtime/runtime.go:74 +0x95\n"
        "panic(0x1, 0x2)\n\t/usr/local/go/src/runtime/panic.go:965 +0x1b9\n"
        "example.org/op/controllers.(*R).Reconcile(0xc0)\n\t/workspace/controllers/r.go:41 +0x33\n"
    )
    assert (report.error_type, blamed(report)) == ("Invalid memory address", "example.org/op/controllers.(*R).Reconcile")


def test_a_stack_printed_with_an_error() -> None:
    report = only(
        "caught: bad\ngoroutine 1 [running]:\nruntime/debug.Stack()\n\t/usr/local/go/src/runtime/debug/stack.go:26 +0x5e\n"
        "main.main()\n\t/srv/shop/main.go:116 +0x66b\n"
    )
    assert (report.error_type, report.message, blamed(report)) == ("Error", "caught: bad", "main.main")


def test_a_stack_of_an_error_library() -> None:
    report = only(
        "no price for 3\nexample.org/shop/cart.price\n\t/srv/shop/cart/cart.go:12\nmain.main\n\t/srv/shop/main.go:5\n"
        "runtime.main\n\t/usr/local/go/src/runtime/proc.go:250\n"
    )
    assert (report.error_type, report.message, names(report)[0]) == ("Error", "no price for 3", "example.org/shop/cart.price")


def test_a_panic_recovered_by_a_web_framework() -> None:
    report = only(
        "2024/05/01 - 10:00:00 [Recovery] panic recovered:\nGET /x HTTP/1.1\nHost: shop.example.org\n\n"
        "runtime error: index out of range [5] with length 3\n"
        "/usr/local/go/src/runtime/panic.go:88 (0x43a1b4)\n\tgoPanicIndex: panic(boundsError{x: int64(x), y: y})\n"
        "/srv/shop/cart.go:22 (0x7d1b05)\n\t(*cart).at: return c.items[i]\n"
        "/home/dev/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/context.go:174 (0x8d1b05)\n"
        "\t(*Context).Next: c.handlers[c.index](c)\n"
    )
    assert (report.error_type, blamed(report)) == ("Index out of range", "shop.(*cart).at")
    assert names(report)[0] == "runtime.goPanicIndex"
    assert [frame.in_app for frame in report.frames] == [False, True, False]


def test_a_goroutine_dump_is_not_an_error() -> None:
    assert not read("goroutine 1 [select]:\nmain.main()\n\t/srv/shop/main.go:2 +0x65\n", "go").reports


def test_a_prefix_before_every_line() -> None:
    report = only("".join(f"web_1  | {line}\n" for line in INDEX.splitlines()))
    assert (report.error_type, names(report)) == ("Index out of range", ["main.(*cart).at", "main.main"])


HOSTILE = {
    "headers": lambda n: "goroutine 1 [running]:\n" * n,
    "words": lambda n: "panic: " * 4 * n,
    "frames": lambda n: "panic: x\n\ngoroutine 1 [running]:\n" + "main.f(0x1)\n\t/a/b.go:12 +0x1\n" * n,
    "places": lambda n: "\t/a/b.go:12\n" * n,
    "races": lambda n: RACE * (n // 16),
}


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(lambda text: read(text, "go"), text_of, 8_000)
