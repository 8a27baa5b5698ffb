"""The pages to sign in, and to make the first administrator."""

from __future__ import annotations

from dataclasses import dataclass

from graph.model.permissions import Admission
from viz.pages.registry import Page
from viz.render import Surroundings, live_page

STYLE = "static/form.css"


@dataclass(frozen=True, slots=True)
class SignIn:
    """The values of the page."""

    action: str
    """Where the form goes."""
    first: bool = False
    """The first administrator is made: a new password, typed twice."""
    name: str = ""
    organisation: str | None = None
    """Asked for where there are several."""
    next: str = "/"
    """The path to go to afterwards."""
    error: str = ""
    """Why the last attempt failed."""
    least_password: int = 12


def sign_in_page(values: SignIn, around: Surroundings, nonce: str) -> str:
    """The form in the common shell."""
    title = "Make the first administrator" if values.first else "Sign in"
    page: Page[SignIn] = Page(
        name="sign-in",
        path="",
        title=title,
        help="",
        needs=Admission.EVERYONE,
        template="templates/sign_in.html",
        styles=(STYLE,),
    )
    return live_page(page, values, around, nonce)
