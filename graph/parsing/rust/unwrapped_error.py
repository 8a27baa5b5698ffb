"""The error that a panic or a program's end tells of, as Rust prints a value for developers."""

from __future__ import annotations

import re

from graph.model.report import Cause

# `called … on an `Err` value: ParseIntError { kind: InvalidDigit }`, `could not read: Os { code: 2, … }`
VALUE = re.compile(r"([A-Z][A-Za-z0-9_]*)(?: ?[({\"]|$)")
UNWRAP = "on an `Err` value: "
# What another thread's panic leaves behind; the panic itself was reported before.
ECHOES = (
    f"{UNWRAP}Any {{",
    f"{UNWRAP}PoisonError {{",
    "panic in a destructor during cleanup",
    "panic in a function that cannot unwind",
    "a scoped thread panicked",
)
PREFIX_LIMIT = 2_000


def is_echo(message: str) -> bool:
    """Whether a panic only says that there was one before."""
    return any(sign in message[:PREFIX_LIMIT] for sign in ECHOES)


def unwrapped_error(message: str) -> tuple[Cause, ...]:
    """The error that ``unwrap`` or ``expect`` found, as the panic's cause."""
    first = message[:PREFIX_LIMIT].split("\n", 1)[0]
    before, mark, after = first.rpartition(": ") if UNWRAP not in first else first.partition(UNWRAP)
    while before and not VALUE.match(after) and UNWRAP not in first:
        # The value may hold colons itself, so its beginning is looked for from the end on.
        before, mark, rest = before.rpartition(": ")
        after = f"{rest}: {after}"
    match = VALUE.match(after) if mark else None
    if not match or (UNWRAP not in first and match.end() == len(after) and "{" not in after):
        return ()
    return (Cause("cause", match[1], after[len(match[1]) :].strip()),)
