"""Go stacks without their tabs, in records of loggers, from recoveries of web frameworks, and from error libraries."""

from __future__ import annotations

from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, only_report

from graph.parsing.read import read

only = partial(only_report, "go")


PANIC = """panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47e9a1]

goroutine 1 gp=0xc000104e00 m=5 mp=0xc000100808 [running]:
example.org/wren/song.(*Song).Verse(...)
\t/home/ann/wren/song/song.go:12
main.main()
\t/home/ann/wren/main.go:17 +0x1d fp=0xc00004c728 sp=0xc00004c6f8 pc=0x4830dd
exit status 2
"""
TEST = """--- FAIL: TestVerse (0.00s)
panic: runtime error: index out of range [5] with length 3 [recovered]
\tpanic: runtime error: index out of range [5] with length 3

goroutine 19 [running]:
testing.tRunner.func1.2({0x510f20, 0xc000018180})
\t/usr/local/go/src/testing/testing.go:1545 +0x238
panic({0x510f20?, 0xc000018180?})
\t/usr/local/go/src/runtime/panic.go:914 +0x21f
example.org/wren/song.(*Song).Verse(...)
\tC:/wren/song/song.go:12
testing.tRunner(0xc0000829c0, 0x4f7f40)
\t/usr/local/go/src/testing/testing.go:1595 +0xff
created by testing.(*T).Run in goroutine 1
\t/usr/local/go/src/testing/testing.go:1648 +0x3ad
"""
HTTP = """2026/01/02 10:00:00 http: panic serving 127.0.0.1:51234: no song
goroutine 22 [running]:
net/http.(*conn).serve.func1()
\t/usr/local/go/src/net/http/server.go:1868 +0xb9
panic({0x6a3f20?, 0x9f5e60?})
\t/usr/local/go/src/runtime/panic.go:920 +0x270
example.org/wren/web.(*Page).Show(0x0, {0x7b2a18, 0xc0000fc000}, 0xc0000f8000)
\t/home/ann/wren/web/page.go:31 +0x1e
"""


@pytest.mark.parametrize(
    ("text", "error_type", "culprit", "count"),
    [
        (PANIC, "Invalid memory address", "example.org/wren/song.(*Song).Verse", 2),
        (TEST, "Index out of range", "example.org/wren/song.(*Song).Verse", 4),
        (HTTP, "panic", "example.org/wren/web.(*Page).Show", 3),
    ],
    ids=["panic", "test", "http"],
)
def test_a_stack_without_tabs_reads_like_one_with_them(text: str, error_type: str, culprit: str, count: int) -> None:
    tabs, spaces, flat = (only(text.replace("\n\t/", by).replace("\n\tC", by[:-1] + "C")) for by in ("\n\t/", "\n    /", "\n/"))
    assert (tabs.error_type, blamed(tabs), tabs.frame_count) == (error_type, culprit, count)
    for other in (spaces, flat):
        assert (other.error_type, other.message, other.frames) == (tabs.error_type, tabs.message, tabs.frames)
        assert blamed(other) == culprit


def test_a_structured_record_of_a_panic() -> None:
    report = only(
        'E0623 15:24:30.674204       1 panic.go:261] "Observed a panic" panic="bad \\"song\\"" panicGoValue="x" stacktrace=<\n'
        "\tgoroutine 88 [running]:\n"
        "\texample.org/lib/runtime.logPanic({0x2a1f2b8, 0x3ff2e80}, {0x22a3ce0, 0x3f3b5f0})\n"
        "\t\t/go/pkg/mod/example.org/lib@v0.31.1/runtime.go:107 +0xbc\n"
        "\tpanic({0x22a3ce0?, 0x3f3b5f0?})\n"
        "\t\t/usr/local/go/src/runtime/panic.go:770 +0x132\n"
        "\texample.org/wren/song.(*Song).Verse(0x0)\n"
        "\t\t/home/ann/wren/song/song.go:12 +0x1d\n"
        " >\n"
    )
    assert (report.message, blamed(report)) == ('bad "song"', "example.org/wren/song.(*Song).Verse")


def test_a_signal_in_foreign_code() -> None:
    report = only(
        "SIGABRT: abort\nPC=0x7f4d2b5a9a7c m=0 sigcode=18446744073709551610\n\n"
        "goroutine 0 [idle]:\nruntime: g 0: unknown pc 0x7f4d2b5a9a7c\n\n"
        "goroutine 1 [syscall]:\nruntime.cgocall(0x4a2b10, 0xc00005ae78)\n"
        "\t/usr/local/go/src/runtime/cgocall.go:157 +0x5c fp=0xc00005ae50 sp=0xc00005ae18 pc=0x40451c\n"
        "main._Cfunc_sing(0x0)\n\t_cgo_gotypes.go:43 +0x45\nmain.main()\n\t/home/ann/wren/main.go:12 +0x17\n"
    )
    assert (report.error_type, report.message, blamed(report)) == ("SIGABRT", "abort", "main.main")


@pytest.mark.parametrize("tab", ["\t", ""], ids=["tabs", "flat"])
def test_a_panic_that_a_web_framework_recovered(tab: str) -> None:
    text = (
        "2026/01/02 10:00:00 [Recovery] 2026/01/02 - 10:00:00 panic recovered:\nGET /song HTTP/1.1\nHost: localhost\n\n"
        "runtime error: index out of range [1] with length 0\n"
        f"/usr/local/go/src/runtime/panic.go:261 (0x44e6f6)\n{tab}panicmem: panic(memoryError)\n"
        f"/home/ann/wren/web/page.go:31 (0x7f1e5e)\n{tab}(*Page).Show: p.song.Title\n"
    )
    report = only(text)
    assert (report.error_type, blamed(report), report.span) == ("Index out of range", "web.(*Page).Show", (0, len(text)))


def test_an_error_wrapped_with_a_stack_each_time_is_one_report() -> None:
    report = only(
        "no song\nexample.org/wren/song.(*Song).Load\n\t/home/ann/wren/song/song.go:12\nmain.main\n"
        "\t/home/ann/wren/main.go:17\ncould not sing\nmain.main\n\t/home/ann/wren/main.go:19\nruntime.main\n"
        "\t/usr/local/go/src/runtime/proc.go:250\n"
    )
    assert report.message == "could not sing"
    assert [(cause.message, len(cause.frames)) for cause in report.causes] == [("no song", 2)]


def test_records_of_a_console_logger_are_separate_and_name_the_error() -> None:
    stack = "example.org/wren/song.(*Song).Load\n\t/home/ann/song/song.go:12\nmain.main\n\t/home/ann/main.go:17\n"
    texts = [
        f'2026-01-02T10:00:0{at}.123Z\tERROR\tsong/song.go:12\tcould not sing\t{{"error": "no song", "id": {at}}}\n{stack}'
        for at in range(3)
    ]
    reports = read("".join(texts)).reports
    assert [(report.format, report.message) for report in reports] == [("go", "could not sing: no song")] * 3
    assert [report.span[1] - report.span[0] for report in reports] == [len(text) for text in texts]


def test_stacks_of_records_beside_a_panic_are_kept() -> None:
    record = "2026-01-02T10:00:00.123Z\tERROR\tcould not sing\n"
    stack = "example.org/wren/song.(*Song).Load\n\t/home/ann/song/song.go:12\nmain.main\n\t/home/ann/main.go:17\n"
    reports = read(record + stack + PANIC + record + stack).reports
    assert [report.error_type for report in reports] == ["Error", "Invalid memory address", "Error"]


@pytest.mark.parametrize(
    "line", ["/a/b.go:12\n", "a.b\n/a/b.go:12\n", "/a/b.go:1 (0x1)\n", "f: x\n/a/b.go:1 (0x1)\n", "runtime: g\n"]
)
def test_growth_is_linear(line: str) -> None:
    assert_linear(lambda text: read(text, "go"), lambda count: "goroutine 1 [running]:\n" + line * count, 8_000)


def test_a_panic_in_a_test_has_its_stack_indented() -> None:
    report = only(
        "=== RUN   TestFold\n--- FAIL: TestFold (0.00s)\n    testing.go:1591: panic: no song\n        goroutine 9 [running]:\n"
        "        runtime/debug.Stack()\n        \t/usr/local/go/src/runtime/debug/stack.go:24 +0x9b\n"
        "        panic({0x5a1b20?, 0xc0000181f8?})\n        \t/usr/local/go/src/runtime/panic.go:770 +0x132\n"
        "        example.org/wren/song.Fold(...)\n        \t/home/ann/song/song.go:12\n"
        "        example.org/wren/song.TestFold(0xc000007a00)\n        \t/home/ann/song/song_test.go:7 +0x2b\nFAIL\n"
    )
    assert report.message == "no song"
    assert blamed(report) == "example.org/wren/song.Fold"
    assert len(report.frames) == 4
