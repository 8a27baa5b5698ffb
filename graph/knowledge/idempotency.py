"""Mutations that a caller marked with an id: sent again, they act once and answer the same (ADR 0022).

The id is noted in the transaction of the change, so there is no moment at which only one of both is stored. Another request
with the same id waits for that transaction, in whatever process it runs.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from graph.cypher import query
from graph.knowledge.one_transaction import OpenGraph
from graph.model.errors import ConflictError, GraphError, InvalidInputError
from graph.ports import Graph, Row, Transaction
from graph.retry import retry_conflicts

T = TypeVar("T")

log = logging.getLogger(__name__)

AWAY_SECONDS = 2.0
"""How long a submission waits for the graph to note its id."""
LONGEST_ID = 200
"""Maximum length of an id, in characters."""


@dataclass(frozen=True, slots=True)
class MarkedCall:
    """A mutation, the actor as ``kind:name``, the id that it was given, and its input as JSON without passwords."""

    mutation: str
    actor: str
    id: str
    input: str

    def __post_init__(self) -> None:
        """``InvalidInputError`` for an id that is blank or too long."""
        if not self.id.strip() or len(self.id) > LONGEST_ID:
            raise InvalidInputError(f"clientMutationId: give 1 to {LONGEST_ID} characters, or leave it out")

    @property
    def key(self) -> str:
        """The key of its node."""
        return hashlib.sha256(f"{self.actor}\x1f{self.mutation}\x1f{self.id}".encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def digest(self) -> str:
        """The digest of its input; a caller's id that cannot be guessed keeps the input from being guessed."""
        text = self.input.encode("utf-8", "surrogatepass")
        return hmac.new(self.id.encode("utf-8", "surrogatepass"), text, "sha256").hexdigest()

    @property
    def noted(self) -> dict[str, str]:
        """Properties of its node."""
        return {"actor": self.actor, "mutation": self.mutation, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What is kept of an answer: the nodes in it as ``Label:key``, empty where deleted, and its fields by name."""

    objects: Sequence[str]
    fields: Mapping[str, Any]

    @property
    def text(self) -> str:
        """The fields as JSON."""
        return json.dumps(self.fields, sort_keys=True)


async def act_once(
    graph: Graph, call: MarkedCall, work: Callable[[Graph], Awaitable[T]], keep: Callable[[T], KeptAnswer]
) -> T | KeptAnswer:
    """What ``work`` answers, or what is kept of the answer if the call was carried out before.

    ``work`` runs in one transaction with its note, through the graph that it gets, and from the start again where that is
    retried; so it must do nothing outside the graph. If it raises, nothing is noted. ``ConflictError`` if the id was used with
    another input.
    """

    async def attempt(tx: Transaction) -> T | Row:
        [row] = await tx.run(query("mutations/claim", key=call.key, noted=call.noted))
        if row["answer"] is not None:
            return row
        done = await work(OpenGraph(tx))
        kept = keep(done)
        await tx.run(query("mutations/finish", key=call.key, objects=list(kept.objects), answer=kept.text))
        return done

    outcome = await retry_conflicts(lambda: graph.transact(attempt))
    return _kept(call, outcome) if isinstance(outcome, dict) else outcome


async def act_repeatably(
    graph: Graph, call: MarkedCall, work: Callable[[Graph], Awaitable[T]], keep: Callable[[T], KeptAnswer]
) -> T | KeptAnswer:
    """The same for work that changes nothing further when it is repeated: it is noted once it is done.

    For work in several transactions or outside the graph. Work that was interrupted, or that runs twice at once, is repeated.
    """
    if (earlier := await find_answer(graph, call)) is not None:
        return earlier
    done = await work(graph)
    kept = keep(done)
    [_, [row]] = await graph.write(
        query("mutations/claim", key=call.key, noted=call.noted),
        query("mutations/finish", key=call.key, objects=list(kept.objects), answer=kept.text),
    )
    stored = _kept(call, row)
    return done if (stored.objects, stored.fields) == (list(kept.objects), kept.fields) else stored


async def submit_again(
    graph: Graph, call: MarkedCall, work: Callable[[Graph], Awaitable[T]], keep: Callable[[T], KeptAnswer]
) -> T:
    """The same for submissions: they are carried out each time, because a crash is stored once by its own id (ADR 0003).

    They are taken while the graph is away, and then wait in the spool; the id is noted only if the graph answers soon. So an id
    with another input is a ``ConflictError`` once the graph has it.
    """
    await _check_input(graph, call)
    done = await work(graph)
    kept = keep(done)
    try:
        async with asyncio.timeout(AWAY_SECONDS):
            await graph.write(
                query("mutations/claim", key=call.key, noted=call.noted),
                query("mutations/finish", key=call.key, objects=list(kept.objects), answer=kept.text),
            )
    except (GraphError, TimeoutError) as error:
        log.warning("the id of a submission could not be noted: %s", type(error).__name__)
    return done


async def _check_input(graph: Graph, call: MarkedCall) -> None:
    """``ConflictError`` if the id was used with another input, as far as the graph answers soon."""
    try:
        async with asyncio.timeout(AWAY_SECONDS):
            await find_answer(graph, call)
    except ConflictError:
        raise
    except (GraphError, TimeoutError) as error:
        log.warning("the id of a submission could not be looked up: %s", type(error).__name__)


async def find_answer(graph: Graph, call: MarkedCall) -> KeptAnswer | None:
    """What is kept of the answer to the call; ``None`` if it was not carried out. ``ConflictError`` as above."""
    rows = await graph.read(query("mutations/find", key=call.key))
    return _kept(call, rows[0]) if rows else None


def _kept(call: MarkedCall, row: Row) -> KeptAnswer:
    if not hmac.compare_digest(row["digest"], call.digest):
        raise ConflictError("clientMutationId: it was used with another input; give each change an id of its own")
    return KeptAnswer(row["objects"], json.loads(row["answer"]))
