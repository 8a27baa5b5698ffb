"""Backtraces printed by native programs, most of them real output of a small program."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from growth import assert_linear
from reading import blamed, only_report

from graph.parsing.backtrace.parser import BacktraceParser
from graph.parsing.native.cpp_symbols import demangle_cpp
from graph.parsing.read import read

SEGV = """\
Error: signal 11:
./shop(_Z9on_signali+0x25)[0x55aebd3e03d2]
/lib/x86_64-linux-gnu/libc.so.6(+0x3c050)[0x7f102e25a050]
./shop(_ZNK4shop6Basket5totalEv+0xf)[0x55aebd3e0319]
./shop(_ZN4shop3payERKNS_6BasketE+0x18)[0x55aebd3e0335]
./shop(main+0xd1)[0x55aebd3e052d]
/lib/x86_64-linux-gnu/libc.so.6(+0x2724a)[0x7f102e24524a]
/lib/x86_64-linux-gnu/libc.so.6(__libc_start_main+0x85)[0x7f102e245305]
./shop(_start+0x21)[0x55aebd3e0241]
"""
ABORT = """\
Error: signal 6:
./shop(_Z9on_signali+0x25)[0x55ee057e83d2]
/lib/x86_64-linux-gnu/libc.so.6(+0x3c050)[0x7f77b9c5a050]
/lib/x86_64-linux-gnu/libc.so.6(+0x8aeec)[0x7f77b9ca8eec]
/lib/x86_64-linux-gnu/libc.so.6(gsignal+0x12)[0x7f77b9c59fb2]
/lib/x86_64-linux-gnu/libc.so.6(abort+0xd3)[0x7f77b9c44472]
/lib/x86_64-linux-gnu/libstdc++.so.6(+0xa8e85)[0x7f77b9ea8e85]
/lib/x86_64-linux-gnu/libstdc++.so.6(+0xa90d8)[0x7f77b9ea90d8]
./shop(_ZN4shop6refuseEi+0x4f)[0x55ee057e8389]
./shop(main+0x147)[0x55ee057e85a3]
/lib/x86_64-linux-gnu/libc.so.6(__libc_start_main+0x85)[0x7f77b9c45305]
"""
SYMBOLS = """\
[bt] (0) ./shop(main+0x17c) [0x56157dbb55d8]
[bt] (1) /lib/x86_64-linux-gnu/libc.so.6(+0x2724a) [0x7fa1ea24524a]
[bt] (2) /lib/x86_64-linux-gnu/libc.so.6(__libc_start_main+0x85) [0x7fa1ea245305]
[bt] (3) ./shop(_start+0x21) [0x56157dbb5241]
"""
MPI = """\
[node7:4242] *** Process received signal ***
[node7:4242] Signal: Segmentation fault (11)
[node7:4242] Signal code: Address not mapped (1)
[node7:4242] Failing at address: (nil)
[node7:4242] [ 0] /lib/x86_64-linux-gnu/libpthread.so.0(+0x12980)[0x7f102e25a050]
[node7:4242] [ 1] ./shop(_ZNK4shop6Basket5totalEv+0xf)[0x55aebd3e0319]
[node7:4242] [ 2] ./shop(main+0xd1)[0x55aebd3e052d]
[node7:4242] *** End of error message ***
"""
FREED = """\
*** Error in `./shop': double free or corruption (fasttop): 0x0000000001a2b010 ***
======= Backtrace: =========
/lib64/libc.so.6(+0x81299)[0x7f102e25a050]
./shop(_ZN4shop6BasketD2Ev+0x18)[0x40066d]
./shop(main+0x18)[0x40067d]
/lib64/libc.so.6(__libc_start_main+0xf5)[0x7f102e245305]
./shop[0x400509]
======= Memory map: ========
00400000-00401000 r-xp 00000000 fd:00 1234 /opt/shop/shop
"""
FOLLY = """\
*** Aborted at 1698000000 (Unix time, try 'date -d @1698000000') ***
*** Signal 11 (SIGSEGV) (0x0) received by PID 4242 (pthread TID 0x7f0) (linux TID 4242) (code: address not mapped to object), \
stack trace: ***
    @ 000000000000e2a0 folly::symbolizer::(anonymous namespace)::innerSignalHandler(int, siginfo_t*, void*)
                       ./folly/experimental/symbolizer/SignalHandler.cpp:449
    @ 0000000000045330 (unknown)
    @ 00000000004011f0 shop::Basket::total()
                       ./src/basket.cpp:17
    @ 0000000000401300 main
"""
GLOG = """\
*** Aborted at 1600000000 (unix time) try "date -d @1600000000" if you are using GNU date ***
PC: @     0x55d0c0ffee00 shop::Basket::total()
*** SIGSEGV (@0x0) received by PID 123 (TID 0x7f0000000000) from PID 0; stack trace: ***
    @     0x7f0000045330 (unknown)
    @     0x55d0c0ffee00 shop::Basket::total()
    @     0x55d0c0ffef00 main
"""
ABSEIL = """\
*** SIGFPE received at time=1698000000 on cpu 3 ***
PC: @     0x55d0c0ffee00  (unknown)  shop::Basket::total()
    @     0x7f0000045330       1792  (unknown)
    @     0x55d0c0ffee00         48  shop::Basket::total()
    @     0x55d0c0ffef00         32  main
"""
BOOST = """\
 0# shop::Basket::total() const at /src/shop/basket.cpp:17
 1# 0x000055D0C0FFEE00 in ./shop
 2# main in ./shop
"""
BACKWARD = """\
Stack trace (most recent call last):
#4    Object "./shop", at 0x55d0c0ffe0e4, in _start
#3    Object "/lib/libc.so.6", at 0x7f000002a28a, in __libc_start_main
#2    Source "/src/shop/main.cpp", line 32, in main
         30: int main() {
      >  32:   return pay(basket);
#1  | Source "/src/shop/basket.cpp", line 21, in pay
    |    19: int pay(const Basket& b) {
    | >  21:   return b.total();
      Source "/src/shop/basket.h", line 17, in shop::Basket::total() const [0x55d0c0ffe1d0]
      >  17:   return *price;
Segmentation fault (Address not mapped to object [(nil)])
"""
DUMP = """\
           PID: 4242 (checkout)
        Signal: 11 (SEGV)
     Timestamp: Mon 2026-03-02 09:15:04 CET (2min ago)
    Executable: /usr/bin/checkout
       Package: shop/4.2.0-1.fc40
       Message: Process 4242 (checkout) of user 1000 dumped core.

                Stack trace of thread 4242:
                #0  0x000055d6c7b5a139 n/a (checkout + 0x1139)
                #1  0x000055d6c7b5a150 _ZN4shop3payEv (checkout + 0x1150)
                #2  0x00007f2e3a59e686 __libc_start_call_main (libc.so.6 + 0x27686)

                Stack trace of thread 4243:
                #0  0x00007f2e3a5f0a2c poll (libc.so.6 + 0x8ea2c)
                ELF object binary architecture: AMD x86-64
"""


only = partial(only_report, "backtrace")


def test_the_culprit_is_below_the_signal_handler() -> None:
    report = only(SEGV)
    assert (report.error_type, report.frame_count) == ("SIGSEGV", 8)
    assert [frame.qualified for frame in report.frames[:4]] == [
        "on_signal",
        "libc.so.6.+0x3c050",
        "shop::Basket::total",
        "shop::pay",
    ]
    assert blamed(report) == "shop::Basket::total"
    assert report.span == (0, len(SEGV))


def test_the_cause_above_an_abort_is_the_error() -> None:
    thrown = "terminate called after throwing an instance of 'std::out_of_range'\n  what():  no such item\n"
    report = only(thrown + ABORT)
    assert (report.error_type, report.message) == ("std::out_of_range", "no such item")
    assert (blamed(report), report.extra, report.echo) == ("shop::refuse", {"signal": "SIGABRT"}, False)
    asserted = only("shop: b.cpp:16: int main(int, char**): Assertion `c > 5' failed.\n" + ABORT)
    assert (asserted.error_type, asserted.message, asserted.span[0]) == ("ASSERT", "c > 5", 0)
    bare = only(ABORT)
    assert (bare.error_type, bare.echo) == ("SIGABRT", True)


def test_a_stack_alone() -> None:
    report = only(SYMBOLS)
    assert (report.error_type, report.frame_count, blamed(report)) == ("Crash", 4, "main")


def test_a_launcher_prefix_before_every_line() -> None:
    report = only(MPI)
    assert (report.error_type, blamed(report)) == ("Null-dereference", "shop::Basket::total")
    assert [frame.qualified for frame in report.frames] == ["libpthread.so.0.+0x12980", "shop::Basket::total", "main"]


def test_heap_errors_of_old_glibc() -> None:
    report = only(FREED)
    assert (report.error_type, report.message) == ("Heap-double-free", "double free or corruption (fasttop)")
    assert blamed(report) == "shop::Basket::~Basket"


@pytest.mark.parametrize(
    ("text", "kind", "functions"),
    [
        (FOLLY, "Null-dereference", ["shop::Basket::total", "main"]),
        (GLOG, "Null-dereference", ["shop::Basket::total", "main"]),
        (ABSEIL, "SIGFPE", ["shop::Basket::total", "main"]),
        (BOOST, "Crash", ["shop::Basket::total", "shop.+0x000055D0C0FFEE00", "main"]),
    ],
)
def test_stacks_of_libraries(text: str, kind: str, functions: list[str]) -> None:
    report = only(text)
    assert report.error_type == kind
    assert [frame.qualified for frame in report.frames][-len(functions) :] == functions
    assert blamed(report) == "shop::Basket::total"
    assert report.span == (0, len(text))


def test_source_locations_of_folly_and_boost() -> None:
    assert [(frame.file, frame.line) for frame in only(FOLLY).frames[2:]] == [("src/basket.cpp", 17), (None, None)]
    assert (only(BOOST).frames[0].file, only(BOOST).frames[0].line) == ("/src/shop/basket.cpp", 17)


def test_backward_cpp_prints_the_innermost_frame_last() -> None:
    report = only(BACKWARD)
    assert report.error_type == "Null-dereference"
    assert [(frame.function, frame.file, frame.line, frame.inlined) for frame in report.frames[:3]] == [
        ("shop::Basket::total", "/src/shop/basket.h", 17, True),
        ("pay", "/src/shop/basket.cpp", 21, False),
        ("main", "/src/shop/main.cpp", 32, False),
    ]
    assert report.frame_count == 5
    assert report.span == (0, len(BACKWARD))


def test_a_core_dump_recorded_by_systemd() -> None:
    report = only(DUMP)
    assert (report.error_type, report.product, report.version) == ("SIGSEGV", "shop", "4.2.0-1.fc40")
    assert [frame.qualified for frame in report.frames] == ["checkout.+0x1139", "shop::pay", "__libc_start_call_main"]
    assert report.extra == {"process": "checkout"}
    journal = "Mar 02 09:15:04 host systemd-coredump[9]: Process 4242 (/usr/bin/checkout) of user 1000 dumped core.\n\n"
    short = only(journal + DUMP[DUMP.index("                Stack trace of thread 4242") :])
    assert (short.error_type, short.extra, short.span[0]) == ("Crash", {"process": "checkout"}, 0)


def test_a_stack_below_the_summary_of_a_sanitizer_is_of_another_crash() -> None:
    finding = (
        "==77==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000\n"
        "    #0 0x55d0aa in barn::sweep() /srv/barn/sweep.cc:12:15\n"
        "SUMMARY: AddressSanitizer: SEGV /srv/barn/sweep.cc:12:15 in barn::sweep()\n\n"
    )
    example = BacktraceParser.example
    [report] = BacktraceParser().parse(finding + example)
    assert report.frames == only(example).frames
    assert not list(
        BacktraceParser().parse("==77==ERROR: AddressSanitizer: SEGV\n" + example.replace("*** Segmentation fault\n", ""))
    )


def test_consecutive_stacks_are_separate_reports() -> None:
    assert [one.frame_count for one in read(f"{SEGV}\n\n\n\n{SEGV}").reports] == [8, 8]
    assert [one.frame_count for one in read(f"{DUMP}\n\n\n\n\n{DUMP}").reports] == [3, 3]


@pytest.mark.parametrize(
    "text",
    [
        "see f(x) [0x12345678] and\nnothing else\n",
        "mail me @ 0x1234 now\n    @ home\n",
        "10# of May\n0# \n",
        "#\n# Fatal error in src/a.cc, line 1\n# unreachable code\n#\n==== C stack trace ====\n" + SYMBOLS,
    ],
)
def test_other_texts_are_ignored(text: str) -> None:
    assert not list(BacktraceParser().parse(text))


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("_ZNK4shop6Basket5totalEv", "shop::Basket::total"),
        ("_Z7handleri", "handler"),
        ("_ZN4shop6BasketC2ERKS0_", "shop::Basket::Basket"),
        ("_ZSt9terminatev", "std::terminate"),
        ("_ZN12_GLOBAL__N_15crashEv", "(anonymous namespace)::crash"),
        ("_ZN4core9panicking9panic_fmt17h0123456789abcdefE", "core::panicking::panic_fmt"),
        ("__ZN4shop3payEv", "shop::pay"),
        ("_ZNSt6vectorIiSaIiEE2atEm", "_ZNSt6vectorIiSaIiEE2atEm"),
        ("_ZZ4mainENKUlvE_clEv", "_ZZ4mainENKUlvE_clEv"),
        ("_ZN4shoplsERSo", "_ZN4shoplsERSo"),
        ("_Z3fooIiEvT_", "_Z3fooIiEvT_"),
        ("_ZN9999shopE", "_ZN9999shopE"),
        ("main", "main"),
        ("", ""),
    ],
)
def test_simple_mangled_names_are_demangled(symbol: str, name: str) -> None:
    assert demangle_cpp(symbol) == name


HOSTILE = {
    "open brackets": lambda n: "(" * 12 * n + ") [0x1234]\n",
    "frames": lambda n: "a(b) [0x1234]\n" * n,
    "frames on one line": lambda n: "a(b) [0x1234]" * n,
    "short stacks": lambda n: "a(b) [0x1234]\nx\nx\nx\n" * (n // 2),
    "at signs": lambda n: "\n    @ 0x1234 f\n" * n,
    "Boost": lambda n: " 0# f\n" * n,
    "backward headers": lambda n: "Stack trace (most recent call last)\n" * n,
    "core dump headers": lambda n: "Stack trace of thread 1:\n" * n,
    "long symbol": lambda n: "Stack trace of thread 1:\n#0  0x1 " + "f " * 12 * n + "(a + 0x1)\n",
    "mangled names": lambda n: "./a(_Z" + "9" * 12 * n + ") [0x1234]\n./a(_ZN" + "1a" * 6 * n + "E) [0x1234]\n",
    "signals": lambda n: "signal 11 " * 3 * n + "\na(b)[0x1234]\na(b)[0x1234]\n",
}


def parse_all(text: str) -> None:
    BacktraceParser().sniff(text)
    for report in BacktraceParser().parse(text):
        assert report.error_type


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(parse_all, text_of, 8_000)


def test_unusual_characters_do_not_raise() -> None:
    parse_all("\ud800(\x00)[0x1234]\n\u202e(a)[0x1234]\n")


ABSEIL_ALONE = """\
*** SIGBUS received at time=1698000000 on cpu 1 ***
PC: @     0x55d0c0ffee00  (unknown)  shop::Basket::total()
    @     0x7f0000045330       1792  (unknown)
    @     0x55d0c0ffef00         48  shop::pay()
    @     0x55d0c0fff000         32  main
"""


def test_the_frame_that_abseil_prints_above_the_stack_is_the_innermost() -> None:
    report = only(ABSEIL_ALONE)
    assert [frame.function for frame in report.frames] == ["shop::Basket::total", "<unknown>", "shop::pay", "main"]
    assert report.culprit == report.frames[0]


def test_an_unknown_frame_above_the_stack_says_nothing() -> None:
    report = only(ABSEIL_ALONE.replace("shop::Basket::total()", "(unknown)", 1))
    assert [frame.function for frame in report.frames] == ["<unknown>", "shop::pay", "main"]
    assert report.culprit == report.frames[1]
