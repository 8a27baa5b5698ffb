"""Names of bug checks, in outputs of a debugger with and without the name, and in the event log."""

from __future__ import annotations

import re

NAMED = re.compile(r"^([A-Z][A-Z0-9_]{5,80}) \(([0-9a-f]{1,8})\)\s*$", re.MULTILINE)
CODE = re.compile(
    r"^(?:BUGCHECK_CODE:|BUGCHECK_STR: {1,4}0x|BugCheck) {0,4}([0-9a-fA-F]{1,8})\b"
    r"|The bugcheck was: 0x([0-9a-fA-F]{1,8})\b",
    re.MULTILINE,
)
# Codes of bugcodes.h that are reported often.
NAMES = {
    0x0A: "IRQL_NOT_LESS_OR_EQUAL",
    0x19: "BAD_POOL_HEADER",
    0x1A: "MEMORY_MANAGEMENT",
    0x1E: "KMODE_EXCEPTION_NOT_HANDLED",
    0x24: "NTFS_FILE_SYSTEM",
    0x3B: "SYSTEM_SERVICE_EXCEPTION",
    0x50: "PAGE_FAULT_IN_NONPAGED_AREA",
    0x7A: "KERNEL_DATA_INPAGE_ERROR",
    0x7B: "INACCESSIBLE_BOOT_DEVICE",
    0x7E: "SYSTEM_THREAD_EXCEPTION_NOT_HANDLED",
    0x7F: "UNEXPECTED_KERNEL_MODE_TRAP",
    0x8E: "KERNEL_MODE_EXCEPTION_NOT_HANDLED",
    0x9F: "DRIVER_POWER_STATE_FAILURE",
    0xA0: "INTERNAL_POWER_ERROR",
    0xBE: "ATTEMPTED_WRITE_TO_READONLY_MEMORY",
    0xC2: "BAD_POOL_CALLER",
    0xC4: "DRIVER_VERIFIER_DETECTED_VIOLATION",
    0xC5: "DRIVER_CORRUPTED_EXPOOL",
    0xD1: "DRIVER_IRQL_NOT_LESS_OR_EQUAL",
    0xEF: "CRITICAL_PROCESS_DIED",
    0xF4: "CRITICAL_OBJECT_TERMINATION",
    0xF7: "DRIVER_OVERRAN_STACK_BUFFER",
    0xFC: "ATTEMPTED_EXECUTE_OF_NOEXECUTE_MEMORY",
    0x101: "CLOCK_WATCHDOG_TIMEOUT",
    0x109: "CRITICAL_STRUCTURE_CORRUPTION",
    0x10D: "WDF_VIOLATION",
    0x116: "VIDEO_TDR_FAILURE",
    0x119: "VIDEO_SCHEDULER_INTERNAL_ERROR",
    0x124: "WHEA_UNCORRECTABLE_ERROR",
    0x133: "DPC_WATCHDOG_VIOLATION",
    0x139: "KERNEL_SECURITY_CHECK_FAILURE",
    0x13A: "KERNEL_MODE_HEAP_CORRUPTION",
    0x154: "UNEXPECTED_STORE_EXCEPTION",
}


def bugcheck_of(part: str, *, analysed: bool) -> tuple[str, str] | None:
    """Name and message of the bug check; ``analysed`` if a line in capitals with a code is the name of one."""
    named = NAMED.search(part) if analysed else None
    if named:
        return named[1], f"bug check 0x{named[2]}"
    code = CODE.search(part)
    if not code:
        return None
    number = int(code[1] or code[2], 16)
    return NAMES.get(number & 0x0FFFFFFF, f"BUGCHECK_0x{number:X}"), f"bug check 0x{number:x}"
