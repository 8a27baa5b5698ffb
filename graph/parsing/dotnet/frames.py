"""Frames of .NET, Mono and Unity, in the languages that the runtime speaks."""

from __future__ import annotations

import re
from functools import lru_cache

from graph.model.report import StackFrame
from graph.parsing.java.frames import frame_of as java_frame_of
from graph.parsing.protocol import NAME_LIMIT
from graph.rules import frame_rules

# What stands before a frame: "at" in English, German, French, Spanish, Portuguese, Italian, Russian, Polish and Czech,
# Swedish, Japanese, Chinese and Korean.
WORDS = "at|bei|à|en|em|in|в|w|v|på|vid|場所|在|於|위치:"
LOCAL_SIGN = re.compile(":(?:Zeile|ligne|línea|linha|riga|строка|wiersz|řádek|rad|行|行号|줄) ")
SEARCH = re.compile(r"at [^\s()]{1,1000} ?\(")
LOCAL_SEARCH = re.compile(rf"   (?:{WORDS}) [^\s()]{{1,1000}}\(")
UNITY_SEARCH = re.compile(r"\(at [^()\n]{1,1000}:\d{1,9}\)")

FRAME = re.compile(
    rf"(?:{WORDS}) (?P<wrapper>\(wrapper [^()\n]{{1,60}}\) )?(?P<name>[^\s()]++)(?P<space> ?)\((?P<parameters>[^()\n]*+)\)"
)
UNITY = re.compile(r"(?P<name>[^\s()]++) ?\([^()\n]*+\) ?\(at (?P<file>[^()\n]+):(?P<line>\d{1,9})\)\s*$")
LINE = re.compile(r"(?:[^\W\d]{1,12} ?)?(\d{1,9})\.?\s*(?:<---)?\s*$")
OFFSET = re.compile(r"(?: \[0x[0-9a-fA-F]{1,16}\])?(?: \+ 0x[0-9a-fA-F]{1,16})?")
CACHED_LENGTH = 600


def frame_of(text: str) -> StackFrame | None:
    """The frame in a line without its indentation; ``None`` when it is not one of .NET."""
    return _cached(text) if len(text) <= CACHED_LENGTH else _frame(text)


def _frame(text: str) -> StackFrame | None:
    found = FRAME.match(text)
    if not found:
        unity = UNITY.match(text)
        return _built(unity["name"], unity["file"], int(unity["line"])) if unity else None
    rest = text[found.end() :]
    name, parameters = found["name"], found["parameters"]
    if ":" in parameters or parameters in {"native", "<anonymous>"} or java_frame_of(text):
        return None
    if found["space"] and not (found["wrapper"] or rest.startswith((" [0x", " in "))):
        return None
    if "." not in name.strip(".") and not (name == "lambda_method" or " in " in rest):
        return None
    return _built(name, *_place(rest))


_cached = lru_cache(maxsize=16_384)(_frame)


def _place(rest: str) -> tuple[str | None, int | None]:
    """File and line of what follows a frame's parameters, such as `` in Cart.cs:line 12``."""
    rest = rest[OFFSET.match(rest).end() :]  # type: ignore[union-attr]  # it can match nothing, so it always matches
    _, space, place = rest.lstrip().partition(" ")
    file, colon, tail = place.rpartition(":")
    number = LINE.fullmatch(tail) if colon else None
    if not space or not number or file.startswith("<"):
        return None, None
    return file[:NAME_LIMIT], int(number[1]) or None


def _built(name: str, file: str | None, line: int | None) -> StackFrame:
    name = name[:NAME_LIMIT]
    module, function = _split(name)
    library = frame_rules("dotnet").is_library(name, file)
    return StackFrame(function, module, file, line, False if library else None)


def _split(name: str) -> tuple[str, str]:
    """Class and method; type arguments and the dot of a constructor belong to the method."""
    end = name.find("[") if name.endswith("]") else len(name)
    dot = max(name.rfind(".", 0, end), name.rfind(":", 0, end))
    if dot > 0 and name[dot - 1] == ".":
        dot -= 1
    return (name[:dot], name[dot + 1 :]) if dot > 0 else ("", name)
