"""``crashgraph history``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from crashgraph.feedback_options import OUTPUT, printed, who, with_graph
from crashgraph.terminal import echo
from graph.model.quoting import quoted

if TYPE_CHECKING:
    from graph.knowledge.history import PatternAsOf
    from graph.model.verdicts import Revision

LONGEST_VALUE = 60


def _moment(_context: click.Context, _param: click.Parameter, text: str | None) -> datetime | None:
    """A time; a date means the end of that day."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{quoted(text)} is not a date such as 2026-03-01 or 2026-03-01T12:00Z") from None
    if len(text) <= len("2026-03-01"):
        at += timedelta(days=1, microseconds=-1)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


@click.command()
@click.argument("pattern_id")
@click.option(
    "--as-of", callback=_moment, metavar="DATE", help="Show the pattern at that time (UTC; for a date, the end of the day)."
)
@click.option("--first", type=click.IntRange(1, 100), default=50, show_default=True, help="Maximum number of revisions.")
@click.option("--after", help="Continue after this cursor, printed on standard error with the previous page.")
@OUTPUT
def history(pattern_id: str, as_of: datetime | None, first: int, after: str | None, output: str) -> None:
    """Show the revisions of a pattern, latest first, or its state at a date."""
    from resolvers import history as steps

    if as_of is not None:
        moment = as_of
        past = asyncio.run(with_graph(lambda graph: steps.as_of(graph, pattern_id, moment)))
        printed([past]) if output == "jsonl" else echo("\n".join(_past_lines(past)))
        return
    page = asyncio.run(with_graph(lambda graph: steps.history_of(graph, [pattern_id], first, after)))[pattern_id]
    if output == "jsonl":
        printed(page.items)
    else:
        echo("\n".join(line for revision in page.items for line in _revision_lines(revision)) or "no revisions")
    if page.has_next:
        echo(f"there are more: --after {page.cursors[-1]}", err=True)


def _revision_lines(revision: Revision) -> Iterator[str]:
    reason = f": {revision.reason}" if revision.reason else ""
    change = revision.change_type.replace("_", " ")
    yield f"{revision.version}  {revision.at:%Y-%m-%d %H:%M}  {change}  by {who(revision)}{reason}"
    before, after = json.loads(revision.before), json.loads(revision.after)
    old_signatures, new_signatures = before.pop("signatures", {}), after.pop("signatures", {})
    for name in sorted(before.keys() | after.keys()):
        yield f"    {name.replace('_', ' ')}: {_short(before.get(name))} → {_short(after.get(name))}"
    if old_signatures or new_signatures:
        added = len(new_signatures.keys() - old_signatures.keys())
        removed = len(old_signatures.keys() - new_signatures.keys())
        yield f"    {added:,} signatures added, {removed:,} removed"
    if revision.verdict_id:
        yield f"    verdict {revision.verdict_id}"


def _short(value: object) -> str:
    text = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _past_lines(past: PatternAsOf) -> Iterator[str]:
    pattern = past.pattern
    yield f"{pattern.name}  [{pattern.pattern_id}] at {past.at:%Y-%m-%d %H:%M:%S} UTC, after {past.version} changes"
    yield f"  {pattern.status}, {pattern.severity}, {pattern.confidence:.0%} confident that its crashes are one bug"
    yield f"  {pattern.occurrence_count:,} crashes received, first {pattern.first_seen}, last {pattern.last_seen}"
    for text in (pattern.description, pattern.root_cause):
        if text:
            yield f"  {text}"
    for signature in past.signatures:
        yield f"  signature {signature.exact[:16]}  {signature.title}"
