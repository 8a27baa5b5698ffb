"""What people at a station do, how often, and what they do after something went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from samples.drive.scene import Scene

Do = Callable[[Scene], None]


@dataclass(frozen=True)
class Act:
    """Something done ``per_week`` times at a station of pace 1; ``batch`` when no person does it."""

    do: Do
    per_week: float
    batch: bool = False


@dataclass(frozen=True)
class FollowUp:
    """What is done ``low`` to ``high`` minutes after a crash left something behind."""

    do: Do
    chance: float
    low: float
    high: float


ACTS: list[Act] = []
FOLLOW_UPS: dict[str, FollowUp] = {}


def act(per_week: float, *, batch: bool = False) -> Callable[[Do], Do]:
    """Declare an act."""

    def declare(do: Do) -> Do:
        ACTS.append(Act(do, per_week, batch=batch))
        return do

    return declare


def after(effect: str, *, chance: float = 0.85, low: float = 1, high: float = 15) -> Callable[[Do], Do]:
    """Declare what is done once something is left that ``effect`` trips over."""

    def declare(do: Do) -> Do:
        FOLLOW_UPS[effect] = FollowUp(do, chance, low, high)
        return do

    return declare


def left_behind(scene: Scene, effect: str) -> None:
    """Plan what people do about a leaving: most trip over it, some notice in time; then it is put right."""
    follow_up = FOLLOW_UPS[effect]
    if scene.rng.random() < follow_up.chance:
        scene.later(follow_up.low, follow_up.high, follow_up.do)
    scene.later(follow_up.high + 1, follow_up.high + 25, lambda then: then.repair(effect))
