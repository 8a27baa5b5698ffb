"""The limit on the time of one query."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from graph.model.errors import BusyError, LimitError
from schema.context import Context

QUERY_SECONDS = 60.0
"""How long one query may take in all."""


class BoundedTime(SchemaExtension):
    """Lets a query wait for its turn, and ends it after a while; its reads end with it. Mutations run to their end."""

    async def on_execute(self) -> AsyncIterator[None]:
        """Run one operation."""
        execution = self.execution_context
        context: Context | None = execution.context
        if context is None or execution.operation_type is not OperationType.QUERY:
            yield
            return
        context.reads_only = True
        try:
            async with context.running.one_more(), asyncio.timeout(QUERY_SECONDS):
                yield
        except TimeoutError:
            raise LimitError(f"the query took longer than {QUERY_SECONDS:g} s; ask for less at once") from None
        except BusyError as error:
            context.refuse(error)
            raise
        finally:
            context.end_reads()
