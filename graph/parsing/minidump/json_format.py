"""Minidumps as JSON: of rust-minidump's stackwalker, and Socorro's processed crashes around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.minidump.facts import Crash, native_frame, report_of, with_inlined
from graph.parsing.protocol import NAME_LIMIT, size_class
from graph.parsing.text.json_values import json_values
from graph.parsing.text.times import parse_time_value

FRAME_LIMIT = 100_000
TEXT_LIMIT = 20_000
TIMES = ("client_crash_date", "crash_time", "date_processed", "CrashTime")
Object = Mapping[str, object]


def is_json(text: str) -> bool:
    """Whether a text can be a JSON document about a minidump."""
    start = text[:400].lstrip("\ufeff \t\r\n")[:1]
    return start in {"{", "["} and '"crash_info"' in text and ('"crashing_thread"' in text or '"threads"' in text)


def json_reports(text: str) -> Iterator[ParsedReport]:
    """A report for each document that tells of a crash."""
    for value in json_values(text):
        crash = _crash(_object(value.content))
        if crash:
            yield report_of(crash, (value.start, value.end), truncated=value.cut)


def _crash(content: Object) -> Crash | None:
    dump = _object(content.get("json_dump")) or content
    info = _object(dump.get("crash_info"))
    thread = _thread(content, dump, info)
    if not info or not (thread or info.get("type")):
        return None
    crash = Crash(
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


def _thread(content: Object, dump: Object, info: Object) -> Object:
    """The thread that crashed: a copy of it, or the one that an index names."""
    copied = _object(dump.get("crashing_thread"))
    if copied.get("frames"):
        return copied
    threads = _list(dump.get("threads"))
    places = (info.get("crashing_thread"), copied.get("threads_index"), content.get("crashing_thread"))
    place = next((one for one in places if isinstance(one, int) and 0 <= one < len(threads)), 0)
    return _object(threads[place]) if threads else {}


def _frames(thread: Object) -> Iterator[StackFrame]:
    for one in map(_object, _list(thread.get("frames"))[:FRAME_LIMIT]):
        module = _text(one, "module")
        inlined = [
            native_frame(_text(part, "function"), _text(part, "file"), _number(part, "line"), module, "")
            for part in map(_object, _list(one.get("inlines")))
        ]
        offset = _text(one, "module_offset").replace("0x", "").lstrip("0")
        place = (_text(one, "file"), _number(one, "line"))
        yield from with_inlined(inlined, native_frame(_text(one, "function"), *place, module, f"0x{offset or '0'}"))


def _access(info: Object) -> str:
    accesses = [_object(one) for one in _list(info.get("memory_accesses"))]
    return next((kind for kind in (_text(one, "access_type") for one in accesses) if kind), "")


def _mac_message(dump: Object) -> str:
    """What a program of Apple's systems left for its crash report."""
    records = [_object(one) for one in _list(_object(dump.get("mac_crash_info")).get("records"))]
    return next(
        (said for said in (_text(one, name) for one in records for name in ("message", "message2")) if said), ""
    ).strip()


def _product(content: Object, dump: Object) -> tuple[str, str]:
    """Product and version as told, else those of the main module."""
    if _text(content, "product"):
        return _text(content, "product"), _text(content, "version")
    modules, main = _list(dump.get("modules")), dump.get("main_module")
    if not isinstance(main, int) or not 0 <= main < len(modules):
        return "", ""
    module = _object(modules[main])
    name = _text(module, "filename").replace("\\", "/").rpartition("/")[2]
    return name, _text(module, "version")


def _environment(content: Object, dump: Object) -> dict[str, str]:
    system = _object(dump.get("system_info"))
    release = _text(_object(dump.get("lsb_release")), "description")
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


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(content: Object, name: str) -> str:
    """A value as text; nothing for what is neither text nor number."""
    value = content.get(name)
    if isinstance(value, str):
        return value[:TEXT_LIMIT].strip()
    return str(value)[:NAME_LIMIT] if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _number(content: Object, name: str) -> int | None:
    value = content.get(name)
    return value if isinstance(value, int) and 0 < value < 10_000_000 else None
