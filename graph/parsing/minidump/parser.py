"""Minidumps of Breakpad and Crashpad after a stackwalker: human-readable, machine-readable, JSON."""

from __future__ import annotations

from collections.abc import Iterator

from graph.model.report import ParsedReport
from graph.parsing.minidump.json_format import is_json, json_reports
from graph.parsing.minidump.text_format import human_reports, machine_reports
from graph.parsing.protocol import SharedLiterals

SIGNS = SharedLiterals("Crash reason:", "Crash|", '"crash_info"')


class MinidumpParser:
    """Parser for minidumps of Breakpad and Crashpad."""

    name = "minidump"
    signs = (SIGNS,)
    title = "Minidumps of Breakpad and Crashpad after minidump_stackwalk (text, -m, JSON, Socorro's processed crashes)"
    takes = (
        "the crashed thread, with its inlined frames",
        "the kind of a memory access, and a failed assertion",
        "product and version if given, else those of the main module",
        "operating system, processor and memory",
    )
    example = (
        "Operating system: Linux\n"
        "                  5.15.0 #1 SMP\n"
        "CPU: amd64\n"
        "     family 6 model 70 stepping 1\n"
        "     4 CPUs\n"
        "\n"
        "Crash reason:  SIGSEGV / SEGV_MAPERR\n"
        "Crash address: 0x0000000000000010\n"
        "Process uptime: 2 seconds\n"
        "\n"
        "Thread 0 checkout (crashed) - tid: 1304\n"
        " 0  checkout!shop::Basket::total() const [basket.cpp : 17 + 0x4]\n"
        "     rax = 0x0000000000000000    rdx = 0x00007f5140efc000\n"
        "    Found by: given as instruction pointer in context\n"
        " 1  checkout!main [main.cpp : 32 + 0x9]\n"
        "    Found by: call frame info\n"
        " 2  libc.so.6 + 0x2718a\n"
        "    Found by: stack scanning\n"
        "\n"
        "Loaded modules:\n"
        "0x00400000 - 0x00419fff  checkout  4.2.0  (main)\n"
        "0x7f514015d000 - 0x7f514031cfff  libc.so.6  ???\n"
    )

    def sniff(self, text: str) -> float:
        """Return 1 for text that only a stackwalker writes, 0.8 for a reason and an address alone."""
        if is_json(text) or ("Crash reason:" in text and "(crashed)" in text) or ("Crash|" in text and "OS|" in text):
            return 1.0
        return 0.8 if "Crash reason:" in text and "Crash address:" in text else 0.0

    def parse(self, text: str) -> Iterator[ParsedReport]:
        """Yield one report per crash, in the format of the text."""
        if is_json(text):
            yield from json_reports(text)
        elif "Crash|" in text and "OS|" in text:
            yield from machine_reports(text)
        else:
            yield from human_reports(text)
