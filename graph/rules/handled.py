"""Whether an exception raised while another one was handled wraps that one, or is a fault of the handler.

It wraps the earlier one if

- the function that caught the earlier one raised it, or a helper that only raises, unless the function is the product's own and
  the type is one that the language itself raises where code is wrong (a lookup in the handler that fails as well);
- library code caught the earlier one, and library code called there raised it;
- it failed while cleaning up after the earlier one;
- it quotes the earlier one's message, and is not of such a type.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from graph.model.report import Cause, StackFrame
from graph.rules import frame_rules, named_expression

IMPLICIT = frozenset({"ruby"})
"""Platforms that record as cause whatever is being handled, and print every stack in full."""
QUOTABLE = 4
"""Minimum length of a message that another one can quote."""
COMPARED = 2_000
"""Characters of a message that are compared."""

_PART = re.compile(r"(?:(?:rescue|ensure|block(?: \(\d+ levels\))?) in )+")


def wraps(later: Cause, earlier: Cause, platform: str) -> bool:
    """Whether the later exception wraps the earlier one, which is its cause or context or a member of it."""
    if earlier.relation != "context" and platform not in IMPLICIT:
        return True
    by_language = named_expression("fault", "raised_by_language").fullmatch(later.error_type) is not None
    above, catcher = _raised_above(later.frames, earlier.frames, platform)
    if catcher is None:
        return not by_language and (_quotes(later, earlier) or not later.frames)
    rules = frame_rules(platform)
    if any(named_expression("fault", "clean_up_names").fullmatch(frame.qualified) for frame in above):
        return True
    if all(rules.skip_names.fullmatch(frame.qualified) for frame in above):
        return not by_language or catcher.in_app is False
    if catcher.in_app is False and all(frame.in_app is False for frame in above):
        return True
    return not by_language and _quotes(later, earlier)


def _raised_above(
    later: Sequence[StackFrame], earlier: Sequence[StackFrame], platform: str
) -> tuple[Sequence[StackFrame], StackFrame | None]:
    """The frames of the later exception above the function that caught the earlier one, and the frame of that function."""
    if platform not in IMPLICIT:
        # A traceback ends with the function that caught the exception.
        caught = _place(earlier[-1]) if earlier else None
        position = next((index for index, frame in enumerate(later) if _place(frame) == caught), None)
        return ((), None) if position is None else (later[:position], later[position])
    common = 0
    while common < min(len(later), len(earlier)) and _place(later[-1 - common]) == _place(earlier[-1 - common]):
        common += 1
    if not common:
        return (), None
    catcher = later[-common]
    return [frame for frame in later[:-common] if _place(frame) != _place(catcher)], catcher


def _place(frame: StackFrame) -> tuple[str, str | None]:
    return _PART.sub("", frame.qualified) if "in " in frame.qualified else frame.qualified, frame.file


def _quotes(later: Cause, earlier: Cause) -> bool:
    message = earlier.message[:COMPARED].strip()
    return len(message) >= QUOTABLE and message in later.message[: 2 * COMPARED]
