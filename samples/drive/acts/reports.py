# ruff: noqa: D103 - the name of an act is its description
"""Reports and the guide."""

from __future__ import annotations

from samples.drive.acts.catalogue import a_name
from samples.drive.acts.declare import act
from samples.drive.scene import Scene


@act(1, batch=True)
def routine_report(scene: Scene) -> None:
    """Goes well."""
    scene.perform("daily-report", day=f"{scene.now:%Y-%m-%d}")


@act(0.25, batch=True)
def archive_that_is_full(scene: Scene) -> None:
    line = f"{scene.now:%Y-%m-%d} " + "spots and minutes " * 40
    scene.perform("archive-report", lines=[line] * 600)
    (scene.folder / "archive.sqlite").unlink(missing_ok=True)


@act(0.25)
def report_that_was_not_there(scene: Scene) -> None:
    scene.perform("replace-report", name=f"week-{scene.rng.randint(1, 52)}.txt", text="")


@act(0.7, batch=True)
def sum_of_channels(scene: Scene) -> None:
    counts = {name: scene.rng.randint(10, 90) for name in ("one", "two", "regional")}
    scene.perform("export-day", name=f"{scene.now:%m%d}.csv", counts=counts)


@act(0.17)
def guide_page_with_null(scene: Scene) -> None:
    scene.perform("print-page", title=f"{a_name(scene)}\0", text="")


@act(0.25)
def guide_page_with_long_name(scene: Scene) -> None:
    title = " and ".join(a_name(scene) for _ in range(scene.rng.randint(18, 24)))
    scene.perform("print-page", title=title, text="")


@act(0.23)
def symbol_without_character(scene: Scene) -> None:
    scene.perform("print-symbol", name=scene.rng.choice(("SUBTITLES", "AUDIO DESCRIPTION", "IN COLOUR", "DOLBY")))
