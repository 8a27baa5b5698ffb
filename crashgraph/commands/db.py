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
    from graph.server import EmbeddedServer, Endpoint
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
    """Write the graph to FILE, also while the service runs.

    Writes wait while the graph is read; reads go on. The job `backup` does the same every night. FILE holds no keys: the
    command names the files to copy beside it.
    """
    from crashgraph.console import ServerSteps

    if offline:
        with ServerSteps() as steps:
            _server(steps).backup(file)
        echo(f"{file}: {file.stat().st_size:,} bytes")
    else:
        content = asyncio.run(_backup(file))
        size = f"{file.stat().st_size:,} bytes"
        echo(f"{file}: {content.nodes:,} nodes, {content.relationships:,} relationships, {size}")
    _name_keys()


async def _backup(file: Path) -> BackupContent:
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_graph
    from graph.store.backup.export import write_backup

    with ServerSteps() as steps:
        async with open_graph(load(), steps) as graph:
            return await write_backup(graph, file)


def _name_keys() -> None:
    from crashgraph.settings import load

    home = load().home.expanduser()
    names = [name for name in ("redaction.key", "sentry.key", "projects.json") if (home / name).exists()]
    if names:
        echo(f"Not in the backup, copy them to a safe place: {', '.join(str(home / name) for name in names)}", err=True)


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def restore(file: Path, yes: bool) -> None:
    """Replace the graph with the one in FILE; the present one is kept until that is complete.

    On another Neo4j (CRASHGRAPH_NEO4J_URI) the graph must be empty.
    """
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from graph.store.backup.file import check_file, is_backup_file

    settings = load()
    online = is_backup_file(file)
    if online:
        check_file(file)
    if online and settings.neo4j_uri is not None:
        asyncio.run(_load_there(file))
        echo(f"The graph is the one of {file}.")
        return
    with ServerSteps() as steps:
        server = _server(steps)
        if not yes:
            click.confirm(f"Replace the graph in {server.settings.home} with {file}?", abort=True)
        if online:
            server.replace(lambda endpoint: asyncio.run(_load(endpoint, file)))
        else:
            server.restore(file)
    echo(f"The graph is the one of {file}.")


async def _load_there(file: Path) -> None:
    from crashgraph.settings import load
    from crashgraph.wiring import open_graph
    from graph.store.backup.export import load_backup

    async with open_graph(load()) as graph:
        await load_backup(graph, file)


async def _load(endpoint: Endpoint, file: Path) -> BackupContent:
    """Import a backup; the content of the graph afterwards, read back."""
    from graph.store import Neo4jGraph
    from graph.store.backup.export import graph_content, load_backup

    async with await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password) as graph:
        await load_backup(graph, file)
        return await graph_content(graph)


@db.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify(file: Path) -> None:
    """Check a backup: its checksums, and that a Neo4j started for it holds the same graph after a restore."""
    import tempfile
    from dataclasses import replace

    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import server_settings
    from graph.model.errors import IntegrityError
    from graph.server import EmbeddedServer
    from graph.store.backup.file import check_file

    content = check_file(file)
    with tempfile.TemporaryDirectory(prefix="crashgraph-verify-") as home, ServerSteps() as steps:
        settings = replace(server_settings(load()), home=Path(home), bolt_port=0, http_port=0)
        with EmbeddedServer(settings, steps) as endpoint:
            restored = asyncio.run(_load(endpoint, file))
    if restored != content:
        raise IntegrityError(f"{file}: the restored graph differs from the backup: {restored} instead of {content}")
    echo(f"{file}: restored and compared, {content.nodes:,} nodes and {content.relationships:,} relationships are equal")


@db.command()
@click.argument("text", metavar="CYPHER|-")
@click.option("--param", "-P", "params", multiple=True, metavar="NAME=JSON", help="A parameter of the query.")
@click.option("--output", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="What to print.")
def cypher(text: str, params: tuple[str, ...], output: str) -> None:
    """Run a query; `-` reads it from standard input."""
    values = dict(_parameter(param) for param in params)
    asyncio.run(_cypher(sys.stdin.read() if text == "-" else text, values, output))


async def _cypher(text: str, params: dict[str, Any], output: str) -> None:
    from crashgraph.console import ServerSteps
    from crashgraph.settings import load
    from crashgraph.wiring import open_container
    from graph.model.statement import Statement

    with ServerSteps() as steps:
        async with open_container(load(), steps) as container:
            rows = await container.graph.run_implicit(Statement(text, params, "query"))
    if output == "jsonl":
        _print_lines(rows)
    else:
        _print_table(rows)


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
