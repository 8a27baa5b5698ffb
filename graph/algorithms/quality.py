"""The quality of a solution: 0.4 feedback + 0.3 resolution time + 0.2 reuse + 0.1 confidence, each part in 0..1."""

from __future__ import annotations

from graph.algorithms.belief import posterior_mean

FEEDBACK, RESOLUTION, REUSE, CONFIDENCE = 0.4, 0.3, 0.2, 0.1
"""Weights of the parts; they add up to 1."""
HALF_MINUTES = 60.0
"""A solution that takes so long has half the best score for time."""
HALF_USES = 5.0
"""One that worked so often has half the best score for reuse."""
UNKNOWN = 0.5
"""Score of a part without data."""


def solution_quality(
    *, feedback_sum: float, feedback_count: int, minutes: float | None, worked: int, confidence: float
) -> float:
    """The quality, 0..1.

    ``feedback_sum`` adds up 1 for helpful, 0.5 for partly and 0 for not; ``minutes`` is the mean time a use took;
    ``worked`` how often it worked; ``confidence`` how sure it is to work, 0..1.
    """
    return (
        FEEDBACK * feedback_part(feedback_sum, feedback_count)
        + RESOLUTION * resolution_part(minutes)
        + REUSE * reuse_part(worked)
        + CONFIDENCE * confidence
    )


def feedback_part(feedback_sum: float, feedback_count: int) -> float:
    """Share of good feedback, held towards one half while there is little of it."""
    return posterior_mean(feedback_sum, feedback_count - feedback_sum)


def resolution_part(minutes: float | None) -> float:
    """1 for no time at all, one half for an hour, nearing 0 for ever longer; one half when it is not known."""
    return UNKNOWN if minutes is None else HALF_MINUTES / (HALF_MINUTES + max(minutes, 0.0))


def reuse_part(worked: int) -> float:
    """0 for a solution that never worked, one half for five times, nearing 1 for ever more."""
    return worked / (worked + HALF_USES)
