"""Kinds of errors of the Erlang runtime, by the words in which the shell and loggers print them."""

from __future__ import annotations

import re

# The wording of lib/stdlib's erl_error and of common loggers, and the reason it describes.
WORDINGS = (
    (re.compile(r"no match of right[- ]hand (?:side )?value"), "badmatch"),
    (re.compile(r"no function clause matching"), "function_clause"),
    (re.compile(r"no case clause matching"), "case_clause"),
    (re.compile(r"no try clause matching"), "try_clause"),
    (re.compile(r"no true branch"), "if_clause"),
    (re.compile(r"(?:call to )?undefined (?:function|shell command)"), "undef"),
    (re.compile(r"bad (?:argument in an )?arithmetic expression|bad argument in an? arithmetic"), "badarith"),
    (re.compile(r"bad argument"), "badarg"),
    (re.compile(r"bad function"), "badfun"),
    (re.compile(r"bad key|no such key"), "badkey"),
    (re.compile(r"bad map"), "badmap"),
    (re.compile(r"bad record"), "badrecord"),
    (re.compile(r"(?:interpreted |fun )?function with arity \d+ called with|called with \d+ arguments?"), "badarity"),
    (re.compile(r"a system limit|system limit"), "system_limit"),
    (re.compile(r"no such process"), "noproc"),
)
ATOM = re.compile(r"\s*+\{?\s*+'?([a-z][\w@]*)")
# Reasons that only wrap another one.
ENVELOPES = frozenset({"shutdown", "failed_to_start_child", "error", "nocatch", "bad_return", "start_error", "bad_start"})


def kind_of_words(text: str, fallback: str) -> str:
    """The reason that a printed sentence describes, else the first atom in it, else ``fallback``."""
    for wording, kind in WORDINGS:
        if wording.match(text):
            return kind
    return kind_of_term(text) or fallback


def kind_of_term(text: str) -> str:
    """The first atom of a term that says more than an envelope; empty if there is none."""
    position = 0
    for _ in range(6):
        match = ATOM.match(text, position)
        if not match:
            return ""
        if match[1] not in ENVELOPES or text[match.end() : match.end() + 1] != ",":
            return match[1]
        position = match.end() + 1
    return match[1] if match else ""
