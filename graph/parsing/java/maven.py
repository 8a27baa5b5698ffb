"""The end of a Maven build below a stack trace, which repeats the error and explains how to see more of it."""

from __future__ import annotations

from graph.parsing.protocol import line_at

LEVELS = ("[INFO]", "[ERROR]", "[WARNING]", "[DEBUG]")
REPEATS = ("Failed to execute goal", "re-run Maven", "Re-run Maven", "[Help 1]")
LINES = 200


def end_of_build(text: str, end: int, limit: int) -> int:
    """End of Maven's closing lines if they follow directly at ``end`` and end before ``limit``, else ``end``."""
    position = last = end
    for _ in range(LINES):
        if not text.startswith(LEVELS, position):
            break
        line, position = line_at(text, position, len(text))
        if position > limit:
            break
        if line.startswith("[ERROR]") and (last > end or any(words in line for words in REPEATS)):
            last = position
    return last
