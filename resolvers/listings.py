"""Pages of sites, versions, environments, modules, frames, facts, signatures, solutions and events.

Keys stand still, so a listing by keys neither skips nor repeats an item while crashes arrive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from graph.cypher import query
from graph.model.actor import Scope
from graph.model.choices import Choice
from graph.model.environment import version_id
from graph.model.events import Event, EventKind
from graph.model.nodes import Attribute, Environment, Frame, Module, Signature, Site, Solution, Version
from graph.model.permissions import needs
from graph.ports import Graph, Row
from resolvers.cursors import (
    BEGINNING_OF_TIME,
    COUNT_START,
    KEY_START,
    TIME_START,
    Position,
    check_first,
    encode,
    position_after,
)
from resolvers.filters import utc
from resolvers.paging import key_position, ranked
from resolvers.records import PageOf
from resolvers.rows import page_of, read_list, record_of

T = TypeVar("T")

LAST_CHARACTER = "\U0010ffff"
"""Sorts behind every other character."""
EVENTS_READ = 20_000
"""Most events that are read for one page; a filter may match few of them."""


class SignatureOrder(Choice):
    """Orders of signatures."""

    LAST_SEEN = "LAST_SEEN", "By their latest crash; moves as crashes arrive."
    KEY = "KEY", "By their hashes: pages neither skip nor repeat a signature."


class SolutionOrder(Choice):
    """Orders of solutions, which both stand still."""

    CREATED = "CREATED", "Recorded last first."
    KEY = "KEY", "By their ids."


@dataclass(frozen=True, slots=True)
class EnvironmentFilter:
    """A filter on environments; ``None`` matches everything."""

    product: str | None = None
    version: str | None = None
    site: str | None = None
    os: str | None = None


@dataclass(frozen=True, slots=True)
class SignatureFilter:
    """A filter on signatures: the error type, and last seen at ``since`` or later."""

    error_type: str | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SolutionFilter:
    """A filter on solutions; ``None`` matches everything."""

    error_code: str | None = None
    kind: str | None = None
    trust: str | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """A filter on events: kinds, a subject as ``Label:key``, and times, ``until`` exclusive."""

    kinds: tuple[EventKind, ...] = ()
    about: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@needs(Scope.READ)
async def list_sites(graph: Graph, first: int, after: str | None = None, starts_with: str = "") -> PageOf[Site]:
    """One page of the sites whose names start with a text, by name."""
    return await _by_key(graph, "listings/sites", Site, first, after, starts_with)


@needs(Scope.READ)
async def list_versions(graph: Graph, first: int, after: str | None = None, product: str | None = None) -> PageOf[Version]:
    """One page of the versions, or of those of one product, by their ids."""
    starts_with = "" if product is None else version_id(product, "")
    return await _by_key(graph, "listings/versions", Version, first, after, starts_with)


@needs(Scope.READ)
async def list_modules(graph: Graph, first: int, after: str | None = None, starts_with: str = "") -> PageOf[Module]:
    """One page of the modules whose names start with a text, by name."""
    return await _by_key(graph, "listings/modules", Module, first, after, starts_with)


@needs(Scope.READ)
async def list_frames(graph: Graph, first: int, after: str | None = None, starts_with: str = "") -> PageOf[Frame]:
    """One page of the frames whose keys start with a text, by key."""
    return await _by_key(graph, "listings/frames", Frame, first, after, starts_with)


@needs(Scope.READ)
async def list_attributes(graph: Graph, first: int, after: str | None = None, name: str | None = None) -> PageOf[Attribute]:
    """One page of the facts of environments, or of those of one name, by key."""
    return await _by_key(graph, "listings/attributes", Attribute, first, after, "" if name is None else f"{name}=")


@needs(Scope.READ)
async def list_environments(
    graph: Graph, filter: EnvironmentFilter, first: int, after: str | None = None
) -> PageOf[Environment]:
    """One page of the environments that match a filter, by their ids."""
    start = position_after(after, "environments", KEY_START)
    params = {"key": start.key, "limit": check_first(first) + 1}
    facts = {"product": filter.product, "version": filter.version, "os": filter.os}
    if filter.site is None:
        rows = await read_list(graph, "listings/environments", **facts, **params)
    else:
        rows = await read_list(graph, "listings/environments_at_site", site=filter.site, **facts, **params)
    return page_of([record_of(Environment, row) for row in rows], first, "environments", key_position, after=after)


@needs(Scope.READ)
async def list_signatures(
    graph: Graph,
    filter: SignatureFilter,
    first: int,
    after: str | None = None,
    order: SignatureOrder = SignatureOrder.LAST_SEEN,
) -> PageOf[Signature]:
    """One page of the signatures that match a filter, without embeddings; the order ``LAST_SEEN`` omits undated ones."""
    listing = f"signatures by {order.value}"
    since = utc("since", filter.since)
    params: dict[str, object] = {"error_type": filter.error_type, "limit": check_first(first) + 1}
    if order is SignatureOrder.KEY:
        start = position_after(after, listing, KEY_START)
        rows = await read_list(graph, "listings/signatures", key=start.key, since=since, **params)
        return page_of([record_of(Signature, row) for row in rows], first, listing, key_position, after=after)
    start = position_after(after, listing, TIME_START)
    params |= {"at": start.value, "key": start.key, "since": since or BEGINNING_OF_TIME}
    rows = await read_list(graph, "listings/signatures_by_last_seen", **params)
    return page_of([record_of(Signature, row) for row in rows], first, listing, partial(_timed, "last_seen"), after=after)


@needs(Scope.READ)
async def list_solutions(
    graph: Graph, filter: SolutionFilter, first: int, after: str | None = None, order: SolutionOrder = SolutionOrder.CREATED
) -> PageOf[Solution]:
    """One page of the solutions that match a filter; the order ``CREATED`` omits undated ones."""
    listing = f"solutions by {order.value}"
    facts = {"error_code": filter.error_code, "kind": filter.kind, "trust": filter.trust, "tag": filter.tag}
    limit = check_first(first) + 1
    if order is SolutionOrder.KEY:
        start = position_after(after, listing, KEY_START)
        rows = await read_list(graph, "listings/solutions", key=start.key, limit=limit, **facts)
        return page_of([record_of(Solution, row) for row in rows], first, listing, key_position, after=after)
    start = position_after(after, listing, TIME_START)
    rows = await read_list(graph, "listings/solutions_by_created", at=start.value, key=start.key, limit=limit, **facts)
    return page_of([record_of(Solution, row) for row in rows], first, listing, partial(_timed, "created_at"), after=after)


@needs(Scope.READ)
async def list_events(graph: Graph, filter: EventFilter, first: int, after: str | None = None) -> PageOf[Event]:
    """One page of the past events that match a filter, latest first.

    At most :data:`EVENTS_READ` events are read for it, so a page may have fewer events than asked for and still a next page.
    """
    start = position_after(after, "events", COUNT_START)
    limit = check_first(first) + 1
    statement = query(
        "events/page",
        before=start.value,
        window=EVENTS_READ,
        limit=limit,
        kinds=[kind.value for kind in filter.kinds],
        about=filter.about,
        since=utc("since", filter.since),
        until=utc("until", filter.until),
    )
    [row] = await graph.read(statement)
    [found] = row["rows"]
    events = [record_of(Event, event) for event in found["events"]]
    page = page_of(events, first, "events", lambda event: Position(event.position, event.event_id), after=after)
    if page.has_next or not _goes_on(found, filter):
        return page
    floor = Position(found["floor"], "")
    return PageOf(page.items, page.cursors, has_next=True, has_previous=page.has_previous, end=encode("events", floor))


async def _by_key(graph: Graph, name: str, cls: type[T], first: int, after: str | None, starts_with: str) -> PageOf[T]:
    """One page of the nodes whose keys start with a text."""
    listing = name.split("/")[1]
    start = position_after(after, listing, KEY_START)
    params = {"start": max(starts_with, start.key), "end": starts_with + LAST_CHARACTER, "key": start.key}
    rows = await read_list(graph, name, limit=check_first(first) + 1, **params)
    return page_of([record_of(cls, row) for row in rows], first, listing, key_position, after=after)


def _goes_on(found: Row, filter: EventFilter) -> bool:
    """Whether events before those that were read may match."""
    if found["floor"] is None or found["floor"] <= found["removed"] + 1:
        return False
    since = utc("since", filter.since)
    return since is None or found["floor_at"] is None or found["floor_at"] >= since


def _timed(name: str, node: object) -> Position:
    return ranked(getattr(node, name) or BEGINNING_OF_TIME, node)
