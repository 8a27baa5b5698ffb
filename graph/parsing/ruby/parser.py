"""Ruby backtraces in either order, with causes, from logs and test runners, and crashes of the interpreter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import dropwhile

from graph.model.report import Cause, ParsedReport
from graph.parsing.protocol import SharedLiterals
from graph.parsing.ruby.frames import FILE_SIGN, MARKS, find_location
from graph.parsing.ruby.interpreter_crash import BUG, parse_interpreter_crash
from graph.parsing.ruby.trace import REVERSED, RubyException, read_printed, read_raised, read_reversed, read_syntax_error
from graph.parsing.text.lines import Lines, line_start, next_line
from graph.rules import severity
from graph.rules.culprit import culprit

SYNTAX = ": syntax error"
ANCHOR = re.compile(
    r":in [`'](?=\S)|\[BUG\] |: syntax errors?[ ,]|\.(?:rb|erb|rake|ru|haml|slim|jbuilder|gemspec)\", line (?=\d)"
)
FRAMES, OTHERS = SharedLiterals(*MARKS), SharedLiterals(BUG, SYNTAX)
FILE_ENDING = SharedLiterals(*(f".{ending}{FILE_SIGN}" for ending in ("rb", "erb", "rake", "ru", "haml", "slim", "jbuilder")))
CAUSED_BY = re.compile(r"\s*+(?:(?:# )?-++\s++)?(?:# )?(?:-++ )?Caused by:(?: -++)?\s*+")
GAP = 400


class RubyParser:
    """Ruby backtraces."""

    name = "ruby"
    signs = (FRAMES, FILE_ENDING, OTHERS)
    title = "Ruby backtraces in either order, in logs of Rails and others, syntax errors, and interpreter crashes"
    takes = (
        "the chain of causes",
        "omitted levels of a recursion",
        "built-in method, gem or application code",
        "version and platform of a crashed interpreter",
    )
    example = (
        "/srv/shop/app/models/cart.rb:22:in `total': undefined method `map' for nil:NilClass (NoMethodError)\n"
        "\n"
        "    @items.map { |item| item.price }\n"
        "          ^^^^\n"
        "\tfrom /srv/shop/app/models/order.rb:14:in `block in pay'\n"
        "\tfrom /srv/shop/bin/shop.rb:3:in `<main>'\n"
    )

    def sniff(self, text: str) -> float:
        """0.95 with a Ruby frame, 0.9 with an interpreter crash, 0.7 with only a syntax error."""
        if FRAMES.occurs_in(text):
            return 0.95 if ".rb" in text or "from " in text or ".erb" in text else 0.6
        if FILE_ENDING.occurs_in(text):
            return 0.9
        if BUG in text and ("ruby " in text or ".rb:" in text):
            return 0.9
        return 0.7 if SYNTAX in text and ".rb:" in text else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per exception with its causes, per interpreter crash and per syntax error."""
        chain: list[RubyException] = []
        position = 0
        while match := ANCHOR.search(text, position):
            if match[0] == BUG:
                yield from _chain_report(chain)
                chain, bug = [], parse_interpreter_crash(text, match.start(), position)
                position = bug.span[1] if bug else match.end()
                if bug:
                    yield bug
                continue
            exception = (
                read_syntax_error(text, match, position)
                if match[0].startswith(": s")
                else _exception_at(text, match.start(), position)
            )
            if exception:
                if chain and not _continues_chain(text, chain[-1], exception):
                    yield from _chain_report(chain)
                    chain = []
                chain.append(exception)
            position = max(match.end(), exception.span[1] if exception else next_line(text, match.end()))
        yield from _chain_report(chain)


def _continues_chain(text: str, before: RubyException, exception: RubyException) -> bool:
    """Whether an exception belongs to the chain that ends directly above it."""
    gap = text[before.span[1] : exception.span[0]] if exception.span[0] - before.span[1] <= GAP else "x"
    if CAUSED_BY.fullmatch(gap):
        return True
    if before.span[1] != exception.span[0] or before.reversed_order != exception.reversed_order:
        return False
    if before.printed_by_program or exception.printed_by_program:
        return False
    # Both must have the same outermost function.
    outermost = [chained.frames[-1] for chained in (before, exception) if chained.frames]
    return len({(frame.function, frame.file) for frame in outermost}) == 1


def _exception_at(text: str, at: int, floor: int) -> RubyException | None:
    """Read the exception that the frame around ``at`` belongs to."""
    begin = line_start(text, at, floor)
    lines = Lines(text, begin)
    location = find_location(lines.line or "")
    if not location:
        return None
    if REVERSED.match(lines.line or ""):
        return read_reversed(text, begin, floor)
    if location.rest.startswith(":"):
        return read_raised(text, begin + len(location.before.removesuffix("from ")), floor)
    return read_printed(text, begin, floor)


def _chain_report(chain: list[RubyException]) -> Iterator[ParsedReport]:
    """The report of a chain: the exception thrown last, with its causes."""
    if not chain:
        return
    error, *rest = chain[::-1] if chain[-1].reversed_order else chain
    # The exception that ended a thread is printed again where the thread is joined.
    printed = Cause("cause", error.error_type, error.message, error.frames)
    causes = [*error.causes, *(Cause("cause", exception.error_type, exception.message, exception.frames) for exception in rest)]
    yield ParsedReport(
        format="ruby",
        error_type=error.error_type,
        message=error.message,
        frames=error.frames,
        culprit=culprit(error.frames, "ruby"),
        causes=tuple(dropwhile(lambda cause: cause == printed, causes)),
        severity=severity.infer(error.error_type, error.message),
        span=(chain[0].span[0], chain[-1].span[1]),
        truncated=any(exception.truncated for exception in chain),
    )
