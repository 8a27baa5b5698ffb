"""What frames and modules lead to: the signatures and patterns with them in their stacks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from graph.model.actor import Scope
from graph.model.nodes import Frame, Module, Pattern, Signature
from graph.model.permissions import needs
from graph.ports import Graph
from resolvers.paging import node_pages, spread_pages
from resolvers.records import PageOf
from resolvers.rows import one_each, record_of


@needs(Scope.READ)
async def frame_modules(graph: Graph, ids: Sequence[str]) -> dict[str, Module]:
    """The module or class of each of many frames."""
    return await one_each(graph, "stacks/frame_modules", ids, partial(record_of, Module))


@needs(Scope.READ)
async def frame_signatures(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Signature]]:
    """A page of the signatures with each of many frames in their stacks, by their hashes, without embeddings."""
    return await spread_pages(graph, "stacks/frame_signatures", Signature, ids, first, after)


@needs(Scope.READ)
async def frame_patterns(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[Pattern]]:
    """A page of the patterns with each of many frames in a stack, by their ids."""
    return await spread_pages(graph, "stacks/frame_patterns", Pattern, ids, first, after)


@needs(Scope.READ)
async def module_frames(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[Frame]]:
    """A page of the frames of each of many modules, by their keys."""
    return await node_pages(graph, "stacks/module_frames", Frame, ids, first, after)


@needs(Scope.READ)
async def module_signatures(
    graph: Graph, ids: Sequence[str], first: int, after: str | None = None
) -> dict[str, PageOf[Signature]]:
    """A page of the signatures whose stacks pass through each of many modules, by their hashes, without embeddings."""
    return await spread_pages(graph, "stacks/module_signatures", Signature, ids, first, after)


@needs(Scope.READ)
async def module_patterns(graph: Graph, ids: Sequence[str], first: int, after: str | None = None) -> dict[str, PageOf[Pattern]]:
    """A page of the patterns with a stack through each of many modules, by their ids."""
    return await spread_pages(graph, "stacks/module_patterns", Pattern, ids, first, after)


@needs(Scope.READ)
async def signature_replacements(graph: Graph, ids: Sequence[str]) -> dict[str, Signature]:
    """The signature that reprocessing replaced each of many by, without embeddings; those in use are omitted."""
    return await one_each(graph, "nodes/signature_replacements", ids, partial(record_of, Signature))
