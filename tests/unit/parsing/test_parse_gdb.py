"""Stacks of gdb and lldb, printed for a small program that crashes in many ways."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from growth import assert_linear
from reading import only_report

from graph.model.report import ParsedReport
from graph.parsing.gdb.frames import parse_frame
from graph.parsing.gdb.parser import GdbParser
from graph.parsing.read import read

SEGV = """\
Thread 1 "t" received signal SIGSEGV, Segmentation fault.
0x00005555555552f3 in shop::price_of (rate=<optimized out>, it=...) at t.cpp:17
17\tstatic inline int price_of(const Item& it, int rate) { return *it.price * rate; }
"""
STACK = """\
#0  0x00005555555552f3 in shop::price_of (rate=<optimized out>, it=...) at t.cpp:17
#1  shop::Basket::total (this=this@entry=0x7fffffffe570, currency="EUR", with_tax=with_tax@entry=true) at t.cpp:20
#2  0x0000555555555515 in main (argc=<optimized out>, argv=<optimized out>) at t.cpp:32
"""
OTHER_THREAD = """\
#0  0x00007ffff7aed545 in __GI___clock_nanosleep (clock_id=clock_id@entry=0, flags=flags@entry=0) at \
../sysdeps/unix/sysv/linux/clock_nanosleep.c:48
#1  0x0000555555555298 in operator() (__closure=<optimized out>) at t.cpp:30
#2  0x00007ffff7cd44a3 in ?? () from /lib/x86_64-linux-gnu/libstdc++.so.6
#3  0x00007ffff7b278ec in clone3 () at ../sysdeps/unix/sysv/linux/x86_64/clone3.S:81
"""
ABORT = """\
#0  __pthread_kill_implementation (threadid=<optimized out>, signo=signo@entry=6, no_tid=no_tid@entry=0) at \
./nptl/pthread_kill.c:44
#1  0x00007ffff7aa8f4f in __pthread_kill_internal (signo=6, threadid=<optimized out>) at ./nptl/pthread_kill.c:78
#2  0x00007ffff7a59fb2 in __GI_raise (sig=sig@entry=6) at ../sysdeps/posix/raise.c:26
#3  0x00007ffff7a44472 in __GI_abort () at ./stdlib/abort.c:79
"""
ABORTED = 'Thread 1 "t" received signal SIGABRT, Aborted.\n'
ASSERTION = (
    ABORT
    + """\
#4  0x00007ffff7a44395 in __assert_fail_base (fmt=0x7ffff7bb9a90 "%s%s%s:%u: %s%sAssertion `%s' failed.\\n%n", \
assertion=assertion@entry=0x5555555560c0 "b.items.size() == 3 && \\"basket is full\\"", file=file@entry=0x5555 "t.cpp", \
line=line@entry=33, function=function@entry=0x555555556034 "int main(int, char**)") at ./assert/assert.c:94
#5  0x00007ffff7a52ec2 in __GI___assert_fail (assertion=0x5555555560c0 "b.items.size() == 3 && \\"basket is full\\"", \
file=0x55555555604a "t.cpp", line=33, function=0x555555556034 "int main(int, char**)") at ./assert/assert.c:103
#6  0x0000555555555566 in main (argc=<optimized out>, argv=0x7fffffffe6d8) at t.cpp:33
"""
)
THROWN = (
    ABORT
    + """\
#4  0x00007ffff7c9d919 in ?? () from /lib/x86_64-linux-gnu/libstdc++.so.6
#5  0x00007ffff7ca8e85 in std::terminate() () from /lib/x86_64-linux-gnu/libstdc++.so.6
#6  0x00007ffff7ca90d8 in __cxa_throw () from /lib/x86_64-linux-gnu/libstdc++.so.6
#7  0x00007ffff7ca026d in std::__throw_out_of_range_fmt(char const*, ...) () from /lib/x86_64-linux-gnu/libstdc++.so.6
#8  0x00005555555554ea in std::vector<int, std::allocator<int> >::_M_range_check (__n=5, this=<synthetic pointer>)
    at /usr/include/c++/12/bits/stl_vector.h:1150
#9  std::vector<int, std::allocator<int> >::at (__n=5, this=<synthetic pointer>) at /usr/include/c++/12/bits/stl_vector.h:1175
#10 main (argc=<optimized out>, argv=0x7fffffffe6e8) at t.cpp:34
"""
)
LLDB = """\
Process 14154 stopped
* thread #1, name = 't', stop reason = signal SIGSEGV: invalid address (fault address: 0x0)
    frame #0: 0x00005555555552f3 t`shop::Basket::total(std::string const&, bool) const [inlined] price_of(rate=<unavailable>, \
it=<unavailable>) at t.cpp:17:106
   16  \t};
-> 17  \tstatic inline int price_of(const Item& it, int rate) { return *it.price * rate; }
Process 14154 launched: '/opt/shop/bin/t' (x86_64)
(lldb) bt all
* thread #1, name = 't', stop reason = signal SIGSEGV: invalid address (fault address: 0x0)
  * frame #0: 0x00005555555552f3 t`shop::Basket::total(std::string const&, bool) const [inlined] price_of(rate=<unavailable>, \
it=<unavailable>) at t.cpp:17:106
    frame #1: 0x00005555555552ef t`shop::Basket::total(this=0x00007fff, currency="EU(", with_tax=true) const at t.cpp:20:40
    frame #2: 0x0000555555555515 t`main(argc=<unavailable>, argv=<unavailable>) at t.cpp:32:58
    frame #3: 0x00007ffff7ca026d libstdc++.so.6`___lldb_unnamed_symbol7153 + 5
    frame #4: 0x00005555555551a1 t`_start + 33
  thread #2, stop reason = signal SIGSTOP
    frame #0: 0x00007ffff7b278d9 libc.so.6`__clone3 at clone3.S:62
"""


only = partial(only_report, "gdb")


def functions(report: ParsedReport) -> list[str]:
    return [frame.qualified for frame in report.frames]


def test_a_signal_and_its_stack() -> None:
    report = only(SEGV + STACK)
    assert (report.error_type, report.message, report.severity) == ("SIGSEGV", "Segmentation fault", "critical")
    assert functions(report) == ["shop::price_of", "shop::Basket::total", "main"]
    assert [(frame.file, frame.line, frame.inlined) for frame in report.frames] == [
        ("t.cpp", 17, True),
        ("t.cpp", 20, False),
        ("t.cpp", 32, False),
    ]
    assert report.culprit is not None
    assert report.culprit.function == "shop::price_of"
    assert report.span == (0, len(SEGV + STACK))


def test_all_threads_are_one_crash() -> None:
    header = 'Thread {} (Thread 0x7ffff7a1d6c0 (LWP 11339) "t"):\n'
    text = f"{SEGV}{STACK}\n{header.format(2)}{OTHER_THREAD}\n{header.format(1)}{STACK}"
    assert functions(only(text)) == ["shop::price_of", "shop::Basket::total", "main"]
    without_own = f"{SEGV}\n{header.format(2)}{OTHER_THREAD}\n{header.format(1)}{STACK}"
    assert functions(only(without_own)) == ["shop::price_of", "shop::Basket::total", "main"]


def test_the_thread_named_by_the_signal_is_the_crashed_one() -> None:
    header = "Thread {} (Thread 0x7ffff7a1d6c0 (LWP 11339)):\n"
    threads = f"\n{header.format(3)}{STACK}\n{header.format(1)}{OTHER_THREAD}"
    assert functions(only(SEGV.replace("Thread 1", "Thread 3") + threads))[0] == "shop::price_of"
    assert functions(only(f"[Current thread is 3 (Thread 0x7f (LWP 3))]\n{threads}"))[0] == "__GI___clock_nanosleep"
    assert functions(only(f"\n{header.format(3)}{ABORT}\n{header.format(1)}{OTHER_THREAD}"))[3] == "__GI_abort"


def test_a_core_names_its_program() -> None:
    text = (
        "Core was generated by `/opt/shop/bin/t null'.\nProgram terminated with signal SIGSEGV, Segmentation fault.\n"
        "#0  0x00005555555552f3 in shop::price_of (rate=<optimized out>, it=...) at t.cpp:17\n17\tsource\n"
        "[Current thread is 1 (Thread 0x7ffff7eb5440 (LWP 13548))]\n(gdb) bt\n" + STACK
    )
    report = only(text)
    assert report.extra == {"process": "t"}
    assert report.frame_count == 3
    assert report.span == (0, len(text))


def test_a_failed_assertion_is_the_cause_of_the_signal() -> None:
    line = 't: t.cpp:33: int main(int, char**): Assertion `b.items.size() == 3 && "basket is full"\' failed.\n\n'
    for report in (only(line + ABORTED + ASSERTION), only(ABORTED + ASSERTION), only(ASSERTION)):
        assert (report.error_type, report.message) == ("ASSERT", 'b.items.size() == 3 && "basket is full"')
        assert report.culprit is not None
        assert (report.culprit.function, report.culprit.line) == ("main", 33)
    assert only(line + ABORTED + ASSERTION).span[0] == 0


def test_an_uncaught_exception_is_the_cause_of_the_signal() -> None:
    line = "terminate called after throwing an instance of 'std::out_of_range'\n  what():  vector::_M_range_check: 5 >= 0\n\n"
    report = only(line + ABORTED + THROWN)
    assert (report.error_type, report.message) == ("std::out_of_range", "vector::_M_range_check: 5 >= 0")
    assert report.extra == {"signal": "SIGABRT"}
    assert report.culprit is not None
    assert (report.culprit.function, report.culprit.line) == ("main", 34)
    assert only(THROWN).error_type == "std::out_of_range"


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        ("free(): double free detected in tcache 2", "Heap-double-free", "free(): double free detected in tcache 2"),
        ("free(): invalid pointer", "Heap-corruption", "free(): invalid pointer"),
        ("*** stack smashing detected ***: terminated", "Stack-buffer-overflow", "stack smashing detected"),
        ("*** Error in `./t': double free or corruption (out): 0x0 ***", "Heap-double-free", "double free or corruption (out)"),
        ("terminate called without an active exception", "SIGABRT", "terminate called without an active exception"),
    ],
)
def test_a_message_of_the_c_library_is_the_cause(line: str, kind: str, message: str) -> None:
    report = only(f"{line}\n\n{ABORTED}{ABORT}#4  0x0000555555555289 in shop::deep (n=0) at t.cpp:26\n")
    assert (report.error_type, report.message) == (kind, message)
    assert report.culprit is not None
    assert report.culprit.function == "shop::deep"


def test_the_argument_of_a_c_library_function_is_the_message() -> None:
    line = (
        '#4  0x00007f in malloc_printerr (str=str@entry=0x7ffff7f03600 "free(): invalid next size (fast)") at malloc.c:5347\n'
    )
    report = only(ABORT + line + "#5  0x0000555555557987 in t2p_free (t2p=0x5555555672a0) at tiff2pdf.c:924\n")
    assert (report.error_type, report.message) == ("Heap-corruption", "free(): invalid next size (fast)")
    assert report.culprit is not None
    assert report.culprit.function == "t2p_free"


def test_the_culprit_is_below_the_signal_handler() -> None:
    handler = "#4  0x0000555555555289 in on_segv () at t.cpp:26\n#5  <signal handler called>\n"
    below = STACK.replace("#2", "#8").replace("#1", "#7").replace("#0", "#6")
    text = SEGV[: SEGV.index("\n") + 1] + "caught\n\n" + ABORTED + ABORT + handler + below
    report = only(text)
    assert report.error_type == "SIGSEGV"
    assert report.frame_count == 9
    assert report.culprit is not None
    assert report.culprit.function == "shop::price_of"
    assert only(ABORT + handler + below).error_type == "Crash"


def test_the_frames_of_a_bare_stack_determine_its_type() -> None:
    assert only(STACK).error_type == "Crash"
    report = only(ABORT + "#4  0x0000555555555289 in shop::deep (n=0) at t.cpp:26\n")
    assert report.error_type == "SIGABRT"


def test_local_variables_are_part_of_the_report() -> None:
    full = '#0  0x000055 in shop::total (sum=1) at t.cpp:20\n        i = {name = "#0  f (x=1) at y", price = 0x0}\nNo locals.\n'
    text = full + '#1  0x000056 in main () at t.cpp:32\nNo locals.\n        mode = "null"\n'
    report = only(text)
    assert functions(report) == ["shop::total", "main"]
    assert report.span == (0, len(text))


def test_wrapped_frames_are_joined() -> None:
    text = (
        "#0  0x00005555555552f3 in shop::price_of (rate=3,\n    it=...) at t.cpp:17\n"
        '#1  shop::Basket::total (this=0x7fffffffe570,\n    currency="a) at (",\n    with_tax=true)\n    at src/t.cpp:20\n'
        "--Type <RET> for more, q to quit, c to continue without paging--\n"
        "#2  0x0000555555555515 in main (argc=1) at t.cpp:32\n"
    )
    report = only(text)
    assert [(frame.function, frame.file, frame.line) for frame in report.frames] == [
        ("shop::price_of", "t.cpp", 17),
        ("shop::Basket::total", "src/t.cpp", 20),
        ("main", "t.cpp", 32),
    ]
    assert not report.truncated


def test_recursion_is_folded_and_counted() -> None:
    deep = "".join(f"#{number:<2} 0x0000555555555289 in shop::deep (n={number}) at t.cpp:24\n" for number in range(1, 40))
    report = only(f"#0  0x01 in shop::leaf (n=0) at t.cpp:20\n{deep}(More stack frames follow...)\n")
    assert [(frame.function, frame.repeated) for frame in report.frames] == [("shop::leaf", 1), ("shop::deep", 39)]
    assert report.frame_count == 40
    assert report.truncated


def test_stacks_of_different_crashes_are_different_reports() -> None:
    other = STACK.replace("price_of", "rate_of").replace("t.cpp:17", "t.cpp:99")
    assert [one.frame_count for one in read(f"{STACK}\n{other}").reports] == [3, 3]
    assert len(read(SEGV + STACK + "\n\n" + SEGV + STACK).reports) == 2
    assert len(read(STACK + STACK).reports) == 1


def test_a_signal_without_a_stack_is_a_report() -> None:
    report = only(SEGV)
    assert functions(report) == ["shop::price_of"]
    gone = only(SEGV + STACK + "\nProgram terminated with signal SIGSEGV, Segmentation fault.\nThe program no longer exists.\n")
    assert gone.frame_count == 3


@pytest.mark.parametrize(
    ("line", "function", "file", "line_number"),
    [
        ("0x1 in (anonymous namespace)::go (b=std::vector = {...}) at /x/a.cpp:3", "(anonymous namespace)::go", "/x/a.cpp", 3),
        ("0x1 in my::call<void (int)>::operator()(int) const (a=1) at f.h:9", "my::call<void (int)>::operator()", "f.h", 9),
        ("operator<< (out=..., x=1) at p.cpp:1", "operator<<", "p.cpp", 1),
        ("0x1 in app::operator< (a=1, b=2) at p.cpp:1", "app::operator<", "p.cpp", 1),
        ("0x1 in a::text<char>::text(a::text<char> const&) () from /lib/libstdc++.so.6", "a::text<char>::text", None, None),
        ("0x1 in foo ()", "foo", None, None),
        ("__memmove_avx () at /build/glibc-2.31/string/../m.S:468", "__memmove_avx", "/build/glibc-2.31/string/../m.S", 468),
        ('f (name=0x1 "#0  g (a=1) at x.c:1") at C:\\src\\my app\\f.c:12', "f", "C:\\src\\my app\\f.c", 12),
    ],
)  # fmt: skip
def test_frames(line: str, function: str, file: str | None, line_number: int | None) -> None:
    parsed = parse_frame(line)
    assert parsed is not None
    assert (parsed[0].function, parsed[0].file, parsed[0].line) == (function, file, line_number)


@pytest.mark.parametrize(
    "text",
    [
        "    #0 0x4b3520 in __sanitizer_print_stack_trace (/opt/fuzzer+0x4b3520)\n    #1 0x45e158 in f(int) /src/a.cc:1:2\n",
        "#0 /var/www/index.php(12): shop->pay()\n#1 {main}\n",
        "#0      main (file:///srv/main.dart:3:5)\n#1      run (dart:async/zone.dart:9:3)\n",
        "see issue #0 and #1 (maybe) at home\n# 0 (x)\n",
    ],
)
def test_stacks_of_other_tools_are_ignored(text: str) -> None:
    assert not GdbParser().sniff(text)
    assert not list(GdbParser().parse(text))


def test_lldb_stop_reason_and_inlined_frames() -> None:
    report = only(LLDB)
    assert (report.error_type, report.message) == ("Null-dereference", "invalid address (fault address: 0x0)")
    assert functions(report) == ["price_of", "shop::Basket::total", "main", "libstdc++.so.6.<unknown>", "_start"]
    assert [frame.inlined for frame in report.frames[:2]] == [True, False]
    assert report.culprit is not None
    assert (report.culprit.function, report.culprit.file, report.culprit.line) == ("price_of", "t.cpp", 17)


def test_lldb_on_macos() -> None:
    text = (
        "* thread #1, queue = 'com.apple.main-thread', stop reason = EXC_BAD_ACCESS (code=1, address=0xdeadbeef0000)\n"
        "  * frame #0: 0x0000000100003f2c shop`pay(order=0x0) at main.c:9:12\n"
        "    frame #1: 0x000000019a1b3e50 dyld`start + 2544\n"
    )
    report = only(text)
    assert (report.error_type, report.frame_count) == ("UNKNOWN", 2)
    assert [one.error_type for one in read(text + "\n" + text.replace("EXC_BAD_ACCESS", "EXC_BREAKPOINT")).reports] == [
        "UNKNOWN",
        "EXC_BREAKPOINT",
    ]


HOSTILE = {
    "open brackets": lambda n: "#0  " + "f (" * 6 * n,
    "quotes": lambda n: "#0  0x1 in f (a=" + '"' * 12 * n,
    "operators": lambda n: "#0  0x1 in " + "operator" * 3 * n + " (a=1) at x.c:1",
    "frames": lambda n: "#0  f (a=1) at x.c:1\n" * n,
    "broken frames": lambda n: "#1  0x1 in f (a=1,\n    b\n" * (n // 2),
    "threads": lambda n: "Thread 1 (Thread 0x1):\n" * n,
    "signals": lambda n: "Program received signal SIGSEGV, x\n" * (n // 2),
    "lldb": lambda n: " received signal \nframe #0: 0x" + "\nframe #0: 0x1 a`" * n,
}


def parse_all(text: str) -> None:
    for report in GdbParser().parse(text):
        assert report.frames or report.error_type


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(parse_all, text_of, 8_000)


def test_unusual_characters_do_not_raise() -> None:
    parse_all("\ud800#0  \x00f (a=1) at \u202ex.c:1")
