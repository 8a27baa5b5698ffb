"""The descriptions of the routes below ``/auth``, and the types of their answers."""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict  # pydantic reads no other one before Python 3.12

from crashgraph.openapi.described import FORM, HTML, JSON, Answer, Described, Parameter


class NamedUser(TypedDict):
    """A user."""

    name: str
    role: str


class Tokens(TypedDict):
    """Credentials of a program."""

    accessToken: str | None
    tokenType: Literal["Bearer"]
    expiresAt: str | None
    refreshToken: str
    user: NamedUser


class Who(TypedDict):
    """Who the credentials belong to, and what they permit."""

    actor: str
    user: NamedUser | None
    organisation: str
    scopes: list[str]


def fields(required: tuple[str, ...], *others: str) -> dict[str, Any]:
    """The schema of an object of texts."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {name: {"type": "string"} for name in required + others},
    }


TAG = "auth"
TOKENS = Answer("Tokens; the refresh token works once.", {JSON: Tokens})
CREDENTIALS = fields(("name", "password"), "organisation", "next")
PAGE = Answer("The page.", {HTML: {"type": "string"}})
TO_PAGE = Answer("Signed in, with a cookie.")
FORM_AGAIN = Answer(
    "The form once more, with what was wrong; JSON for programs.", {HTML: {"type": "string"}, JSON: fields(("code", "message"))}
)
TOKEN = Parameter("token", "That of the link.", "path")

FORM_PAGE = Described("showLogin", "The page to sign in.", {200: PAGE}, [Parameter("next", "Where to go then.")], tag=TAG)
LOG_IN = Described(
    "logIn",
    "Sign in: a form gets a cookie, JSON gets tokens.",
    {200: TOKENS, 303: TO_PAGE, 400: FORM_AGAIN, 401: FORM_AGAIN, 403: FORM_AGAIN, 429: FORM_AGAIN},
    body={JSON: CREDENTIALS, FORM: CREDENTIALS},
    tag=TAG,
)
LOG_OUT = Described(
    "logOut",
    "End the session.",
    {204: Answer("It is over."), 303: Answer("It is over; browsers go to the page to sign in.")},
    tag=TAG,
)
REFRESH = Described(
    "refreshTokens",
    "Exchange a refresh token for another pair.",
    {200: TOKENS},
    body={JSON: fields(("refreshToken",))},
    tag=TAG,
)
WHO = Described(
    "readMe", "Who the credentials belong to, and what they permit.", {200: Answer("The caller.", {JSON: Who})}, tag=TAG
)
FIRST_PAGE = Described("showFirst", "The page to make the first administrator.", {200: PAGE}, [TOKEN], tag=TAG)
MAKE_FIRST = Described(
    "makeFirst",
    "Make the first administrator, and sign in.",
    {303: TO_PAGE, 400: FORM_AGAIN, 403: FORM_AGAIN},
    [TOKEN],
    body={FORM: fields(("name", "password", "again"))},
    tag=TAG,
)
