"""How severities, statuses and relationship types look. Colours are of the Okabe-Ito palette.

Severity differs in shape and colour, relationship type in dashes and colour, so that neither depends on colour
vision.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt

from graph.model import relationships as _declared  # noqa: F401  (fills RELATIONSHIPS)
from graph.model.declare import RELATIONSHIPS

SMALLEST, LARGEST = 8.0, 34.0
UNDECLARED_COLOUR = "#8a8f98"

DASHES: tuple[tuple[int, ...], ...] = ((), (9, 6), (2, 5), (12, 5, 2, 5), (5, 4))
"""Dash patterns (drawn, gap, … in px), assigned to the derived relationship types in the order of declaration."""


@dataclass(frozen=True, slots=True)
class SeverityStyle:
    """``shape`` is a vis-network shape; ``balance`` makes equal sizes look equally large in every shape."""

    key: str
    name: str
    colour: str
    shape: str
    balance: float
    rank: int
    """Sort key: higher is worse."""


@dataclass(frozen=True, slots=True)
class EdgeStyle:
    """Looks of a relationship type, its help text and the help texts of its properties by name."""

    type: str
    help: str
    colour: str
    dashes: tuple[int, ...]
    fields: tuple[tuple[str, str], ...]


SEVERITY_STYLES: dict[str, SeverityStyle] = {
    style.key: style
    for style in (
        SeverityStyle("critical", "Critical", "#D55E00", "diamond", 1.2, 4),
        SeverityStyle("high", "High", "#E69F00", "triangle", 1.05, 3),
        SeverityStyle("medium", "Medium", "#56B4E9", "square", 0.86, 2),
        SeverityStyle("low", "Low", "#999999", "dot", 0.95, 1),
    )
}
UNKNOWN_SEVERITY = SeverityStyle("unknown", "Unknown", "#777777", "triangleDown", 1.05, 0)


def severity_style(severity: str) -> SeverityStyle:
    """The style of a severity; an undeclared one gets the style of unknown."""
    return SEVERITY_STYLES.get(severity, UNKNOWN_SEVERITY)


def edge_style(type_: str) -> EdgeStyle:
    """The style of a relationship type, from its declaration; an undeclared type is grey and solid."""
    declared = RELATIONSHIPS.get(type_)
    if declared is None:
        return EdgeStyle(type_, "", UNDECLARED_COLOUR, (), ())
    derived = [name for name, each in RELATIONSHIPS.items() if each.derived]
    dashes = DASHES[derived.index(type_) % len(DASHES)] if declared.derived else ()
    fields = tuple((prop.name, prop.help) for prop in declared.properties)
    return EdgeStyle(type_, declared.help, declared.colour, dashes, fields)


def node_size(occurrences: int, most: int) -> float:
    """Radius in px, 8..34: the square root of the count as a share of the root of the largest count."""
    if most <= 0 or occurrences <= 0:
        return SMALLEST
    return round(SMALLEST + (LARGEST - SMALLEST) * sqrt(min(occurrences, most) / most), 1)


def edge_width(score: float) -> float:
    """Line width in px, 0.8..3.2, of a score in 0..1."""
    return round(0.8 + 2.4 * unit(score), 2)


def unit(score: float) -> float:
    """The score clamped to 0..1; NaN and infinity become 0."""
    return min(1.0, max(0.0, score)) if isfinite(score) else 0.0
