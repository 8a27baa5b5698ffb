"""``crashgraph key``."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from crashgraph.commands.user import AS_JSON, PAGE
from crashgraph.feedback_options import operator, with_graph
from crashgraph.terminal import echo, print_json

if TYPE_CHECKING:
    from graph.model.access import ApiKey
    from graph.ports import Graph

DAYS = 90


@click.group()
def key() -> None:
    """Manage the API keys of programs.

    A key is sent as `Authorization: Bearer cg_…`. It may do what its scopes say, as far as its user may.
    """


@key.command()
@click.argument("name")
@click.option("--user", "user", required=True, metavar="NAME", help="User whose rights bound those of the key.")
@click.option("--scopes", required=True, help="What it may do, comma-separated, such as read,report.")
@click.option("--days", type=click.IntRange(1, 3_650), default=DAYS, show_default=True, help="Days until it ends.")
@AS_JSON
def create(name: str, user: str, scopes: str, days: int, as_json: bool) -> None:
    """Make the API key NAME, and print it once."""
    from crashgraph.settings import load
    from graph.access.keys import NewKey, create_api_key
    from graph.model.convert import shown

    ends, own = datetime.now(UTC) + timedelta(days=days), load().organisation
    wanted = [scope for scope in scopes.split(",") if scope.strip()]

    async def make(graph: Graph) -> NewKey:
        return await create_api_key(graph, operator(), name, wanted, expires_at=ends, user=user, organisation=own)

    made = asyncio.run(with_graph(make))
    if as_json:
        print_json([{**shown(made.key), "user": made.user.name, "token": made.token}])
        return
    echo(made.token)
    echo(
        f"key {made.key.name} of {made.user.name}: {' '.join(made.key.scopes)}, until {made.key.expires_at:%Y-%m-%d}; "
        "it is shown only this once",
        err=True,
    )


@key.command(name="list")
@click.option("--user", metavar="NAME", help="Only those of this user.")
@AS_JSON
def list_(user: str | None, as_json: bool) -> None:
    """List the API keys."""
    from graph.model.convert import shown
    from resolvers.access import list_api_keys, list_users

    async def read(graph: Graph) -> list[tuple[str, ApiKey]]:
        found: list[tuple[str, ApiKey]] = []
        names = [user.strip().lower()] if user else []
        after: str | None = None
        while not user:
            page = await list_users(graph, PAGE, after)
            names += [one.name for one in page.items]
            if not page.has_next:
                break
            after = page.cursors[-1]
        for name in sorted(names):
            found += [(name, one) for one in (await list_api_keys(graph, operator(), PAGE, user=name)).items]
        return found

    keys = asyncio.run(with_graph(read))
    if as_json:
        print_json({**shown(one), "user": name} for name, one in keys)
        return
    for name, one in keys:
        echo(f"{one.name}  of {name}  {' '.join(one.scopes)}  {_state(one)}")
    if not keys:
        echo("no keys")


@key.command()
@click.argument("name")
@AS_JSON
def revoke(name: str, as_json: bool) -> None:
    """Revoke the API key NAME, which may also be its id; it stops working at once."""
    from graph.access.keys import revoke_api_key
    from graph.model.convert import shown

    revoked = asyncio.run(with_graph(lambda graph: revoke_api_key(graph, operator(), name.strip().lower())))
    if as_json:
        print_json([shown(revoked)])
    else:
        echo(f"revoked the key {revoked.name}")


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d %H:%M} UTC by {key.revoked_by}"
    if key.expires_at <= datetime.now(UTC):
        return f"over since {key.expires_at:%Y-%m-%d}"
    used = "never" if key.last_used_at is None else f"{key.last_used_at:%Y-%m-%d %H:%M} UTC"
    return f"until {key.expires_at:%Y-%m-%d}, last used {used}"
