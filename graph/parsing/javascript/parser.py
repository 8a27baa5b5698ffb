"""JavaScript: errors of Node, Deno, Bun and browsers, with causes and members, minified code marked as such."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from graph.model.report import ParsedReport
from graph.parsing.javascript.fatal import FATAL, NATIVE, fatal_report
from graph.parsing.javascript.frames import Found, frames_of, gecko_frame, is_app, v8_frame
from graph.parsing.javascript.header import Head, excerpt_above, head_above, strong_head
from graph.parsing.javascript.trace import RUNTIME, UNTRACED, Link, Stack, read_stack
from graph.parsing.protocol import MESSAGE_LIMIT, joined
from graph.parsing.text.lines import LINE_LIMIT, PREFIX_LIMIT, Lines, line_start, place_frame
from graph.rules import severity
from graph.rules.culprit import culprit

SIGNS = (
    *(f".{ending}:" for ending in ("js", "ts", "mjs", "cjs", "jsx", "tsx", "mts", "cts", "vue", "bundle", "jsbundle")),
    *("(<anonymous>)", "<anonymous>:", "(native)", "node:", "http:", "https:", "webpack", "file:///", "eval at ", "[eval]"),
)
GECKO = (
    "@http",
    "@file:",
    "@webpack",
    "@moz-extension:",
    "@resource:",
    "@chrome:",
    "@capacitor:",
    "@app:",
    "@blob:",
    "@[native code]",
)
ANCHOR = re.compile(
    rf"(?<![\w.@/])at (?=\S)|@(?=[a-z-]+:/|webpack|\[native code\])|{FATAL}|{NATIVE}|^Node\.js v(?=\d)", re.MULTILINE
)
CONTAINER = re.compile(r"\S.*\{$")
ABOVE_LINES = 60


class JavascriptParser:
    """Errors of JavaScript."""

    name = "javascript"
    title = "JavaScript errors of Node, Deno, Bun, Chrome, Firefox and Safari"
    takes = (
        "causes, and the members of an AggregateError",
        "the error's code, and the runtime's version",
        "packages, runtime and one's own code told apart",
        "whether the code is minified, and then line and column",
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
        """0.95 with what stands in nearly every stack, or with the end of a runtime."""
        if (
            any(sign in text for sign in GECKO)
            or "\nNode.js v" in text
            or "JavaScript heap out of memory" in text
            or NATIVE in text
        ):
            return 0.95
        return 0.9 if "at " in text and any(sign in text for sign in SIGNS) else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """A report for each error with what hangs on it, and for each end of a runtime."""
        yield from joined(_reports(text), partial(_goes_on, text))


def _reports(text: str) -> Iterator[ParsedReport]:
    """Every stack as it stands."""
    position = floor = 0
    while found := ANCHOR.search(text, position):
        report = _report_at(text, found, floor)
        if report is None:
            end = text.find("\n", found.end())
            position = len(text) if end < 0 else end
            continue
        position = floor = max(found.end(), report.span[1])
        yield report


def _goes_on(text: str, before: ParsedReport, report: ParsedReport) -> bool:
    """Whether a stack is no error of its own: one aside, or the reason printed behind the promise that was rejected."""
    if not report.error_type and not report.truncated:
        return True
    if not report.error_type and not text[before.span[1] : report.span[0]].strip():
        # The error of a child stood in the message of the one that these frames belong to.
        return True
    gap = text[before.span[1] : report.span[0] + 200]
    said = (before.error_type, before.message, before.frames) == (report.error_type, report.message, report.frames)
    return said and report.span[0] - before.span[1] < 200 and gap.lstrip().startswith("} reason:")


def _report_at(text: str, found: re.Match[str], floor: int) -> ParsedReport | None:
    if found[0] in {FATAL, NATIVE}:
        return fatal_report(text, found.start(), floor)
    if found[0].startswith("Node"):
        return _untraced(text, found.start(), floor)
    begin = line_start(text, found.start(), floor)
    end = text.find("\n", found.start())
    line = text[begin : min(len(text) if end < 0 else end, begin + LINE_LIMIT)].rstrip()
    at = found.start() - begin
    first = v8_frame(line[at:]) if found[0] != "@" else gecko_frame(line.strip())
    if not first:
        return None
    prefix = line[:at].rstrip() if found[0] != "@" else ""
    if len(prefix) > PREFIX_LIMIT:
        return None
    return _stacked(text, begin, floor, prefix)


def _stacked(text: str, begin: int, floor: int, prefix: str) -> ParsedReport | None:
    """The report of the stack whose first frame stands in the line at ``begin``."""
    head = head_above(text, begin, floor, prefix)
    if head and not head.error_type:
        return _aside(text, begin, floor, prefix)
    outer = _container(text, head, floor) if head and not prefix else None
    lines = Lines(text, begin, prefix)
    if outer:
        lines = Lines(text, outer.start)
        lines.skip()
        head = outer
    known = head or Head("", "", begin, weak=True)
    stack = read_stack(lines, known)
    if not head and len(stack.links[0].found) < 2:
        return None
    start, place = excerpt_above(text, known.start, floor)
    return _report(stack, start, place, truncated=head is None)


def _aside(text: str, begin: int, floor: int, prefix: str) -> ParsedReport:
    """A stack that tells where an error was observed; it is no report where one stands above it."""
    lines = Lines(text, begin, prefix)
    stack = read_stack(lines, Head("", "", begin))
    return ParsedReport("javascript", "", "", span=(max(begin, floor), stack.end))


def _container(text: str, head: Head, floor: int) -> Head | None:
    """The error in whose block another one was found first, as an AggregateError prints its members."""
    if text[head.start : head.start + 1] != " ":
        return None
    end = head.start
    for _ in range(ABOVE_LINES):
        if end <= floor:
            return None
        begin = line_start(text, end - 1, floor)
        line = text[begin : min(end, begin + LINE_LIMIT)].rstrip()
        if line and line[0] not in " \t":
            outer = strong_head(line, begin, anywhere=False) if CONTAINER.match(line) else None
            return outer if outer and outer.opens else None
        end = begin
    return None


def _untraced(text: str, at: int, floor: int) -> ParsedReport | None:
    """What was thrown without a stack: the source is quoted above, then the value, then the runtime."""
    end, said = at, list[str]()
    for _ in range(ABOVE_LINES):
        if end <= floor:
            return None
        begin = line_start(text, end - 1, floor)
        line = text[begin : min(end, begin + LINE_LIMIT)].rstrip()
        start, place = excerpt_above(text, end, floor)
        if place:
            break
        if RUNTIME.match(line):
            return None
        said.append(line)
        end = begin
    else:
        return None
    lines = [line for line in reversed(said) if not line.startswith(UNTRACED)]
    first = next((line for line in lines if line.strip()), "")
    head = strong_head(first, end, anywhere=False) or Head("Uncaught", "\n".join(lines).strip(), end)
    reader = Lines(text, at)
    runtime = RUNTIME.match(reader.line or "")
    codes = (re.match(r"  code: '([\w.-]+)'", line) for line in lines)
    code = next((found[1] for found in codes if found), None)
    facts = {"error_code": code} if code else {}
    return _report(Stack([Link(head)], reader.after, facts, runtime[1] if runtime else ""), start, place, truncated=False)


def _report(stack: Stack, start: int, place: tuple[str, int] | None, *, truncated: bool) -> ParsedReport:
    error, *rest = stack.links
    frames = frames_of(error.found)
    if place and not any(frame.in_app for frame in frames) and is_app("", place[0]) and "<" not in place[0]:
        # An error of syntax is raised by the runtime; the file that it read stands above the message.
        frames = (place_frame(*place, in_app=True), *frames)
    blamed = culprit(frames, "javascript")
    extra = dict(stack.facts)
    if error.head.code:
        extra["error_code"] = error.head.code
    at = next(
        (one for one in error.found if one.frame == blamed or (blamed and _same(one, blamed.function, blamed.line))), None
    )
    if at and at.column is not None and at.frame.line is not None:
        extra["position"] = f"{at.frame.line}:{at.column}"
    if at and at.minified:
        extra["minified"] = "true"
    message = error.head.message[:MESSAGE_LIMIT]
    return ParsedReport(
        format="javascript",
        error_type=error.head.error_type,
        message=message,
        frames=frames,
        culprit=blamed,
        causes=tuple(link.cause() for link in rest),
        severity=severity.infer(error.head.error_type, message),
        environment={"runtime": stack.runtime} if stack.runtime else {},
        extra=extra,
        span=(start, stack.end),
        truncated=truncated,
    )


def _same(one: Found, function: str, line: int | None) -> bool:
    return one.frame.function == function and one.frame.line == line
