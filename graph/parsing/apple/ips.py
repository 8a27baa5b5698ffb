"""Crash reports as JSON (``.ips``): a line about the report, then the body. Older ones have the text layout as body."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from graph.model.outside_json import is_deep
from graph.model.report import ParsedReport
from graph.parsing.apple.crash import Crash, report_of
from graph.parsing.apple.failure import Failure, failure_in
from graph.parsing.apple.frames import AppleFrame, Image, parse_frame
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.parsing.text.json_fields import JsonObject, line_number_field, list_of, object_of, text_field

# Kinds of report without an exception, by the number in their header.
EVENTS = {"298": "JetsamEvent", "288": "Hang", "202": "CpuResource", "206": "WakeupsResource", "145": "DiskWritesResource"}
HEADER = '"bug_type"'
BODY = '"procName"'
FIELD = re.compile(f"{HEADER}|{BODY}")
HEADER_LIMIT = 8_192
FRAME_LIMIT = 2_000
IMAGE_LIMIT = 20_000
ATTEMPTS = 20
"""Broken documents that are tried in one text."""
EXCEPTION = re.compile(r"\"exception\"\s{0,4}:\s{0,4}\{")
SEARCHED = 64_000
"""Characters of a broken body that are searched for its exception."""
DECODER = json.JSONDecoder()


def ips_reports(text: str) -> Iterator[ParsedReport]:
    """One report per document."""
    position = failed = 0
    while failed < ATTEMPTS and (start := _next_document(text, position)) >= 0:
        header, end = decode(text, start)
        body, is_broken = header, False
        if "bug_type" in header:
            following = _first_character(text, end)
            body, body_end = decode(text, following) if text.startswith("{", following) else ({}, end)
            is_broken = not body and text.startswith("{", following)
            if is_broken:
                body, body_end = _exception_alone(text, following)
            end = max(end, body_end)
        else:
            header = {}
        failed += 0 if end > start else 1
        position = max(end, start + 1)
        crash = _crash(header, body, start, end)
        if crash:
            crash.truncated = is_broken
            yield report_of(crash)


def _next_document(text: str, position: int) -> int:
    """Start of the next object that has a field of a header or a body near its beginning."""
    for field in FIELD.finditer(text, position):
        at = field.start()
        floor = max(position, at - HEADER_LIMIT)
        # A document begins its line.
        start = text.rfind("\n{", max(floor - 1, 0), at) + 1
        if start or text.startswith("{", floor):
            return start or floor
    return -1


def _first_character(text: str, position: int) -> int:
    limit = min(len(text), position + 100)
    while position < limit and text[position].isspace():
        position += 1
    return position


def decode(text: str, start: int) -> tuple[JsonObject, int]:
    """The object at a position and its end; an empty one, and the position, if it is broken or too deep."""
    try:
        content, end = DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return {}, start
    return (content, end) if isinstance(content, dict) and not is_deep(content) else ({}, start)


def _exception_alone(text: str, start: int) -> tuple[JsonObject, int]:
    """The exception in a body that is cut off, and its end."""
    match = EXCEPTION.search(text, start, start + SEARCHED)
    if not match:
        return {}, start
    exception, end = decode(text, match.end() - 1)
    return ({"exception": exception}, end) if exception else ({}, start)


def _crash(header: JsonObject, body: JsonObject, start: int, end: int) -> Crash | None:
    crash = Crash(start, end)
    bundle, exception = object_of(body.get("bundleInfo")), object_of(body.get("exception"))
    images = [_image(object_of(content)) for content in list_of(body.get("usedImages"))[:IMAGE_LIMIT]]
    for image in images:
        crash.images.add(image)
    _add_frames(body, images, crash)
    event = EVENTS.get(text_field(header, "bug_type", 10), "")
    crash.exception = text_field(exception, "type", 100) or event
    if text_field(exception, "signal", 20):
        crash.exception += f" ({text_field(exception, 'signal', 20)})"
    crash.subtype = text_field(exception, "subtype", 1_000) or text_field(exception, "message", 1_000)
    crash.codes = text_field(exception, "codes", 1_000)
    crash.termination = _termination(object_of(body.get("termination")))
    crash.failure = _failure(body)
    crash.product = _first(bundle, header, names=("CFBundleIdentifier", "bundleID"))
    crash.version = _version(bundle, header)
    crash.process = _first(body, header, names=("procName", "app_name", "name"))
    crash.system = _system(body) or text_field(header, "os_version", 100)
    crash.device = _first(body, names=("modelCode", "product"))
    crash.cpu = text_field(body, "cpuType", 100)
    crash.time = _first(body, header, names=("captureTime", "timestamp", "date"))
    if event == "JetsamEvent":
        return _killed(crash, body)
    crash.subtype = crash.subtype or (text_field(body, "reason", 1_000) if event else "")
    return crash if event or "type" in exception or crash.frames or crash.exception_frames else None


def _first(*objects: JsonObject, names: tuple[str, ...]) -> str:
    return next((value for content in objects for name in names if (value := text_field(content, name, NAME_LIMIT))), "")


def _version(bundle: JsonObject, header: JsonObject) -> str:
    version = text_field(bundle, "CFBundleShortVersionString", 100) or text_field(header, "app_version", 100)
    build = text_field(bundle, "CFBundleVersion", 100) or text_field(header, "build_version", 100)
    return f"{version} ({build})" if version and build else version or build


def _system(body: JsonObject) -> str:
    version = body.get("osVersion")
    return text_field(version, "train", 100) if isinstance(version, Mapping) else ""


def _termination(termination: JsonObject) -> str:
    """The first detail of how the system ended the process, else the signal or code."""
    for name in ("details", "reasons"):
        words = [word for word in list_of(termination.get(name)) if isinstance(word, str)]
        if words:
            return "\n".join(words)[:MESSAGE_LIMIT]
    return text_field(termination, "indicator", 1_000)


def _failure(body: JsonObject) -> Failure | None:
    reason = object_of(body.get("exceptionReason"))
    name = text_field(reason, "name", NAME_LIMIT)
    if name:
        return Failure(name, text_field(reason, "composed_message", MESSAGE_LIMIT))
    information = object_of(body.get("asi"))
    lines = [line for library in information.values() for line in list_of(library) if isinstance(line, str)]
    failures = [failure for failure in map(failure_in, lines[:50]) if failure]
    # One that names an exception says more than a note of another library.
    return next((failure for failure in failures if failure.error_type), failures[0] if failures else None)


def _image(content: JsonObject) -> Image:
    path = text_field(content, "path", NAME_LIMIT)
    name = text_field(content, "name", NAME_LIMIT) or path.rpartition("/")[2] or "???"
    base, size = content.get("base"), content.get("size")
    base, size = base if isinstance(base, int) else 0, size if isinstance(size, int) else 0
    return Image(name, base, base + size, path)


def _add_frames(body: JsonObject, images: list[Image], crash: Crash) -> None:
    crash.exception_frames = _frames(body.get("lastExceptionBacktrace"), images)
    if not crash.exception_frames:
        texts = [text for text in list_of(body.get("asiBacktraces")) if isinstance(text, str)]
        numbered = [parse_frame(line) for line in texts[0].splitlines()[:FRAME_LIMIT]] if texts else []
        crash.exception_frames = [frame for _, frame in filter(None, numbered)]
    threads = [object_of(thread) for thread in list_of(body.get("threads"))]
    faulting = body.get("faultingThread")
    triggered = next((thread for thread in threads if thread.get("triggered") is True), None)
    if triggered is None and isinstance(faulting, int) and 0 <= faulting < len(threads):
        triggered = threads[faulting]
    if triggered is not None:
        crash.frames = _frames(triggered.get("frames"), images)
        crash.thread = _first(triggered, names=("name", "queue"))


def _frames(listed: object, images: list[Image]) -> list[AppleFrame]:
    return [_frame(object_of(content), images) for content in list_of(listed)[:FRAME_LIMIT]]


def _frame(content: JsonObject, images: list[Image]) -> AppleFrame:
    index, offset = content.get("imageIndex"), content.get("imageOffset")
    image = images[index] if isinstance(index, int) and 0 <= index < len(images) else Image("???")
    file = text_field(content, "sourceFile", NAME_LIMIT)
    return AppleFrame(
        image.name,
        text_field(content, "symbol", 8_000),
        0,
        offset if isinstance(offset, int) and image.name != "???" else None,
        file if file and not file.startswith("<") else None,
        line_number_field(content, "sourceLine"),
        content.get("inline") is True,
    )


def _killed(crash: Crash, body: JsonObject) -> Crash:
    """The process that the system killed for its memory: that with a reason, else the largest."""
    processes = [object_of(process) for process in list_of(body.get("processes"))]
    killed = next((process for process in processes if text_field(process, "reason", 100)), {})
    crash.process = text_field(killed, "name", NAME_LIMIT) or text_field(body, "largestProcess", NAME_LIMIT)
    crash.subtype = text_field(killed, "reason", 100)
    crash.system = crash.system or text_field(body, "build", 100)
    return crash
