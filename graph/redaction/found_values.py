"""Replace values that were recognised elsewhere: a secret in one report is a secret in all that was made of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from graph.redaction.redactor import Scrubbed
from graph.redaction.text_view import LiteralSet

VALUES_PER_SET = 1_000
"""Values that are searched in one pass; bounds the memory of the pass."""


class FoundValues:
    """Secrets with their placeholders."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """The longest are replaced first, so that none is cut up by a part of it."""
        self._values: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for value, placeholder in values.items():
            self._values[value.lower()].append((value, placeholder))
        lowered = list(self._values)
        starts = range(0, len(lowered), VALUES_PER_SET)
        self._sets = [LiteralSet(lowered[start : start + VALUES_PER_SET]) for start in starts]

    def replaced(self, text: str) -> str:
        """The text without them."""
        literals = frozenset[str]().union(*(one.within(text) for one in self._sets))
        present = (pair for literal in literals for pair in self._values[literal])
        return Scrubbed("", dict(sorted(present, key=lambda pair: (-len(pair[0]), pair)))).rest(text) if literals else text
