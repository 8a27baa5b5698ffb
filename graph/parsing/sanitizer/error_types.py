"""Map the wording of sanitizers, fuzzers and failed checks to the crash types of fuzzing services."""

from __future__ import annotations

import re

NULL_PAGE = 0x10000
"""Addresses below this count as null pointers with an offset."""

# Signals as sanitizers name them. Those in ``ENDINGS`` only show that the process was ended.
SIGNALS = {
    "abrt": "Abrt",
    "bus": "Bus",
    "ill": "Ill",
    "illegal-instruction": "Ill",
    "trap": "Trap",
    "breakpoint": "Breakpoint",
    "fpe": "Floating-point-exception",
    "int-divide-by-zero": "Divide-by-zero",
    "flt-divide-by-zero": "Divide-by-zero",
    "int-overflow": "Integer-overflow",
    "segv": "UNKNOWN",
    "access-violation": "UNKNOWN",
    "in-page-error": "UNKNOWN",
    "stack-overflow": "Stack-overflow",
}
ENDINGS = frozenset({"Abrt", "Ill", "Trap", "Breakpoint", "Fatal-signal", "Unexpected-exit"})
"""Types that only show how a process ended."""
POSIX = {"4": "Ill", "5": "Trap", "6": "Abrt", "7": "Bus", "8": "Floating-point-exception", "10": "Bus", "11": "UNKNOWN",
         "SIGILL": "Ill", "SIGTRAP": "Trap", "SIGABRT": "Abrt", "SIGBUS": "Bus", "SIGFPE": "Floating-point-exception",
         "SIGSEGV": "UNKNOWN", "SIGTERM": "Timeout", "SIGALRM": "Timeout", "SIGXCPU": "Timeout"}  # fmt: skip

MEMORY = (
    ("attempting double-free", "Heap-double-free"),
    ("attempting free on address which was not malloc", "Bad-free"),
    ("attempting free on address in wild pointer", "Bad-free"),
    ("attempting to call malloc_usable_size", "Bad-malloc_usable_size"),
    ("allocator is out of memory", "Out-of-memory"),
    ("out of memory", "Out-of-memory"),
    ("requested allocation size", "Out-of-memory"),
    ("allocation-size-too-big", "Out-of-memory"),
    ("specified RSS limit exceeded", "Out-of-memory"),
    ("hard rss limit exhausted", "Out-of-memory"),
    ("rss-limit-exceeded", "Out-of-memory"),
    ("failed to allocate", "Out-of-memory"),
    ("CHECK failed", "CHECK failure"),
    ("detected memory leaks", "Direct-leak"),
    ("stack-overflow", "Stack-overflow"),
)

UNDEFINED = (
    ("control flow integrity check", "Bad-cast"),
    ("which does not point to an object of type", "Bad-cast"),
    ("division by zero", "Divide-by-zero"),
    ("unsigned integer overflow", "Unsigned-integer-overflow"),
    ("implicit conversion", "Implicit-conversion"),
    ("integer overflow", "Integer-overflow"),
    ("negation of", "Integer-overflow"),
    ("cannot be represented in type", "Integer-overflow"),
    ("store to null pointer", "Null-dereference WRITE"),
    ("load of null pointer", "Null-dereference READ"),
    ("null pointer passed as argument", "Invalid-null-argument"),
    ("null passed to", "Invalid-null-argument"),
    ("null pointer returned from function", "Invalid-null-return"),
    ("null return", "Invalid-null-return"),
    ("zero offset", "Pointer-overflow"),
    ("within null pointer", "Null-dereference"),
    ("null pointer of type", "Null-dereference"),
    ("on null pointer", "Null-dereference"),
    ("insufficient space for an object", "Object-size"),
    ("misaligned address", "Misaligned-address"),
    ("out of bounds for type", "Index-out-of-bounds"),
    ("index expression with base", "Pointer-overflow"),
    ("unsigned offset", "Pointer-overflow"),
    ("pointer overflow", "Pointer-overflow"),
    ("shift of", "Undefined-shift"),
    ("shift exponent", "Undefined-shift"),
    ("not a valid value for type 'bool'", "Invalid-bool-value"),
    ("not a valid value for type bool", "Invalid-bool-value"),
    ("not a valid value for type", "Invalid-enum-value"),
    ("variable length array bound", "Non-positive-vla-bound-value"),
    ("outside the range of representable values", "Float-cast-overflow"),
    ("through pointer to incorrect function type", "Incorrect-function-pointer-type"),
    ("end of a value-returning function", "No-return-value"),
    ("unreachable", "Unreachable code"),
    ("passing zero to", "Invalid-builtin-use"),
    ("assumption is violated", "Violated-assumption"),
)

FUZZER = (
    ("timeout", "Timeout"),
    ("out-of-memory", "Out-of-memory"),
    ("deadly signal", "Fatal-signal"),
    ("fuzz target exited", "Unexpected-exit"),
    ("fuzz target overwrites", "Overwrites-const-input"),
    ("overwrites-const-input", "Overwrites-const-input"),
    ("stack-overflow", "Stack-overflow"),
    ("leak", "Direct-leak"),
)

# Prefixes of failed checks, up to the failed expression, and their type.
CHECKS = (
    (re.compile(r"Security D?CHECK failed: ?"), "Security DCHECK failure"),
    (re.compile(r"Debug check failed: ?"), "DCHECK failure"),
    (re.compile(r"(?:RAW: )?(?:D?CHECK|Check|D?PCHECK|RAW_CHECK) failed: ?"), "CHECK failure"),
    (re.compile(r"NOTREACHED\(?\)? hit\.? ?"), "CHECK failure"),
    (re.compile(r"RepresentationChangerError: "), "CHECK failure"),
    (re.compile(r"Check [^\n]{1,400}? (?:failed|has failed)\b"), "CHECK failure"),
    (re.compile(r"[Aa]ssert(?:ion)? fail(?:ed|ure): ?"), "ASSERT"),
    (re.compile(r"V8 error: ?"), "V8 API error"),
    (re.compile(r"(?=Torque assert|CSA_D?(?:CHECK|ASSERT) failed)"), "ASSERT"),
    (re.compile(r"(?=unreachable code)"), "Unreachable code"),
    (re.compile(r"(?=unimplemented code)"), "Unimplemented code"),
    (re.compile(r"(?=[^\n]{0,200}(?:[Oo]ut of memory|Allocation failed|OOM error))"), "Out-of-memory"),
)
BUGS = {
    "arbitrary domain name resolution": "Arbitrary DNS resolution",
    "arbitrary file open": "Arbitrary file open",
    "shell corruption": "Shell corruption",
    "shell injection": "Shell injection",
}
WORD = re.compile(r"[A-Za-z_][\w-]*+")


def memory_type(tool: str, body: str) -> str:
    """Type of a sanitizer error in the line ``tool: body``; ``segv_type`` refines memory access signals."""
    for begin, name in MEMORY:
        if body.startswith(begin):
            return name
    word = WORD.match(body)
    signal = SIGNALS.get(word[0].lower()) if word else None
    if signal:
        return signal
    if tool == "ThreadSanitizer":
        return _capital(body.partition(" (")[0].partition(": ")[0].rstrip()[:80])
    return _capital(word[0]) if word else "UNKNOWN"


def segv_type(address: str | None, access: str | None) -> str:
    """Type of a bad memory access by address (hexadecimal, ``None`` if unknown) and direction."""
    if address is None:
        return "Segv on unknown address"
    name = "Null-dereference" if int(address, 16) < NULL_PAGE else "UNKNOWN"
    return f"{name} {access}" if access in {"READ", "WRITE"} else name


def undefined_type(message: str) -> str:
    """Type of an UndefinedBehaviorSanitizer message after ``runtime error:``."""
    return next((name for words, name in UNDEFINED if words in message), "UNKNOWN")


def fuzzer_type(message: str) -> str:
    """Type of a libFuzzer message after ``ERROR: libFuzzer:``."""
    return next((name for words, name in FUZZER if words in message), "Fatal-signal")


def check_type(message: str) -> tuple[str, str]:
    """Type and message of a fatal message; the message is the failed expression and its explanation."""
    for words, name in CHECKS:
        if match := words.match(message):
            return name, message[match.end() :].strip() or message.strip()
    return "Fatal error", message.strip()


def bug_type(title: str) -> str:
    """Type in ``===BUG DETECTED: title===``."""
    title = title.strip(" =")
    return BUGS.get(title.lower(), title[:80])


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
