"""Frames and instruction pointers of kernel stacks, in the formats of the architectures."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.native.rust_symbols import demangle_rust
from graph.parsing.protocol import NAME_LIMIT

# A C function, or a Rust one as symbolisers print it (``<a::B as c::D>::run``).
PATH = r"(?:::[\w<>{}#.]{1,200}+)"
NAME = rf"(?:[A-Za-z_.$][\w.$]{{0,400}}+{PATH}{{0,12}}+|<[^\n+]{{1,400}}?>{PATH}{{1,6}}+)"
OFFSET = r"\+0x[0-9a-f]{1,16}+(?:/(?:0x)?[0-9a-f]{1,16}+)?"
PLACE = r"(?: \(?(?P<file>[\w./+@-]{1,400}+):(?P<line>\d{1,9}+)(?::\d{1,9}+)?\)?)?"
# Up to two addresses (stack pointer and instruction pointer); ``inline`` replaces the address of an inlined call.
ADDRESS = r"(?:\(?\[<? {0,20}(?:0x)?(?:[0-9a-f]{4,16}|inline|none) {0,20}>?\]\)? ?){0,2}+"
MODULE = r"(?: \[(?P<module>[\w-]{1,100}+)(?: [0-9a-f]{8,64}+)?\])?"
TAIL = rf"(?P<inline> \[inline\])?{MODULE}(?: \([a-zA-Z]{{1,3}}\))?"
FRAME = re.compile(
    rf"\s{{0,40}}+(?:<[/A-Z]{{3,8}}> {{1,4}}+)?(?:#\d{{1,4}} +)?(?P<address>{ADDRESS})\s{{0,8}}+(?P<guess>\? +)?"
    rf"(?:[0-9a-f]{{1,2}}:|\()?(?P<name>{NAME})(?P<offset>{OFFSET})?\)?{PLACE}{TAIL}(?P<rest>[^\n]{{0,120}})"
)
# Stacks of a kernel that runs as a library, symbolised like user space.
NUMBERED = re.compile(
    r"\s{0,40}+#\d{1,4} 0x[0-9a-f]{1,16}+ in (?P<name>[^\s(]{1,400}+)[^\n]{0,200}? "
    r"(?P<file>/?[^\s:]{1,400}+):(?P<line>\d{1,9}+)"
)
FRAME_WITH_CALLER = re.compile(rf"\s{{0,40}}+(?P<name>{NAME}) from {NAME}{OFFSET}")
CALLER = re.compile(rf" from (?:{ADDRESS})?\(?(?P<name>{NAME}){OFFSET}")
REGISTER = (
    r"(?:[RE]?IP:|EIP is at|E?PC is at|pc *:|NIP|epc *:|era *:|pc +(?=[0-9a-f]{16} )|Krnl PSW *:"
    r"|--- interrupt: [0-9a-f]{1,5} at)"
)
POINTER = re.compile(
    rf"\s{{0,20}}+{REGISTER}\s{{0,8}}+(?:[0-9a-f]{{4}}:)?\s{{0,20}}+"
    r"(?:\[<? {0,10}(?:none|[0-9a-f]{4,16}) {0,10}>?\]:?\s{0,4}){0,2}+(?:[0-9a-f]{8,16}\s){0,2}+\(?"
    rf"(?P<name>{NAME})(?P<offset>{OFFSET})?\)?{PLACE}{TAIL}"
)
REPEATED_POINTER = (" RSP", " SS:ESP")
"""Marks of the instruction pointer that is repeated at the end of the report."""
POINTERS = ("IP", "PC", "pc", "PSW", "interrupt", "ep", "er")
"""Every line with an instruction pointer contains one of these."""
USER = re.compile(r"\s{0,20}+[RE]?IP: (?:00(?:33|23|73|2b):|e033:|0x[0-7][0-9a-f]{1,11}\b)|--- interrupt: c00")
# Suffixes of functions that the compiler split or cloned.
CLONE = re.compile(
    r"(?:\.(?:part|constprop|isra|cold|llvm|lto_priv|localalias|cfi|cfi_jt|clone)(?:\.\d{1,24})?){1,12}+$|\$[0-9a-f]{32}$"
)


def read_frame(body: str) -> tuple[StackFrame | None, bool, str]:
    """Parse a line into its frame, whether the frame is unreliable, and its caller if the line names it.

    The frame is ``None`` for any other line.
    """
    if "+0x" not in body and "nline" not in body and " in " not in body:
        return None, False, ""
    match = NUMBERED.match(body) if " in " in body else None
    if match:
        return _frame_of(match), False, ""
    caller = CALLER.search(body) if " from " in body else None
    called = clean_name(caller["name"]) if caller else ""
    match = FRAME_WITH_CALLER.match(body) if caller else None
    if match:
        return StackFrame(clean_name(match["name"])), False, called
    match = FRAME.match(body)
    if not match or not _is_frame(match):
        return None, False, ""
    unreliable = bool(match["guess"]) or "unreliable" in match["rest"] or match["address"].startswith("([<")
    return _frame_of(match), unreliable, called


def read_pointer(body: str) -> StackFrame | None:
    """Function at the instruction pointer, if the line gives it."""
    if not any(word in body for word in POINTERS) or any(word in body for word in REPEATED_POINTER):
        return None
    match = POINTER.match(body)
    return _frame_of(match) if match and (match["offset"] or match["file"]) else None


def is_user(body: str) -> bool:
    """Whether a line shows the entry from user space, where the kernel stack ends."""
    return ("IP: " in body or "interrupt" in body) and USER.match(body) is not None


def clean_name(name: str) -> str:
    """Function name without compiler suffixes; Rust names demangled."""
    name = CLONE.sub("", name.lstrip("."), count=1) or name
    return demangle_rust(name) if name.startswith("_R") else name


def _is_frame(match: re.Match[str]) -> bool:
    rest = match["rest"].strip().removeprefix(")").lstrip()
    if match["offset"]:
        return not rest or rest.startswith(("from ", "(", "[", ")"))
    if _is_inlined(match):
        return bool(match["file"])
    return bool(match["address"].strip()) and rest.startswith("from ")


def _is_inlined(match: re.Match[str]) -> bool:
    parts = match.groupdict()
    return bool(parts.get("inline")) or "inline" in (parts.get("address") or "")


def _frame_of(match: re.Match[str]) -> StackFrame:
    """Build the frame of a match; without a source, the file of a module's function is the module's."""
    parts = match.groupdict()
    file, line, module = parts.get("file"), parts.get("line"), parts.get("module")
    return StackFrame(
        clean_name(parts["name"])[:NAME_LIMIT],
        file=file or (f"{module}.ko" if module else None),
        line=int(line) or None if file and line else None,
        inlined=_is_inlined(match),
    )
