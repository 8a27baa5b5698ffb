"""Crash reports of macOS, iOS and their relatives: text, JSON, and exceptions on the console."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model.report import ParsedReport
from graph.parsing.apple.console import console_reports
from graph.parsing.apple.crash import NAME
from graph.parsing.apple.failure import TERMINATING
from graph.parsing.apple.ips import BODY, HEADER, ips_reports
from graph.parsing.apple.metrickit import CRASHES, metrickit_reports
from graph.parsing.apple.text import text_reports
from graph.parsing.protocol import SharedLiterals, without_overlaps

CERTAIN = SharedLiterals(TERMINATING, HEADER, '"usedImages"', CRASHES)
MARKS = SharedLiterals("Exception Type:", "Last Exception Backtrace:", "Fatal Exception: ", "Crashed:")


class AppleParser:
    """Parser for Apple's crash reports."""

    name = NAME
    signs = (CERTAIN, MARKS)
    title = "Crash reports of Apple's systems (.crash, .ips, MetricKit, Jetsam, Crashlytics), uncaught Objective-C exceptions"
    takes = (
        "the crashed thread, or the backtrace of the uncaught exception",
        "name and reason of the exception, failed checks of Swift, the kind of a bad access",
        "frames without symbols as image and offset; inlined frames",
        "bundle identifier, version and build, system, device, time",
        "the reason for which the system ended the process (watchdog, memory)",
    )
    example = (
        "Incident Identifier: 3D2F7A60-0000-0000-0000-000000000000\n"
        "Hardware Model:      iPhone15,2\n"
        "Process:             Shop [412]\n"
        "Identifier:          com.example.shop\n"
        "Version:             4.2.0 (118)\n"
        "Code Type:           ARM-64 (Native)\n"
        "Date/Time:           2026-03-02 09:15:04.2507 +0100\n"
        "OS Version:          iPhone OS 17.4 (21E219)\n"
        "Report Version:      104\n"
        "\n"
        "Exception Type:  EXC_BAD_ACCESS (SIGSEGV)\n"
        "Exception Subtype: KERN_INVALID_ADDRESS at 0x0000000000000010\n"
        "Triggered by Thread:  0\n"
        "\n"
        "Thread 0 Crashed:\n"
        "0   libobjc.A.dylib               \t0x00000001a0000010 objc_msgSend + 32\n"
        "1   Shop                          \t0x0000000102d0b9fb Basket.total() + 120 (Basket.swift:31)\n"
        "2   Shop                          \t0x0000000102d0b8aa closure #1 in CartView.refresh(_:) + 44 (CartView.swift:12)\n"
        "3   UIKitCore                     \t0x00000001b1195917 UIApplicationMain + 782\n"
    )

    def sniff(self, text: str) -> float:
        """1 for a report or an exception on the console, 0.6 for a heading that other reports may have too."""
        if CERTAIN.occurs_in(text):
            return 1.0
        return 0.6 if MARKS.occurs_in(text) and "0x" in text else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """One report per crash; an exception printed within a report belongs to that report."""
        reports = list(ips_reports(text)) if HEADER in text or BODY in text else []
        if CRASHES in text:
            reports = list(without_overlaps(metrickit_reports(text), reports))
        if MARKS.occurs_in(text):
            reports = list(without_overlaps(text_reports(text), reports))
        if TERMINATING in text:
            reports = list(without_overlaps(console_reports(text), reports))
        yield from reports
