"""One station during one version's days: its desk, its clock, its people, and what is to happen next."""

from __future__ import annotations

import heapq
import json
import logging
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import IO, Any

from airdesk import clock, commands
from airdesk.desk import Desk

from samples.drive.residue import ALSO_TRIPS, LEFT, NOT_IN_SIGHT, REPAIRS
from samples.drive.witness import Seen, Witness

Step = Callable[["Scene"], None]
OnLeft = Callable[["Scene", str], None]
"""Called when a crash has left something that the named fault will trip over."""


@dataclass
class Person:
    """Who is at the desk; ``scheduler`` is nobody."""

    user: str
    session: str


class Scene:
    """Performs commands at simulated times and writes down each crash."""

    def __init__(self, folder: Path, site: dict[str, Any], version: str, rng: random.Random, out: IO[str], on_left: OnLeft) -> None:
        self.folder = folder
        self.site = site
        self.version = version
        self.rng = rng
        self.now = datetime(2026, 1, 1, tzinfo=timezone.utc)
        self.person = Person("scheduler", "")
        self.left: dict[str, str] = {}
        self.bookings_before = 0
        self.published: list[dict[str, str | None]] = []
        self.unfinished = folder
        self._out = out
        self._on_left = on_left
        self._count = 0
        self._last: str | None = None
        self._queue: list[tuple[datetime, int, Step, Person]] = []
        self._queued = 0
        clock.use(lambda: self.now.replace(tzinfo=None))
        self.desk = Desk(folder)
        REPAIRS["asrun-current"](self)

    def watch(self, witness: Witness) -> None:
        """Have the application's errors seen by the witness."""
        self._witness = witness
        logger = logging.getLogger("airdesk")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(witness)

    def restart(self) -> None:
        """Close the desk and open it again, as people do."""
        self.desk.close()
        self.desk = Desk(self.folder)
        REPAIRS["asrun-current"](self)
        for effect in ("pool-exhausted", "database-locked", "asrun-current"):
            self.left.pop(effect, None)

    def count_bookings(self) -> int:
        """Spots that are stored."""
        return int(self.desk.database.rows("SELECT count(*) FROM bookings")[0][0])

    def can(self, action: str) -> bool:
        """Whether this version has the command."""
        return action in commands.COMMANDS

    def perform(self, action: str, **arguments: Any) -> str | None:
        """Run a command; the answer is the key of the crash, if it crashed."""
        if not self.can(action):
            return None
        self._last = None
        self.left = {effect: key for effect, key in self.left.items() if self._still_left(effect)}
        self.bookings_before = self.count_bookings()
        self._witness.in_batch = self.person.user == "scheduler"
        self._witness.seconds = self.now.timestamp()
        self.desk.perform(action, **arguments)
        if self._last is not None:
            self._look_around(self._last)
        return self._last

    def _look_around(self, key: str) -> None:
        for effect, is_left in LEFT.items():
            if effect not in self.left and is_left(self):
                self.left[effect] = key
                self._on_left(self, effect)

    def _still_left(self, effect: str) -> bool:
        """Somebody may have put it right in passing; some leavings cannot be looked for."""
        return effect in NOT_IN_SIGHT or LEFT[effect](self)

    def repair(self, effect: str) -> None:
        """Put right what was left."""
        if effect in self.left:
            REPAIRS[effect](self)
            self.left.pop(effect, None)

    def note(self, seen: Seen) -> None:
        """Write one crash down."""
        self._count += 1
        fault = seen.form.partition("/")[0]
        self._last = f"{self.site['name']}/{self.version}/{self._count}"
        row = asdict(seen) | {
            "key": self._last,
            "timestamp": self.now.isoformat(),
            "user": self.person.user,
            "session": self.person.session,
            "caused_by": self.left.get(ALSO_TRIPS.get(fault, fault)),
        }
        self._out.write(json.dumps(row) + "\n")

    def at(self, when: datetime, step: Step, person: Person | None = None) -> None:
        """Let something happen at a time."""
        self._queued += 1
        heapq.heappush(self._queue, (when, self._queued, step, person or self.person))

    def later(self, low: float, high: float, step: Step) -> None:
        """Let something happen between ``low`` and ``high`` minutes from now, by the same person."""
        self.at(self.now + timedelta(seconds=round(60 * self.rng.uniform(low, high))), step)

    def play(self) -> None:
        """Do all that is to happen, in order of time, and what that brings with it."""
        while self._queue:
            self.now, _, step, self.person = heapq.heappop(self._queue)
            step(self)
