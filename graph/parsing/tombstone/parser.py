"""Native crashes of Android: tombstones of debuggerd, as a file or interleaved in a device log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.native.blame import blame
from graph.parsing.native.faults import number_of, signal_kind
from graph.parsing.native.folding import fold_native_frames
from graph.parsing.native.termination import ABORTED, ASSERTION, termination_in
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, SharedLiterals, line_at
from graph.parsing.tombstone.frames import parse_frame
from graph.rules import severity

ANCHOR = re.compile(
    r"\bpid: \d{1,9}, tid: \d{1,9}[^\n]{0,220}?\s{1,8}>>> [^\n]{1,300}? <<<"
    r"|\bsignal \d{1,3} \(SIG[A-Z]{2,8}\), code|#00[ \t]{1,8}+pc [0-9a-fA-F]{4}"
)
SIGNALS, FRAMES = SharedLiterals(", code "), SharedLiterals("#00 pc 0", "#00  pc 0")
SIGNAL = re.compile(
    r"signal \d{1,3} \((?P<name>SIG\w{2,12})\)(?:, code -?\d{1,9}(?: \((?P<code>\w{2,40})[^()\n]{0,200}\))?)?"
    r"(?:, fault addr (?P<address>[0-9a-fA-Fx]{1,20}))?(?: \((?P<access>read|write)\))?"
)
PROCESS = re.compile(r"pid: (\d{1,9}), tid: (\d{1,9})(?:, name: (.{0,200}?))?\s{1,8}>>> (.{1,300}?) <<<")
FATAL_THREAD = re.compile(r" in tid (\d{1,9}) \(([^()\n]{0,200})\)(?:, pid \d{1,9} \(([^()\n]{0,200})\))?")
FINGERPRINT = re.compile(
    r"Build fingerprint: '?[^'/\n]{0,100}/[^'/\n]{0,100}/([^':/\n]{0,100}):([^'/\n]{1,40})/([^'\n]{0,200})"
)
TIMESTAMP = re.compile(r"Timestamp: (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d{1,9})?([+-]\d{4})")
ABI = re.compile(r"ABI: '?(\w{1,20})")
CAUSE = re.compile(r"\bCause: ([^\n]{1,400})")
FATAL = "Fatal signal "
ABORT_MESSAGE = "Abort message: "
STARTS = ("*** *** ***", "* * * * * *", "Build fingerprint: ", FATAL)
WRITTEN_TO = "Tombstone written to"
ENDS = ("--- --- ---", WRITTEN_TO, *STARTS[:2])
DIGITS = str.maketrans("123456789", "000000000")
HEADER_LIMIT = 4_000
# Maximum lines of other processes in a row within a tombstone.
LINES_LIMIT = 1_000
CLOSE_LIMIT = 30
MESSAGE_LINES = 40
# Memory error detectors: words in their cause, and the error type.
CAUSES = {
    "stack overflow": "Stack-overflow",
    "use after free": "Heap-use-after-free",
    "buffer overflow": "Heap-buffer-overflow",
    "buffer underflow": "Heap-buffer-overflow",
    "double free": "Double-free",
    "invalid (wild) free": "Invalid-free",
}
UNKNOWN = "Crash"


class TombstoneParser:
    """Parser for native crashes of Android."""

    name = "tombstone"
    signs = (SIGNALS, FRAMES)
    title = "Native crashes of Android (tombstones, alone or in a device's log)"
    takes = (
        "the abort message, and the cause determined by Android",
        "process, thread, signal and address",
        "Android version and device, from the build fingerprint",
        "the time, if printed with its zone",
    )
    example = (
        "*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***\n"
        "Build fingerprint: 'acme/tablet/tablet:14/UQ1A.240105.004/11206848:user/release-keys'\n"
        "ABI: 'arm64'\n"
        "Timestamp: 2026-03-02 09:15:04.250731921+0100\n"
        "pid: 4120, tid: 4188, name: checkout  >>> com.example.shop <<<\n"
        "signal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0000000000000010\n"
        "Cause: null pointer dereference\n"
        "    x0  0000000000000000  x1  0000007ff5c1a2b8\n"
        "\n"
        "backtrace:\n"
        "      #00 pc 000000000004f1a8  /data/app/com.example.shop/lib/arm64/libshop.so (shop::Basket::total()+24)\n"
        "      #01 pc 000000000005a310  /data/app/com.example.shop/lib/arm64/libshop.so (Java_com_example_shop_Pay_run+88)\n"
        "      #02 pc 00000000000e1818  /apex/com.android.art/lib64/libart.so (art_quick_generic_jni_trampoline+144)\n"
    )

    def sniff(self, text: str) -> float:
        """Return 1 for a signal in debuggerd's format, 0.8 for frames alone."""
        if SIGNALS.occurs_in(text) and "signal " in text and ("fault addr" in text or " >>> " in text):
            return 1.0 if SIGNAL.search(text, text.find("signal ")) else 0.0
        return 0.8 if FRAMES.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per tombstone, including the C library's line about the signal above it."""
        floor = 0
        for tombstone in _tombstones(text):
            report = _report(text, tombstone, floor)
            floor = report.span[1]
            yield report


@dataclass(slots=True)
class _Tombstone:
    """One tombstone; ``fatal`` if the signal is known from the C library's line alone."""

    start: int
    end: int
    fatal: bool = False
    signal: re.Match[str] | None = None
    process: re.Match[str] | None = None
    fatal_thread: re.Match[str] | None = None
    message: str = ""
    cause: str = ""
    frames: list[StackFrame] = field(default_factory=list)
    last: int = -1

    def read_line(self, text: str, line: str, start: int, after: int) -> bool:
        """Read a line; returns ``False`` if it belongs to another crash."""
        numbered_frame = parse_frame(line)
        if numbered_frame and numbered_frame[0] <= self.last:
            return False
        if numbered_frame:
            self.frames.append(numbered_frame[1])
            self.last, self.end = numbered_frame[0], after
            return True
        if self.frames:
            return "pid: " not in line or not PROCESS.search(line[:2_000])
        process = PROCESS.search(line[:2_000]) if " >>> " in line else None
        if process and self.process:
            return False
        if process:
            self.process, self.end = process, after
        elif "signal " in line:
            return self._signal(line, after)
        elif ABORT_MESSAGE in line and not self.message:
            self.message, self.end = _abort_message(text, start, after), after
        elif "Cause: " in line and not self.cause and self.signal:
            cause = CAUSE.search(line[:2_000])
            self.cause, self.end = (cause[1].strip(), after) if cause else ("", self.end)
        elif "backtrace:" in line:
            self.end = after
        return True

    def _signal(self, line: str, after: int) -> bool:
        """Read the signal; debuggerd's line takes precedence over the C library's."""
        match = SIGNAL.search(line[:2_000])
        fatal = FATAL in line
        fatal_thread = FATAL_THREAD.search(line[:2_000])
        has_signal = self.signal is not None and not self.fatal
        if match and (
            has_signal
            or (fatal and (self.process or (self.fatal_thread and fatal_thread and self.fatal_thread[3] != fatal_thread[3])))
        ):
            return False
        if match and (self.signal is None or (self.fatal and not fatal)):
            self.signal, self.fatal, self.end = match, fatal, after
        if match and fatal:
            self.fatal_thread, self.end = self.fatal_thread or fatal_thread, after
        return True


def _tombstones(text: str) -> Iterator[_Tombstone]:
    limit, floor = len(text), 0
    anchor = ANCHOR.search(text)
    while anchor:
        start = max(text.rfind("\n", floor, anchor.start()) + 1, floor)
        tombstone = _Tombstone(start, start)
        position, gap = start, 0
        while position < limit and gap < LINES_LIMIT:
            line, after = line_at(text, position, limit)
            if any(mark in line for mark in ENDS) and (tombstone.frames or tombstone.process):
                # The path of the tombstone file is its last line.
                tombstone.end = after if WRITTEN_TO in line and gap < CLOSE_LIMIT else tombstone.end
                break
            before = tombstone.end
            if not tombstone.read_line(text, line, position, after):
                break
            gap = 0 if tombstone.end > before else gap + 1
            position = after
        if tombstone.signal or tombstone.frames:
            yield tombstone
        floor = max(tombstone.end, start)
        anchor = ANCHOR.search(text, max(floor, anchor.end()))


def _abort_message(text: str, start: int, after: int) -> str:
    """The abort message, in quotes and possibly continued on lines with the same log prefix."""
    line, _ = line_at(text, start, len(text))
    prefix, _, message = line.partition(ABORT_MESSAGE)
    if not message.startswith("'"):
        return message.strip()[:MESSAGE_LIMIT]
    parts = [message[1:]]
    position, size = after, len(message)
    while not parts[-1].rstrip().endswith("'") and len(parts) < MESSAGE_LINES and size < MESSAGE_LIMIT and position < len(text):
        line, position = line_at(text, position, len(text))
        if line[: len(prefix)].translate(DIGITS) != prefix.translate(DIGITS):
            break
        parts.append(line[len(prefix) :])
        size += len(line)
    if not parts[-1].rstrip().endswith("'"):
        parts = parts[:1]
    return "\n".join(parts).rstrip().removesuffix("'")[:MESSAGE_LIMIT].strip()


def _report(text: str, tombstone: _Tombstone, floor: int) -> ParsedReport:
    start = _start(text, tombstone.start, floor)
    header = text[start : min(tombstone.end, tombstone.start + HEADER_LIMIT)]
    error_type, message = _error(tombstone)
    frames = fold_native_frames(tombstone.frames)
    name = _process(tombstone)
    return ParsedReport(
        format="tombstone",
        error_type=error_type,
        message=message,
        frames=frames,
        culprit=blame(frames, error_type),
        occurred_at=_occurred_at(header),
        severity=severity.infer(error_type, message),
        product=name.partition(":")[0] if "." in name and "/" not in name else None,
        environment=_environment(header),
        extra=_facts(tombstone, name),
        span=(start, tombstone.end),
    )


def _start(text: str, start: int, floor: int) -> int:
    """Start of the first header line above the process."""
    floor = max(floor, start - HEADER_LIMIT)
    places = [place for place in (text.find(mark, floor, start) for mark in STARTS) if place >= 0]
    return max(text.rfind("\n", floor, min(places)) + 1, floor) if places else start


def _error(tombstone: _Tombstone) -> tuple[str, str]:
    """Type and message: the program's last message, Android's cause, or the signal."""
    if not tombstone.signal:
        return UNKNOWN, tombstone.message or tombstone.cause
    name = tombstone.signal["name"]
    if tombstone.message and name == ABORTED:
        termination = termination_in(tombstone.message)
        if termination and termination.error_type != ABORTED:
            return termination.error_type, tombstone.message[
                tombstone.message.find(termination.message) :
            ] if termination.error_type != ASSERTION else termination.message
        return name, tombstone.message
    code = tombstone.signal["code"]
    message = tombstone.message or tombstone.cause or (f"{name} ({code})" if code else name)
    for words, kind in CAUSES.items():
        if words in tombstone.cause.lower():
            return kind, message
    # The fault address of a sent signal identifies the sender.
    sent = (code or "").startswith("SI_")
    address = number_of(tombstone.signal["address"] or "") if not sent else None
    return signal_kind(name, address, (tombstone.signal["access"] or "").upper()), message


def _process(tombstone: _Tombstone) -> str:
    name = tombstone.process[4] if tombstone.process else tombstone.fatal_thread[3] if tombstone.fatal_thread else ""
    return (name or "").strip()[:NAME_LIMIT]


def _facts(tombstone: _Tombstone, process: str) -> dict[str, str]:
    thread = tombstone.process[3] if tombstone.process else tombstone.fatal_thread[2] if tombstone.fatal_thread else ""
    address = tombstone.signal["address"] if tombstone.signal else None
    facts = {
        "process": process,
        "thread": (thread or "").strip(),
        "signal": tombstone.signal["name"] if tombstone.signal else "",
        "address": address or "",
    }
    return {name: value for name, value in facts.items() if value}


def _environment(header: str) -> dict[str, str]:
    build, abi = FINGERPRINT.search(header), ABI.search(header)
    facts = (
        {"os": f"Android {build[2]}", "device": build[1], "firmware": build[3].partition(":")[0]}
        if build
        else {"os": "Android"}
    )
    return {**facts, **({"cpu": abi[1]} if abi else {})}


def _occurred_at(header: str) -> datetime | None:
    match = TIMESTAMP.search(header)
    try:
        return datetime.strptime(f"{match[1]} {match[2]} {match[3]}", "%Y-%m-%d %H:%M:%S %z") if match else None
    except ValueError:
        return None
