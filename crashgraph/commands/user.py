"""``crashgraph user``."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crashgraph.feedback_options import operator, with_graph
from crashgraph.terminal import echo, print_json

if TYPE_CHECKING:
    from graph.model.access import Session, User
    from graph.ports import Graph

F = TypeVar("F", bound=Callable[..., object])

ROLES = ["viewer", "responder", "admin"]
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
ROLE = click.Choice(ROLES)
PAGE = 100


def _password_options(command: F) -> F:
    stdin = click.option("--password-stdin", is_flag=True, help="Read the password from the first line of standard input.")
    return stdin(click.option("--generate", is_flag=True, help="Make a password, and print it once.")(command))


@click.group()
def user() -> None:
    """Manage who may log in, and as what.

    Roles: a viewer reads; a responder also reports, teaches and runs what is of low risk; an admin may do everything. With the
    first user, who must be an admin, access control is on: everyone must log in or send an API key.
    """


@user.command()
@click.argument("name")
@click.option("--role", type=ROLE, required=True, help="What the user may do at most.")
@_password_options
@AS_JSON
def add(name: str, role: str, password_stdin: bool, generate: bool, as_json: bool) -> None:
    """Make the user NAME."""
    from crashgraph.access.secret import access_secret
    from crashgraph.settings import load
    from graph.access.users import create_user, normal_name

    normal_name(name)
    settings = load()
    password = _new_password(stdin=password_stdin, generate=generate)
    own = settings.organisation
    made = asyncio.run(with_graph(lambda graph: create_user(graph, operator(), name, role, password, organisation=own)))
    access_secret(settings)
    _print_user(made, f"made the {made.role} {made.name}", password if generate else None, as_json=as_json)


@user.command(name="list")
@AS_JSON
def list_(as_json: bool) -> None:
    """List the users."""
    from resolvers.access import list_users

    async def read(graph: Graph) -> list[User]:
        users: list[User] = []
        after: str | None = None
        while True:
            page = await list_users(graph, PAGE, after)
            users += page.items
            if not page.has_next:
                return users
            after = page.cursors[-1]

    users = sorted(asyncio.run(with_graph(read)), key=lambda one: one.name)
    if as_json:
        _print(users)
        return
    for one in users:
        state = "disabled" if one.disabled else f"last login {_time(one.last_login_at)}"
        echo(f"{one.name}  {one.role}  {state}")
    if not users:
        echo("no users: access control is off; `crashgraph user add NAME --role admin` makes the first one")


@user.command()
@click.argument("name")
@click.argument("role", type=ROLE)
@AS_JSON
def role(name: str, role: str, as_json: bool) -> None:
    """Give the user NAME the role ROLE, from the next request on."""
    from graph.access.users import set_role

    changed = asyncio.run(with_graph(lambda graph: set_role(graph, operator(), name, role)))
    _print_user(changed, f"{changed.name} is {changed.role}", as_json=as_json)


@user.command()
@click.argument("name")
@AS_JSON
def disable(name: str, as_json: bool) -> None:
    """Refuse the user NAME from now on, with all sessions and API keys."""
    from graph.access.users import disable_user

    changed = asyncio.run(with_graph(lambda graph: disable_user(graph, operator(), name)))
    _print_user(changed, f"disabled {changed.name}", as_json=as_json)


@user.command()
@click.argument("name")
@AS_JSON
def enable(name: str, as_json: bool) -> None:
    """Let the user NAME log in again; API keys work again too."""
    from graph.access.users import enable_user

    changed = asyncio.run(with_graph(lambda graph: enable_user(graph, operator(), name)))
    _print_user(changed, f"enabled {changed.name}", as_json=as_json)


@user.command()
@click.argument("name")
@_password_options
@AS_JSON
def password(name: str, password_stdin: bool, generate: bool, as_json: bool) -> None:
    """Give the user NAME another password, and end all sessions."""
    from graph.access.users import normal_name, reset_password

    normal_name(name)
    given = _new_password(stdin=password_stdin, generate=generate)
    changed = asyncio.run(with_graph(lambda graph: reset_password(graph, operator(), name, given)))
    _print_user(
        changed, f"changed the password of {changed.name}; all sessions are over", given if generate else None, as_json=as_json
    )


@user.command()
@click.argument("name")
@AS_JSON
def sessions(name: str, as_json: bool) -> None:
    """List the latest sessions of the user NAME."""
    from resolvers.access import list_sessions

    page = asyncio.run(with_graph(lambda graph: list_sessions(graph, operator(), PAGE, user=name)))
    if as_json:
        _print(page.items)
        return
    for one in page.items:
        echo(f"{one.session_id}  {one.kind}  from {one.address or 'unknown'}  {_state(one)}")
    if not page.items:
        echo("no sessions")


@user.command()
@click.argument("name")
@click.option("--session", "session_id", help="Only this session; all of them by default.")
@AS_JSON
def revoke(name: str, session_id: str | None, as_json: bool) -> None:
    """End the sessions of the user NAME at once; API keys stay."""
    from graph.access.sessions import revoke_all_sessions, revoke_session

    async def end(graph: Graph) -> int:
        if session_id is None:
            return await revoke_all_sessions(graph, operator(), name)
        await revoke_session(graph, operator(), session_id, of=name)
        return 1

    ended = asyncio.run(with_graph(end))
    if as_json:
        print_json([{"user": name.strip().lower(), "ended": ended}])
    else:
        echo(f"ended {ended:,} {'session' if ended == 1 else 'sessions'}")


def _new_password(*, stdin: bool, generate: bool) -> str:
    from graph.access.passwords import check_new, generated_password
    from graph.model.errors import InvalidInputError

    if stdin and generate:
        raise InvalidInputError("give one of --password-stdin and --generate")
    if generate:
        return generated_password()
    if stdin:
        given = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    elif sys.stdin.isatty():
        given = click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True)
    else:
        raise InvalidInputError("standard input is no terminal to ask for the password at; add --password-stdin or --generate")
    check_new(given)
    return given


def _print_user(user: User, text: str, password: str | None = None, *, as_json: bool) -> None:
    from graph.model.convert import shown

    if as_json:
        print_json([{**shown(user), **({} if password is None else {"password": password})}])
        return
    echo(text)
    if password is not None:
        echo(f"password: {password}")


def _print(records: Any) -> None:
    from graph.model.convert import shown

    print_json(shown(one) for one in records)


def _state(session: Session) -> str:
    from graph.access.principals import ends_at

    if session.revoked_at is not None:
        return f"ended {_time(session.revoked_at)}: {session.revoked_because}"
    ends = ends_at(session)
    return f"over since {_time(ends)}" if ends <= datetime.now(UTC) else f"last used {_time(session.last_used_at)}"


def _time(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
