"""Exceptions as the shell, reports of OTP and EUnit print them: the reason, and the calls on lines of their own."""

from __future__ import annotations

import re

from graph.model.report import StackFrame
from graph.parsing.erlang.erlang_frames import FRAME_LIMIT, erlang_frame, named_frame
from graph.parsing.erlang.error import ErlangError, error_in_term
from graph.parsing.erlang.names import count_arguments, erlang_name
from graph.parsing.erlang.reasons import kind_of_words
from graph.parsing.protocol import MESSAGE_LIMIT, line_at
from graph.parsing.text.lines import Lines, lines_from, next_line

CALL = re.compile(
    r"[ \t]*+(?:in function|in call from)[ \t]++(?P<name>[^\s(]{1,300}|'[^'\n]{1,200}'[^\s(]{0,200})"
    r"(?:\((?P<arguments>[^\n]*)\))?[ \t]*+(?:\((?P<file>[^(),\n]{1,300}), line (?P<line>\d{1,9})\))?[ \t]*+(?:\r?$)"
)
UNMATCHED = re.compile(
    r"(?P<words>no function clause matching) (?P<module>'[^']{1,200}'|[\w.@]{1,200}):(?P<function>'[^']{1,200}'|[\w@-]{1,200})"
    r"\((?P<arguments>[^\n]{0,8000}?)\)(?: \((?P<file>[^(),\n]{1,300}), line (?P<line>\d{1,9})\))?$"
)
EXPLANATION = re.compile(r"[ \t]*+(?:called as |\*\*\* argument \d)")
"""Lines below a call that show its arguments and which of them are wrong."""
FIELD = re.compile(
    r"[ \t]{0,12}(?:ancestors|messages?|links|dictionary|trap_exit|status|heap_size|stack_size|reductions|neighbours?"
    r"|message_queue_len|[Oo]ffender|initial call|pid|registered_name|process_label)\b"
)
RAISED = re.compile(r"[ \t]*\*\*(?P<class>error|exit|throw):(?P<reason>(?:[^\n]*[^ \t\n])?)[ \t]*+$")
TAIL_LINES = 60
MESSAGE_LINES = 12


def printed_error(text: str, match: re.Match[str], floor: int) -> ErlangError:
    """An exception as the shell prints it: a sentence or term, and the calls below it."""
    lines = lines_from(text, match.start(), floor)
    first = line_at(text, match.end(), match.end() + MESSAGE_LIMIT)[0].strip()
    lines.skip()
    message, frames = [first], list[StackFrame]()
    while (line := lines.line) is not None:
        called = CALL.match(line)
        if called:
            frame = _called(called)
            if frame and len(frames) < FRAME_LIMIT:
                frames.append(frame)
        elif EXPLANATION.match(line):
            pass
        elif frames or len(message) >= MESSAGE_LINES or not line[:1].isspace() or not line.strip() or FIELD.match(line):
            break
        else:
            message.append(line.strip())
        lines.skip()
    source = "\n".join(message)
    if not frames and source[:1] in "{[":
        term = error_in_term(text, match.end())
        if isinstance(term, ErlangError):
            lines.position = max(lines.position, term.end)
            return ErlangError(term.kind, term.message, term.frames, _skip_fields(lines))
    unmatched = UNMATCHED.match(" ".join(source.split()))
    if unmatched:
        # The function without a matching clause is the innermost; its arguments are data.
        name = erlang_name(unmatched["module"], unmatched["function"], str(count_arguments(unmatched["arguments"])))
        frames.insert(0, erlang_frame(name, unmatched["file"], int(unmatched["line"]) if unmatched["line"] else None))
        source = unmatched["words"]
    fallback = {"throw": "nocatch"}.get(match["class"], match["class"])
    return ErlangError(kind_of_words(source, fallback), source, tuple(frames), _skip_fields(lines))


def failed_test(text: str, match: re.Match[str]) -> ErlangError:
    """A failed test of EUnit: the calls, and below them class and reason."""
    lines = Lines(text, next_line(text, match.end()))
    frames = _calls(lines)
    reason = RAISED.match(lines.line or "")
    if not reason:
        return ErlangError("error", "", tuple(frames), lines.position)
    lines.skip()
    return ErlangError(kind_of_words(reason["reason"], reason["class"]), reason["reason"], tuple(frames), lines.position)


def _calls(lines: Lines) -> list[StackFrame]:
    frames: list[StackFrame] = []
    while (line := lines.line) is not None and len(frames) < FRAME_LIMIT:
        called = CALL.match(line)
        frame = _called(called) if called else None
        if frame is not None:
            frames.append(frame)
        elif not (frames and EXPLANATION.match(line)):
            break
        lines.skip()
    return frames


def _called(call: re.Match[str]) -> StackFrame | None:
    """The frame of a line ``in function  nest:open/2 (src/nest.erl, line 31)``."""
    frame = named_frame(call["name"], call["file"], call["line"])
    if frame:
        return frame
    module, colon, function = call["name"].rpartition(":")
    if call["arguments"] is None or not colon:
        return None
    name = erlang_name(module, function, str(count_arguments(call["arguments"])))
    return erlang_frame(name, call["file"], int(call["line"]) if call["line"] else None)


def _skip_fields(lines: Lines) -> int:
    """Skip the facts about the process below its error."""
    for _ in range(TAIL_LINES):
        if lines.line is None or not FIELD.match(lines.line):
            break
        lines.skip()
    return lines.position
