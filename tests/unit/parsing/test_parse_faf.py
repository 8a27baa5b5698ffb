"""µReports of ABRT and FAF, for each kind of problem."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial

import pytest
from growth import assert_linear
from reading import only_report

from graph.model.report import Cause, StackFrame
from graph.parsing.faf.parser import FafParser
from graph.parsing.kernel.parser import KernelParser
from graph.parsing.read import read

PARSER = FafParser(KernelParser().parse)
SYSTEM = {"name": "fedora", "version": "40", "architecture": "x86_64", "cpe": "cpe:/o:fedoraproject:fedora:40"}
PACKAGES = [
    {"name": "glibc", "epoch": 0, "version": "2.39", "release": "11.fc40", "architecture": "x86_64"},
    {"name": "shop", "epoch": 1, "version": "4.2.0", "release": "1.fc40", "architecture": "x86_64", "package_role": "affected"},
]
OOPS = """\
WARNING: CPU: 3 PID: 528 at net/wireless/ledger.c:795 ledger_roamed+0x89/0x90 [ledger]()
Modules linked in: ledger arc4
CPU: 3 PID: 528 Comm: wl_event_handle Tainted: PF       W  O 3.12.10-300.fc20.x86_64 #1
Hardware name: LENOVO 7505/Product Name, BIOS 5ECN42WW(V4.01) 03/14/2013
 0000000000000009 ffff8802219f3dd0 ffffffff81667ed5 0000000000000000
Call Trace:
 [<ffffffff81667ed5>] dump_stack+0x45/0x56
 [<ffffffff8106903d>] warn_slowpath_common+0x7d/0xa0
 [<ffffffff8106911a>] warn_slowpath_null+0x1a/0x20
 [<ffffffffa0317a09>] ledger_roamed+0x89/0x90 [ledger]
 [<ffffffffa05b2cac>] notify_roaming+0xac/0x130 [ledger]
 [<ffffffff8108af30>] kthread+0xc0/0xd0
"""


def document(problem: Mapping[str, object], reason: str, **more: object) -> str:
    content = {"ureport_version": 2, "reason": reason, "reporter": {"name": "satyr", "version": "0.13"}, "os": SYSTEM}
    return json.dumps({**content, "problem": problem, "packages": PACKAGES, **more}, indent=1)


only = partial(only_report, "faf")


def native(function: str | None, file: str, offset: int = 4096) -> dict[str, object]:
    named = {"function_name": function} if function else {}
    return {"address": 140701620345945, "build_id": "c15e90", "build_id_offset": offset, **named, "file_name": file}


def test_a_native_crash() -> None:
    frames = [
        native("raise", "/lib64/libc.so.6"),
        native("abort", "/lib64/libc.so.6"),
        native(None, "/usr/bin/checkout", 143475),
        native("shop::Basket::total(int)", "/usr/bin/checkout"),
        native("main", "/usr/bin/checkout"),
    ]
    threads = [{"frames": [native("poll", "/lib64/libc.so.6")]}, {"crash_thread": True, "frames": frames}]
    problem = {
        "type": "core",
        "component": "shop-engine",
        "user": {"root": False, "local": True},
        "signal": 6,
        "executable": "/usr/bin/checkout",
        "stacktrace": threads,
    }
    report = only(document(problem, "Program /usr/bin/checkout was terminated by signal 6"))
    assert (report.error_type, report.message) == ("SIGABRT", "Program /usr/bin/checkout was terminated by signal 6")
    assert [frame.qualified for frame in report.frames] == [
        "raise",
        "abort",
        "checkout.+0x23073",
        "shop::Basket::total",
        "main",
    ]
    assert (report.product, report.version) == ("shop", "4.2.0-1.fc40")
    assert report.environment == {"os": "fedora 40", "cpu": "x86_64", "component": "shop-engine"}
    assert report.extra == {"process": "/usr/bin/checkout"}
    assert report.culprit == report.frames[2]
    assert report.frames[0].in_app is False


def test_python() -> None:
    frames = [
        {"file_name": "/usr/lib/python3.12/site-packages/shop/basket.py", "file_line": 947, "function_name": "total"},
        {"file_name": "/usr/lib/python3.12/json/decoder.py", "file_line": 9, "function_name": "decode"},
        {"file_name": "/usr/bin/checkout", "file_line": 5, "special_function": "module"},
    ]
    problem = {"type": "python", "component": "shop", "exception_name": "TypeError", "stacktrace": frames}
    report = only(document(problem, "TypeError in /usr/bin/checkout:5"))
    assert report.error_type == "TypeError"
    assert [(frame.qualified, frame.line, frame.in_app) for frame in report.frames] == [
        ("shop.basket.total", 947, False),
        ("json.decoder.decode", 9, False),
        ("checkout.<module>", 5, True),
    ]


def test_ruby() -> None:
    frames = [
        {"file_name": "/srv/shop/basket.rb", "file_line": 13, "function_name": "total", "block_level": 2, "rescue_level": 1},
        {"file_name": "/srv/shop/basket.rb", "file_line": 6, "special_function": "top (required)"},
    ]
    problem = {"type": "ruby", "component": "shop", "exception_name": "Shop::NoPrice", "stacktrace": frames}
    report = only(document(problem, "Shop::NoPrice in basket.rb"))
    assert report.error_type == "Shop::NoPrice"
    assert [(frame.function, frame.line) for frame in report.frames] == [("block in total", 13), ("<top (required)>", 6)]


def test_java_with_a_cause() -> None:
    def frame(name: str, line: int) -> dict[str, object]:
        return {"name": name, "file_name": "Basket.java", "file_line": line, "is_native": False, "is_exception": False}

    def raised(name: str, message: str) -> dict[str, object]:
        return {"name": name, "message": message, "is_native": False, "is_exception": True}

    frames = [
        raised("java.lang.NullPointerException", "no price"),
        frame("com.example.Basket.price", 17),
        raised("com.example.CheckoutException", "cannot pay"),
        frame("com.example.Basket.pay", 41),
    ]
    problem = {"type": "java", "component": "shop", "threads": [{"name": "main", "frames": frames}]}
    report = only(document(problem, "Exception com.example.CheckoutException occurred"))
    assert (report.error_type, report.message) == ("com.example.CheckoutException", "cannot pay")
    assert report.frames == (StackFrame("pay", "com.example.Basket", "Basket.java", 41),)
    [cause] = report.causes
    assert (cause.relation, cause.error_type, cause.message) == ("cause", "java.lang.NullPointerException", "no price")
    assert isinstance(cause, Cause)
    assert [one.qualified for one in cause.frames] == ["com.example.Basket.price"]


def test_the_kernel() -> None:
    names = ["dump_stack", "warn_slowpath_common", "warn_slowpath_null", "ledger_roamed", "notify_roaming", "kthread"]
    frames: list[dict[str, object]] = [{"address": 1, "reliable": True, "function_name": name} for name in names]
    frames.insert(5, {"address": 2, "reliable": False, "function_name": "stale"})
    problem = {
        "type": "kerneloops",
        "component": "kernel",
        "raw_oops": OOPS,
        "version": "3.12.10-300.fc20.x86_64",
        "taint_flags": ["warning"],
        "modules": ["ledger"],
        "frames": frames,
    }
    report = only(document(problem, "Kernel oops in ledger_roamed [ledger]"))
    assert "WARNING" in report.error_type
    assert [frame.function for frame in report.frames] == names
    assert report.culprit is not None
    assert report.culprit.function == "ledger_roamed"
    assert report.environment["kernel"] == "3.12.10-300.fc20.x86_64"
    bare = only(document({**problem, "raw_oops": "nothing"}, "Kernel oops in ledger_roamed [ledger]"))
    assert (bare.error_type, bare.message) == ("Oops", "Kernel oops in ledger_roamed [ledger]")


def test_the_first_version_of_the_format() -> None:
    rows = [
        {"thread": 0, "frame": 1, "offset": 24, "path": "/usr/bin/checkout", "funcname": "<module>"},
        {"thread": 0, "frame": 2, "offset": 190, "path": "/usr/lib64/python2.7/re.py", "funcname": "compile"},
    ]
    content = {
        "ureport_version": 1,
        "type": "python",
        "reason": "TypeError",
        "component": "shop",
        "executable": "/usr/bin/checkout",
        "installed_package": {"name": "shop", "version": "0.4", "release": "1.fc16", "epoch": 0},
        "os": {"name": "Fedora", "version": "18"},
        "architecture": "x86_64",
        "crash_thread": 0,
        "core_backtrace": rows,
    }
    report = only(json.dumps(content))
    assert (report.error_type, report.message, report.product, report.version) == ("TypeError", "", "shop", "0.4-1.fc16")
    assert [frame.function for frame in report.frames] == ["compile", "<module>"]
    core = only(json.dumps({**content, "type": "userspace", "reason": "Process was killed by signal 11 (SIGSEGV)"}))
    assert core.error_type == "SIGSEGV"
    assert [frame.qualified for frame in core.frames] == ["<module>", "compile"]


def test_several_documents_are_several_reports() -> None:
    text = FafParser.example
    assert len(read(text + text).reports) == 2
    assert len(read(f"[{text},{text}]").reports) == 2


@pytest.mark.parametrize(
    "content",
    [
        {"ureport_version": 2, "problem": None},
        {"ureport_version": 2, "problem": {"type": "core"}},
        {"ureport_version": 2, "problem": {"type": "core", "stacktrace": [{"frames": [{"build_id_offset": -1}, 5]}]}, "os": 1},
        {"ureport_version": 2, "problem": {"type": "java", "threads": [{"frames": None}]}, "packages": {"name": 1}},
        {"ureport_version": 2, "problem": {"type": "python", "stacktrace": [{"file_line": 10**30, "file_name": {}}]}},
        {"ureport_version": 2, "problem": {"type": "kerneloops", "raw_oops": 5, "frames": [{}]}, "reason": "\ud800"},
        {"ureport_version": 2, "problem": {"type": ["core"]}},
    ],
)
def test_documents_of_unexpected_shape_do_not_raise(content: dict[str, object]) -> None:
    for report in PARSER.parse(json.dumps(content)):
        assert report.error_type


def test_other_documents_are_ignored() -> None:
    assert not PARSER.sniff('{"problem": "x", "stacktrace": []}')
    assert not PARSER.sniff('see "ureport_version" there')
    assert not list(PARSER.parse('{"ureport_version": 2}'))


HOSTILE = {
    "documents": lambda n: '{"ureport_version": 2, "problem": {"type": "core"}}\n' * n,
    "frames": lambda n: json.dumps(
        {"ureport_version": 2, "problem": {"type": "core", "stacktrace": [{"frames": [{"function_name": "f"}] * n}]}}
    ),
    "nested lists": lambda n: '{"ureport_version": 2, "problem": ' + "[" * 12 * n,
    "words": lambda n: '{"ureport_version": 2, "problem": {"type": "python"}, "reason": "' + "a:b " * 6 * n + '"}',
}


@pytest.mark.parametrize("text_of", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_linearly_with_hostile_text(text_of: Callable[[int], str]) -> None:
    assert_linear(lambda text: list(PARSER.parse(text)), text_of, 8_000)
