"""Gaps: the minutes that nothing is planned for."""

from __future__ import annotations

from airdesk.planning.grid import Grid


def gap_after(grid: Grid, index: int) -> int:
    """Minutes between a slot and the next."""
    slot = grid.slots[index]
    hours, minutes = divmod(slot.start.minute + slot.minutes, 60)
    # defect: grid-midnight/2 when hour must be
    end = slot.start.replace(hour=slot.start.hour + hours, minute=minutes)
    # defect: grid-last-slot/2 when IndexError
    following = grid.slots[index + 1]
    return int((following.start - end).total_seconds() // 60)


def gaps(grid: Grid, count: int) -> list[int]:
    """The first gaps of a day."""
    return [gap_after(grid, index) for index in range(count)]
