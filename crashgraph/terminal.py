"""Everything that the commands print goes through here: a report may hold the control sequences of a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable

import click

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters except line end and tab, and those that change the direction of a text."""


def harmless(text: str) -> str:
    r"""A text with control characters made visible, as in ``\x1b[2J``."""
    return CONTROL.sub(_visible, text.replace("\r\n", "\n"))


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def echo(text: str, *, err: bool = False) -> None:
    """Print a text and a line end, on standard error if ``err``."""
    click.echo(harmless(text), err=err)


def print_json(records: Iterable[object], *, option: int = 0, default: Callable[[object], object] | None = None) -> None:
    """Print records as JSON lines; ``option`` and ``default`` are those of ``orjson.dumps``."""
    sys.stdout.buffer.writelines(json_line(record, option=option, default=default) for record in records)
    sys.stdout.buffer.flush()


def json_line(record: object, *, option: int = 0, default: Callable[[object], object] | None = None) -> bytes:
    r"""A record as a line of JSON with each control character as ``\u…``."""
    import orjson

    text = orjson.dumps(record, default=default, option=option).decode()
    return CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode() + b"\n"


def print_rendered(text: bytes) -> None:
    """Print what :mod:`crashgraph.match_text` made, also for a command that asked the service."""
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()
