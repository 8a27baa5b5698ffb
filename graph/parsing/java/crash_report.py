"""Crash reports that a Java program writes around a trace, in titled sections; Minecraft and its launchers print them."""

from __future__ import annotations

import re
from dataclasses import replace

from graph.model.report import ParsedReport
from graph.parsing.protocol import line_at

TITLE = " Crash Report ----"
PRODUCT = re.compile(r"-{4} ?([\w .'-]{1,100}?) Crash Report -{4}")
FACT = re.compile(
    r"\s*(?:(?P<os>Operating System)|(?P<runtime>Java Version)|(?P<version>[\w ]{1,60} Version)): (?P<value>[^\n]{1,200})$"
)
SECTION = re.compile(r"[ \t]|-- ?[^\n]|(?:Details|Stacktrace|Thread|A detailed walkthrough)\b|$")
TITLE_DISTANCE = 2_000
LINES = 5_000


def with_sections(text: str, report: ParsedReport) -> ParsedReport:
    """The report extended to the title above its trace and the sections below it, with the facts in them."""
    start, end = report.span
    at = text.rfind(TITLE, max(0, start - TITLE_DISTANCE), end)
    if at < 0:
        return report
    title = max(text.rfind("\n", 0, at) + 1, start - TITLE_DISTANCE, 0)
    product = PRODUCT.search(text, title, at + len(TITLE))
    if product is None:
        return report
    facts: dict[str, str] = {}
    position = end
    for _ in range(LINES):
        line, after = line_at(text, position, len(text))
        if position >= len(text) or not SECTION.match(line):
            break
        fact = FACT.match(line)
        if fact and fact.lastgroup:
            _take_fact(facts, fact, product[1])
        position = after
        end = after if line.strip() else end
    version = facts.pop("version", None)
    return replace(
        report,
        product=report.product or product[1],
        version=report.version or version,
        environment={**facts, **report.environment},
        span=(min(title, start), end),
    )


def _take_fact(facts: dict[str, str], fact: re.Match[str], product: str) -> None:
    value = fact["value"].strip()
    if fact["os"]:
        facts.setdefault("os", value)
    elif fact["runtime"]:
        facts.setdefault("runtime", f"Java {value.partition(',')[0]}")
    elif fact["version"].strip() == f"{product} Version":
        facts.setdefault("version", value)
