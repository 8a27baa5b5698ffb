"""Explain a fingerprint: which parts of the report count, which are left out, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graph.fingerprint.normalisation import normalise_message, normalise_symbol
from graph.fingerprint.normalisation.closures import method_behind
from graph.fingerprint.normalisation.message import message_hints
from graph.fingerprint.normalisation.stack import (
    COMPREHENSIONS,
    HASHED_FRAMES,
    TEXT_FRAMES,
    NormalisedStack,
    frame_hint,
    frame_key,
    normalise_stack,
)
from graph.fingerprint.normalisation.symbol import symbol_hints
from graph.model.report import Fault, ParsedReport, StackFrame

EXACT, STRUCTURAL, TEXT = "exact", "structural", "text"

SHOWN_FRAMES = 100
"""Maximum number of frames listed one by one."""

REPORTED_LIMIT = 500
"""Maximum length in characters of a reported message or name."""


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a report: ``type``, ``message``, or ``frame 0`` and so on, innermost first.

    ``levels`` are the levels of the fingerprint it counts for (``exact``, ``structural``, ``text``); ``hints`` explain why it
    counts for no others, and what normalisation changed. ``text`` is the input of the embedding and the full-text index.
    """

    part: str
    reported: str
    normalised: str
    levels: tuple[str, ...]
    hints: tuple[str, ...] = ()

    @property
    def contributes(self) -> bool:
        """Whether it counts for any level."""
        return bool(self.levels)


def explain(report: ParsedReport) -> tuple[Component, ...]:
    """The components of a report's fault: type, message, and frames from the innermost on."""
    fault = report.fault
    return (_type(fault.error_type), _message(fault.message), *_frames(fault, report.rule_set))


def _type(error_type: str) -> Component:
    normalised = normalise_symbol(error_type)
    if not normalised:
        return Component("type", error_type, "Error", (EXACT, STRUCTURAL, TEXT), ("no type reported",))
    return Component(
        "type", error_type[:REPORTED_LIMIT], normalised, (EXACT, STRUCTURAL, TEXT), tuple(symbol_hints(error_type))
    )


def _message(message: str) -> Component:
    normalised = normalise_message(message)
    if not normalised:
        return Component("message", message[:REPORTED_LIMIT], "", (), ("no message reported",))
    return Component("message", message[:REPORTED_LIMIT], normalised, (EXACT, TEXT), tuple(message_hints(message)))


def _frames(fault: Fault, platform: str) -> Iterator[Component]:
    stack = normalise_stack(fault.frames, fault.culprit, platform)
    places = {position: index for index, position in enumerate(stack.positions)}
    for position, frame in enumerate(fault.frames[:SHOWN_FRAMES]):
        levels, reasons = _levels(stack, places.get(position), position, frame)
        hints = [*reasons, *_name_hints(frame)]
        yield Component(
            f"frame {position}", frame.qualified[:REPORTED_LIMIT], frame_key(frame).key, levels, tuple(dict.fromkeys(hints))
        )
    if len(fault.frames) > SHOWN_FRAMES:
        left_out = len(fault.frames) - SHOWN_FRAMES
        yield Component("frames", "", "", (), (f"{left_out:,} more frames, which do not count or are repetitions",))


def _levels(
    stack: NormalisedStack, index: int | None, position: int, frame: StackFrame
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The levels that a frame counts for, and the reasons why not for the others."""
    if index is None:
        return (), (_left_out(stack, position, frame),)
    if index < stack.blamed:
        return (), ("runtime frame above the culprit",)
    levels = tuple(
        name for name, counted in ((EXACT, stack.exact), (STRUCTURAL, stack.structural), (TEXT, stack.text)) if index in counted
    )
    culprit = ("culprit",) if index == stack.blamed else ()
    inlined = ("inlined, which another build may not be",) if frame.inlined and STRUCTURAL not in levels else ()
    return levels, (*culprit, *inlined, *_beyond(index - stack.blamed))


def _beyond(place: int) -> tuple[str, ...]:
    if place >= TEXT_FRAMES:
        return (f"beyond frame {TEXT_FRAMES} from the culprit",)
    return ("beyond the third frame from the culprit",) if place >= HASHED_FRAMES else ()


def _left_out(stack: NormalisedStack, position: int, frame: StackFrame) -> str:
    if frame.function in COMPREHENSIONS:
        return "comprehension, which newer interpreters do not list"
    if position in stack.generated:
        return "only passes the call on, generated or on behalf of a proxy"
    if position >= stack.seen or (stack.positions and position > stack.positions[-1] and not _repeats(stack, frame)):
        return "beyond the frames that are kept"
    return "recursion folded"


def _repeats(stack: NormalisedStack, frame: StackFrame) -> bool:
    return frame_key(frame) in stack.keys


def _name_hints(frame: StackFrame) -> Iterator[str]:
    if (own := frame_hint(frame)) is not None:
        yield own
    for name in method_behind(frame.module, frame.function):
        yield from symbol_hints(name)
    if frame.repeated > 1:
        yield f"recursion folded: {frame.repeated:,} times in a row"
