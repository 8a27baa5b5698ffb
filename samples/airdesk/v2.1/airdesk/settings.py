"""The station's settings: one JSON file, and one more for each channel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from airdesk.errors import SettingsError


class Settings:
    """Sections of names and values."""

    def __init__(self, folder: Path, sections: dict[str, dict[str, Any]]) -> None:
        self.folder = folder
        self._sections = sections

    @classmethod
    def load(cls, folder: Path) -> Settings:
        """Read ``airdesk.json`` of a station."""
        return cls(folder, json.loads((folder / "airdesk.json").read_text("utf-8")))

    def require(self, section: str, name: str) -> Any:
        """A value that must be there."""
        return self._sections[section][name]

    def optional(self, section: str, name: str, default: Any) -> Any:
        """A value that may be left out."""
        return self._sections.get(section, {}).get(name, default)

    def channel(self, name: str) -> dict[str, Any]:
        """The settings of one channel."""
        path = self.folder / "channels" / f"{name}.json"
        try:
            # defect: settings-channel
            return json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise SettingsError(f"channel file {path} cannot be read") from error
