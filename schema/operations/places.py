"""Queries about sites, versions and environments."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graph.model.choices import AttributeName
from resolvers.listings import EnvironmentFilter, list_attributes, list_environments, list_sites, list_versions
from resolvers.nodes import nodes_by_key
from schema.context import Info
from schema.fields import query
from schema.inputs.listings import EnvironmentFilterInput
from schema.loading import named_node
from schema.types.declared import to_type
from schema.types.nodes import Attribute, Environment, Site, Version
from schema.types.pages import After, Connection, First, connection

EnvironmentId = Annotated[strawberry.ID, strawberry.argument(description="The environment, by its key or global id.")]
SiteId = Annotated[strawberry.ID, strawberry.argument(description="The site, by its name or global id.")]
VersionId = Annotated[strawberry.ID, strawberry.argument(description="The version, as `product@version` or by its global id.")]
AttributeId = Annotated[strawberry.ID, strawberry.argument(description="The fact, as `name=value` or by its global id.")]
StartsWith = Annotated[str, strawberry.argument(description="Start of the name, case and all.")]


@strawberry.type
class PlaceQuery:
    """Queries about sites, versions and environments."""

    @query("One site.", nodes_by_key)
    async def site(self, info: Info, id: SiteId) -> Site | None:
        """One site; an error with code `NOT_FOUND` if it is unknown."""
        site: Site = await named_node(info.context, "Site", id)
        return site

    @query("Sites, by name.", list_sites, selects=True)
    async def sites(self, info: Info, first: First, after: After = None, starts_with: StartsWith = "") -> Connection[Site]:
        """One page of sites."""
        return connection(await list_sites(info.context.graph, first, after, starts_with), to_type)

    @query("One version of one product.", nodes_by_key)
    async def version(self, info: Info, id: VersionId) -> Version | None:
        """One version; an error with code `NOT_FOUND` if it is unknown."""
        version: Version = await named_node(info.context, "Version", id)
        return version

    @query("Versions, by their ids; `next` and `previous` have the order in which they came.", list_versions, selects=True)
    async def versions(
        self,
        info: Info,
        first: First,
        after: After = None,
        product: Annotated[str | None, strawberry.argument(description="The product; all if omitted.")] = None,
    ) -> Connection[Version]:
        """One page of versions."""
        return connection(await list_versions(info.context.graph, first, after, product), to_type)

    @query("One environment.", nodes_by_key)
    async def environment(self, info: Info, id: EnvironmentId) -> Environment | None:
        """One environment; an error with code `NOT_FOUND` if it is unknown."""
        environment: Environment = await named_node(info.context, "Environment", id)
        return environment

    @query("Environments that match, by their ids.", list_environments, selects=True)
    async def environments(
        self,
        info: Info,
        first: First,
        after: After = None,
        filter: Annotated[
            EnvironmentFilterInput | None, strawberry.argument(description="Which environments; all if omitted.")
        ] = None,
    ) -> Connection[Environment]:
        """One page of environments."""
        wanted = filter.plain() if filter else EnvironmentFilter()
        return connection(await list_environments(info.context.graph, wanted, first, after), to_type)

    @query("One fact of environments.", nodes_by_key)
    async def attribute(self, info: Info, id: AttributeId) -> Attribute | None:
        """One fact; an error with code `NOT_FOUND` if it is unknown."""
        attribute: Attribute = await named_node(info.context, "Attribute", id)
        return attribute

    @query("Facts of environments, by key.", list_attributes, selects=True)
    async def attributes(
        self,
        info: Info,
        first: First,
        after: After = None,
        name: Annotated[
            AttributeName | None, strawberry.argument(description="Property of environments; all if omitted.")
        ] = None,
    ) -> Connection[Attribute]:
        """One page of facts."""
        return connection(await list_attributes(info.context.graph, first, after, name), to_type)
