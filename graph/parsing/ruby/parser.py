"""Ruby: backtraces in either order, with causes, from logs and test runners, and crashes of the interpreter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import dropwhile

from graph.model.report import Cause, ParsedReport
from graph.parsing.ruby.frames import MARKS, place_in
from graph.parsing.ruby.interpreter_crash import BUG, bug_report
from graph.parsing.ruby.trace import REVERSED, Link, backwards, printed, raised, syntax
from graph.parsing.text.lines import Lines, line_start, next_line
from graph.rules import severity
from graph.rules.culprit import culprit

SYNTAX = ": syntax error"
ANCHOR = re.compile(r":in [`'](?=\S)|\[BUG\] |: syntax errors?[ ,]")


class RubyParser:
    """Backtraces of Ruby."""

    name = "ruby"
    title = "Ruby backtraces in either order, in logs of Rails and others, syntax errors, and crashes of the interpreter"
    takes = (
        "the chain of causes",
        "levels of a recursion that were left out",
        "methods of the language itself, gems and one's own code told apart",
        "version and platform of an interpreter that crashed",
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
        """0.95 with a frame of Ruby or a crash of its interpreter, less with a syntax error."""
        if MARKS[0] in text or MARKS[1] in text:
            return 0.95 if ".rb" in text or "from " in text or ".erb" in text else 0.6
        if BUG in text and ("ruby " in text or ".rb:" in text):
            return 0.9
        return 0.7 if SYNTAX in text and ".rb:" in text else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """A report for each exception with its causes, each crash and each syntax error."""
        chain: list[Link] = []
        position = 0
        while found := ANCHOR.search(text, position):
            if found[0] == BUG:
                yield from _reports(chain)
                chain, bug = [], bug_report(text, found.start(), position)
                position = bug.span[1] if bug else found.end()
                if bug:
                    yield bug
                continue
            link = syntax(text, found, position) if found[0].startswith(": s") else _link(text, found.start(), position)
            if link:
                if chain and not _belongs(chain[-1], link):
                    yield from _reports(chain)
                    chain = []
                chain.append(link)
            position = max(found.end(), link.span[1] if link else next_line(text, found.end()))
        yield from _reports(chain)


def _belongs(before: Link, link: Link) -> bool:
    """Whether an exception is part of the chain that ends right above it."""
    if before.span[1] != link.span[0] or before.backwards != link.backwards or before.printed or link.printed:
        return False
    # Both were raised below the same function.
    ends = [(one.frames[-1].function, one.frames[-1].file) for one in (before, link) if one.frames]
    return len(set(ends)) == 1


def _link(text: str, at: int, floor: int) -> Link | None:
    """The exception to which the frame around ``at`` belongs."""
    begin = line_start(text, at, floor)
    lines = Lines(text, begin)
    place = place_in(lines.line or "")
    if not place:
        return None
    if REVERSED.match(lines.line or ""):
        return backwards(text, begin, floor)
    if place.rest.startswith(":"):
        return raised(text, begin + len(place.before.removesuffix("from ")), floor)
    return printed(text, begin, floor)


def _reports(chain: list[Link]) -> Iterator[ParsedReport]:
    """The report of a chain: the exception thrown last, and what it came from."""
    if not chain:
        return
    links = chain[::-1] if chain[-1].backwards else chain
    error, *rest = links
    told = (error.error_type, error.message, error.frames)
    # What ended a thread is printed again where the thread is waited for.
    rest = list(dropwhile(lambda one: (one.error_type, one.message, one.frames) == told, rest))
    yield ParsedReport(
        format="ruby",
        error_type=error.error_type,
        message=error.message,
        frames=error.frames,
        culprit=culprit(error.frames, "ruby"),
        causes=tuple(Cause("cause", one.error_type, one.message, one.frames) for one in rest),
        severity=severity.infer(error.error_type, error.message),
        span=(chain[0].span[0], chain[-1].span[1]),
        truncated=any(link.truncated for link in chain),
    )
