"""``crashgraph db``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crashgraph.terminal import echo, harmless, print_json

if TYPE_CHECKING:
    from crashgraph.console import ServerSteps
    from crashgraph.settings import Settings
    from graph.server import EmbeddedServer
    from graph.store.backup.file import BackupContent

REMOTE = "CRASHGRAPH_NEO4J_URI is set: this is the embedded server's command, use your server's own tools"


@click.group()
def db() -> None:
    """Start, stop, back up and query the embedded Neo4j."""


def _server(steps: ServerSteps) -> EmbeddedServer:
    from crashgraph.settings import load
    from crashgraph.wiring import server_settings
    from graph.model.errors import InvalidInputError
    from graph.server import EmbeddedServer

    settings = load()
    if settings.neo4j_uri is not None:
        raise InvalidInputError(REMOTE)
    return EmbeddedServer(server_settings(settings), steps)


@db.command()
def start() -> None:
    """Start Neo4j and leave it running."""
    from crashgraph.console import ServerSteps

    with ServerSteps() as steps:
        endpoint = _server(steps).start_persistent()
    echo(f"Neo4j runs at {endpoint.bolt_uri}")
    echo(f"Browser: {endpoint.browser_url}")
    echo(f"User {endpoint.user}; the password is in the file that `crashgraph db status` names.")


@db.command()
def prepare() -> None:
    """Download Neo4j and build a cache that halves its start-up time.

    Once per user: about 200 MB of jars and a start-up cache of about 200 MB, in a few minutes. Optional: without it the first
    start is slower.
    """
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import server_settings
    from graph.server import prepare_installation

    settings = load()
    if settings.neo4j_uri is not None:
        echo("CRASHGRAPH_NEO4J_URI is set: there is no embedded Neo4j to prepare.")
        return
    with ServerSteps() as steps:
        prepared = prepare_installation(server_settings(settings), steps)
    echo("Neo4j is ready to start." if prepared else "Neo4j was ready already.")


@db.command()
def stop() -> None:
    """Stop Neo4j."""
    from crashgraph.console import ServerSteps

    with ServerSteps() as steps:
        stopped = _server(steps).stop()
    echo("Neo4j has stopped." if stopped else "Neo4j was not running.")


@db.command()
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What to print.")
def status(output: str) -> int:
    """Show whether Neo4j is running, where, and the size of the graph. Exits with 1 if it is not running."""
    import dataclasses

    from crashgraph.console import ServerSteps

    with ServerSteps() as steps:
        server = _server(steps)
        server_status = server.status()
    values: dict[str, Any] = {**dataclasses.asdict(server_status), "password_path": server.password_path}
    if output == "json":
        print_json([values], default=str)
    else:
        for name, value in values.items():
            if value is not None:
                echo(f"{name.replace('_', ' '):16} {value}")
    return 0 if server_status.running else 1


@db.command()
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def reset(yes: bool) -> None:
    """Delete the whole graph."""
    from crashgraph.console import ServerSteps

    with ServerSteps() as steps:
        server = _server(steps)
        if not yes:
            click.confirm(f"Delete the whole graph in {server.settings.home}?", abort=True)
        server.reset()
    echo("The graph is empty.")


@db.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--offline", is_flag=True, help="Dump the files of the embedded Neo4j instead; nothing may use it.")
def backup(file: Path, offline: bool) -> None:
    """Write the graph, and what waits in the spool, to FILE, also while the service runs.

    Writes wait while the graph is read; reads go on. The job `backup` does the same every night. The keys of the home are
    sealed in FILE with CRASHGRAPH_BACKUP_PASSPHRASE; without it the command names the files to copy.
    """
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load

    if offline:
        with ServerSteps() as steps:
            _server(steps).backup(file)
        echo(f"{file}: {file.stat().st_size:,} bytes")
    else:
        content = asyncio.run(_backup(file))
        parts = f"{content.nodes:,} nodes, {content.relationships:,} relationships, {content.waiting:,} reports of the spool"
        echo(f"{file}: {parts}, {file.stat().st_size:,} bytes")
    _name_keys(sealed=not offline and load().backup_passphrase is not None)


async def _backup(file: Path) -> BackupContent:
    from crashgraph.backups import back_up
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_graph

    settings = load()
    with ServerSteps() as steps:
        async with open_graph(settings, steps) as graph:
            return await back_up(settings, graph, file)


def _name_keys(sealed: bool) -> None:
    from crashgraph.backups import KEYS
    from crashgraph.settings import load

    home = load().home.expanduser()
    names = [str(home / name) for name in KEYS if (home / name).exists()]
    if names and not sealed:
        advice = "copy them to a safe place, or set CRASHGRAPH_BACKUP_PASSPHRASE to seal them in backups"
        echo(f"Not in the backup: {', '.join(names)}; {advice}", err=True)


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--without-keys", is_flag=True, help="Leave the keys of the home as they are.")
def restore(file: Path, yes: bool, without_keys: bool) -> None:
    """Replace the graph with the one in FILE; the present one is kept until that is complete.

    Keys, projects and what waited in the spool come back too. On another Neo4j (CRASHGRAPH_NEO4J_URI) the graph must be empty.
    """
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from graph.store.backup.file import is_backup_file

    if is_backup_file(file):
        _restore(file, yes=yes, keys=not without_keys)
    else:
        with ServerSteps() as steps:
            server = _server(steps)
            _confirm(load().home, file, yes=yes)
            server.restore(file)
    echo(f"The graph is the one of {file}.")


def _restore(file: Path, *, yes: bool, keys: bool) -> None:
    from crashgraph.backups import home_part, load, put_back
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load as load_settings
    from graph.store.backup.file import check_file

    settings = load_settings()
    content = check_file(file)
    part = home_part(settings, file, keys=keys)
    if settings.neo4j_uri is not None:
        asyncio.run(_load_there(settings, file))
    else:
        with ServerSteps() as steps:
            server = _server(steps)
            _confirm(settings.home, file, yes=yes)
            server.replace(lambda endpoint: asyncio.run(load(endpoint, file)))
    for old in put_back(settings, file, part):
        echo(f"The key of this home was another one; it is kept as {old}", err=True)
    if content.waiting:
        echo(f"{content.waiting:,} reports waited in the spool; the service stores them when it starts.")
    if keys and not part.keys:
        echo("The backup holds no keys: put those of its home into this one before reports are accepted here.", err=True)


def _confirm(home: Path, file: Path, *, yes: bool) -> None:
    if not yes:
        click.confirm(f"Replace the graph in {home} with {file}?", abort=True)


async def _load_there(settings: Settings, file: Path) -> None:
    from crashgraph.wiring import open_graph
    from graph.store.backup.export import load_backup

    async with open_graph(settings) as graph:
        await load_backup(graph, file)


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Check a backup: its checksums, its keys, and that a Neo4j started for it holds the same graph after a restore."""
    from crashgraph import backups
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import server_settings

    settings = load()
    with ServerSteps() as steps:
        content = asyncio.run(backups.verify(settings, server_settings(settings), file, steps))
    echo(f"{file}: restored and compared, {content.nodes:,} nodes and {content.relationships:,} relationships are equal")


@db.command()
@click.argument("text", metavar="CYPHER|-")
@click.option("--param", "-P", "params", multiple=True, metavar="NAME=JSON", help="A parameter of the query.")
@click.option("--read-only", is_flag=True, help="Have Neo4j refuse the query if it writes.")
@click.option("--output", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="What to print.")
def cypher(text: str, params: tuple[str, ...], read_only: bool, output: str) -> None:
    """Run a query; `-` reads it from standard input."""
    values = dict(_parameter(param) for param in params)
    asyncio.run(_cypher(sys.stdin.read() if text == "-" else text, values, output, read_only=read_only))


async def _cypher(text: str, params: dict[str, Any], output: str, *, read_only: bool) -> None:
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_container, open_graph
    from graph.model.statement import Statement

    statement = Statement(text, params, "query")
    with ServerSteps() as steps:
        if read_only:
            async with open_graph(load(), steps) as graph:
                found = await graph.read(statement)
        else:
            async with open_container(load(), steps) as container:
                found = await container.graph.run_implicit(statement)
    rows = [{name: _in_order(value) for name, value in row.items()} for row in found]
    if output == "jsonl":
        _print_lines(rows)
    else:
        _print_table(rows)


def _in_order(value: Any) -> Any:
    """Maps with their keys sorted: Neo4j returns those of equal properties in any order."""
    if isinstance(value, dict):
        return {key: _in_order(one) for key, one in sorted(value.items())}
    return [_in_order(one) for one in value] if isinstance(value, list) else value


def _parameter(text: str) -> tuple[str, Any]:
    from graph.model.errors import InvalidInputError
    from graph.model.outside_json import read_json

    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.BadParameter(f"{text!r} is not NAME=JSON", param_hint="--param")
    try:
        return name, read_json(value)
    except InvalidInputError:
        return name, value


def _print_lines(rows: list[dict[str, Any]]) -> None:
    import orjson

    print_json(rows, default=str, option=orjson.OPT_NON_STR_KEYS)


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        echo("no rows")
        return
    table = Table(*rows[0].keys())
    for row in rows:
        table.add_row(*(Text(harmless(str(value))) for value in row.values()))
    Console().print(table)
    echo(f"{len(rows):,} {'row' if len(rows) == 1 else 'rows'}")
