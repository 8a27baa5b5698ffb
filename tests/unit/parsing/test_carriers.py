"""What carried a text makes no difference to the report read from it."""

from __future__ import annotations

import json

import pytest

from graph.parsing.read import read

STACK = (
    "Traceback (most recent call last):\n"
    '  File "/srv/mill/store.py", line 31, in weigh\n'
    "    return sacks[kind]\n"
    "KeyError: 'rye'\n"
)


def numbered(pattern: str) -> str:
    return "".join(pattern.format(number=100 + number, line=line) + "\n" for number, line in enumerate(STACK.splitlines()))


@pytest.mark.parametrize(
    "text",
    [
        numbered("2026-03-05T10:15:22.{number}Z stderr F {line}"),
        numbered("Mar  5 10:15:22 mill store[771]: {line}"),
        numbered("store-1  | {line}"),
        numbered("> {line}"),
        "".join(f"{json.dumps({'log': line, 'stream': 'stderr', 'time': ''})}\n" for line in STACK.splitlines(keepends=True)),
        "Mar  5 10:15:22 mill store[771]: " + STACK.strip().replace("\n", "#012") + "\n",
        f"It fails:\n```\n{STACK}```\nwith version 3\n",
        STACK.replace("  ", "\u00a0 "),
    ],
    ids=["cri", "syslog", "compose", "quote", "docker", "rsyslog", "fence", "no-break space"],
)
def test_the_carrier_of_a_stack_is_undone(text: str) -> None:
    [plain], [carried] = read(STACK).reports, read(text).reports
    assert (carried.error_type, carried.message, carried.frames) == (plain.error_type, plain.message, plain.frames)
