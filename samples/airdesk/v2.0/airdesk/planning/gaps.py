"""Gaps: the minutes that nothing is planned for."""

from __future__ import annotations

from airdesk.planning.grid import Grid


def gap_after(grid: Grid, index: int) -> int:
    """Minutes between a slot and the next."""
    slot = grid.slots[index]
    # defect: grid-last-slot/2
    following = grid.slots[index + 1]
    return int((following.start - slot.end).total_seconds() // 60)


def gaps(grid: Grid, count: int) -> list[int]:
    """The first gaps of a day."""
    return [gap_after(grid, index) for index in range(count)]
