"""Fatal error logs of the Java virtual machine (``hs_err_pid….log``), and its console message about them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.hotspot.frames import frame_of
from graph.parsing.protocol import MESSAGE_LIMIT, NAME_LIMIT, SharedLiterals, line_at, size_class
from graph.parsing.text.lines import fold_repeats
from graph.rules.culprit import culprit

FATAL_ERROR = "A fatal error has been detected by the Java Runtime Environment"
OUT_OF_MEMORY = "There is insufficient memory for the Java Runtime Environment to continue"
HEADER = re.compile(rf"#[ \t]*(?:{FATAL_ERROR}|{OUT_OF_MEMORY})")
SIGNS = SharedLiterals(FATAL_ERROR, OUT_OF_MEMORY)
OWNER = r"pid=(?P<pid>\d{1,10}), tid=(?P<tid>\w{1,20})"
SIGNAL = re.compile(
    r"#\s+(?P<name>SIG[A-Z0-9]{1,12}|EXCEPTION_[A-Z_]{1,60}|0x[0-9a-fA-F]{1,16})"
    rf" \((?P<code>[^)\n]{{1,20}})\) at pc=(?P<pc>\w{{1,20}}), {OWNER}"
)
INTERNAL = re.compile(rf"#\s+(?P<kind>Internal Error|Out of Memory Error) \((?P<place>[^)\n]{{1,300}})\), {OWNER}")
SIGINFO = re.compile(
    r"siginfo: [^\n]{0,120}?si_code: (?:\d{1,9}|-\d{1,9}) \((?P<code>\w{1,40})\)"
    r"(?:, si_addr: (?P<address>0x[0-9a-fA-F]{1,16}))?"
)
VERSION = re.compile(r"#? ?JRE version: (?P<name>[^\n(]{0,100})\((?P<version>[^)\n]{1,80})\)")
MEMORY = re.compile(r"Memory: [^\n]{0,60}?physical (?P<size>\d{1,15})k")
TIME = re.compile(r"(?:Time|time): \w{3} (?P<time>\w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})(?: (?P<zone>UTC|GMT))?(?: \w{1,40})?")
ZONE = re.compile(r"timezone: (?:UTC|GMT)\b")
OS = re.compile(r'PRETTY_NAME="([^"\n]{1,100})"|\nOS: ?\n?(?!PRETTY_NAME)([^\n]{3,100})')
COMMAND = re.compile(r"(?:Command Line|java_command): ([^\n]{1,1000})")
THREAD = re.compile(r'Current thread[^\n:]{0,60}:\s+(?:JavaThread|\w{1,60}) "([^"\n]{1,200})"')
STACKS = ("Native frames:", "Java frames:")
END = "\nEND."
HEADER_LINES = 30
FRAME_LIMIT = 1_000


class HotspotParser:
    """Parser for fatal error logs of the Java virtual machine."""

    name = "hotspot"
    signs = (SIGNS,)
    title = "Fatal error logs of the Java virtual machine (hs_err_pid files)"
    takes = (
        "the signal or internal error",
        "native and Java frames of the failed thread as one stack",
        "runtime version, operating system and memory size",
    )
    example = (
        "#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n"
        "#  SIGSEGV (0xb) at pc=0x00007f51a5ad27f4, pid=13877, tid=13878\n#\n"
        "# JRE version: OpenJDK Runtime Environment (17.0.15+6) (build 17.0.15+6)\n"
        "# Problematic frame:\n# C  [libpricing.so+0x27f4]  price_of+0x14\n#\n\n"
        "---------------  T H R E A D  ---------------\n\n"
        "Native frames: (J=compiled Java code, j=interpreted, Vv=VM code)\n"
        "C  [libpricing.so+0x27f4]  price_of+0x14\n"
        "j  shop.Pricing.priceOf(Lshop/Cart;)J+0\n"
        "j  shop.Checkout.pay(Lshop/Cart;)V+12\n\n"
        "siginfo: si_signo: 11 (SIGSEGV), si_code: 1 (SEGV_MAPERR), si_addr: 0x0000000000000000\n\nEND.\n"
    )

    def sniff(self, text: str) -> float:
        """Return 1 if the text contains the opening sentence of such a log."""
        return 1.0 if SIGNS.occurs_in(text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per failure; console message and log of one failure are merged."""
        previous: ParsedReport | None = None
        starts = [match.start() for match in HEADER.finditer(text)]
        for start, limit in pairwise([*starts, len(text)]):
            report = _report(text, start, limit)
            if previous and _is_same(previous, report):
                fuller = report if len(report.frames) > len(previous.frames) else previous
                previous = replace(
                    fuller, span=(previous.span[0], report.span[1]), truncated=previous.truncated and report.truncated
                )
                continue
            if previous:
                yield previous
            previous = report
        if previous:
            yield previous


def _is_same(report: ParsedReport, other: ParsedReport) -> bool:
    keys = ("pid", "pc", "error_place")
    return (
        "pid" in report.extra
        and report.error_type == other.error_type
        and all(report.extra.get(key) == other.extra.get(key) for key in keys)
    )


def _report(text: str, start: int, limit: int) -> ParsedReport:
    header, console_end = _header(text, start, limit)
    ended = text.find(END, start, limit)
    sections = text.find("\n---------------", start, limit)
    end = ended + len(END) if ended >= 0 else limit if sections >= 0 else console_end
    end = min(text.find("\n", end) + 1 or len(text), limit) if ended >= 0 else end
    error_type, message, extra = _error(header, text, start, end)
    frames = _frames(text, start, end) or _problematic(header)
    return ParsedReport(
        format="hotspot",
        error_type=error_type,
        message=message[:MESSAGE_LIMIT],
        frames=frames,
        culprit=culprit(frames, "hotspot"),
        occurred_at=_occurred_at(text, start, end),
        severity="critical",
        environment=_environment(text, start, end),
        extra={name: value[:NAME_LIMIT] for name, value in extra.items() if value},
        span=(_start(text, start), end),
        truncated=not error_type or (sections >= 0 and ended < 0 and not frames),
    )


def _start(text: str, start: int) -> int:
    """Include the line with a lone ``#`` above the opening sentence."""
    above = text.rfind("\n", 0, max(start - 1, 0)) + 1
    return above if text[above:start].strip() == "#" else start


def _header(text: str, start: int, limit: int) -> tuple[str, int]:
    """Return the lines that begin with ``#``, and the position after them."""
    position = start
    for _ in range(HEADER_LINES):
        line, after = line_at(text, position, limit)
        if not line.startswith("#"):
            break
        position = after
    return text[start:position], position


def _error(header: str, text: str, start: int, end: int) -> tuple[str, str, dict[str, str]]:
    signal, internal = SIGNAL.search(header), INTERNAL.search(header)
    info = SIGINFO.search(text, start, end)
    thread, command = THREAD.search(text, start, end), COMMAND.search(text, start, end)
    extra = {"thread": thread[1] if thread else "", "command_line": command[1] if command else ""}
    if signal:
        extra |= {"pid": signal["pid"], "pc": signal["pc"], "address": (info["address"] or "") if info else ""}
        return signal["name"], info["code"] if info else "", extra
    if internal:
        lines = [line.strip("# \t\r") for line in header[internal.end() :].split("\n")[1:4]]
        message = next((line for line in lines if line and not line.startswith("JRE version")), "")
        return internal["kind"], message, extra | {"pid": internal["pid"], "error_place": internal["place"]}
    if OUT_OF_MEMORY in header:
        lines = [line.strip("# \t\r") for line in header.split("\n")[1:3]]
        return "Out of Memory Error", next((line for line in lines if line), ""), extra
    return "", "", extra


def _frames(text: str, start: int, end: int) -> tuple[StackFrame, ...]:
    """The native stack, which continues into Java; with the Java stack appended where the native one does not reach it."""
    native, java = (_stack(text, start, end, mark) for mark in STACKS)
    reached = any("(" not in frame.function and frame.module and not frame.function.startswith("+") for frame in native)
    return tuple((native if reached else [*native, *java]) or java)


def _stack(text: str, start: int, end: int, mark: str) -> list[StackFrame]:
    at = text.find(mark, start, end)
    if at < 0:
        return []
    frames: list[StackFrame] = []
    position = line_at(text, at, end)[1]
    for _ in range(FRAME_LIMIT):
        line, after = line_at(text, position, end)
        frame = frame_of(line)
        if frame is None:
            break
        frames.append(frame)
        position = after
    return list(fold_repeats(frames))


def _problematic(header: str) -> tuple[StackFrame, ...]:
    """The problematic frame, the only one in the console message."""
    _, mark, after = header.partition("# Problematic frame:")
    lines = after.split("\n")[1:2] if mark else []
    frame = frame_of(lines[0].lstrip("# ")) if lines else None
    return (frame,) if frame else ()


def _environment(text: str, start: int, end: int) -> dict[str, str]:
    version, memory, system = VERSION.search(text, start, end), MEMORY.search(text, start, end), OS.search(text, start, end)
    facts: dict[str, str] = {}
    if version:
        facts["runtime"] = f"{version['name'].strip()} {version['version']}".strip()
    if system:
        facts["os"] = (system[1] or system[2]).strip()
    if memory:
        facts["memory_class"] = size_class(int(memory["size"]) * 1024)
    return facts


def _occurred_at(text: str, start: int, end: int) -> datetime | None:
    """Time of the failure; ``None`` unless the log gives it in UTC."""
    match = TIME.search(text, start, end)
    if not match or not (match["zone"] or ZONE.search(text, match.end(), min(end, match.end() + 200))):
        return None
    try:
        return datetime.strptime(match["time"], "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return None
