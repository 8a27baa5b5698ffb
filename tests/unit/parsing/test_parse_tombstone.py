"""Android tombstones: as files and in device logs, symbolised and not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from growth import assert_linear
from reading import only_report

from graph.parsing.read import read
from graph.parsing.tombstone.frames import parse_frame
from graph.parsing.tombstone.parser import TombstoneParser

LOG = """\
05-24 13:49:46.998 25489 25489 W ChimeraUtils: Non Chimera context
05-24 13:49:47.863 11618 11618 F libc    : Fatal signal 6 (SIGABRT), code -1 (SI_QUEUE) in tid 11618 (example.shop), \
pid 11618 (example.shop)
05-24 13:49:47.932 12008 12008 I crash_dump32: obtaining output fd from tombstoned, type: kDebuggerdTombstone
05-24 13:49:47.934 12008 12008 F DEBUG   : *** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***
05-24 13:49:47.934 12008 12008 F DEBUG   : Build fingerprint: 'acme/tablet/tab_x:8.1.0/OPPS28.65/03c05:user/release-keys'
05-24 13:49:47.934 12008 12008 F DEBUG   : Revision: 'p400'
05-24 13:49:47.934 12008 12008 F DEBUG   : ABI: 'arm'
05-24 13:49:47.934 12008 12008 F DEBUG   : pid: 11618, tid: 11633, name: RenderThread  >>> com.example.shop:remote <<<
05-24 13:49:47.934 12008 12008 F DEBUG   : signal 6 (SIGABRT), code -1 (SI_QUEUE), fault addr --------
05-24 13:49:47.934 12008 12008 F DEBUG   : Abort message: 'terminating with uncaught exception of type std::runtime_error: none
05-24 13:49:47.935 12008 12008 F DEBUG   : for NZ'
05-24 13:49:47.934 12008 12008 F DEBUG   :     r0 00000000  r1 00002d62  r2 00000006  r3 00000008
05-24 13:49:48.000    99    99 I other   : pid: 3, tid: 4
05-24 13:49:47.960 12008 12008 F DEBUG   :
05-24 13:49:47.960 12008 12008 F DEBUG   : backtrace:
05-24 13:49:47.960 12008 12008 F DEBUG   :     #00 pc 0001a2ca  /system/lib/libc.so (abort+58)
05-24 13:49:48.000    99    99 I other   : see #3 (deadbeef)
05-24 13:49:47.960 12008 12008 F DEBUG   :     #01 pc 00074f65  /data/app/com.example.shop-1/base.apk (offset 0x1c000) \
(std::__ndk1::__libcpp_verbose_abort+5)
05-24 13:49:47.960 12008 12008 F DEBUG   :     #02 pc 00074f65  /data/app/com.example.shop-1/base.apk!libshop.so \
(offset 0x1c000) (shop::(anonymous namespace)::price(std::string const&)+5) (BuildId: 19c32900d9d702c303d2b4164fbba76c)
05-24 13:49:47.960 12008 12008 F DEBUG   :     #03 pc 00003f65  <anonymous:7a1b>
05-24 13:49:48.100  2401  2401 E /system/bin/tombstoned: Tombstone written to: /data/tombstones/tombstone_05
"""


only = partial(only_report, "tombstone")


def header(signal: str, more: str = "") -> str:
    return (
        "*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***\n"
        "Build fingerprint: 'acme/tablet/tab_x:14/UQ1A.240105/112:user/release-keys'\nABI: 'arm64'\n"
        "pid: 20, tid: 21, name: worker  >>> /system/bin/mediaserver <<<\n"
        f"{signal}\n{more}    x0  0000000000000000  x1  0000007ff5c1a2b8\n\nbacktrace:\n"
    )


FRAMES = (
    "      #00 pc 000000000004f1a8  /system/lib64/libmedia.so (android::Decoder::read(int)+24)\n"
    "      #01 pc 000000000005a310  /system/lib64/libmedia.so\n"
)


def test_a_tombstone_interleaved_in_a_device_log() -> None:
    report = only(LOG)
    assert (report.error_type, report.message) == ("std::runtime_error", "none\nfor NZ")
    assert [frame.qualified for frame in report.frames] == [
        "abort",
        "std::__ndk1::__libcpp_verbose_abort",
        "shop::(anonymous namespace)::price",
        "<anonymous:7a1b>.+0x3f65",
    ]
    assert report.culprit is not None
    assert report.culprit.function == "shop::(anonymous namespace)::price"
    assert report.product == "com.example.shop"
    assert report.environment == {"os": "Android 8.1.0", "device": "tab_x", "firmware": "OPPS28.65/03c05", "cpu": "arm"}
    assert report.extra == {"process": "com.example.shop:remote", "thread": "RenderThread", "signal": "SIGABRT"}
    assert LOG[report.span[0] :].startswith("05-24 13:49:47.863 11618 11618 F libc")
    assert report.occurred_at is None


def test_the_example_has_its_time_and_a_null_pointer() -> None:
    report = only(TombstoneParser.example)
    assert (report.error_type, report.message) == ("Null-dereference", "null pointer dereference")
    assert report.occurred_at == datetime(2026, 3, 2, 8, 15, 4, tzinfo=UTC)
    assert report.culprit is not None
    assert report.culprit.function == "shop::Basket::total"
    assert report.extra["address"] == "0x0000000000000010"


@pytest.mark.parametrize(
    ("signal", "more", "kind", "message"),
    [
        ("signal 11 (SIGSEGV), code 2 (SEGV_ACCERR), fault addr 0xb6e43000", "", "UNKNOWN", "SIGSEGV (SEGV_ACCERR)"),
        (
            "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x10 (write)",
            "",
            "Null-dereference WRITE",
            "SIGSEGV (SEGV_MAPERR)",
        ),
        ("signal 7 (SIGBUS), code 1 (BUS_ADRALN), fault addr 0x7f01", "", "SIGBUS", "SIGBUS (BUS_ADRALN)"),
        ("signal 11 (SIGSEGV), code 0 (SI_USER from pid 9, uid 0), fault addr 0x0", "", "SIGSEGV", "SIGSEGV (SI_USER)"),
        (
            "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x7fe0",
            "Cause: stack pointer is in a non-existent map; likely due to stack overflow.\n",
            "Stack-overflow",
            "stack pointer is in a non-existent map; likely due to stack overflow.",
        ),
        (
            "signal 11 (SIGSEGV), code 9 (SEGV_MTESERR), fault addr 0x7fe0",
            "Cause: [MTE]: Use After Free, 0 bytes into a 32-byte allocation at 0x7ae92853a0\n",
            "Heap-use-after-free",
            "[MTE]: Use After Free, 0 bytes into a 32-byte allocation at 0x7ae92853a0",
        ),
        (
            "signal 6 (SIGABRT), code -1 (SI_QUEUE), fault addr --------",
            "Abort message: 'src/a.cpp:12: int pay(): assertion \"price > 0\" failed'\n",
            "ASSERT",
            "price > 0",
        ),
        (
            "signal 6 (SIGABRT), code -1 (SI_QUEUE), fault addr --------",
            "Abort message: 'FORTIFY: read: count 5 > 4'\n",
            "SIGABRT",
            "FORTIFY: read: count 5 > 4",
        ),
    ],
)
def test_kinds(signal: str, more: str, kind: str, message: str) -> None:
    report = only(header(signal, more) + FRAMES)
    assert (report.error_type, report.message) == (kind, message)
    assert report.frame_count == 2
    assert report.product is None


def test_other_threads_are_ignored() -> None:
    text = header("signal 8 (SIGFPE), code 1 (FPE_INTDIV), fault addr 0x1") + FRAMES
    other = "--- --- --- --- ---\npid: 20, tid: 22, name: idle  >>> /system/bin/mediaserver <<<\nbacktrace:\n" + FRAMES
    report = read(text + other).reports[0]
    assert (report.error_type, report.frame_count) == ("SIGFPE", 2)


def test_consecutive_tombstones_are_separate_reports() -> None:
    text = header("signal 8 (SIGFPE), code 1 (FPE_INTDIV), fault addr 0x1") + FRAMES
    assert [one.frame_count for one in read(text * 3).reports] == [2, 2, 2]


def test_the_line_of_the_c_library_alone_is_a_report() -> None:
    line = "Fatal signal 11 (SIGSEGV), code 1, fault addr 0x1 in tid 11718 (pool-3), pid 11710 (other.app)\n"
    report = only(line)
    assert (report.error_type, report.frames, report.extra["thread"]) == ("Null-dereference", (), "pool-3")
    assert len(read(line + line.replace("other.app", "third.app")).reports) == 2


@pytest.mark.parametrize(
    ("line", "qualified", "file"),
    [
        ("#0 0x0003a1b0 (/system/lib/libc.so+0x0003a1b0)", "libc.so.+0x0003a1b0", None),
        ("#1 0x0003a1b0 in shop::pay(int) /src/shop/pay.cpp:12:3", "shop::pay", "/src/shop/pay.cpp"),
        ("#2 0x0003a1b0 in shop::pay(int) (/data/libshop.so+0x12)", "shop::pay", None),
        ("#00  pc 0001c4e4  /system/lib/libc.so (strlen+71)", "strlen", None),
        (
            "#17 pc 0000000000136334  /apex/com.android.art/lib64/libart.so (art_quick_invoke_stub+548)",
            "art_quick_invoke_stub",
            None,
        ),
        ("#18 pc 000000000036fe80  /data/a/base.apk (com.example.Shop.pay+12)", "com.example.Shop.pay", None),
    ],
)
def test_frames(line: str, qualified: str, file: str | None) -> None:
    numbered_frame = parse_frame(line)
    assert numbered_frame is not None
    assert (numbered_frame[1].qualified, numbered_frame[1].file) == (qualified, file)


HOSTILE = {
    "signals": lambda n: "signal 11 (SIGSEGV), code 1\n" * n,
    "processes": lambda n: "pid: 1, tid: 1, name: a  >>> b <<<\n" * n,
    "spaces": lambda n: "pid: 1, tid: 1, name: " + " " * 32 * n + ">>> b",
    "first frames": lambda n: "#00 pc 00001234 /a (b)\n" * n,
    "frames": lambda n: (
        "signal 11 (SIGSEGV), code 1, fault addr 0x1\n" + "".join(f"#{at} pc {at:08x} /a.so (f+1)\n" for at in range(n))
    ),
    "abort messages": lambda n: "Abort message: '\n" * n + "signal 6 (SIGABRT), code 1\n",
    "abort messages on one line": lambda n: "signal 6 (SIGABRT), code 1\n" + "Abort message: 'x" * 6 * n,
}


def parse_all(text: str) -> None:
    for report in TombstoneParser().parse(text):
        assert report.error_type


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(parse_all, text_of, 6_000)


def test_unusual_characters_do_not_raise() -> None:
    parse_all("signal 11 (SIGSEGV), code 1, fault addr \ud800\x00\u202e >>> ")
