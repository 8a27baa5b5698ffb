"""What is to be deleted: crashes of a pattern, a user or a site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from graph.cypher import query
from graph.model.errors import InvalidInputError, NotFoundError
from graph.ports import Reader

SHOWN = 5
"""Unknown ids that a message quotes."""


class TargetKind(StrEnum):
    """What names the crashes to delete."""

    CRASH = "crash"
    PATTERN = "pattern"
    USER = "user"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class DeletionTarget:
    """Crashes by their ids, or all of one pattern, user or site. A user is given as stored, which is a placeholder."""

    kind: TargetKind
    keys: tuple[str, ...]

    @property
    def forgotten_sites(self) -> list[str]:
        """Sites of which nothing may stay."""
        return list(self.keys) if self.kind is TargetKind.SITE else []


async def crashes_of(graph: Reader, target: DeletionTarget) -> list[str]:
    """The ids of the crashes; ``NotFoundError`` if there are none, or if one of the given ids is unknown."""
    keys = list(dict.fromkeys(target.keys))
    if not keys:
        raise InvalidInputError(f"{target.kind}: name what to delete")
    if target.kind is TargetKind.CRASH:
        return await _known(graph, keys)
    (key,) = keys
    statement = {
        TargetKind.PATTERN: lambda: query("erasure/crashes_of_pattern", pattern_id=key),
        TargetKind.USER: lambda: query("erasure/crashes_of_user", user=key),
        TargetKind.SITE: lambda: query("erasure/crashes_of_site", site=key),
    }[target.kind]()
    ids = [row["crash_id"] for row in await graph.read(statement)]
    if not ids:
        raise NotFoundError(f"no crashes of {target.kind} {key!r:.80} are stored")
    return ids


async def _known(graph: Reader, ids: Sequence[str]) -> list[str]:
    known = {row["crash_id"] for row in await graph.read(query("erasure/known_crashes", ids=list(ids)))}
    unknown = [id for id in ids if id not in known]
    if unknown:
        shown = ", ".join(f"{id!r:.80}" for id in unknown[:SHOWN])
        raise NotFoundError(f"no crash {shown}; nothing was deleted, `crashes` lists the stored ones")
    return list(ids)
