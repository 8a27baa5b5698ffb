"""One station during one version's days: its desk, its clock, its people, and what is to happen next."""

from __future__ import annotations

import heapq
import json
import logging
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from samples.drive.residue import ALSO_TRIPS, LEFT, REPAIRS
from samples.drive.witness import Seen, Witness

Step = Callable[["Scene"], object]
OnLeft = Callable[["Scene", str], None]
"""Called when a crash has left something that the named fault will trip over."""


@dataclass
class Person:
    """The user at the desk; ``scheduler`` is the system itself."""

    user: str
    session: str


class Scene:
    """Performs commands at simulated times and writes down each crash."""

    def __init__(
        self, folder: Path, site: dict[str, Any], version: str, rng: random.Random, out: IO[str], on_left: OnLeft
    ) -> None:
        """Open the desk in the station's folder; crashes are written to ``out``, one JSON object a line."""
        self.folder: Path = folder
        self.site = site
        self.version = version
        self.rng: random.Random = rng
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.person = Person("scheduler", "")
        self.left: dict[str, str] = {}
        self.published: list[dict[str, str | None]] = []
        self._out = out
        self._on_left = on_left
        self._count = 0
        self._last: str | None = None
        self._queue: list[tuple[datetime, int, Step, Person]] = []
        self._queued = 0
        # The application is a version's tree on sys.path, not a package of ours, and is another one in each period.
        self._app, self._commands = import_module("airdesk.desk"), import_module("airdesk.commands").COMMANDS
        import_module("airdesk.clock").use(lambda: self.now.replace(tzinfo=None))
        self.desk: Any = self._app.Desk(folder)
        REPAIRS["asrun-current"](self)

    def watch(self, witness: Witness) -> None:
        """Have the application's errors seen by the witness."""
        self._witness = witness
        logger = logging.getLogger("airdesk")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.handlers = [witness]

    def restart(self) -> None:
        """Close the desk and open it again, as people do."""
        self.desk.close()
        self.desk = self._app.Desk(self.folder)
        REPAIRS["asrun-current"](self)
        for effect in ("pool-exhausted", "database-locked", "asrun-current"):
            self.left.pop(effect, None)

    def count_bookings(self) -> int:
        """Spots that are stored."""
        return int(self.desk.database.rows("SELECT count(*) FROM bookings")[0][0])

    def can(self, action: str) -> bool:
        """Whether this version has the command."""
        return action in self._commands

    def perform(self, action: str, **arguments: Any) -> str | None:
        """Run a command; the answer is the key of the crash, if it crashed."""
        if not self.can(action):
            return None
        self._last = None  # set by `note`, if the command fails
        self.left = {effect: key for effect, key in self.left.items() if self._still_left(effect)}
        self._witness.in_batch = self.person.user == "scheduler"
        self._witness.seconds = self.now.timestamp()
        self.desk.perform(action, **arguments)
        return self._look_around()

    def _look_around(self) -> str | None:
        """After a crash, find what it left; the answer is its key."""
        key = self._last
        for effect, is_left in LEFT.items():
            if key is not None and effect not in self.left and is_left(self):
                self.left[effect] = key
                self._on_left(self, effect)
        return key

    def _still_left(self, effect: str) -> bool:
        """Somebody may have put it right in passing."""
        return effect not in LEFT or LEFT[effect](self)

    @contextmanager
    def tripping(self, effect: str, key: str | None) -> Iterator[None]:
        """While something is taken up that the crash ``key`` left, if one did."""
        if key is not None:
            self.left[effect] = key
        yield
        self.left.pop(effect, None)

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
