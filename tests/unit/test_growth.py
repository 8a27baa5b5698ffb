"""The measure of growth itself: it accepts linear work and rejects quadratic work."""

from __future__ import annotations

import pytest
from growth import assert_linear


def linear(text: str) -> int:
    return sum(1 for character in text if character == "x")


def quadratic(text: str) -> int:
    return sum(text.count("y", start) for start in range(0, len(text), 10))


def test_linear_work_is_accepted() -> None:
    assert_linear(linear, lambda n: "x" * n, 2_000_000)


def test_quadratic_work_is_rejected() -> None:
    with pytest.raises(AssertionError, match="growth"):
        assert_linear(quadratic, lambda n: "x" * n, 80_000)


def test_work_too_quick_to_measure_is_accepted() -> None:
    assert_linear(len, lambda n: "x" * n, 1_000)
