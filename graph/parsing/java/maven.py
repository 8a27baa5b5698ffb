"""The end of a Maven build below a stack trace, which repeats the error and explains how to see more of it."""

from __future__ import annotations

from graph.parsing.protocol import line_at

LEVELS = ("[INFO]", "[ERROR]", "[WARNING]", "[DEBUG]")
REPEATS = ("Failed to execute goal", "re-run Maven", "Re-run Maven", "[Help 1]", "Tests run:", "There are test failures")
RESULTS = ("[ERROR] Failures:", "[ERROR] Errors:", "[ERROR] Tests in error:", "[ERROR] Failed tests:")
LINES = 400
RESULT_LINES = 40


def end_of_build(text: str, end: int, limit: int) -> int:
    """End of Maven's closing lines if they follow directly at ``end`` and end before ``limit``, else ``end``.

    The list of failed tests repeats their messages; further lines of these have no level.
    """
    position = last = end
    bare = 0
    if not text.startswith(LEVELS, position):
        position = _after_blank(text, position)
    for _ in range(LINES):
        line, after = line_at(text, position, len(text))
        if after > limit or position >= after:
            break
        if line.startswith(LEVELS):
            bare = RESULT_LINES if line.startswith(RESULTS) or (bare and line.startswith("[ERROR]")) else 0
            if line.startswith("[ERROR]") and (last > end or bare or any(words in line for words in REPEATS)):
                last = after
        elif bare:
            bare -= 1
        else:
            break
        position = after
    return last


def _after_blank(text: str, position: int) -> int:
    line, after = line_at(text, position, len(text))
    return after if not line.strip() and text.startswith(LEVELS, after) else position
