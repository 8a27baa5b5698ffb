"""Names of signals and Windows exception codes, and the error types derived from them.

Error types use the spelling of OSS-Fuzz, so that one bug has one type whichever tool reports it: ``READ`` and ``WRITE``
for a Windows access violation; ``Null-dereference`` and ``UNKNOWN`` (unclassified access) for a segmentation fault at a
known address.
"""

from __future__ import annotations

NEAR_NULL = 0x10000
"""Addresses below this count as null pointer accesses: no system maps memory there."""

# Linux numbers, also used by Android, Breakpad and ABRT.
SIGNALS = {
    1: "SIGHUP",
    2: "SIGINT",
    3: "SIGQUIT",
    4: "SIGILL",
    5: "SIGTRAP",
    6: "SIGABRT",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV",
    13: "SIGPIPE",
    14: "SIGALRM",
    15: "SIGTERM",
    16: "SIGSTKFLT",
    24: "SIGXCPU",
    25: "SIGXFSZ",
    31: "SIGSYS",
}

# Codes of structured exceptions (ntstatus.h, winbase.h) and codes raised by runtimes.
EXCEPTIONS = {
    0x40000015: "STATUS_FATAL_APP_EXIT",
    0x4000001F: "EXCEPTION_WX86_BREAKPOINT",
    0x80000001: "EXCEPTION_GUARD_PAGE",
    0x80000002: "EXCEPTION_DATATYPE_MISALIGNMENT",
    0x80000003: "EXCEPTION_BREAKPOINT",
    0x80000004: "EXCEPTION_SINGLE_STEP",
    0xC0000005: "EXCEPTION_ACCESS_VIOLATION",
    0xC0000006: "EXCEPTION_IN_PAGE_ERROR",
    0xC0000008: "EXCEPTION_INVALID_HANDLE",
    0xC0000017: "STATUS_NO_MEMORY",
    0xC000001D: "EXCEPTION_ILLEGAL_INSTRUCTION",
    0xC0000025: "EXCEPTION_NONCONTINUABLE_EXCEPTION",
    0xC0000026: "EXCEPTION_INVALID_DISPOSITION",
    0xC000008C: "EXCEPTION_ARRAY_BOUNDS_EXCEEDED",
    0xC000008D: "EXCEPTION_FLT_DENORMAL_OPERAND",
    0xC000008E: "EXCEPTION_FLT_DIVIDE_BY_ZERO",
    0xC000008F: "EXCEPTION_FLT_INEXACT_RESULT",
    0xC0000090: "EXCEPTION_FLT_INVALID_OPERATION",
    0xC0000091: "EXCEPTION_FLT_OVERFLOW",
    0xC0000092: "EXCEPTION_FLT_STACK_CHECK",
    0xC0000093: "EXCEPTION_FLT_UNDERFLOW",
    0xC0000094: "EXCEPTION_INT_DIVIDE_BY_ZERO",
    0xC0000095: "EXCEPTION_INT_OVERFLOW",
    0xC0000096: "EXCEPTION_PRIV_INSTRUCTION",
    0xC00000FD: "EXCEPTION_STACK_OVERFLOW",
    0xC0000135: "STATUS_DLL_NOT_FOUND",
    0xC0000138: "STATUS_ORDINAL_NOT_FOUND",
    0xC0000139: "STATUS_ENTRYPOINT_NOT_FOUND",
    0xC0000142: "STATUS_DLL_INIT_FAILED",
    0xC0000194: "EXCEPTION_POSSIBLE_DEADLOCK",
    0xC0000374: "STATUS_HEAP_CORRUPTION",
    0xC0000409: "STATUS_STACK_BUFFER_OVERRUN",
    0xC0000417: "STATUS_INVALID_CRUNTIME_PARAMETER",
    0xC000041D: "STATUS_FATAL_USER_CALLBACK_EXCEPTION",
    0xC0000420: "STATUS_ASSERTION_FAILURE",
    0xC0000602: "STATUS_FAIL_FAST_EXCEPTION",
    0xE0000008: "OUT_OF_MEMORY",
    0xE0434352: "CLR exception",
    0xE0434F4D: "CLR exception",
    0xE06D7363: "C++ exception",
}

KINDS = {
    "EXCEPTION_INT_DIVIDE_BY_ZERO": "Divide-by-zero",
    "EXCEPTION_FLT_DIVIDE_BY_ZERO": "Divide-by-zero",
    "EXCEPTION_INT_OVERFLOW": "Integer-overflow",
    "EXCEPTION_STACK_OVERFLOW": "Stack-overflow",
}
ACCESSES = {"read": "READ", "writ": "WRITE", "exec": "EXECUTE"}
VIOLATION = "EXCEPTION_ACCESS_VIOLATION"


def signal_name(number: int) -> str:
    """Return ``SIGSEGV`` for 11, and ``signal 99`` for an unknown number."""
    return SIGNALS.get(number) or f"signal {number}"


def exception_name(code: int) -> str:
    """Return ``EXCEPTION_ACCESS_VIOLATION`` for 0xC0000005, and an unknown code in hexadecimal."""
    return EXCEPTIONS.get(code) or f"0x{code:08X}"


def access_of(word: str) -> str:
    """Return ``READ``, ``WRITE`` or ``EXECUTE`` for a word such as ``reading`` or ``write``; empty for any other."""
    return ACCESSES.get(word[:4].lower(), "")


def exception_kind(name: str, access: str = "") -> str:
    """Error type of a Windows exception by its name; ``access`` is a result of :func:`access_of`."""
    if name.startswith(VIOLATION):
        # Breakpad appends the access to the name.
        return access or access_of(name.removeprefix(f"{VIOLATION}_")) or VIOLATION
    return KINDS.get(name, name)


def signal_kind(name: str, address: int | None, access: str = "") -> str:
    """Error type of a signal: for a SIGSEGV at a known address by address and access, else the signal's name."""
    if name != "SIGSEGV" or address is None:
        return name
    kind = "Null-dereference" if address < NEAR_NULL else "UNKNOWN"
    return f"{kind} {access}" if access else kind


def number_of(text: str) -> int | None:
    """Parse a hexadecimal number as crash reports print addresses (``0x10``, ``00000000`00000010``); ``None`` if it is none."""
    digits = text.strip().replace("`", "")[:20]
    try:
        return int(digits, 16)
    except ValueError:
        return None
