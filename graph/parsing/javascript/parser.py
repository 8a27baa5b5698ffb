"""JavaScript errors of Node, Deno, Bun and browsers, with causes and members; minified code is marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from graph.model.report import ParsedReport, StackFrame
from graph.parsing.javascript.console import MARK, console_frame
from graph.parsing.javascript.fatal import FATAL, NATIVE, parse_fatal_error
from graph.parsing.javascript.frames import JavascriptFrame, gecko_frame, is_app, stack_frames, v8_frame
from graph.parsing.javascript.header import TEST, JavascriptHeader, excerpt_above, failed_test_above, header_above, named_error
from graph.parsing.javascript.trace import RUNTIME, UNTRACED, JavascriptError, JavascriptStack, read_stack
from graph.parsing.protocol import MESSAGE_LIMIT, SharedLiterals, is_same_error, merge_continuations, without_overlaps
from graph.parsing.text.lines import LINE_LIMIT, PREFIX_LIMIT, Lines, line_start, lines_above, location_frame
from graph.rules import severity
from graph.rules.culprit import culprit

SIGNS = SharedLiterals(
    *(f".{ending}:" for ending in ("js", "ts", "mjs", "cjs", "jsx", "tsx", "mts", "cts", "vue", "bundle", "jsbundle")),
    *("(<anonymous>)", "<anonymous>:", "(native)", "node:", "http:", "https:", "webpack", "file:///", "eval at ", "[eval]"),
    "❯ ",
)
CERTAIN = SharedLiterals(
    *("@http", "@file:", "@webpack", "@moz-extension:", "@resource:", "@chrome:", "@capacitor:", "@app:", "@blob:"),
    *("@1:", "@index.", "@main.jsbundle", "@[native code]", "\nNode.js v", "JavaScript heap out of memory", NATIVE),
    *("wasm-function[", "UnhandledPromiseRejection"),
)
# What follows the function's name in a frame of Firefox, Safari and React Native.
PLACE = r"[a-z-]+:/|webpack|\[(?:native|wasm) code\]|index\.\w+\.bundle:|main\.jsbundle:|\d{1,7}:\d{1,9}$"
# Each alternative begins with a literal, which makes the search fast.
ANCHOR = re.compile(rf"at (?<![\w.@/]at )(?=\S)|@(?={PLACE})|{FATAL}|{NATIVE}|N(?<=^N)ode\.js v(?=\d)", re.MULTILINE)
REJECTED = re.compile(
    r"\(node:\d{1,9}\) UnhandledPromiseRejectionWarning: (?:Unhandled promise rejection \(rejection id: \d{1,9}\): )?([^\n]*)"
    r"|^\[UnhandledPromiseRejection: (?>[^\n]*? with the reason \")([^\n]*)\"\.\]",
    re.MULTILINE,
)
REJECTION_ADVICE = "Unhandled promise rejection."
# What Rust's and C's panic machinery leaves in the stack of the trap that ends a module after the panic was printed.
PANICKED = re.compile(r"rust_panic|rust_start_panic|panicking::")
CONTAINER = re.compile(r"\S.*\{$")
ABOVE_LINES = 60
NEAR = 4_000
"""Characters above a stack that are searched for the heading of a failed test."""


class JavascriptParser:
    """JavaScript errors."""

    name = "javascript"
    signs = (CERTAIN, SIGNS)
    title = "JavaScript errors of Node, Deno, Bun, Chrome, Firefox and Safari"
    takes = (
        "causes, and the members of an AggregateError",
        "the error's code, and the runtime's version",
        "package, runtime or application code",
        "line and column, and whether the code is minified",
    )
    example = (
        "/srv/shop/src/cart.js:12\n"
        "    return items.map(item => item.price.amount);\n"
        "                                        ^\n"
        "\n"
        "TypeError: Cannot read properties of undefined (reading 'amount')\n"
        "    at /srv/shop/src/cart.js:12:41\n"
        "    at Array.map (<anonymous>)\n"
        "    at Cart.total (/srv/shop/src/cart.js:12:18)\n"
        "    at async pay (/srv/shop/src/order.js:31:5)\n"
        "\n"
        "Node.js v20.20.2\n"
    )

    def sniff(self, text: str) -> float:
        """0.95 with a sign that only JavaScript prints, 0.9 with one that other languages may print too."""
        if CERTAIN.occurs_in(text):
            return 0.95
        return 0.9 if SIGNS.occurs_in(text) and ("at " in text or "Error" in text) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per error with its causes and members, and per fatal error of a runtime."""
        reports = list(merge_continuations(_reports_as_printed(text), partial(_continues, text)))
        others = sorted([*_console_reports(text), *_rejections(text)], key=lambda report: report.span)
        yield from without_overlaps(others, reports)


def _reports_as_printed(text: str) -> Iterator[ParsedReport]:
    """Every stack as printed."""
    position = floor = 0
    while match := ANCHOR.search(text, position):
        report = _report_at(text, match, floor)
        if report is None:
            end = text.find("\n", match.end())
            position = len(text) if end < 0 else end
            continue
        position = floor = max(match.end(), report.span[1])
        yield report


def _console_reports(text: str) -> Iterator[ParsedReport]:
    """Stacks in the layout of a console or a test runner, each below the line that names its error."""
    if "Error" not in text:
        return
    position = floor = 0
    while match := MARK.search(text, position):
        begin = line_start(text, match.start(), floor)
        lines = Lines(text, begin)
        position = max(lines.after, match.end())
        header = header_above(text, begin, floor, "") if lines.line and console_frame(lines.line) else None
        if not header or header.weak:
            continue
        stack = read_stack(lines, header, console=True)
        position = floor = max(stack.end, position)
        yield _build_report(stack, header.start, None, truncated=False)


def _rejections(text: str) -> Iterator[ParsedReport]:
    """Rejections of a promise with a value that is no error, which have no stack."""
    for match in REJECTED.finditer(text):
        end = text.find("\n", match.start())
        end = len(text) if end < 0 else end + 1
        message = (match[1] or match[2] or "")[:MESSAGE_LIMIT]
        if message.startswith(REJECTION_ADVICE) or v8_frame(Lines(text, end).line or ""):
            continue
        start = line_start(text, match.start())
        header = named_error(message, start, anywhere=False) or JavascriptHeader("UnhandledPromiseRejection", message, start)
        yield _build_report(JavascriptStack([JavascriptError(header)], end), header.start, None, truncated=False)


def _continues(text: str, before: ParsedReport, report: ParsedReport) -> bool:
    """Whether a stack is no separate error: an observation, or the reason printed after a rejected promise."""
    if not report.error_type and not report.truncated:
        return True
    if not report.error_type and not text[before.span[1] : report.span[0]].strip():
        # The message of the error these frames belong to contained the error of a child process.
        return True
    gap = text[before.span[1] : report.span[0] + 200]
    near = report.span[0] - before.span[1] < 200
    return near and gap.lstrip().startswith("} reason:") and is_same_error(before, report)


def _report_at(text: str, match: re.Match[str], floor: int) -> ParsedReport | None:
    if match[0] in {FATAL, NATIVE}:
        return parse_fatal_error(text, match.start(), floor)
    if match[0].startswith("Node"):
        return _parse_thrown_value(text, match.start(), floor)
    begin = line_start(text, match.start(), floor)
    end = text.find("\n", match.start())
    line = text[begin : min(len(text) if end < 0 else end, begin + LINE_LIMIT)].rstrip()
    at = match.start() - begin
    first = v8_frame(line[at:]) if match[0] != "@" else gecko_frame(line.strip())
    if not first:
        return None
    prefix = line[:at].rstrip() if match[0] != "@" else ""
    if len(prefix) > PREFIX_LIMIT:
        return None
    return _parse_stack(text, begin, floor, prefix)


def _parse_stack(text: str, begin: int, floor: int, prefix: str) -> ParsedReport | None:
    """Parse the stack with its first frame in the line at ``begin``."""
    header = header_above(text, begin, floor, prefix)
    if (header is None or header.weak) and TEST in text[max(floor, begin - NEAR) : begin]:
        header = failed_test_above(text, begin, floor) or header
    if header and not header.error_type:
        return _skip_observation(text, begin, floor, prefix)
    outer = _containing_error(text, header, floor) if header and not prefix else None
    lines = Lines(text, begin, prefix)
    if outer:
        lines = Lines(text, outer.start)
        lines.skip()
        header = outer
    known = header or JavascriptHeader("", "", begin, weak=True)
    stack = read_stack(lines, known)
    if not header and len(stack.errors[0].frames) < 2:
        return None
    start, location = excerpt_above(text, known.start, floor)
    return _build_report(stack, start, location, truncated=header is None)


def _skip_observation(text: str, begin: int, floor: int, prefix: str) -> ParsedReport:
    """Parse a stack that shows where an error was observed; without an error type, it continues the report above."""
    lines = Lines(text, begin, prefix)
    stack = read_stack(lines, JavascriptHeader("", "", begin))
    return ParsedReport("javascript", "", "", span=(max(begin, floor), stack.end))


def _containing_error(text: str, header: JavascriptHeader, floor: int) -> JavascriptHeader | None:
    """The error with ``header`` in its block, as an AggregateError prints its members."""
    if text[header.start : header.start + 1] != " ":
        return None
    for begin, full_line in lines_above(text, header.start, floor, ABOVE_LINES):
        line = full_line.rstrip()
        if line and line[0] not in " \t":
            outer = named_error(line, begin, anywhere=False) if CONTAINER.match(line) else None
            return outer if outer and outer.opens else None
    return None


def _parse_thrown_value(text: str, at: int, floor: int) -> ParsedReport | None:
    """Parse a thrown value without a stack: a source excerpt, the value, then the runtime's version."""
    end, printed = at, list[str]()
    for begin, full_line in lines_above(text, at, floor, ABOVE_LINES):
        line = full_line.rstrip()
        start, location = excerpt_above(text, end, floor)
        if location:
            break
        if RUNTIME.match(line):
            return None
        printed.append(line)
        end = begin
    else:
        return None
    lines = [line for line in reversed(printed) if not line.startswith(UNTRACED)]
    first = next((line for line in lines if line.strip()), "")
    header = named_error(first, end, anywhere=False) or JavascriptHeader("Uncaught", "\n".join(lines).strip(), end)
    reader = Lines(text, at)
    runtime = RUNTIME.match(reader.line or "")
    codes = (re.match(r"  code: '([\w.-]+)'", line) for line in lines)
    code = next((match[1] for match in codes if match), None)
    facts = {"error_code": code} if code else {}
    stack = JavascriptStack([JavascriptError(header)], reader.after, facts, runtime[1] if runtime else "")
    return _build_report(stack, start, location, truncated=False)


def _build_report(stack: JavascriptStack, start: int, location: tuple[str, int] | None, *, truncated: bool) -> ParsedReport:
    error, *rest = stack.errors
    frames = stack_frames(error.frames)
    if location and not any(frame.in_app for frame in frames) and is_app("", location[0]) and "<" not in location[0]:
        # The runtime raises a syntax error; the offending file is quoted above the message.
        frames = (location_frame(*location, in_app=True), *frames)
    blamed = culprit(frames, "javascript")
    extra = dict(stack.facts)
    if error.header.code:
        extra["error_code"] = error.header.code
    raised = next((frame for frame in error.frames if blamed and _is_at(frame, blamed)), None)
    if raised and raised.column is not None and raised.frame.line is not None:
        extra["position"] = f"{raised.frame.line}:{raised.column}"
    if raised and raised.minified:
        extra["minified"] = "true"
    message = error.header.message[:MESSAGE_LIMIT]
    return ParsedReport(
        format="javascript",
        error_type=error.header.error_type,
        message=message,
        frames=frames,
        culprit=blamed,
        causes=tuple(error.cause() for error in rest),
        severity=severity.infer(error.header.error_type, message),
        environment={"runtime": stack.runtime} if stack.runtime else {},
        extra=extra,
        span=(start, stack.end),
        truncated=truncated,
        echo=error.header.error_type == "RuntimeError" and any(PANICKED.search(frame.function) for frame in frames),
    )


def _is_at(frame: JavascriptFrame, blamed: StackFrame) -> bool:
    return (frame.frame.function, frame.frame.line) == (blamed.function, blamed.line)
