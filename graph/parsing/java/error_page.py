"""The error page of Tomcat, as HTML or copied from a browser: frames without "at", and causes below ``Root Cause``."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from graph.model.report import ParsedReport

PAGE = "HTTP Status 500"
BLOCK = re.compile(
    r"(?:<pre>|^)(?P<head>[a-z][\w$]*(?:\.[\w$]+)+(?::(?:[^\n<]|<(?!pre>))*+|[ \t]*\r?)(?:\n(?!<pre>)\S[^\n]*){0,8})\n"
    r"(?P<frames>(?:[ \t]+(?!at )[\w.$/@-]+(?:&lt;\w+&gt;|<\w+>)?\([^()\n]{1,300}\)[ \t]*\r?(?:\n|(?=</pre>)))+)(?:</pre>)?",
    re.MULTILINE,
)
CAUSE = re.compile(r"root cause", re.IGNORECASE)
GAP = 300
"""Characters between an exception and its cause."""
Read = Callable[[str], Iterator[ParsedReport]]


def error_pages(text: str, read: Read) -> Iterator[ParsedReport]:
    """One report per page, by ``read`` of its exceptions in the layout of a stack trace."""
    chain: list[str] = []
    start = end = 0
    for block in BLOCK.finditer(text, max(text.find(PAGE), 0)):
        between = text[end : block.start()]
        if chain and not (len(between) <= GAP and CAUSE.search(between)):
            yield from _report(chain, (start, end), read)
            chain = []
        start = start if chain else block.start()
        chain.append(_trace(block))
        end = block.end()
    yield from _report(chain, (start, end), read)


def _trace(block: re.Match[str]) -> str:
    frames = [f"\tat {line.strip()}\n" for line in block["frames"].splitlines()]
    return html.unescape(f"{block['head'].rstrip()}\n{''.join(frames)}")


def _report(chain: list[str], span: tuple[int, int], read: Read) -> Iterator[ParsedReport]:
    for report in list(read("Caused by: ".join(chain)))[:1]:
        yield replace(report, span=span)
