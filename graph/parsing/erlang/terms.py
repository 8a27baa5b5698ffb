"""Erlang terms as text: the stack trace within a printed reason, and the reason beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graph.model.report import StackFrame
from graph.parsing.erlang.erlang_frames import erlang_frame
from graph.parsing.erlang.names import erlang_name
from graph.parsing.protocol import NAME_LIMIT

TOKEN = re.compile(
    r"(?P<open>\#\w{0,60}\{|[{\[(]|<<)|(?P<close>>>|[}\])])|(?P<comma>,)|(?P<text>\"(?:[^\"\\]++|\\.)*+\"?)"
    r"|(?P<atom>'(?:[^'\\\n]++|\\.)*+'?)|(?P<word>[^\s{}\[\](),\"'<>|#]++)|[|<>#]",
    re.DOTALL,
)
TERM_LIMIT = 64_000
"""Characters of a term that are read."""
TOKEN_LIMIT = 20_000
ATOM = re.compile(r"[a-z][\w@]*|'[^']{1,200}'")


@dataclass(slots=True)
class Term:
    """A term with its place in the text. ``kind`` is ``tuple``, ``list``, ``other`` (in brackets) or ``value``."""

    kind: str
    start: int
    end: int = -1
    parts: list[Term] = field(default_factory=list)
    has_value: bool = False

    def text(self, source: str) -> str:
        """The term as written."""
        return source[self.start : self.end]


def read_term(source: str, start: int) -> Term:
    """The term at a position, its end at most ``TERM_LIMIT`` further; one that is cut off ends with the text."""
    root = Term("other", start)
    stack = [root]
    limit = min(len(source), start + TERM_LIMIT)
    end = start
    for count, token in enumerate(TOKEN.finditer(source, start, limit)):
        if count >= TOKEN_LIMIT or (len(stack) == 1 and root.parts and not token["close"]):
            break
        end = token.end()
        if token["open"]:
            opened = Term({"{": "tuple", "[": "list"}.get(token[0], "other"), token.start())
            stack[-1].parts.append(opened)
            stack.append(opened)
        elif token["close"]:
            if len(stack) == 1:
                break
            stack.pop().end = end
        elif token["word"] or token["text"] or token["atom"]:
            stack[-1].parts.append(Term("value", token.start(), end))
    for term in stack[1:]:
        term.end = end
    root.end = end
    return root.parts[0] if root.parts else Term("value", start, start)


def stack_in(source: str, term: Term) -> tuple[Term | None, tuple[StackFrame, ...]]:
    """The first stack trace within a term, and the reason beside it."""
    if term.kind == "list" and (frames := _frames(source, term)):
        return None, frames
    for parent, index in _walk(term):
        candidate = parent.parts[index]
        if candidate.kind == "list" and candidate.parts and (frames := _frames(source, candidate)):
            return (parent.parts[index - 1] if index else None), frames
    return None, ()


def _walk(term: Term) -> Iterator[tuple[Term, int]]:
    """Parents and positions of all terms within a term, outer ones first."""
    waiting = [term]
    for parent in waiting:
        for index, part in enumerate(parent.parts):
            yield parent, index
            if part.parts:
                waiting.append(part)


def _frames(source: str, listed: Term) -> tuple[StackFrame, ...]:
    frames = []
    for entry in listed.parts:
        frame = _frame(source, entry)
        if frame is None:
            # The rest of a stack that was cut off.
            break
        frames.append(frame)
    return tuple(frames)


def _frame(source: str, entry: Term) -> StackFrame | None:
    """The frame of ``{module,function,arity or arguments,[{file,"…"},{line,31}]}``; ``None`` for any other term."""
    if entry.kind != "tuple" or not 3 <= len(entry.parts) <= 4:
        return None
    module, function = entry.parts[0].text(source), entry.parts[1].text(source)
    arguments = entry.parts[2]
    arity = str(len(arguments.parts)) if arguments.kind == "list" else arguments.text(source)
    if not (ATOM.fullmatch(module) and ATOM.fullmatch(function) and arity.isdecimal() and len(arity) < 4):
        return None
    if len(entry.parts) == 3 and arguments.kind != "list" and module == "file":
        return None
    file, line = _place(source, entry.parts[3]) if len(entry.parts) == 4 else (None, None)
    return erlang_frame(erlang_name(module, function, arity), file, line)


def _place(source: str, listed: Term) -> tuple[str | None, int | None]:
    file, line = None, None
    for pair in listed.parts[:4]:
        if pair.kind == "tuple" and len(pair.parts) == 2:
            key, value = (part.text(source) for part in pair.parts)
            if key == "file":
                file = value.strip('"')[:NAME_LIMIT]
            elif key == "line" and value.isdecimal():
                line = int(value[:9]) or None
    return file, line
