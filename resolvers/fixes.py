"""What solutions and validations lead to, and where patterns went that were merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from graph.model.actor import Scope
from graph.model.nodes import Crash, Environment, Pattern, Solution, Validation, Version
from graph.model.permissions import needs
from graph.model.relationships import ProvenIn
from graph.model.verdicts import Revision
from graph.ports import Graph, Row
from resolvers.cursors import TIME_START, Position
from resolvers.paging import key_of_record, node_pages, pages, ranked, timed_pages
from resolvers.patterns import patterns_by_id
from resolvers.records import PageOf
from resolvers.rows import one_each, record_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SolvedPattern:
    """A pattern that a solution was recorded for, and how often it worked and failed for it."""

    node: Pattern
    worked: int
    failed: int


@dataclass(frozen=True, slots=True)
class Applied(Generic[T]):
    """An environment that a solution was applied in, or a solution applied there, with the record since."""

    node: T
    proof: ProvenIn


@needs(Scope.READ)
async def solution_patterns(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[SolvedPattern]]:
    """A page of the patterns of each of many solutions, those that it worked for most often first."""

    def make(item: Row) -> SolvedPattern:
        return SolvedPattern(record_of(Pattern, item["node"]), item["worked"], item["failed"])

    def position(item: SolvedPattern) -> Position:
        return ranked(item.worked, item.node)

    return await pages(graph, "fixes/solution_patterns", ids, first, after, make, position)


@needs(Scope.READ)
async def solution_proofs(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Applied[Environment]]]:
    """A page of the environments that each of many solutions was applied in, latest first."""
    return await _proofs(graph, "fixes/solution_proofs", Environment, ids, first, after)


@needs(Scope.READ)
async def environment_proofs(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Applied[Solution]]]:
    """A page of the solutions that were applied in each of many environments, latest first."""
    return await _proofs(graph, "fixes/environment_proofs", Solution, ids, first, after)


@needs(Scope.READ)
async def solution_versions(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Version]]:
    """A page of the versions that introduced each of many solutions, by their ids."""
    return await node_pages(graph, "fixes/solution_versions", Version, ids, first, after)


@needs(Scope.READ)
async def version_solutions(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Solution]]:
    """A page of the solutions that each of many versions introduced, by their ids."""
    return await node_pages(graph, "fixes/version_solutions", Solution, ids, first, after)


@needs(Scope.READ)
async def validated_crashes(graph: Graph, ids: Sequence[str]) -> dict[str, Crash]:
    """The crash of each of many validations, without its report."""
    return await one_each(graph, "fixes/validation_crashes", ids, partial(record_of, Crash))


@needs(Scope.READ)
async def crash_validations(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Validation]]:
    """A page of the validations of each of many crashes, latest first."""
    return await timed_pages(graph, "fixes/crash_validations", Validation, ids, first, after)


@needs(Scope.READ)
async def pattern_validations(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Validation]]:
    """A page of the validations of crashes of each of many patterns, latest first."""
    return await timed_pages(graph, "fixes/pattern_validations", Validation, ids, first, after)


@needs(Scope.READ)
async def patterns_named(graph: Graph, ids: Sequence[str]) -> dict[str, Pattern]:
    """The patterns with these ids; unknown ids are omitted."""
    return {id: found.pattern for id, found in (await patterns_by_id(graph, ids)).items()}


@needs(Scope.READ)
async def survivors(graph: Graph, ids: Sequence[str]) -> dict[str, Pattern]:
    """The pattern that each of many patterns became part of; those that were not merged are omitted."""
    return await one_each(graph, "patterns/survivors", ids, partial(record_of, Pattern))


@needs(Scope.READ)
async def merged_patterns(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[Pattern]]:
    """A page of the patterns that were merged into each of many patterns directly, by their ids."""
    return await node_pages(graph, "patterns/merged_from", Pattern, ids, first, after)


@needs(Scope.READ)
async def verdict_revisions(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Revision]]:
    """A page of the changes that each of many verdicts made, and of those that undid them, latest first."""
    return await timed_pages(graph, "history/of_verdicts", Revision, ids, first, after)


async def _proofs(
    graph: Graph, name: str, cls: type[T], ids: Sequence[str], first: int, after: str | None
) -> dict[str, PageOf[Applied[T]]]:
    def make(item: Row) -> Applied[T]:
        return Applied(record_of(cls, item["node"]), record_of(ProvenIn, item["proof"]))

    def position(item: Applied[T]) -> Position:
        return Position(item.proof.applied_at, f"{key_of_record(item.node)} {item.proof.pattern_id}")

    return await pages(graph, name, ids, first, after, make, position, start=TIME_START)
