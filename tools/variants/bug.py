"""A made-up bug, and the circumstances under which one crash of it is printed."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

NOUNS = (
    *("anchor", "barrel", "candle", "dagger", "engine", "feather", "garden", "hammer", "island", "jacket", "kettle", "ladder"),
    *("mirror", "needle", "orchard", "pebble", "quarry", "ribbon", "saddle", "tunnel", "umbrella", "valley", "window", "yarn"),
)
VERBS = (
    *("attach", "balance", "collect", "divide", "expand", "filter", "gather", "harvest", "inspect", "join", "knead", "lower"),
    *("measure", "notify", "open", "polish", "query", "resolve", "stack", "trim", "unfold", "verify", "weigh", "yield"),
)
COMPLAINTS = (
    *("is locked by another writer", "has no entry left", "was closed before use", "does not fit its frame"),
    *("has an unknown colour", "lost its handle", "points outside of the map", "is older than its copy"),
)
PEOPLE = ("jane", "ravi", "ingrid", "tomas", "aiko", "olumide")


@dataclass(frozen=True, slots=True)
class Step:
    """One frame: function ``verb`` of module ``noun``, at a line."""

    noun: str
    verb: str
    line: int


@dataclass(frozen=True, slots=True)
class Bug:
    """What identifies a bug. ``steps`` are innermost first; the last two are the program's entry, shared by all its bugs.

    ``kind`` selects the error type of the language.
    """

    kind: int
    subject: str
    complaint: str
    steps: tuple[Step, ...]

    @property
    def culprit(self) -> Step:
        """The innermost frame."""
        return self.steps[0]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The circumstances of one crash: everything that differs although the bug is the same."""

    seed: int = 1
    shift: int = 0
    user: str = "jane"
    number: int = 4711
    thread: str = "worker-1"

    def address(self, step: Step, digits: int = 12) -> str:
        """An address of a frame in this process, without ``0x``."""
        return f"{random.Random(f'{self.seed} {step.noun} {step.verb}').getrandbits(4 * digits - 2) | 1 << (4 * digits - 3):x}"

    def line(self, step: Step) -> int:
        """The line of a frame in this release."""
        return step.line + self.shift

    def message(self, bug: Bug) -> str:
        """The message, with this crash's user and number."""
        return f"{bug.subject} {self.number} of '{self.user}' {bug.complaint}"


ENTRY = (Step("service", "handle", 88), Step("main", "start", 12))


def make_bug(seed: str) -> Bug:
    """A bug with three frames of its own and the two of the entry."""
    rng = random.Random(seed)
    nouns, verbs = rng.sample(NOUNS, 4), rng.sample(VERBS, 3)
    own = tuple(Step(noun, verb, rng.randint(20, 400)) for noun, verb in zip(nouns, verbs, strict=False))
    return Bug(rng.randrange(3), nouns[3], rng.choice(COMPLAINTS), (*own, *ENTRY))


def with_other_path(bug: Bug, seed: str) -> Bug:
    """Another bug with the same type and message, raised elsewhere; only the entry is shared."""
    other = _unlike(bug, seed)
    return replace(bug, steps=other.steps)


def with_other_function(bug: Bug, seed: str) -> Bug:
    """Another bug with the same type, in another function of the same module, reached by the same callers."""
    rng = random.Random(f"{seed} function")
    other = _unlike(bug, seed)
    verb = rng.choice([verb for verb in VERBS if verb not in {step.verb for step in bug.steps}])
    first = Step(bug.culprit.noun, verb, bug.culprit.line + rng.randint(40, 200))
    return replace(bug, subject=other.subject, complaint=other.complaint, steps=(first, *bug.steps[1:]))


def with_other_everything(bug: Bug, seed: str) -> Bug:
    """Another bug of the same type: other message, other frames; only the entry is shared."""
    return replace(_unlike(bug, seed), kind=bug.kind)


def _unlike(bug: Bug, seed: str) -> Bug:
    """A bug that shares neither frames nor message with another, but for the entry."""
    attempts = (make_bug(f"{seed} {attempt}") for attempt in range(1_000))
    return next(
        other
        for other in attempts
        if other.complaint != bug.complaint
        and not {(step.noun) for step in other.steps[:3]} & {step.noun for step in bug.steps[:3]}
        and not {step.verb for step in other.steps[:3]} & {step.verb for step in bug.steps[:3]}
        and other.subject != bug.subject
    )
