"""What a crash leaves behind in its station, and how people there put it right.

Each leaving is named after the fault that trips over it. It is looked for after a crash, in files and in the running
desk, so that a cause is what really happened: if the leaving was not there before a crash and is there after it, that
crash made it (the first, if two crashes would have left the same). What is left outside, in a list that was sent or
published, is followed by the acts that take it up again: see ``Scene.tripping``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from samples.drive.scene import Scene

GOOD_LIST = '[\n{"house_id": "H1000", "frames": 1500}\n]\n'
GOOD_LABEL = b"LABL\x07\x80\x00\x04Info"


def _playlist_cut(scene: Scene) -> bool:
    try:
        json.loads((scene.folder / "playlist.json").read_text("utf-8"))
    except ValueError:
        return True
    return False


def _label_empty(scene: Scene) -> bool:
    return any(path.stat().st_size == 0 for path in (scene.folder / "labels").iterdir())


ALSO_TRIPS = {"import-open": "database-locked"}
"""Faults that trip over what is named after another one."""

LEFT: dict[str, Callable[[Scene], bool]] = {
    "playlist-resume": _playlist_cut,
    "asrun-current": lambda scene: scene.desk.player.current is None,
    "pool-exhausted": lambda scene: scene.desk.pool._free.empty(),  # noqa: SLF001 - no public way to ask
    "database-locked": lambda scene: scene.desk.database.importing is not None,
    "catalogue-locked": lambda scene: (scene.folder / "catalogue.lock").exists(),
    "graphics-header": _label_empty,
    "invoice-counter": lambda scene: not (scene.folder / "invoices.count").read_text("utf-8"),
}


def _new_label(scene: Scene) -> None:
    for path in (scene.folder / "labels").iterdir():
        path.write_bytes(GOOD_LABEL)


def _new_playlist(scene: Scene) -> None:
    (scene.folder / "playlist.json").write_text(GOOD_LIST, "utf-8")


def _on_air(scene: Scene) -> None:
    scene.repair("playlist-resume")
    scene.desk.player.start(json.loads((scene.folder / "playlist.json").read_text("utf-8")))


REPAIRS: dict[str, Callable[[Scene], object]] = {
    "playlist-resume": _new_playlist,
    "asrun-current": _on_air,
    "pool-exhausted": lambda scene: scene.restart(),
    "database-locked": lambda scene: scene.restart(),
    "catalogue-locked": lambda scene: (scene.folder / "catalogue.lock").unlink(missing_ok=True),
    "graphics-header": _new_label,
    "invoice-counter": lambda scene: (scene.folder / "invoices.count").write_text(str(scene.rng.randint(900, 9000)), "utf-8"),
}
