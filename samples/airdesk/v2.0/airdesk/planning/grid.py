"""The grid: the slots of one channel on one day."""

from __future__ import annotations

from datetime import datetime, timedelta

from airdesk.catalogue.runtimes import runtime_of
from airdesk.catalogue.titles import Catalogue


class Slot:
    """A title at a time."""

    def __init__(self, house_id: str, start: datetime, minutes: int) -> None:
        self.house_id = house_id
        self.start = start
        self.minutes = minutes

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.minutes)


class Grid:
    """Slots in order."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.slots: list[Slot] = []

    def place(self, house_id: str, start: datetime) -> Slot:
        """Put a title at a time."""
        slot = Slot(house_id, start, runtime_of(self.catalogue, house_id))
        self._check(slot)
        self.slots.append(slot)
        return slot

    def _check(self, slot: Slot) -> None:
        for other in self.slots:
            # defect: grid-overlap
            assert slot.start >= other.end or slot.end <= other.start, f"{slot!r} overlaps {other!r}"
