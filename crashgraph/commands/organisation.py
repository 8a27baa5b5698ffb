"""``crashgraph organisation``."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from crashgraph.commands.user import AS_JSON
from crashgraph.terminal import echo, print_json


@click.group()
def organisation() -> None:
    """Add, list and remove organisations.

    Each has a graph, users, keys, a spool and backups of its own, and sees nothing of the others. Every other command works on
    the organisation default, or on the one that `--organisation NAME` or CRASHGRAPH_ORGANISATION names.
    """


@organisation.command()
@click.argument("name")
@click.option("--neo4j-uri", metavar="URI", help="Address of a Neo4j of its own; by default an embedded one.")
@click.option("--neo4j-user", metavar="NAME", help="User at that Neo4j.")
@click.option("--neo4j-password-stdin", is_flag=True, help="Read its password from the first line of standard input.")
@click.option("--neo4j-database", metavar="NAME", help="Database of its own, where CRASHGRAPH_NEO4J_URI is set.")
@AS_JSON
def add(
    name: str,
    neo4j_uri: str | None,
    neo4j_user: str | None,
    neo4j_password_stdin: bool,
    neo4j_database: str | None,
    as_json: bool,
) -> None:
    """Make the organisation NAME: a letter, then letters, digits and hyphens, in lower case.

    A running `crashgraph up` serves it within half a minute, `crashgraph serve` from its next start on.
    """
    from crashgraph.access.secret import has_secret
    from crashgraph.organisations import OwnNeo4j, add_organisation
    from crashgraph.settings import load_installation

    installation = load_installation()
    password = sys.stdin.readline().rstrip("\r\n") if neo4j_password_stdin else None
    own = OwnNeo4j(neo4j_uri, neo4j_user, password, neo4j_database)
    made = add_organisation(installation, name, own)
    if as_json:
        print_json([asdict(made)])
    else:
        echo(f"made organisation {name} in {made.home}")
        echo(f"its first user: crashgraph user add NAME --role admin --organisation {name}")
    if not has_secret(installation):
        echo(
            "organisation default has no user: beside another one it answers no one before it has one "
            "(crashgraph user add NAME --role admin)",
            err=True,
        )


@organisation.command(name="list")
@AS_JSON
def list_(as_json: bool) -> None:
    """List the organisations."""
    from crashgraph.organisations import list_organisations
    from crashgraph.settings import load_installation

    found = list_organisations(load_installation())
    if as_json:
        print_json(asdict(one) for one in found)
        return
    for one in found:
        echo(f"{one.name}  {one.home}  {one.neo4j}")


@organisation.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@AS_JSON
def remove(name: str, yes: bool, as_json: bool) -> None:
    """Delete the organisation NAME with its graph, users, keys, spool and backups; no service may use it.

    The data in a Neo4j that is not embedded stays.
    """
    from crashgraph.organisations import remove_organisation
    from crashgraph.settings import load_installation, organisation_home, organisations_in

    installation = load_installation()
    if not yes and name in organisations_in(installation.home):
        click.confirm(f"Delete everything in {organisation_home(installation.home, name)}?", abort=True, err=True)
    remove_organisation(installation, name)
    if as_json:
        print_json([{"name": name, "removed": True}])
    else:
        echo(f"removed organisation {name}")
