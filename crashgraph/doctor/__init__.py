"""What ``crashgraph doctor`` checks: the home, the files of the graph, and the graph."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check. ``detail`` says what was found, where, and what to do."""

    name: str
    ok: bool
    detail: str
