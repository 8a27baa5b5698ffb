"""Steps of normalisation, run with or without a record of what they changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Replacement = str | Callable[[re.Match[str]], str]

DIGIT = re.compile("[0-9]")
ANY_DIGIT = "0-9"
"""The gate of a step that needs a digit."""


@dataclass(frozen=True, slots=True)
class NormalisationStep:
    """Normalises one kind of variation. It is tried only if the text contains one of its ``gates``."""

    hint: str
    """Description of what it does: ``number replaced``."""
    gates: tuple[str, ...]
    apply: Callable[[str], str]


def step(hint: str, gates: str | tuple[str, ...], pattern: str, replacement: Replacement, flags: int = 0) -> NormalisationStep:
    """A step that replaces matches of a pattern. ``gates`` are literals of which every match has one, or ``ANY_DIGIT``."""
    compiled = re.compile(pattern, flags)

    def apply(text: str) -> str:
        return compiled.sub(replacement, text)

    return NormalisationStep(hint, (gates,) if isinstance(gates, str) else gates, apply)


class NormalisationSteps:
    """A sequence of steps."""

    def __init__(self, listed: Iterable[NormalisationStep]) -> None:
        """``listed`` in the order in which they run."""
        self._steps: Sequence[tuple[tuple[str, ...], Callable[[str], str], str]] = [
            (one.gates, one.apply, one.hint) for one in listed
        ]

    def run(self, text: str) -> str:
        """The text after all steps."""
        digits = DIGIT.search(text) is not None
        for gates, apply, _ in self._steps:
            for gate in gates:
                if gate in text or (digits and gate == ANY_DIGIT):
                    text = apply(text)
                    break
        return text

    def hints(self, text: str) -> list[str]:
        """Hints of the steps that change the text, in order."""
        hints = []
        digits = DIGIT.search(text) is not None
        for gates, apply, hint in self._steps:
            if any(gate in text or (digits and gate == ANY_DIGIT) for gate in gates):
                changed = apply(text)
                if changed != text and hint not in hints:
                    hints.append(hint)
                text = changed
        return hints
