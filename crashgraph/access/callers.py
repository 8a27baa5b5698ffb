"""Who sends a request: the credentials in it, looked up in the graph."""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crashgraph.access.cookies import session_token
from crashgraph.access.rate_limits import Allowance, RateLimits, Use
from crashgraph.access.secret import access_secret, has_secret
from crashgraph.access.start import is_public
from graph.access import jwt
from graph.access.audit import note_denied
from graph.access.principals import Principal, access_is_on, by_claims, by_key, by_session
from graph.access.sessions import STRANGER, AccessControl
from graph.access.tokens import DEFAULT_ORGANISATION, is_key, organisation_of, token_hash
from graph.model.actor import ANONYMOUS, Actor, Scope
from graph.model.errors import AccessError, GraphError, RateLimitedError
from graph.model.origin import Origin

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from crashgraph.settings import Settings
    from graph.ports import Graph

CALLER = "crashgraph.caller"
"""Where the connection holds its :class:`Caller`."""
ASKED_SECONDS = 1.0
"""How long the answer that there are no users holds."""
REMEMBERED_SECONDS = 600.0
"""How long a credential that was accepted may report crashes while Neo4j is away."""
MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class Caller:
    """The sender of one request."""

    actor: Actor
    origin: Origin
    principal: Principal | None = None
    limits: RateLimits | None = None
    """Unset where uses are not counted."""
    organisation: str = DEFAULT_ORGANISATION
    allowance: Allowance | None = field(default=None, init=False)
    """What is left after the last use that was counted."""

    @property
    def address(self) -> str:
        """Where the request came from."""
        return self.origin.address or "local"

    @property
    def is_known(self) -> bool:
        """Whether the caller has credentials, or needs none."""
        return bool(self.actor.scopes)

    def count(self, use: Use) -> None:
        """Count a use; ``RateLimitedError`` if there were too many."""
        if self.limits is None:
            return
        who = f"{self.organisation}/{self.actor}" if self.principal else self.address
        self.allowance = self.limits.count(use, who)
        if self.allowance.exceeded:
            raise RateLimitedError(self.allowance.exceeded, self.allowance.reset)


class Access:
    """Access to the graph of one organisation."""

    def __init__(
        self, graph: Graph, organisation: str, settings: Settings, *, limits: RateLimits | None = None, closed: bool = False
    ) -> None:
        """Credentials are always needed if ``closed``, and on an address that others can reach.

        ``limits`` are those of all organisations: strangers are counted by address, whichever they ask.
        """
        self._graph = graph
        self._settings = settings
        self.organisation = organisation
        self.limits = limits or RateLimits(settings)
        self._closed = closed or is_public(settings.host)
        self._has_users = False
        self._asked_at = -ASKED_SECONDS
        self._remembered: OrderedDict[str, tuple[float, Actor]] = OrderedDict()
        self._control: AccessControl | None = None

    def control(self) -> AccessControl:
        """What logins need, with the secret that signs tokens, which is made now if there is none."""
        if self._control is None:
            self._control = AccessControl(access_secret(self._settings), self.organisation)
        return self._control

    @property
    def needs_login(self) -> bool:
        """Whether it is known that credentials are needed."""
        return self._closed or self._has_users

    async def is_on(self, *, at_once: bool = False) -> bool:
        """Whether credentials are needed, as of a second ago unless ``at_once``.

        While Neo4j is away: whether there ever was a user on this home.
        """
        return self._closed or await self.has_users(at_once=at_once)

    async def has_users(self, *, at_once: bool = False) -> bool:
        """Whether there is a user, as :meth:`is_on`."""
        if self._has_users:
            return True
        now = time.monotonic()
        if at_once or now - self._asked_at >= ASKED_SECONDS:
            try:
                self._has_users = await access_is_on(self._graph)
            except GraphError:
                return has_secret(self._settings)
            self._asked_at = now
        return self._has_users

    async def caller(self, request: HTTPConnection, *, for_reports: bool = False) -> Caller:
        """The sender; ``AccessError`` for credentials that are not valid (any more)."""
        credential = credential_of(request)
        if credential is None:
            return self.stranger(request) if await self.is_on() else Caller(ANONYMOUS, origin_of(request))
        try:
            return await self.known(credential, origin_of(request), for_reports=for_reports)
        except AccessError:
            if "authorization" in request.headers or await self.is_on():
                raise
            # A cookie of users who are gone, after a reset: the browser sends it by itself, and there is no one to sign in as.
            return Caller(ANONYMOUS, origin_of(request))

    async def known(self, credential: str, origin: Origin, *, for_reports: bool = False) -> Caller:
        """The holder of a credential."""
        mark = token_hash(credential)
        try:
            principal = await self._look_up(credential)
        except AccessError as error:
            self._remembered.pop(mark, None)
            raise AccessError(str(error), missing=True) from error
        except GraphError:
            actor = self._recall(mark) if for_reports else None
            if actor is None:
                raise
            return Caller(actor, origin, limits=self.limits, organisation=self.organisation)
        self._remember(mark, principal.actor)
        return Caller(principal.actor, origin, principal, self.limits, self.organisation)

    async def renewed(self, request: HTTPConnection, stated: str | None) -> Caller:
        """The sender of an open socket, looked up again; ``stated`` is the ``Authorization`` of its first message."""
        return await (self.caller(request) if stated is None else self.known(bearer(stated), origin_of(request)))

    def stranger(self, request: HTTPConnection) -> Caller:
        """A sender without credentials."""
        return Caller(STRANGER, origin_of(request), limits=self.limits)

    def unknown(self) -> AccessError:
        """Why a stranger gets nothing."""
        return AccessError("sign in, or send an API key as a bearer token; `crashgraph key create` makes one", missing=True)

    async def note_denied(self, caller: Caller, action: str) -> None:
        """Record a refusal, as far as the graph answers."""
        await note_denied(self._graph, caller.actor, action, address=caller.address)

    async def _look_up(self, credential: str) -> Principal:
        if is_key(credential):
            return await by_key(self._graph, credential)
        if organisation_of(credential) is not None:
            return await by_session(self._graph, credential)
        claims = jwt.read(self.control().secret, credential)
        if claims.organisation != self.organisation:
            raise AccessError("the token is of another organisation")
        return await by_claims(self._graph, claims)

    def _remember(self, mark: str, actor: Actor) -> None:
        if Scope.REPORT in actor.scopes or Scope.ADMIN in actor.scopes:
            reporter = Actor(actor.kind, actor.name, frozenset({Scope.REPORT}))
            self._remembered[mark] = (time.monotonic(), reporter)
            self._remembered.move_to_end(mark)
            if len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)

    def _recall(self, mark: str) -> Actor | None:
        at, actor = self._remembered.get(mark, (-REMEMBERED_SECONDS, None))
        return actor if time.monotonic() - at < REMEMBERED_SECONDS else None


def named_organisation(request: HTTPConnection) -> str | None:
    """The organisation that the credentials of a request name, unverified; ``None`` if there are none or they name none."""
    stated = request.headers.get("authorization")
    if stated is None:
        return organisation_of(session_token(request.cookies) or "")
    token = stated.partition(" ")[2].strip()
    return organisation_of(token) or jwt.organisation_in(token)


def credential_of(request: HTTPConnection) -> str | None:
    """The bearer token, or else the session of the browser. ``AccessError`` for another scheme."""
    stated = request.headers.get("authorization")
    return bearer(stated) if stated is not None else session_token(request.cookies)


def bearer(stated: str) -> str:
    """The token of a header ``Authorization``."""
    scheme, _, token = stated.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise AccessError("Authorization: only `Bearer` with an API key or an access token is understood", missing=True)
    return token.strip()


def caller_of(request: HTTPConnection) -> Caller:
    """The caller that the gate found."""
    caller: Caller = request.scope[CALLER]
    return caller


def origin_of(request: HTTPConnection) -> Origin:
    """A request, with an id of its own, and the address of its sender."""
    return Origin(secrets.token_hex(8), request.client.host if request.client else None)
