"""The command line. Commands are imported on use, so that ``--help`` is fast."""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import TYPE_CHECKING

import click

from crashgraph import __version__
from crashgraph.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("up:up", "Run everything: Neo4j if needed, worker and server."),
    "serve": ("serve:serve", "Run the server only."),
    "worker": ("serve:worker", "Run the worker of the scheduled jobs only."),
    "ingest": ("ingest:ingest", "Store crash reports from files, folders or standard input."),
    "match": ("match:match", "Match a report against the known patterns; nothing is stored."),
    "pattern": ("pattern:pattern", "Show patterns and set their status."),
    "solution": ("solution:solution", "Record solutions of a pattern and their outcome."),
    "verdict": ("verdict:verdict", "Decide which patterns are one bug, and undo such decisions."),
    "history": ("history:history", "Show the history of a pattern, or its state at a date."),
    "model": ("model:model", "Show what the matching learned, and choose what it uses."),
    "delete": ("delete:delete", "Delete crashes with all that only they brought."),
    "redact": ("redact:redact", "Redact stored texts again, with today's rules."),
    "reprocess": ("reprocess:reprocess", "Recompute the fingerprints of stored crashes."),
    "job": ("job:job", "List, run and review jobs."),
    "dsn": ("dsn:dsn", "Print the DSN for a Sentry SDK."),
    "user": ("user:user", "Manage who may log in, and as what."),
    "key": ("key:key", "Manage the API keys of programs."),
    "organisation": ("organisation:organisation", "Add, list and remove organisations, each with a graph of its own."),
    "site": ("site:site", "Declare links between sites."),
    "db": ("db:db", "Start, stop, back up and query the embedded Neo4j."),
    "view": ("view:view", "Write a view of the graph to one file."),
    "schema": ("schema:schema", "Print the GraphQL schema."),
    "doctor": ("doctor:doctor", "Show the effective settings and check the installation."),
    "export": ("export:export", "Write the patterns and their relationships as GraphML or JSON."),
}


def _choose(context: click.Context, _param: click.Parameter, name: str | None) -> None:
    """Keep the organisation for :func:`crashgraph.settings.load`."""
    if name is not None:
        context.meta["crashgraph.organisation"] = name


def _organisation_option(*, hidden: bool) -> click.Option:
    return click.Option(
        ["--organisation"],
        metavar="NAME",
        help="Work on this organisation; also after the command. `crashgraph organisation list` shows all.",
        expose_value=False,
        callback=_choose,
        hidden=hidden,
    )


def _with_organisation(command: click.Command) -> click.Command:
    """The command, which takes the option too: people write it last."""
    if isinstance(command, click.Group):
        for member in command.commands.values():
            _with_organisation(member)
    elif not any("--organisation" in param.opts for param in command.params):
        command.params.append(_organisation_option(hidden=True))
    return command


class LazyGroup(click.Group):
    """A group that imports commands on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in documentation order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command = getattr(importlib.import_module(f"crashgraph.commands.{module}"), attribute)
        assert isinstance(command, click.Command)
        return _with_organisation(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names and summaries without importing commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="crashgraph")
def cli() -> None:
    """Crashes, patterns, solutions and environments as a graph."""


cli.params.append(_organisation_option(hidden=False))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command line. A ``CrashgraphError`` is shown as one message, never as a traceback."""
    from graph.model.errors import CrashgraphError

    try:
        # In this mode a command's return value is its exit status, and usage errors are shown here.
        status = cli.main(args=arguments, prog_name="crashgraph", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.exceptions.Abort:
        echo("Aborted.", err=True)
        sys.exit(130)
    except KeyboardInterrupt:
        sys.exit(130)
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        echo(shown.getvalue().rstrip("\n"), err=True)
        sys.exit(error.exit_code)
    except CrashgraphError as error:
        from graph.redaction.redactor import redact_passing

        echo(f"Error: {redact_passing(str(error))}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of the output has exited, as with `| head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


if __name__ == "__main__":
    main()
