"""The error value inside a panic message, in Rust's debug format."""

from __future__ import annotations

import re

from graph.model.report import Cause

# `called … on an `Err` value: ParseIntError { kind: InvalidDigit }`, `could not read: Os { code: 2, … }`
VALUE = re.compile(r"([A-Z][A-Za-z0-9_]*)(?: ?[({\"]|$)")
UNWRAP = "on an `Err` value: "
# Panics caused by the panic of another thread, which is reported separately.
ECHOES = (
    f"{UNWRAP}Any {{",
    f"{UNWRAP}PoisonError {{",
    "panic in a destructor during cleanup",
    "panic in a function that cannot unwind",
    "a scoped thread panicked",
)
PREFIX_LIMIT = 2_000


def is_echo(message: str) -> bool:
    """Whether a panic only follows from an earlier one."""
    return any(sign in message[:PREFIX_LIMIT] for sign in ECHOES)


def unwrapped_error(message: str) -> tuple[Cause, ...]:
    """Return the error passed to ``unwrap`` or ``expect`` as the cause of the panic."""
    first = message[:PREFIX_LIMIT].split("\n", 1)[0]
    before, mark, after = first.rpartition(": ") if UNWRAP not in first else first.partition(UNWRAP)
    while before and not VALUE.match(after) and UNWRAP not in first:
        # The value may contain colons, so search for its start from the end.
        before, mark, rest = before.rpartition(": ")
        after = f"{rest}: {after}"
    match = VALUE.match(after) if mark else None
    if not match or (UNWRAP not in first and match.end() == len(after) and "{" not in after):
        return ()
    return (Cause("cause", match[1], after[len(match[1]) :].strip()),)
