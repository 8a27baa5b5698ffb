"""The context of one request: its actor, the ports it uses and its dataloaders."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from graph.access.principals import Principal
from graph.access.sessions import AccessControl
from graph.erasure.waiting import Change, WaitingChanges, WaitingReports
from graph.model.actor import ANONYMOUS, Actor
from graph.model.errors import CrashgraphError, InvalidInputError
from graph.model.permissions import scope_of
from graph.model.quoting import quoted
from graph.ports import Embedder, Graph
from jobs.claims import Jobs
from jobs.registry import JOBS
from resolvers.arrivals import Arrivals
from resolvers.live_feed import LiveFeed
from resolvers.matching import Matcher, Receiver
from schema.documents import Documents
from schema.measure import NOT_MEASURED, UNREAD, Measure
from schema.request_graph import RequestGraph, Selected, SelectingGraph
from schema.running import Running

P = ParamSpec("P")
T = TypeVar("T")

Batch: TypeAlias = Callable[Concatenate[Graph, Sequence[str], P], Awaitable[Mapping[str, T]]]
"""A use case that answers for many ids with one query."""


def _unknown_user(name: str) -> str:
    raise InvalidInputError(f"user {quoted(name)}: this service has no redaction key, so it cannot find a user by name")


class _NoSpool:
    async def change(self, change: Change, *, dry_run: bool = False) -> WaitingChanges:  # noqa: ARG002  # of a protocol
        raise InvalidInputError("this service has no spool, so it cannot change the reports that wait in it")


@dataclass(slots=True)
class Context:
    """The context of one request, or of one operation of a socket. Never shared: its dataloaders cache what they read."""

    graph: Graph
    matcher: Matcher
    receiver: Receiver
    stored_user: Callable[[str], str] = _unknown_user
    """The placeholder under which a user is stored."""
    waiting: WaitingReports = field(default_factory=_NoSpool)
    """The reports that are accepted and not stored yet."""
    refuse: Callable[[CrashgraphError], None] = lambda _: None
    """Set the status and headers of the response to a refused request."""
    embedder: Embedder | None = None
    """Turns the text of a search into a vector; searches are by words alone without it."""
    count: Callable[[str], None] = lambda _: None
    """Count a ``query`` or a ``mutation`` of the actor; ``BusyError`` if there were too many."""
    renew: Callable[[str | None], Awaitable[Actor]] | None = None
    """Looks the actor of a socket up again, by the header ``Authorization`` of its first message if it has one."""
    connection_params: Mapping[str, object] = field(default_factory=dict)
    """The first message of a socket."""
    request_id: str = field(default_factory=lambda: secrets.token_hex(8))
    jobs: Jobs = field(default_factory=lambda: JOBS)
    """All jobs, with the defaults from settings."""
    actor: Actor = ANONYMOUS
    """Who sent the request."""
    principal: Principal | None = None
    """The user and credential behind the actor; ``None`` for a stranger, and where access control is off."""
    control: AccessControl | None = None
    """What logins need; ``None`` where nobody can log in."""
    address: str | None = None
    """Address of the sender."""
    live: LiveFeed | None = None
    """Source of subscriptions, shared by all requests of the process; created if omitted."""
    arrivals: Arrivals | None = None
    """Source of subscriptions to crashes, as ``live``."""
    documents: Documents = field(default_factory=Documents)
    """The stored documents."""
    running: Running = field(default_factory=Running)
    """The queries of the process that run."""
    selected: Selected = field(default_factory=dict)
    """The properties that are read of nodes, by label; all of a label that is not there."""
    measure: Measure = NOT_MEASURED
    """Counts what is executed."""
    kind: str = UNREAD
    """What the document is: `query`, `mutation` or `subscription`, once it is known to be valid."""
    reads_only: bool = False
    """Whether the request is a query that runs, so that it may be ended when its sender leaves."""
    _loaders: dict[Hashable, DataLoader[str, Any]] = field(default_factory=dict)

    async def renewed(self) -> None:
        """Check again who the actor of a socket is; ``AccessError`` if its credentials are not valid (any more)."""
        if self.renew is not None:
            stated = next((value for name, value in self.connection_params.items() if name.lower() == "authorization"), None)
            self.actor = await self.renew(stated if isinstance(stated, str) else None)

    @property
    def feed(self) -> LiveFeed:
        """The feed to subscribe to."""
        self.live = self.live or LiveFeed(self.graph)
        return self.live

    @property
    def crashes(self) -> Arrivals:
        """The crashes to follow."""
        self.arrivals = self.arrivals or Arrivals(self.graph, self.feed)
        return self.arrivals

    def apart(self) -> Context:
        """The context of another operation of the same sender: what each reads is cached, and ends, by itself."""
        graph = self.graph.apart() if isinstance(self.graph, RequestGraph) else self.graph
        return replace(self, graph=graph, reads_only=False, _loaders={})

    def end_reads(self) -> None:
        """End the reads of the graph that still run."""
        if isinstance(self.graph, RequestGraph):
            self.graph.end_reads()

    def forget(self) -> None:
        """Read everything again from now on: between two results of a subscription, the graph has changed."""
        self._loaders.clear()

    def reading(self, selected: Selected) -> Context:
        """The same context, for fields that need some properties of the nodes that they read."""
        if not selected:
            return self
        return replace(self, graph=SelectingGraph(self.graph, selected), selected=selected)

    async def load_at_once(
        self, relation: Batch[P, T], ids: Sequence[str], *args: P.args, **kwargs: P.kwargs
    ) -> Mapping[str, T]:
        """The answers of a relation for many ids, each asked for once. ``ForbiddenError`` as :meth:`load`."""
        self.actor.require(scope_of(relation))
        different = list(dict.fromkeys(ids))
        return await relation(self.graph, different, *args, **kwargs) if different else {}

    def load(self, relation: Batch[P, T], id: str, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T | None]:
        """The answer of a relation for one id, ``None`` for none; batched with all waiting ids of the same relation.

        There is one dataloader per relation and arguments. ``ForbiddenError`` if the actor lacks the scope of the relation.

        Every caller waits for a future of its own: where a field fails, the fields beside it are cancelled, and with the
        dataloader's own future would end all other fields of the request that wait for the same node.
        """
        return asyncio.shield(self._loader(self.selected, relation, *args, **kwargs).load(id))

    def know(self, relation: Batch[P, T], answers: Mapping[str, T], *args: P.args, **kwargs: P.kwargs) -> None:
        """Cache answers of a relation that another query has returned; not nodes, of which it may have read a part."""
        self._loader({}, relation, *args, **kwargs).prime_many(answers)

    def _loader(
        self, selected: Selected, relation: Batch[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> DataLoader[str, T | None]:
        self.actor.require(scope_of(relation))
        key = (relation, args, tuple(sorted(kwargs.items())), frozenset(selected.items()))
        if key not in self._loaders:

            async def many(ids: list[str]) -> list[T | None]:
                answers = await relation(self.graph, ids, *args, **kwargs)
                return [answers.get(id) for id in ids]

            self._loaders[key] = DataLoader(many)
        return self._loaders[key]

    async def load_page(self, relation: Batch[P, T], id: str, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for a relation that answers every id, such as with an empty page."""
        page = await self.load(relation, id, *args, **kwargs)
        if page is None:
            raise LookupError(f"{getattr(relation, '__name__', relation)} omitted an id")
        return page


Info: TypeAlias = strawberry.Info[Context, None]
