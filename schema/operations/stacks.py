"""Queries about signatures, frames and modules."""

from __future__ import annotations

from typing import Annotated

import strawberry

from resolvers.listings import SignatureFilter, SignatureOrder, list_frames, list_modules, list_signatures
from resolvers.nodes import nodes_by_key
from schema.context import Info
from schema.fields import query
from schema.inputs.listings import SignatureFilterInput
from schema.loading import named_node
from schema.operations.places import StartsWith
from schema.types.choices import enum_of
from schema.types.declared import to_type
from schema.types.nodes import Frame, Module, Signature
from schema.types.pages import After, Connection, First, connection

SignatureId = Annotated[strawberry.ID, strawberry.argument(description="The signature, by its hash or global id.")]
FrameId = Annotated[strawberry.ID, strawberry.argument(description="The frame, as `module.function` or by its global id.")]
ModuleId = Annotated[strawberry.ID, strawberry.argument(description="The module, by its name or global id.")]

enum_of(SignatureOrder)


@strawberry.type
class StackQuery:
    """Queries about signatures, frames and modules."""

    @query("One signature.", nodes_by_key)
    async def signature(self, info: Info, id: SignatureId) -> Signature | None:
        """One signature; an error with code `NOT_FOUND` if it is unknown."""
        signature: Signature = await named_node(info.context, "Signature", id)
        return signature

    @query("Signatures that match.", list_signatures, selects=True)
    async def signatures(
        self,
        info: Info,
        first: First,
        after: After = None,
        filter: Annotated[
            SignatureFilterInput | None, strawberry.argument(description="Which signatures; all if omitted.")
        ] = None,
        order: Annotated[SignatureOrder, strawberry.argument(description="Sort order.")] = SignatureOrder.LAST_SEEN,
    ) -> Connection[Signature]:
        """One page of signatures."""
        wanted = filter.plain() if filter else SignatureFilter()
        return connection(await list_signatures(info.context.graph, wanted, first, after, order), to_type)

    @query("One normalised stack frame.", nodes_by_key)
    async def frame(self, info: Info, id: FrameId) -> Frame | None:
        """One frame; an error with code `NOT_FOUND` if it is unknown."""
        frame: Frame = await named_node(info.context, "Frame", id)
        return frame

    @query("Normalised stack frames, by key.", list_frames, selects=True)
    async def frames(self, info: Info, first: First, after: After = None, starts_with: StartsWith = "") -> Connection[Frame]:
        """One page of frames."""
        return connection(await list_frames(info.context.graph, first, after, starts_with), to_type)

    @query("One module or class of frames.", nodes_by_key)
    async def module(self, info: Info, id: ModuleId) -> Module | None:
        """One module; an error with code `NOT_FOUND` if it is unknown."""
        module: Module = await named_node(info.context, "Module", id)
        return module

    @query("Modules and classes of frames, by name.", list_modules, selects=True)
    async def modules(self, info: Info, first: First, after: After = None, starts_with: StartsWith = "") -> Connection[Module]:
        """One page of modules."""
        return connection(await list_modules(info.context.graph, first, after, starts_with), to_type)
