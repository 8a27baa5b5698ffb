"""Playlists: what the player has to show, as a JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from airdesk.playout.player import Player


def length_of(frames: int, rate: int) -> str:
    """``hh:mm:ss:ff`` of a number of frames."""
    # defect: playlist-timecode/2
    seconds, rest = divmod(frames, rate)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{rest:02d}"


def entry_text(item: dict[str, Any]) -> str:
    """One item as JSON, with what its sponsor pays."""
    length = length_of(item["frames"], item["rate"])
    entry = {"house_id": item["house_id"], "frames": item["frames"], "length": length}
    # defect: playlist-decimal/2
    return json.dumps(entry | {"sponsor": item.get("sponsor")})


def export(path: Path, items: list[dict[str, Any]]) -> int:
    """Write the playlist in one go, so that there is always a whole one."""
    text = ",\n".join(entry_text(item) for item in items)
    path.write_text(f"[\n{text}\n]\n", "utf-8")
    return len(items)


def resume(path: Path, player: Player) -> None:
    """Load the playlist and go on air with it."""
    player.current = None
    # defect: playlist-resume
    player.start(json.loads(path.read_text("utf-8")))
