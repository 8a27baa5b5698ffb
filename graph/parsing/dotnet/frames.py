"""Frames of .NET, Mono and Unity, in the languages of the runtime."""

from __future__ import annotations

import re
from functools import lru_cache

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT, SharedLiterals
from graph.parsing.text.jvm_frames import parse_jvm_frame
from graph.rules import frame_rules

# The word before a frame: "at" in English, German, French, Spanish, Portuguese, Italian, Russian, Polish and Czech,
# Swedish, Japanese, Chinese and Korean.
WORDS = "at|bei|à|en|em|in|в|w|v|på|vid|場所|在|於|위치:"
LOCAL_LINES = ("Zeile", "ligne", "línea", "linha", "riga", "строка", "wiersz", "řádek", "rad", "行", "行号", "줄")
LOCAL_SIGN = SharedLiterals(*(f":{word} " for word in LOCAL_LINES))
FRAME_SEARCH = re.compile(r"at [^\s()]{1,1000} ?\(")
LOCAL_SEARCH = re.compile(rf"(?:(?<=   )|^)(?:{WORDS}) [^\s()]{{1,1000}}\(", re.MULTILINE)
# Without indentation, only words that no sentence begins with.
FLUSH_WORDS = "bei|à|場所|在|於|위치:"
LOCAL_STARTS = (*(f"   {word}" for word in WORDS.split("|")), *FLUSH_WORDS.split("|"))
LOCAL_START = SharedLiterals(*(f"\n{start} " for start in LOCAL_STARTS))
LOCAL_FRAME = re.compile(rf"\n(?:   (?:{WORDS})|{FLUSH_WORDS}) [^\s()]{{1,500}}\([^()\n:]{{0,500}}\)[ \t]{{0,20}}\r?(?:\n|\Z)")
# A frame that lost its indentation: "at", a name with a dot, and nothing but parameters and a source location.
FLUSH_FRAME = re.compile(
    r"\nat [^\s()]{1,500}\.[^\s()]{1,300}\([^()\n:]{0,500}\)(?: in [^\n]{1,500}:line \d{1,9})?[ \t]{0,20}\r?(?:\n|\Z)"
)
UNITY_SEARCH = re.compile(r"\(at [^()\n]{1,1000}:\d{1,9}\)")

FRAME = re.compile(
    rf"(?:{WORDS}) (?P<wrapper>\(wrapper [^()\n]{{1,60}}\) )?(?P<name>[^\s()]++)(?P<space> ?)\((?P<parameters>[^()\n]*+)\)"
)
UNITY = re.compile(r"(?P<name>[^\s()]++) ?\([^()\n]*+\) ?\(at (?P<file>[^()\n]+):(?P<line>\d{1,9})\)\s*$")
LINE = re.compile(r"(?:[^\W\d]{1,12} ?)?(\d{1,9})\.?\s*+(?:<---)?\s*+$")
OFFSET = re.compile(r"(?: \[0x[0-9a-fA-F]{1,16}\])?(?: \+ 0x[0-9a-fA-F]{1,16})?")
CACHED_LENGTH = 600


def has_local_frames(text: str) -> bool:
    """Whether a text has frames in another language than English."""
    return LOCAL_SIGN.occurs_in(text) or (LOCAL_START.occurs_in(text) and LOCAL_FRAME.search(text) is not None)


def parse_frame(text: str) -> StackFrame | None:
    """Parse the frame in a line without indentation; ``None`` if it is not a .NET frame."""
    return _parse_cached(text) if len(text) <= CACHED_LENGTH else _parse(text)


def _parse(text: str) -> StackFrame | None:
    match = FRAME.match(text)
    if not match:
        unity = UNITY.match(text)
        return build_frame(unity["name"], unity["file"], int(unity["line"])) if unity else None
    rest = text[match.end() :]
    name, parameters = match["name"], match["parameters"]
    if ":" in parameters or parameters in {"native", "<anonymous>"} or parse_jvm_frame(text):
        return None
    if match["space"] and not (match["wrapper"] or rest.startswith((" [0x", " in "))):
        return None
    if "." not in name.strip(".") and not (name == "lambda_method" or " in " in rest):
        return None
    return build_frame(name, *_parse_location(rest))


_parse_cached = lru_cache(maxsize=16_384)(_parse)


def _parse_location(rest: str) -> tuple[str | None, int | None]:
    """File and line from the text after a frame's parameters, such as `` in Cart.cs:line 12``."""
    rest = rest[OFFSET.match(rest).end() :]  # type: ignore[union-attr]  # always matches, possibly the empty string
    _, space, location = rest.lstrip().partition(" ")
    file, colon, tail = location.rpartition(":")
    number = LINE.fullmatch(tail) if colon else None
    if not space or not number or file.startswith("<"):
        return None, None
    return file[:NAME_LIMIT], int(number[1]) or None


def build_frame(name: str, file: str | None, line: int | None) -> StackFrame:
    """The frame of a method given by its full name."""
    name = name[:NAME_LIMIT]
    module, function = _split(name)
    library = frame_rules("dotnet").is_library(name, file)
    return StackFrame(function, module, file, line, False if library else None)


def _split(name: str) -> tuple[str, str]:
    """Split into class and method; type arguments and the dot of a constructor belong to the method."""
    end = name.find("[") if name.endswith("]") else len(name)
    dot = max(name.rfind(".", 0, end), name.rfind(":", 0, end))
    if dot > 0 and name[dot - 1] == ".":
        dot -= 1
    return (name[:dot], name[dot + 1 :]) if dot > 0 else ("", name)
