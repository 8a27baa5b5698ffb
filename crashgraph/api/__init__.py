"""A typed client of the service, generated from its GraphQL schema; see docs/client.md.

::

    async with Client("https://crashes.example", key="cg_…") as client:
        page = await client.patterns(first=10)
        names = [pattern.name for pattern in page.nodes]

It needs httpx and pydantic, and nothing of the service.
"""

from crashgraph.api.connection import checked
from crashgraph.api.generated import enums
from crashgraph.api.generated import input_types as inputs
from crashgraph.api.generated.client import Client
from graph.model.errors import ApiError, UnreachableError

__all__ = ["ApiError", "Client", "UnreachableError", "checked", "enums", "inputs"]
