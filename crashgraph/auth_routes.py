"""``/auth``: signing in and out, for browsers with forms and for programs with JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, RedirectResponse, Response

from crashgraph.access.callers import Access, Caller, caller_of, named_organisation
from crashgraph.access.cookies import check_private, forget_session, set_session
from crashgraph.access.first_link import FirstLink
from crashgraph.access.gate import guarded
from crashgraph.access.rate_limits import Use
from crashgraph.auth_described import (
    FIRST_PAGE,
    FORM_PAGE,
    LOG_IN,
    LOG_OUT,
    MAKE_FIRST,
    REFRESH,
    WHO,
    NamedUser,
    Tokens,
    Who,
)
from crashgraph.error_responses import headers_of, status_of
from crashgraph.openapi.described import ApiRoute
from crashgraph.page_routes import SIGN_IN, accepts_html
from graph.access.passwords import SHORTEST
from graph.access.sessions import Login, log_in, log_out, refresh
from graph.access.users import create_user
from graph.model.access import SessionKind
from graph.model.actor import Role, person
from graph.model.errors import AccessError, InvalidInputError, TooLargeError, UsageError
from graph.model.outside_json import read_json
from graph.model.permissions import Admission
from graph.redaction.redactor import public_text
from viz.sign_in import SignIn

if TYPE_CHECKING:
    from starlette.requests import Request

    from crashgraph.page_routes import PageRoutes
    from graph.ports import Graph

FIRST = "/auth/first/{token}"
FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 16_384
"""Of a request here."""
MOST_FIELDS = 20
LONGEST_NAME = 100
LOCAL_PATH = re.compile(r"/(?![/\\])[!-~]{0,2000}")
"""Visible ASCII; a second slash or a backslash would lead to another host."""
NOT_KEPT = {"Cache-Control": "no-store"}
FIRST_VISITOR = person("first-visitor")
"""The actor that makes the first administrator, by the link."""


@dataclass(frozen=True, slots=True)
class AuthRoutes:
    """The routes on one graph."""

    graph: Graph
    access: Access
    pages: PageRoutes
    first: FirstLink | None = None
    asks_organisation: bool = False
    """Whether the form to sign in asks for the organisation."""

    def routes(self) -> list[Any]:
        """All of them, behind their gates."""
        listed: list[tuple[ApiRoute, Admission]] = [
            (ApiRoute(SIGN_IN, self.form, "GET", FORM_PAGE), Admission.EVERYONE),
            (ApiRoute(SIGN_IN, self.log_in, "POST", LOG_IN), Admission.EVERYONE),
            (ApiRoute("/auth/logout", self.log_out, "POST", LOG_OUT), Admission.EVERYONE),
            (ApiRoute("/auth/refresh", self.refresh, "POST", REFRESH), Admission.EVERYONE),
            (ApiRoute("/auth/me", self.me, "GET", WHO), Admission.ACCOUNTS),
        ]
        if self.first is not None:
            listed += [
                (ApiRoute(FIRST, self.first_form, "GET", FIRST_PAGE), Admission.EVERYONE),
                (ApiRoute(FIRST, self.make_first, "POST", MAKE_FIRST), Admission.EVERYONE),
            ]
        return [guarded(route, door, self.access) for route, door in listed]

    async def form(self, request: Request) -> Response:
        """The page to sign in."""
        check_private(request)
        # The one of the last session, whether there is one of that name or not.
        named = named_organisation(request)
        return await self.pages.sign_in(self._form(named, next=_local(request.query_params.get("next"))))

    async def log_in(self, request: Request) -> Response:
        """From a form: the session as a cookie. From JSON: an access token and a refresh token."""
        caller = caller_of(request)
        caller.count(Use.LOGIN)
        fields = await _fields(request)
        if not _is_form(request):
            return _tokens(await self._enter(fields, caller, SessionKind.PROGRAM))
        check_private(request)
        next_ = _local(fields.get("next"))
        try:
            login = await self._enter(fields, caller, SessionKind.BROWSER)
        except UsageError as error:
            shown = self._form(fields.get("organisation"), name=fields.get("name", ""), next=next_)
            return await self._again(shown, error)
        return _into(login, next_, request)

    async def log_out(self, request: Request) -> Response:
        """End the session of the cookie, or the program's session."""
        with suppress(AccessError):  # the session is over already
            caller = await self.access.caller(request)
            if caller.principal is not None and caller.principal.credential != "key":
                await log_out(self.graph, caller.actor, caller.principal.credential_id)
        response = RedirectResponse(SIGN_IN, status_code=303) if accepts_html(request.headers) else Response(status_code=204)
        forget_session(response, request)
        return response

    async def refresh(self, request: Request) -> Response:
        """The next access token and refresh token, for a refresh token; each works once."""
        caller_of(request).count(Use.LOGIN)
        fields = await _fields(request)
        return _tokens(await refresh(self.graph, self.access.control(), _text(fields, "refreshToken")))

    async def me(self, request: Request) -> Response:
        """Who the credentials belong to, and what they permit."""
        caller = caller_of(request)
        user = caller.principal.user if caller.principal else None
        content = Who(
            actor=str(caller.actor),
            user=NamedUser(name=user.name, role=user.role) if user else None,
            organisation=self.access.organisation,
            scopes=sorted(caller.actor.scopes),
        )
        return JSONResponse(content, headers=NOT_KEPT)

    async def first_form(self, request: Request) -> Response:
        """The page to make the first administrator."""
        await self._check_first(request)
        check_private(request)
        return await self.pages.sign_in(SignIn(request.url.path, first=True, least_password=SHORTEST))

    async def make_first(self, request: Request) -> Response:
        """The first administrator, signed in."""
        caller = caller_of(request)
        caller.count(Use.LOGIN)
        await self._check_first(request)
        check_private(request)
        fields = await _fields(request)
        name, password = _text(fields, "name"), _text(fields, "password")
        try:
            if password != fields.get("again"):
                raise InvalidInputError("the two passwords differ")
            with self._link.used():
                await self._check_first(request)
                await create_user(self.graph, FIRST_VISITOR, name, Role.ADMIN, password, organisation=self.access.organisation)
        except AccessError:
            raise
        except UsageError as error:
            return await self._again(SignIn(request.url.path, first=True, name=name, least_password=SHORTEST), error)
        return _into(await self._enter(fields, caller, SessionKind.BROWSER), "/", request)

    @property
    def _link(self) -> FirstLink:
        assert self.first is not None
        return self.first

    async def _check_first(self, request: Request) -> None:
        self._link.check(request.path_params["token"])
        if await self.access.has_users(at_once=True):
            raise AccessError("there is a user already; sign in")

    async def _enter(self, fields: Mapping[str, Any], caller: Caller, kind: SessionKind) -> Login:
        name, password, address = full_name(fields), _text(fields, "password"), caller.origin.address
        return await log_in(self.graph, self.access.control(), name, password, kind=kind, address=address)

    def _form(self, organisation: str | None = None, *, name: str = "", next: str = "/") -> SignIn:
        stated = self.access.organisation if organisation is None else organisation[:LONGEST_NAME]
        return SignIn(SIGN_IN, name=name, organisation=stated if self.asks_organisation else None, next=next)

    async def _again(self, shown: SignIn, error: UsageError) -> Response:
        """The form once more, with what was wrong."""
        shown = replace(shown, name=shown.name[:LONGEST_NAME], error=public_text(error))
        status = 401 if isinstance(error, AccessError) else status_of(error)
        return await self.pages.sign_in(shown, status, headers_of(error))


def full_name(fields: Mapping[str, Any]) -> str:
    """The name of a login, with the organisation if one is given in a field of its own."""
    name, organisation = _text(fields, "name"), fields.get("organisation")
    return f"{organisation}/{name}" if isinstance(organisation, str) and organisation else name


def _into(login: Login, path: str, request: Request) -> Response:
    """To a page, with the session."""
    response = RedirectResponse(path, status_code=303, headers=NOT_KEPT)
    set_session(response, login.token, login.session.expires_at, request)
    return response


def _tokens(login: Login) -> Response:
    content = Tokens(
        accessToken=login.access_token,
        tokenType="Bearer",
        expiresAt=login.access_expires_at.isoformat() if login.access_expires_at else None,
        refreshToken=login.token,
        user=NamedUser(name=login.principal.user.name, role=login.principal.user.role),
    )
    return JSONResponse(content, headers=NOT_KEPT)


def _is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM


async def _fields(request: Request) -> Mapping[str, Any]:
    """The fields of a form or of a JSON object."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise TooLargeError(f"the request is larger than {MOST_BYTES >> 10} KiB")
    if _is_form(request):
        try:
            pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
        except ValueError:
            raise InvalidInputError("the form is not UTF-8, or has too many fields") from None
        return dict(pairs)
    content = read_json(bytes(body), "the body")
    if not isinstance(content, dict):
        raise InvalidInputError("the body is not a JSON object")
    return content


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidInputError(f"{name}: give it as a text")
    return value


def _local(path: object) -> str:
    """A path of this service to go to; the start page for anything else."""
    return path if isinstance(path, str) and LOCAL_PATH.fullmatch(path) else "/"
