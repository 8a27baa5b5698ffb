"""Native Sentry events without symbols: frames are located in the images of the event."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from reading import names

from graph.fingerprint.compute import fingerprint
from graph.model.report import ParsedReport
from graph.parsing.read import read
from graph.parsing.sentry.stored_text import stored_text

BASE = 0x7F3AC0000000
ELF = {
    "type": "elf",
    "code_file": "/usr/lib/libwren.so.1",
    "image_addr": hex(BASE),
    "image_size": 90_000,
    "image_vmaddr": "0x0",
}
PE = {"type": "pe", "code_file": "C:\\wren\\wren.exe", "image_addr": "0x140000000", "debug_file": "wren.pdb", "code_id": "5f3c"}
NAMES = ["libwren.so.1.+0x1d0", "libwren.so.1.+0x200"]


def event(frames: Sequence[Mapping[str, Any]], images: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    exception = {"type": "SIGSEGV", "value": "Segfault", "stacktrace": {"frames": frames}}
    meta = {"debug_meta": {"images": images}} if images else {}
    return {"event_id": "9ab3e1d2c4f54a6b8c7d0e1f2a3b4c24", "platform": "native", "exception": {"values": [exception]}, **meta}


def read_one(content: Mapping[str, Any]) -> ParsedReport:
    [report] = read(json.dumps(content)).reports
    return report


def at(*offsets: int, base: int = BASE, **more: Any) -> list[dict[str, Any]]:
    return [{"instruction_addr": hex(base + offset), **more} for offset in offsets]


@pytest.mark.parametrize(
    "content",
    [
        event(at(0x200, 0x1D0), [ELF]),
        event(at(0x200, 0x1D0, base=BASE + 0x100000), [{**ELF, "image_addr": hex(BASE + 0x100000)}]),
        event(at(0x200, 0x1D0, base=0, addr_mode="rel:0"), [ELF]),
        event(at(0x200, 0x1D0, image_addr=hex(BASE), package="/usr/lib/libwren.so.1")),
        event(at(0x200, 0x1D0, function="<redacted>", symbol_addr="0x1"), [ELF]),
        event(at(0x200, 0x1D0, function=None, status="missing_symbol"), [ELF]),
        event([{"instruction_addr": BASE + 0x200}, {"instruction_addr": BASE + 0x1D0}], [{**ELF, "image_addr": BASE}]),
    ],
)
def test_frames_are_named_by_module_and_offset(content: Mapping[str, Any]) -> None:
    report = read_one(content)
    assert names(report) == NAMES
    assert fingerprint(report).exact == fingerprint(read_one(event(at(0x200, 0x1D0), [ELF]))).exact


def test_another_offset_or_module_is_another_signature() -> None:
    prints = [
        fingerprint(read_one(event(at(0x200, 0x1D0), [ELF]))),
        fingerprint(read_one(event(at(0x200, 0x1E0), [ELF]))),
        fingerprint(read_one(event(at(0x200, 0x1D0), [{**ELF, "code_file": "/usr/lib/libegg.so.1"}]))),
    ]
    assert len({print.exact for print in prints}) == len({print.structural for print in prints}) == len(prints)


def test_images_of_windows_without_a_size() -> None:
    report = read_one(event(at(0x1200, 0x11D0, base=0x140000000), [PE]))
    assert names(report) == ["wren.exe.+0x11d0", "wren.exe.+0x1200"]


def test_an_address_outside_all_images_stays_an_address() -> None:
    assert names(read_one(event([{"instruction_addr": "0x10"}], [ELF]))) == ["0x10"]


def test_symbols_are_kept() -> None:
    report = read_one(event([{"function": "main", "instruction_addr": hex(BASE + 0x200)}, *at(0x1D0)], [ELF]))
    assert names(report) == ["libwren.so.1.+0x1d0", "main"]


def test_the_stored_text_locates_the_same_frames() -> None:
    for content in (event(at(0x200, 0x1D0), [ELF]), event(at(0x200, 0x1D0, base=0, addr_mode="rel:0"), [ELF])):
        [report] = read(stored_text(content)).reports
        assert names(report) == NAMES


def test_crash_functions_are_not_to_blame() -> None:
    functions = ["main", "wren::fold", "MOZ_Crash", "abort", "raise"]
    report = read_one(event([{"function": name} for name in functions]))
    assert report.culprit is not None
    assert report.culprit.function == "wren::fold"


@pytest.mark.parametrize("meta", [{"images": 1}, {"images": [1, None, {"image_addr": []}]}, [], "x"])
def test_unusual_images_do_not_raise(meta: object) -> None:
    assert read_one({**event(at(0x1D0, addr_mode="rel:9")), "debug_meta": meta}).frames


def test_libraries_of_the_system_are_not_to_blame_for_the_program() -> None:
    frames = [
        {
            "instruction_addr": "0x1049fb",
            "image_addr": "0x100000",
            "package": "/Applications/Wren.app/Wren",
            "function": "<redacted>",
        },
        {
            "instruction_addr": "0x300020",
            "image_addr": "0x300000",
            "package": "/System/Library/Frameworks/AppKit.framework/AppKit",
        },
        {
            "instruction_addr": "0x200020",
            "image_addr": "0x200000",
            "package": "/usr/lib/libobjc.A.dylib",
            "function": "<redacted>",
        },
    ]
    report = read_one({**event(frames), "platform": "cocoa"})
    assert report.culprit is not None
    assert report.culprit.qualified == "Wren.+0x49fb"
