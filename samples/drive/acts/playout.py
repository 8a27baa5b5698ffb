# ruff: noqa: D103 - the name of an act is its description
"""Playlists, labels and the gateway."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from samples.drive.acts.declare import act, after
from samples.drive.scene import Scene


def items(scene: Scene, count: int = 3) -> list[dict[str, Any]]:
    """Items of a playlist."""
    return [{"house_id": f"H{1000 + at}", "frames": scene.rng.randint(500, 90_000), "rate": 25} for at in range(count)]


def clip(scene: Scene, ending: str = ".mxf", content: bytes = b"clip") -> Path:
    """A clip that is there to be sent."""
    path = scene.folder / "clips" / f"clip-{scene.rng.randint(10_000, 99_999)}{ending}"
    path.write_bytes(content)
    return path


@act(1.5, batch=True)
def routine(scene: Scene) -> None:
    """What goes well nearly always: on air, and a line in the log."""
    scene.perform("resume-playout")
    scene.perform("log-as-run")


@act(0.55)
def item_without_rate(scene: Scene) -> None:
    listed = items(scene, scene.rng.randint(2, 5))
    listed[-1]["rate"] = None
    scene.perform("export-playlist", items=listed)


@act(0.45)
def item_with_sponsor(scene: Scene) -> None:
    listed = items(scene, scene.rng.randint(2, 5))
    listed[-1]["sponsor"] = Decimal(scene.rng.randint(100, 900))
    scene.perform("export-playlist", items=listed)


@after("playlist-resume", chance=0.9, low=2, high=18)
def resume(scene: Scene) -> None:
    scene.perform("resume-playout")


@after("asrun-current", chance=0.85, low=0.5, high=8)
def log_as_run(scene: Scene) -> None:
    for minute in range(scene.rng.randint(1, 2)):
        scene.later(minute, minute + 0.5, lambda then: then.perform("log-as-run"))


@act(0.45)
def label_with_letters(scene: Scene) -> None:
    text = scene.rng.choice(("Météo", "Wetter für heute", "Værmelding", "Vrijeme – Šibenik", "Previsão", "Sää"))
    scene.perform("store-label", channel="two", text=text, width=1920)


@act(0.6)
def label_too_wide(scene: Scene) -> None:
    scene.perform("store-label", channel="two", text="News", width=scene.rng.randint(65_536, 99_999))


@after("graphics-header", low=1, high=12)
def show_labels(scene: Scene) -> None:
    scene.perform("show-label", channel="two")
    if scene.rng.random() < 0.5:
        scene.later(0.5, 2, lambda then: then.perform("show-label", channel="two"))


@act(0.5, batch=True)
def clips_that_are_gone(scene: Scene) -> None:
    """From an editor's own folder, mostly."""
    user = scene.rng.choice(scene.site["users"])
    count = scene.rng.randint(1, 3)
    gone = [Path(f"/home/{user}/Videos/cut-{scene.rng.randint(100, 999)}.mxf") for _ in range(count)]
    scene.perform("upload", files=[*gone, clip(scene)])


@act(0.35)
def clip_of_wrong_kind(scene: Scene) -> None:
    ending = scene.rng.choice((".avi", ".mov", ".docx"))
    scene.perform("upload", files=[clip(scene, ending, b"x" * scene.rng.randint(10, 9000))])


@act(0.4, batch=True)
def empty_clip(scene: Scene) -> None:
    scene.perform("upload", files=[clip(scene, content=b"")])
