"""Write the reference pages of docs/ from the declarations in the code, or say with ``--check`` which are out of step.

A page is a function that gives its text; ``PAGES`` names them all. Nothing in these pages is written by hand.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click

from crashgraph import settings
from crashgraph.cli import cli
from graph.cypher import QueryFile, load, names
from graph.model import NODES, RELATIONSHIPS
from graph.model.choices import Choice
from graph.model.declare import NodeDeclaration, Property, RelationshipDeclaration
from graph.parsing.carrier.catalogue import CARRIERS, Carrier
from graph.parsing.protocol import Parser
from graph.parsing.read import PARSERS
from graph.store.ddl import definitions
from jobs.consumer import ConsumerSpec
from jobs.options import JobOptions
from jobs.params import JobParams, ParamHelp, describe_values
from jobs.registry import CONSUMERS, JOBS
from jobs.spec import JobSpec, describe_params

DOCS = Path(__file__).parent.parent / "docs"
NOTICE = "<!-- Written by `make docs` from {source}; do not edit by hand. -->"


def main() -> None:
    """Write every page, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when a page is out of step")
    check = parser.parse_args().check
    stale = [name for name, make in PAGES.items() if _text_of(DOCS / name) != make()]
    if check and stale:
        sys.exit(f"out of step with the code: {', '.join(stale)}; run `make docs` and commit the pages")
    for name in stale:
        (DOCS / name).write_text(PAGES[name](), encoding="utf-8")


def model_page() -> str:
    """Nodes, relationships, constraints and indexes."""
    return _page(
        "The graph",
        "graph/model",
        "Labels are nouns, relationship types are verbs read from left to right, and properties have the same names in\n"
        "Cypher, GraphQL and Python. Times are UTC; scores are in 0..1.",
        _diagram(),
        "## Nodes",
        *(_node(declared) for declared in NODES.values()),
        "## Relationships",
        *(_relationship(declared) for declared in RELATIONSHIPS.values()),
        "## Fixed texts",
        "Texts that a property may hold. The graph has them in lower case; GraphQL shows them as enums.",
        *(_choice(choice) for choice in _choices()),
        "## Constraints and indexes",
        "Applied at each start; `crashgraph doctor` reports what differs.",
        _table(
            ("Name", "Kind", "On", "Properties"),
            ((_code(d.name), d.kind.lower(), _code(d.entity), _codes(d.properties)) for d in definitions()),
        ),
    )


def settings_page() -> str:
    """Every setting."""
    rows = ((_code(each.variable), each.type, each.default, each.help) for each in settings.catalogue())
    return _page(
        "Settings",
        "crashgraph/settings.py",
        "Every setting is an environment variable; an empty one counts as unset. `crashgraph doctor` shows what is in force.\n"
        "Jobs have settings of their own, `CRASHGRAPH_JOB_<NAME>_<PARAMETER>`: see [jobs](jobs.md).",
        _table(("Variable", "Type", "Default", "What it does"), rows),
    )


def queries_page() -> str:
    """Every query file, by folder."""
    sections: list[str] = []
    for folder, members in groupby(names(), key=lambda name: name.partition("/")[0]):
        sections += [f"## {folder}", *(_query(load(name)) for name in members)]
    return _page(
        "Queries",
        "graph/cypher",
        "Each is one file, `graph/cypher/<name>.cypher`. Its text can be pasted into the Neo4j Browser as it is, once\n"
        "`:param` has set its parameters.",
        *sections,
    )


def jobs_page() -> str:
    """Every job."""
    return _page(
        "Jobs",
        "jobs/registry.py",
        "`crashgraph job run NAME -P PARAMETER=VALUE` runs one now; a worker runs each on its schedule (UTC), and when\n"
        "crashes have arrived where the job says so. Each run is a `JobRun` in the graph, and what a job writes carries its\n"
        "evidence and the run's id.",
        _RUNS,
        _blocks("## What every job takes", _OPTIONS, _params(describe_values(JobOptions))),
        *(_job(spec) for spec in JOBS),
        _blocks("## Consumers", _CONSUMERS),
        *(_consumer(spec) for spec in CONSUMERS),
    )


def cli_page() -> str:
    """Every command with its options."""
    with click.Context(cli, info_name="crashgraph") as context:
        return _page(
            "Command line",
            "crashgraph/cli.py",
            "Every command has `--help`. Exit codes: 0 all is well, 1 something failed, 2 it was asked wrongly, 3 some\n"
            "reports are stored as unparsed, 130 interrupted.",
            *_commands(cli, context),
        )


def formats_page() -> str:
    """Every format."""
    return _page(
        "Formats",
        "graph/parsing",
        "`crashgraph ingest` finds out by itself which of these a text holds; `--format NAME` says it. A text may hold many\n"
        "reports, of several formats. Beside these there are JSON lines (`--jsonl`), and exceptions sent through GraphQL or a\n"
        "Sentry SDK. Of every report come error type, message, frames, the frame to blame, and severity; what no format\n"
        "recognises is kept as `unparsed`.",
        *(_format(parser) for parser in PARSERS),
        _blocks("## Carriers", _CARRIERS),
        *(_carrier(carrier) for carrier in CARRIERS),
    )


PAGES: dict[str, Callable[[], str]] = {
    "model.md": model_page,
    "settings.md": settings_page,
    "queries.md": queries_page,
    "formats.md": formats_page,
    "jobs.md": jobs_page,
    "cli.md": cli_page,
}


def _diagram() -> str:
    arrows = {True: "-->|{}|", False: "---|{}|"}
    lines = (f"  {r.source} {arrows[r.directed].format(r.type)} {r.target}" for r in RELATIONSHIPS.values())
    alone = (f"  {label}" for label in NODES if not any(label in {r.source, r.target} for r in RELATIONSHIPS.values()))
    return "\n".join(["```mermaid", "graph LR", *lines, *alone, "```"])


def _node(declared: NodeDeclaration) -> str:
    facts = f"Key: `{declared.key}`. Written by: {declared.written_by}. Caption: `{declared.caption}`."
    return _blocks(f"### {declared.label}", declared.help, facts, _properties(declared.properties))


def _relationship(declared: RelationshipDeclaration) -> str:
    arrow = f"-[:{declared.type}]-{'>' if declared.directed else ''}"
    pairs = [(declared.source, declared.target), *declared.also]
    ends = ", ".join(f"`(:{source}){arrow}(:{target})`" for source, target in pairs)
    facts = f"{ends}. Written by: {declared.written_by}.{' Derived: it carries its evidence.' if declared.derived else ''}"
    return _blocks(f"### {declared.type}", declared.help, facts, _properties(declared.properties))


def _properties(properties: Iterable[Property]) -> str:
    rows = ((_code(p.name), _code(p.neo4j_type), "no" if p.optional else "yes", _meaning(p)) for p in properties)
    return _table(("Property", "Type", "Always there", "What it is"), rows)


def _meaning(declared: Property) -> str:
    """What a property is, and the texts that it may hold."""
    if declared.values is None:
        return declared.help
    name = declared.values.__name__
    some = "Any" if declared.neo4j_type.startswith("LIST") else "One"
    return (
        f"{declared.help} {some} of [{name}](#{name.lower()}): {', '.join(_code(value) for value in declared.values.values())}."
    )


def _choices() -> list[type[Choice]]:
    """The sets of texts that properties declare, by name."""
    declared = (one for kind in (NODES, RELATIONSHIPS) for declaration in kind.values() for one in declaration.properties)
    return sorted({one.values for one in declared if one.values is not None}, key=lambda choice: choice.__name__)


def _choice(choice: type[Choice]) -> str:
    rows = ((_code(one.value), _code(one.name), one.meaning) for one in choice)
    return _blocks(
        f"### {choice.__name__}", choice.__doc__ or "", _table(("In the graph", "In GraphQL", "What it means"), rows)
    )


def _query(query: QueryFile) -> str:
    params = ", ".join(f"`{name} {type_}`" for name, type_ in query.params.items()) or "none"
    lines = [f"Parameters: {params}."]
    lines += [f"{field}: {_escaped(query.header[field])}." for field in ("Reads", "Writes", "Returns") if field in query.header]
    if why := query.header.get("Full scan"):
        lines.append(f"Looks at everything: {why.rstrip('.')}.")
    return _blocks(f"### {query.name}", _sentence(query.header["Answers"]), "\n".join(f"- {line}" for line in lines))


def _format(parser: Parser) -> str:
    taken = "\n".join(f"- {_sentence(fact)}" for fact in parser.takes)
    example = f"```text\n{parser.example.rstrip()}\n```"
    return _blocks(f"## {parser.name}", _sentence(parser.title), taken, example, *_understood(parser))


def _carrier(carrier: Carrier) -> str:
    """A carrier with what it makes of a stack; characters that cannot be seen are named."""
    example = "".join(
        character if character.isprintable() or character in "\n\t" else f"<U+{ord(character):04X}>"
        for character in carrier.carry(_CARRIED).rstrip().replace("\u00a0", "\N{OPEN BOX}")
    )
    return _blocks(f"### {carrier.name}", _sentence(carrier.title), f"```text\n{example}\n```")


def _understood(parser: Parser) -> Iterator[str]:
    """What the parser makes of its example."""
    for report in parser.parse(parser.example):
        facts = [("Error type", report.error_type), ("Message", report.message)]
        facts += [("Frames, innermost first", ", ".join(frame.qualified for frame in report.frames[:5]))]
        facts += [("To blame", report.culprit.qualified if report.culprit else ""), ("Severity", report.severity or "")]
        facts += [(name.replace("_", " "), value) for name, value in {**report.environment, **report.extra}.items()]
        yield _table(("Read from it", ""), ((name, _code(value)) for name, value in facts if value))


_CARRIED = "java.lang.IllegalStateException: mill is shut\n\tat org.mill.Store.open(Store.java:31)\n"

_CARRIERS = """What carried a text is undone before it is parsed, for all formats and also if one carrier is inside another,
such as the log file of Docker with the output of Compose with lines from syslog. A carrier is recognised by its shape:

- A prefix is what precedes lines of a stack. Times in it may differ from line to line; all else, such as host, program,
  process, stream and level, names the source. Lines of one source are put together, also if lines of others lie between.
- The prefix of a logger above a stack that has none is no carrier: it stays, as the record that the stack belongs to.
- The text is parsed as it is as well, and stays as it is if that gives more frames.
- The time of the first line counts if the report has none and the time has a zone.
- The stored text is the original one, without lines of other sources if it holds several reports. Secrets that a carrier
  splits or escapes are redacted in it."""

_RUNS = """## Runs

A run is first `requested`, then `running`, and ends as `succeeded`, `failed`, `cancelled` or `superseded`.

- **All or nothing.** New nodes and edges, the removal of the job's stale ones and the end of the run are one transaction:
  no part of a run stays in the graph, whoever dies when, and what stays from run to run is never missing. Neo4j reads
  what is committed at that moment, so a query that overlaps the commit may miss changes for some milliseconds;
  `edgesWritten` of a run is the number of edges that must be there. Above 50,000 nodes and edges new ones are written in
  batches, and stale ones removed after them.
- **Claims.** One of many workers gets a run. If it is silent for a minute, another worker takes the run over and begins
  again.
- **Retries.** A run is retried after a passing failure: the graph was away, or another writer was first. The wait doubles
  each time, with jitter; see `attempt`, `error` and `nextAttemptAt` of the run. An error in a job or its parameters ends
  the run.
- **Cancelling** with `crashgraph job cancel RUN_ID` or `cancelJob` ends a waiting run at once and a running one at its
  next heartbeat (10 s, or sooner with progress). It writes nothing, and the output of the run before it stays. A run that
  ends before the heartbeat has succeeded.
- **Superseded** is a run that ends after a run that began later: its output is older, so it writes nothing.
- **After ingest** a job with this option runs `quiet_seconds` after the last crash arrived, or `at_most_every_seconds`
  after the first one while crashes keep coming, and not more often than that. A run stores what it could see
  (`crashesSeen`, `readUntil`).
- **Incremental equals full.** A job may read only what changed since its last run with the same version and parameters,
  if the result is that of a full run; a test compares them for every job, after any order of ingests.
- **Retention.** The latest 5,000 ended runs of a job are kept."""

_OPTIONS = """`CRASHGRAPH_JOB_<NAME>_<PARAMETER>` sets a parameter of a job, such as
`CRASHGRAPH_JOB_CO_OCCURRENCE_MIN_SUPPORT=10`, or any of these options; a wrong name or value is reported
before anything starts. `timeout_seconds` and `max_attempts` can also be given for a single run."""


_CONSUMERS = """A consumer runs for as long as a worker does. One of many workers runs it; when that one falls silent for a
minute, another takes over. A consumer that fails is started again after a wait that doubles at each failure, up to ten
minutes. How far it has read is its watermark, stored with what it writes in one transaction. `crashgraph doctor` shows the
state of each; metrics are `crashgraph_consumer_running`, `crashgraph_consumer_failures_total` and
`crashgraph_consumer_advanced_timestamp_seconds`."""


def _consumer(spec: ConsumerSpec) -> str:
    facts = [f"Version: `{spec.version}`", f"Reads: {_codes(spec.reads)}", f"Writes: {_codes(spec.writes)}"]
    return _blocks(f"### {spec.name}", spec.help, "\n".join(f"- {fact}" for fact in facts))


def _job(spec: JobSpec[JobParams]) -> str:
    facts = [f"Version: `{spec.version}`", f"Schedule: `{spec.schedule}`"]
    if spec.after_ingest:
        quiet, every = f"{spec.quiet_seconds:g} s", f"{spec.at_most_every_seconds:g} s"
        facts.append(f"After ingest: when no crash has arrived for {quiet}, at most every {every}")
    facts.append(f"Ends after at most {spec.timeout_seconds:g} s; at most {spec.max_attempts} attempts")
    facts += [f"Reads: {_codes(spec.reads)}", f"Writes: {_codes(spec.writes)}"]
    if spec.updates:
        facts.append(f"Updates: {_codes(spec.updates)}")
    limitations = f"**Limitations.** {spec.limitations}" if spec.limitations else ""
    table = _params(describe_params(spec))
    return _blocks(f"## {spec.name}", spec.help, "\n".join(f"- {fact}" for fact in facts), *filter(None, (limitations, table)))


def _params(told: Sequence[ParamHelp]) -> str:
    rows = [(_code(p.name), p.type.replace("NoneType", "none"), str(p.default), p.help) for p in told]
    return _table(("Parameter", "Type", "Default", "What it does"), rows) if rows else ""


def _commands(command: click.Command, context: click.Context) -> Iterator[str]:
    """The command and all below it, each a section."""
    if not isinstance(command, click.Group):
        usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        yield _blocks(f"## {context.command_path}", command.help or "", f"`{usage}`", _options(command, context))
        return
    for name in command.list_commands(context):
        member = command.get_command(context, name)
        assert member is not None
        with click.Context(member, info_name=name, parent=context) as inner:
            yield from _commands(member, inner)


def _options(command: click.Command, context: click.Context) -> str:
    records = (param.get_help_record(context) for param in command.params if isinstance(param, click.Option))
    return _table(("Option", "What it does"), ((_code(record[0]), record[1]) for record in records if record))


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}", *lines]) if lines else ""


def _page(title: str, source: str, *parts: str) -> str:
    return _blocks(f"# {title}", NOTICE.format(source=source), *parts) + "\n"


def _blocks(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _sentence(text: str) -> str:
    return _escaped(text[:1].upper() + text[1:].rstrip(".") + ".")


def _escaped(text: str) -> str:
    """Text in which a page sees no markup."""
    return text.replace("<", "&lt;")


def _code(text: str) -> str:
    return f"`{text}`"


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(map(_code, texts)) or "nothing"


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    main()
