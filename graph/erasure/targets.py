"""What is to be deleted: crashes of a pattern, a user or a site."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from graph.cypher import query
from graph.ingest.prepare import PreparedCrash
from graph.model.errors import InvalidInputError, NotFoundError
from graph.model.quoting import quoted
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


async def crashes_of(graph: Reader, target: DeletionTarget, waiting: Collection[str] = ()) -> list[str]:
    """The ids of the stored crashes; ``waiting`` are those that are not stored yet.

    ``NotFoundError`` if there are none of either, or if one of the given ids is unknown.
    """
    keys = _keys(target)
    if target.kind is TargetKind.CRASH:
        return await _known(graph, keys, waiting)
    (key,) = keys
    statement = {
        TargetKind.PATTERN: lambda: query("erasure/crashes_of_pattern", pattern_id=key),
        TargetKind.USER: lambda: query("erasure/crashes_of_user", user=key),
        TargetKind.SITE: lambda: query("erasure/crashes_of_site", site=key),
    }[target.kind]()
    ids = [row["crash_id"] for row in await graph.read(statement)]
    if not ids and not waiting:
        raise NotFoundError(f"no crashes of {target.kind} {quoted(key)} are stored")
    return ids


async def matcher(graph: Reader, target: DeletionTarget) -> Callable[[PreparedCrash], bool]:
    """Whether a crash that is not stored yet is one of the target; of a pattern, if the pattern has its signature."""
    keys = frozenset(_keys(target))
    if target.kind is TargetKind.CRASH:
        return lambda item: item.crash.crash_id in keys
    if target.kind is TargetKind.USER:
        return lambda item: item.crash.user in keys
    if target.kind is TargetKind.SITE:
        return lambda item: bool(keys & {item.crash.site, item.environment.site if item.environment else None})
    rows = await graph.read(query("erasure/signatures_of_pattern", pattern_id=next(iter(keys))))
    exacts = {row["exact"] for row in rows}
    return lambda item: item.fingerprint is not None and item.fingerprint.exact in exacts


def _keys(target: DeletionTarget) -> list[str]:
    keys = list(dict.fromkeys(target.keys))
    if not keys:
        raise InvalidInputError(f"{target.kind}: name what to delete")
    return keys


async def _known(graph: Reader, ids: Sequence[str], waiting: Collection[str]) -> list[str]:
    known = {row["crash_id"] for row in await graph.read(query("erasure/known_crashes", ids=list(ids)))}
    unknown = [id for id in ids if id not in known and id not in waiting]
    if unknown:
        shown = ", ".join(quoted(id) for id in unknown[:SHOWN])
        raise NotFoundError(f"no crash {shown}; nothing was deleted, `crashes` lists the stored ones")
    return [id for id in ids if id in known]
