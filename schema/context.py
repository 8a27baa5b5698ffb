"""What one request has at hand: the ports it may use and its own dataloaders."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from graph.model.actor import ANONYMOUS, Actor
from graph.ports import Graph
from jobs.claims import Jobs
from jobs.registry import JOBS
from resolvers.matching import Matcher, Receiver

P = ParamSpec("P")
T = TypeVar("T")

Batch: TypeAlias = Callable[Concatenate[Graph, Sequence[str], P], Awaitable[Mapping[str, T]]]
"""A use case that answers for many ids with one query."""


@dataclass(slots=True)
class Context:
    """One request. Never shared: its loaders remember what they read."""

    graph: Graph
    matcher: Matcher
    receiver: Receiver
    refuse: Callable[[int], None] = lambda _: None
    """Tells the one who asked, outside the document too, to come again after so many seconds."""
    request_id: str = field(default_factory=lambda: secrets.token_hex(8))
    jobs: Jobs = field(default_factory=lambda: JOBS)
    """The jobs there are, as settings have them."""
    actor: Actor = ANONYMOUS
    """Who sends the request."""
    _loaders: dict[Hashable, DataLoader[str, Any]] = field(default_factory=dict)

    def load(self, relation: Batch[P, T], id: str, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T | None]:
        """What a relation has for one id, ``None`` for nothing; asked for together with all that wait for the same relation.

        There is one dataloader per relation and arguments.
        """
        return self._loader(relation, *args, **kwargs).load(id)

    def know(self, relation: Batch[P, T], answers: Mapping[str, T], *args: P.args, **kwargs: P.kwargs) -> None:
        """Remember what a relation has for some ids, because another query told it already."""
        self._loader(relation, *args, **kwargs).prime_many(answers)

    def _loader(self, relation: Batch[P, T], *args: P.args, **kwargs: P.kwargs) -> DataLoader[str, T | None]:
        which = (relation, args, tuple(sorted(kwargs.items())))
        if which not in self._loaders:

            async def many(ids: list[str]) -> list[T | None]:
                answers = await relation(self.graph, ids, *args, **kwargs)
                return [answers.get(id) for id in ids]

            self._loaders[which] = DataLoader(many)
        return self._loaders[which]

    async def load_page(self, relation: Batch[P, T], id: str, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a relation that has an answer, such as an empty page, for every id."""
        found = await self.load(relation, id, *args, **kwargs)
        if found is None:
            raise LookupError(f"{getattr(relation, '__name__', relation)} left an id out")
        return found


Info: TypeAlias = strawberry.Info[Context, None]
