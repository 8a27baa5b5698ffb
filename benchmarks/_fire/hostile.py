"""Hostile reports, made from real ones: cut, doubled, deep, huge, misspelt, with times that cannot be, in wrong wrappings."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from graph.parsing.read import PARSERS

LONGEST = 200_000
"""Bytes of a real report that are read."""
CONTROL = "\x00\x01\x1b[2J\x7f\x85\u202e\u2028\ufeff\ud800\udfff"
TIMES = ("0000-00-00T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1e400", "-1", "NaN")
WRONG: tuple[Any, ...] = (None, True, -1, 10**400, 1e308, "", "\x00", "\ud800", [], {}, [[[]]], {"": {"": []}}, "9" * 5_000)
BOMB_BYTES = 64 << 20


def real_reports(folder: Path | None) -> list[str]:
    """The example of every format, and the files of a folder."""
    files = sorted(file for file in folder.rglob("*") if file.is_file()) if folder else []
    return [*(parser.example for parser in PARSERS), *(_text(file) for file in files)]


def hostile_text(random: Random, reports: Sequence[str]) -> str:
    """One report, changed a few times."""
    text = random.choice(reports)
    for _ in range(random.randrange(1, 5)):
        text = random.choice(CHANGES)(random, text)[: 2 * LONGEST]
    return text


def hostile_value(random: Random, value: Any, share: float = 0.1) -> Any:
    """A JSON value in which some parts have wrong types."""
    if random.random() < share:
        return random.choice(WRONG)
    if isinstance(value, dict):
        return {_key(random, name): hostile_value(random, one, share) for name, one in value.items()}
    if isinstance(value, list):
        return [hostile_value(random, one, share) for one in value]
    return value


def wrapped(random: Random, body: bytes) -> tuple[bytes, dict[str, str]]:
    """A body in some encoding, right or not, with the headers that state one."""
    kind = random.choice(("plain", "plain", "plain", "gzip", "deflate", "bomb", "lie", "cut"))
    if kind == "gzip":
        return gzip.compress(body), {"Content-Encoding": "gzip"}
    if kind == "deflate":
        return zlib.compress(body), {"Content-Encoding": "deflate"}
    if kind == "bomb":
        return gzip.compress(bytes(BOMB_BYTES)), {"Content-Encoding": "gzip"}
    if kind == "lie":
        return body, {"Content-Encoding": random.choice(("gzip", "br", "deflate", "zstd", "x"))}
    if kind == "cut":
        return gzip.compress(body)[:-9], {"Content-Encoding": "gzip"}
    return body, {}


def _text(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(LONGEST).decode("utf-8", "surrogateescape")


def _key(random: Random, name: str) -> str:
    return random.choice(("", "\x00", name * 500, "__proto__")) if random.random() < 0.02 else name


def _cut(random: Random, text: str) -> str:
    return text[: random.randrange(len(text) + 1)]


def _doubled(random: Random, text: str) -> str:
    start = random.randrange(len(text) + 1)
    piece = text[start : start + random.choice((1, 5, 80, 2_000))]
    return text[:start] + piece * random.choice((2, 50, 5_000)) + text[start:]


def _with_control(random: Random, text: str) -> str:
    places = sorted(random.randrange(len(text) + 1) for _ in range(random.randrange(1, 30)))
    parts = [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]
    return "".join(part + random.choice(CONTROL) for part in parts)


def _deep(random: Random, text: str) -> str:
    depth = random.choice((50, 300, 20_000))
    return random.choice(('{"a":' * depth + text, "[" * depth + text + "]" * depth, "(" * depth, "Caused by: a.B: c\n" * depth))


def _with_numbers(random: Random, text: str) -> str:
    digit = next((at for at in range(random.randrange(len(text) + 1), len(text)) if text[at].isdigit()), 0)
    return text[:digit] + random.choice(("9" * 5_000, "-0", "1e999", "\u0663")) + text[digit:]


def _with_time(random: Random, text: str) -> str:
    return f"{random.choice(TIMES)} ERROR {text}"


def _mixed_encodings(random: Random, text: str) -> str:
    codec, other = random.sample(("utf-8", "utf-16", "latin-1", "utf-32", "utf-7"), 2)
    half = len(text) // 2
    data = text[:half].encode(codec, "replace") + text[half:].encode(other, "replace")
    return data.decode("utf-8", "surrogateescape")


def _as_json(random: Random, text: str) -> str:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = {"message": text, "timestamp": random.choice(TIMES), "log": {"message": text, "stack_trace": text}}
    return json.dumps(hostile_value(random, content))


def _like_a_minidump(random: Random, text: str) -> str:
    return "MDMP\x93\xa7\x00\x00" + "".join(chr(random.randrange(256)) for _ in range(2_000)) + text


CHANGES: tuple[Callable[[Random, str], str], ...] = (
    _cut,
    _doubled,
    _with_control,
    _deep,
    _with_numbers,
    _with_time,
    _mixed_encodings,
    _as_json,
    _like_a_minidump,
)
