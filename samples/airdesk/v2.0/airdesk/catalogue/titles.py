"""Titles: everything that can be shown."""

from __future__ import annotations

from dataclasses import dataclass

from airdesk.errors import CatalogueError
from airdesk.storage.database import Database


@dataclass
class Title:
    """One title; ``runtime`` is in minutes."""

    house_id: str
    name: str
    runtime: int
    language: str


class Catalogue:
    """The titles of one station."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, house_id: str, name: str, runtime: int, language: str) -> Title:
        """Take a new title in."""
        title = Title(house_id, name, runtime, language)
        check_language(title)
        self.database.insert("titles", vars(title))
        return title

    def find(self, house_id: str) -> Title | None:
        """The title with that number, if there is one."""
        rows = self.database.rows("SELECT house_id, name, runtime, language FROM titles WHERE house_id = ?", house_id)
        return Title(*rows[0]) if rows else None


def check_language(title: Title) -> None:
    """Refuse a title that nobody could subtitle."""
    if not title.language:
        # defect: title-language
        raise CatalogueError(f"title {title.house_id} {title.name!r} has no language")
