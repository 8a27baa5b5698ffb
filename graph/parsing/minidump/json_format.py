"""Minidumps as JSON: output of rust-minidump's stackwalker, and Socorro's processed crashes around it."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.minidump.crash import MinidumpCrash, native_frame, report_of, with_inlined
from graph.parsing.protocol import size_class
from graph.parsing.text.json_fields import JsonObject, line_number_field, list_of, object_of, text_field
from graph.parsing.text.json_values import json_values
from graph.parsing.text.times import parse_time_value

FRAME_LIMIT = 100_000
TEXT_LIMIT = 20_000
TIMES = ("client_crash_date", "crash_time", "date_processed", "CrashTime")


def is_json(text: str) -> bool:
    """Whether the text may be JSON about a minidump."""
    start = text[:400].lstrip("\ufeff \t\r\n")[:1]
    return start in {"{", "["} and '"crash_info"' in text and ('"crashing_thread"' in text or '"threads"' in text)


def json_reports(text: str) -> Iterator[ParsedReport]:
    """Yield one report per document with a crash."""
    for value in json_values(text):
        crash = _crash(object_of(value.content))
        if crash:
            yield report_of(crash, (value.start, value.end), truncated=value.cut)


def _crash(content: JsonObject) -> MinidumpCrash | None:
    dump = object_of(content.get("json_dump")) or content
    info = object_of(dump.get("crash_info"))
    thread = _thread(content, dump, info)
    if not info or not (thread or info.get("type")):
        return None
    crash = MinidumpCrash(
        reason=_text(info, "type") or _text(content, "reason"),
        address=_text(info, "address") or _text(content, "address"),
        assertion=_text(info, "assertion"),
        message=_text(content, "moz_crash_reason") or _mac_message(dump),
        thread=_text(thread, "thread_name"),
        frames=list(_frames(thread)),
        environment=_environment(content, dump),
        facts={"process_type": _text(content, "process_type"), "pid": _text(dump, "pid")},
        occurred_at=next((moment for moment in (parse_time_value(content.get(name)) for name in TIMES) if moment), None),
    )
    crash.access = _access(info)
    crash.product, crash.version = _product(content, dump)
    return crash


def _thread(content: JsonObject, dump: JsonObject, info: JsonObject) -> JsonObject:
    """The crashed thread: its embedded copy, or the one at the given index."""
    copied = object_of(dump.get("crashing_thread"))
    if copied.get("frames"):
        return copied
    threads = list_of(dump.get("threads"))
    places = (info.get("crashing_thread"), copied.get("threads_index"), content.get("crashing_thread"))
    index = next((index for index in places if isinstance(index, int) and 0 <= index < len(threads)), 0)
    return object_of(threads[index]) if threads else {}


def _frames(thread: JsonObject) -> Iterator[StackFrame]:
    for frame in map(object_of, list_of(thread.get("frames"))[:FRAME_LIMIT]):
        module = _text(frame, "module")
        inlined = [
            native_frame(_text(part, "function"), _text(part, "file"), line_number_field(part, "line"), module, "")
            for part in map(object_of, list_of(frame.get("inlines")))
        ]
        offset = _text(frame, "module_offset").replace("0x", "").lstrip("0")
        place = (_text(frame, "file"), line_number_field(frame, "line"))
        yield from with_inlined(inlined, native_frame(_text(frame, "function"), *place, module, f"0x{offset or '0'}"))


def _access(info: JsonObject) -> str:
    accesses = [object_of(access) for access in list_of(info.get("memory_accesses"))]
    return next((kind for kind in (_text(access, "access_type") for access in accesses) if kind), "")


def _mac_message(dump: JsonObject) -> str:
    """Message that an Apple process left for its crash report."""
    records = [object_of(record) for record in list_of(object_of(dump.get("mac_crash_info")).get("records"))]
    return next(
        (message for message in (_text(record, name) for record in records for name in ("message", "message2")) if message), ""
    ).strip()


def _product(content: JsonObject, dump: JsonObject) -> tuple[str, str]:
    """Product and version if given, else those of the main module."""
    if _text(content, "product"):
        return _text(content, "product"), _text(content, "version")
    modules, main = list_of(dump.get("modules")), dump.get("main_module")
    if not isinstance(main, int) or not 0 <= main < len(modules):
        return "", ""
    module = object_of(modules[main])
    name = _text(module, "filename").replace("\\", "/").rpartition("/")[2]
    return name, _text(module, "version")


def _environment(content: JsonObject, dump: JsonObject) -> dict[str, str]:
    system = object_of(dump.get("system_info"))
    release = _text(object_of(dump.get("lsb_release")), "description")
    name, version = _text(system, "os") or _text(content, "os_name"), _text(system, "os_ver") or _text(content, "os_version")
    facts = {
        "os": " ".join(part for part in (name, version, f"({release})" if release else "") if part),
        "build": _text(content, "build"),
        "cpu": _text(system, "cpu_arch") or _text(content, "cpu_arch"),
        "cpu_model": _text(system, "cpu_info"),
        "cpu_count": _text(system, "cpu_count"),
        "release_channel": _text(content, "release_channel"),
    }
    memory = _text(content, "TotalPhysicalMemory") or _text(content, "total_physical_memory")
    if memory.isascii() and memory.isdigit() and len(memory) < 16:
        facts["memory_class"] = size_class(int(memory))
    return facts


def _text(content: JsonObject, name: str) -> str:
    return text_field(content, name, TEXT_LIMIT)
