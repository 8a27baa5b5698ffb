# ruff: noqa: D103 - the name of an act is its description
"""Programme lists between stations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from samples.drive.acts.catalogue import a_name
from samples.drive.acts.declare import act
from samples.drive.scene import Scene


def shows(scene: Scene) -> list[dict[str, Any]]:
    """Shows of tonight."""
    rated = ("FSK-0", "FSK-6", "FSK-12", "FSK-16")
    return [{"house_id": f"H{1000 + at}", "name": a_name(scene), "rating": scene.rng.choice(rated)} for at in range(3)]


def publish(scene: Scene, listed: list[dict[str, Any]]) -> None:
    """Put a list where partners fetch it, and remember that there is one."""
    path = scene.folder / "outbox" / f"programme-{scene.now:%m%d-%H%M%S}.xml"
    key = scene.perform("publish-programme", path=path, shows=listed)
    if path.exists():
        scene.published.append({"path": str(path), "at": scene.now.isoformat(), "crash": key})


@act(0.5, batch=True)
def publish_tonight(scene: Scene) -> None:
    publish(scene, shows(scene))


@act(0.9, batch=True)
def publish_with_unknown_rating(scene: Scene) -> None:
    listed = shows(scene)
    listed[scene.rng.randint(1, 2)]["rating"] = scene.rng.choice(("FSK-21", "PG-13", "TV-MA", "K16", ""))
    publish(scene, listed)


@act(0.23, batch=True)
def show_without_name(scene: Scene) -> None:
    path = scene.folder / "inbox" / f"programme-{scene.now:%m%d-%H%M%S}.xml"
    path.write_text('<programme><show id="H1"/></programme>', "utf-8")
    scene.perform("receive-programme", path=path, partner=scene.rng.choice(scene.site["fetches_from"] or ("ourselves",)))


def fetch(partner: str, path: Path, crash: str | None) -> Callable[[Scene], None]:
    """Take in what a partner has published; ``crash`` is what went wrong there meanwhile, if anything."""

    def step(scene: Scene) -> None:
        with scene.tripping("exchange-partial", crash):
            scene.perform("receive-programme", path=path, partner=partner)

    return step
