"""Crash diagnostics of MetricKit: one JSON document per day and device, with frames as nested objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from graph.model.report import ParsedReport
from graph.parsing.apple.crash import Crash, report_of
from graph.parsing.apple.failure import Failure, failure_in
from graph.parsing.apple.frames import AppleFrame
from graph.parsing.apple.ips import FRAME_LIMIT, decode
from graph.parsing.native.faults import signal_name
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT
from graph.parsing.text.json_fields import JsonObject, list_of, object_of, text_field

CRASHES = '"crashDiagnostics"'
STACK = re.compile(r'"callStackTree"')
REACH = 2_000_000
"""Characters before the crashes in which their document begins: it may list other diagnostics first."""
ATTEMPTS = 20
"""Broken documents that are tried in one text."""
SIGNALS = {10: "SIGBUS", 12: "SIGSYS"}
"""Signals whose numbers are others than on Linux."""
# The exceptions of Mach by their number.
EXCEPTIONS = {
    1: "EXC_BAD_ACCESS",
    2: "EXC_BAD_INSTRUCTION",
    3: "EXC_ARITHMETIC",
    4: "EXC_EMULATION",
    5: "EXC_SOFTWARE",
    6: "EXC_BREAKPOINT",
    10: "EXC_CRASH",
    11: "EXC_RESOURCE",
    12: "EXC_GUARD",
}


def metrickit_reports(text: str) -> Iterator[ParsedReport]:
    """One report per crash; the documents' other diagnostics are no crashes."""
    position = failed = 0
    while failed < ATTEMPTS and (at := text.find(CRASHES, position)) >= 0:
        floor = max(position, at - REACH)
        start = max(text.rfind("\n{", floor, at) + 1, floor)
        document, end = decode(text, text.find("{", start, at))
        failed += not document
        position = max(end, at + len(CRASHES))
        crashes = [object_of(crash) for crash in list_of(document.get("crashDiagnostics"))]
        for crash, span in zip(crashes, _spans(text, start, at, end, len(crashes)), strict=True):
            yield report_of(_crash(document, crash, span))


def _spans(text: str, start: int, at: int, end: int, count: int) -> list[tuple[int, int]]:
    """A part of the document for each crash, cut where the stack of the next one begins."""
    begins = [match.start() for match in STACK.finditer(text, at, end)][1:count]
    cuts = [start, *begins, *[end] * (count - len(begins))]
    return list(pairwise(cuts[: count + 1]))


def _crash(document: JsonObject, content: JsonObject, span: tuple[int, int]) -> Crash:
    facts = object_of(content.get("diagnosticMetaData"))
    crash = Crash(*span)
    exception, signal = facts.get("exceptionType"), facts.get("signal")
    crash.exception = EXCEPTIONS.get(exception, "Crash") if isinstance(exception, int) else "Crash"
    if isinstance(signal, int) and signal:
        crash.exception += f" ({SIGNALS.get(signal) or signal_name(signal)})"
    reason = object_of(facts.get("exceptionReason"))
    name, termination = text_field(reason, "exceptionName", NAME_LIMIT), text_field(facts, "terminationReason", 1_000)
    crash.failure = Failure(name, text_field(reason, "composedMessage", MESSAGE_LIMIT)) if name else failure_in(termination)
    crash.termination = termination or text_field(facts, "virtualMemoryRegionInfo", 1_000)
    crash.frames = _frames(content)
    crash.product = text_field(facts, "bundleIdentifier", NAME_LIMIT)
    version, build = text_field(facts, "appVersion", 100), text_field(facts, "appBuildVersion", 100)
    crash.version = f"{version} ({build})" if version and build else version
    crash.system, crash.device = text_field(facts, "osVersion", 100), text_field(facts, "deviceType", 100)
    crash.cpu = text_field(facts, "platformArchitecture", 100)
    crash.time = text_field(document, "timeStampEnd", 100)
    return crash


def _frames(content: JsonObject) -> list[AppleFrame]:
    """The frames of the crashed thread, innermost first: each has its caller below it."""
    stacks = [object_of(stack) for stack in list_of(object_of(content.get("callStackTree")).get("callStacks"))]
    crashed = next((stack for stack in stacks if stack.get("threadAttributed") is True), stacks[0] if stacks else {})
    frames: list[AppleFrame] = []
    below = list_of(crashed.get("callStackRootFrames"))
    while below and len(frames) < FRAME_LIMIT:
        frame = object_of(below[0])
        address, offset = frame.get("address"), frame.get("offsetIntoBinaryTextSegment")
        frames.append(
            AppleFrame(
                text_field(frame, "binaryName", NAME_LIMIT) or "???",
                address=address if isinstance(address, int) else 0,
                offset=offset if isinstance(offset, int) else None,
            )
        )
        below = list_of(frame.get("subFrames"))
    return frames
