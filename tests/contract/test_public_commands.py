"""The commands and options that people and scripts rely on, and that ``--help`` answers at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from crashgraph.cli import COMMANDS, cli

PROMISED: dict[str, set[str]] = {
    "up": {"--sample"},
    "serve": set(),
    "worker": set(),
    "ingest": {"PATHS", "--format", "--jsonl", "--site", "--product", "--version", "--output", "--candidates"},
    "match": {"PATH"},
    "job list": set(),
    "job run": {"NAME"},
    "job history": set(),
    "user add": {"NAME", "--role", "--password-stdin", "--generate", "--json"},
    "user list": {"--json"},
    "user role": {"NAME", "ROLE", "--json"},
    "user disable": {"NAME", "--json"},
    "user enable": {"NAME", "--json"},
    "user password": {"NAME", "--password-stdin", "--generate", "--json"},
    "user sessions": {"NAME", "--json"},
    "user revoke": {"NAME", "--session", "--json"},
    "key create": {"NAME", "--user", "--scopes", "--days", "--json"},
    "key list": {"--user", "--json"},
    "key revoke": {"NAME", "--json"},
    "organisation add": {"NAME", "--json"},
    "organisation list": {"--json"},
    "organisation remove": {"NAME", "--yes", "--json"},
    "dsn": {"PROJECT", "--address"},
    "site link": {"FILE"},
    "db start": set(),
    "db stop": set(),
    "db status": set(),
    "db reset": {"--yes"},
    "db backup": {"FILE"},
    "db restore": {"FILE"},
    "db cypher": {"TEXT", "--output"},
    "view": {"NAME", "-o"},
    "schema print": set(),
    "schema changes": set(),
    "schema documents": {"FOLDER"},
    "doctor": set(),
    "export": {"-o"},
}
"""Commands with the options and arguments that must not go away."""

HEAVY = {
    "torch",
    "sentence_transformers",
    "strawberry",
    "neo4j",
    "pydantic",
    "numpy",
    "scipy",
    "networkx",
    "pyvis",
    "uvicorn",
    "jgo",
    "httpx",
}
PROBE = """
import json, sys
from crashgraph.cli import main
try:
    main(sys.argv[1:])
except SystemExit as stopped:
    print(json.dumps([stopped.code, sorted({name.partition(".")[0] for name in sys.modules})]), file=sys.stderr)
"""


def walk(command: click.Command, context: click.Context, path: str = "") -> Iterator[tuple[str, click.Command, str]]:
    """Every command below, with its path and its help."""
    if not isinstance(command, click.Group):
        yield path, command, command.get_help(context)
        return
    for name in command.list_commands(context):
        member = command.get_command(context, name)
        assert member is not None
        yield from walk(member, click.Context(member, info_name=name, parent=context), f"{path} {name}".strip())


FOUND = {path: (command, text) for path, command, text in walk(cli, click.Context(cli, info_name="crashgraph"))}


@pytest.mark.parametrize(("path", "promised"), PROMISED.items(), ids=PROMISED.keys())
def test_a_command_keeps_its_public_options(path: str, promised: set[str]) -> None:
    command, _ = FOUND[path]
    options = {name for param in command.params if isinstance(param, click.Option) for name in param.opts}
    arguments = {str(param.name).upper() for param in command.params if isinstance(param, click.Argument)}
    assert promised <= options | arguments


@pytest.mark.parametrize("path", FOUND.keys())
def test_every_command_takes_an_organisation(path: str) -> None:
    command, _ = FOUND[path]
    assert [param.name for param in command.params if "--organisation" in param.opts] == ["organisation"]


@pytest.mark.parametrize("path", FOUND.keys())
def test_help_describes_a_command_and_its_options(path: str) -> None:
    command, text = FOUND[path]
    assert command.help
    assert [param.name for param in command.params if isinstance(param, click.Option) and not (param.help or param.hidden)] in (
        [],
        ["help"],
    )
    assert path.rsplit(maxsplit=1)[-1] in text.partition("\n")[0]


def test_every_output_of_records_is_text_or_lines_of_json() -> None:
    for path, (command, _) in FOUND.items():
        for param in command.params:
            if "--output" in param.opts and isinstance(param.type, click.Choice):
                assert param.type.choices[0] == "text", path
                assert set(param.type.choices) <= {"text", "json", "jsonl"}, path


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["ingest", "--help"], ["up", "--help"]], ids=" ".join)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, timeout=60, check=True)
    status, modules = json.loads(done.stderr.splitlines()[-1])
    assert status == 0
    assert HEAVY & set(modules) == set()
    assert done.stdout


def test_the_list_of_commands_is_in_help() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crashgraph", "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    assert [name for name in COMMANDS if f"\n  {name} " not in done.stdout] == []


def test_a_wrong_command_is_named_without_a_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crashgraph", "ingst"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "ingst" in done.stderr
    assert "Traceback" not in done.stderr
