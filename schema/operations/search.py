"""Search over all that has a name, and the path between two nodes."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.nodes import global_id
from resolvers.paths import MAX_LENGTH, PathLabel, shortest_path
from resolvers.search import Hit, SearchKind, search
from schema.context import Info
from schema.fields import query
from schema.inputs.search import SearchFilterInput
from schema.loading import load_nodes
from schema.types.declared import Node
from schema.types.pages import After, First, edge_connection
from schema.types.search import Path, SearchConnection, SearchEdge, path_type


@strawberry.type
class SearchQuery:
    """Search over all that has a name, and the path between two nodes."""

    @query(
        "Nodes that a text finds: by their ids, by words of their names, messages and stacks, and by meaning; best first. "
        "Crashes are found by their ids; without the embedding model, words alone are searched.",
        search,
    )
    async def search(
        self,
        info: Info,
        text: Annotated[str, strawberry.argument(description="An id, or words in any order.")],
        first: First,
        after: After = None,
        kinds: Annotated[list[SearchKind] | None, strawberry.argument(description="Labels to find; all if omitted.")] = None,
        filter: Annotated[SearchFilterInput | None, strawberry.argument(description="Which hits; all if omitted.")] = None,
    ) -> SearchConnection:
        """One page of what was found."""
        context = info.context
        page = await search(
            context.graph, text, context.embedder, tuple(kinds or ()), filter.plain() if filter else None, first, after
        )
        found = dict(
            zip((hit.id for hit in page.items), await load_nodes(context, (hit.id for hit in page.items)), strict=True)
        )

        def edge(hit: Hit, cursor: str) -> SearchEdge:
            return SearchEdge(node=found[hit.id], score=hit.score, matched_by=list(hit.matched_by), cursor=cursor)

        return edge_connection(page, edge, SearchConnection)

    @query("A shortest path between two nodes, over relationships in either direction.", shortest_path)
    async def path(
        self,
        info: Info,
        one_end: Annotated[strawberry.ID, strawberry.argument(name="from", description="Global id of the one end.")],
        other_end: Annotated[strawberry.ID, strawberry.argument(name="to", description="Global id of the other end.")],
        max_length: Annotated[
            int, strawberry.argument(description=f"Maximum number of relationships, 1 to {MAX_LENGTH}.")
        ] = MAX_LENGTH,
        exclude: Annotated[
            list[PathLabel] | None,
            strawberry.argument(description="Labels that the path must not lead through, such as those that join almost all."),
        ] = None,
    ) -> Path:
        """The path; without nodes if there is none."""
        found = await shortest_path(info.context.graph, one_end, other_end, max_length, tuple(exclude or ()))
        ids = [global_id(node.label, node.key) for node in found.nodes]
        nodes: list[Node | None] = await load_nodes(info.context, ids or ([one_end] if one_end == other_end else []))
        return path_type(found, nodes)
