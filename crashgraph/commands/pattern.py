"""``crashgraph pattern``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from crashgraph.feedback_options import ON_BEHALF_OF, OUTPUT, operator, printed, who, with_graph
from crashgraph.solution_text import moment, solution_lines, times, validation_counts
from crashgraph.terminal import echo
from graph.model.quoting import quoted

if TYPE_CHECKING:
    from graph.knowledge.summary import PatternKnowledge
    from graph.ports import Graph


@click.group()
def pattern() -> None:
    """Show patterns, validate crashes, and set the status of patterns."""


@pattern.command()
@click.argument("pattern_id")
@OUTPUT
def show(pattern_id: str, output: str) -> None:
    """Show a pattern: where and when it was seen, how often, and what fixed it."""
    from graph.model.errors import NotFoundError
    from resolvers.knowledge import knowledge_of, validations_of

    async def read(graph: Graph) -> Any:
        known = (await knowledge_of(graph, [pattern_id])).get(pattern_id)
        if known is None:
            raise NotFoundError(f"no pattern {quoted(pattern_id)}")
        return known, (await validations_of(graph, [pattern_id], 20))[pattern_id]

    known, validations = asyncio.run(with_graph(read))
    if output == "jsonl":
        printed([{"known": known, "validations": validations}])
        return
    echo("\n".join(_lines(known)))
    for item in validations:
        validation = item.validation
        echo(f"  {validation.at:%Y-%m-%d} {who(validation)}: {validation.verdict} (crash {item.crash_id})")


@pattern.command()
@click.argument("pattern_id")
@ON_BEHALF_OF
@click.option("--version", help="First version without the bug; by default it is resolved from now on.")
@click.option("--product", help="Product of the version, if the pattern was seen in several.")
@click.option("--solution", help="Id of the solution that resolved it.")
@click.option("--reason", help="Why, for the history.")
def resolve(
    pattern_id: str,
    on_behalf_of: str | None,
    version: str | None,
    product: str | None,
    solution: str | None,
    reason: str | None,
) -> None:
    """Mark a pattern as resolved; a crash of that version or a later one reopens it as regressed."""
    from resolvers.learning import resolve_pattern

    _state(
        lambda graph: resolve_pattern(
            graph, pattern_id, operator(on_behalf_of), version=version, product=product, solution_id=solution, reason=reason
        )
    )


@pattern.command()
@click.argument("pattern_id")
@ON_BEHALF_OF
@click.option("--reason", help="Why, for the history.")
def reopen(pattern_id: str, on_behalf_of: str | None, reason: str | None) -> None:
    """Mark a pattern as open again."""
    from resolvers.learning import reopen_pattern

    _state(lambda graph: reopen_pattern(graph, pattern_id, operator(on_behalf_of), reason))


@pattern.command()
@click.argument("pattern_id")
@ON_BEHALF_OF
@click.option("--reason", help="Why, for the history.")
def ignore(pattern_id: str, on_behalf_of: str | None, reason: str | None) -> None:
    """Ignore a pattern; new crashes do not reopen it."""
    from resolvers.learning import ignore_pattern

    _state(lambda graph: ignore_pattern(graph, pattern_id, operator(on_behalf_of), reason))


@pattern.command()
@click.argument("crash_id")
@ON_BEHALF_OF
@click.option("--wrong", is_flag=True, help="The crash does not belong to its pattern.")
@click.option("--belongs-to", help="Id of the right pattern; the crash is moved there.")
@click.option("--notes", help="Notes.")
@click.option("--root-cause", help="Root cause.")
@click.option("--name", help="New name of the pattern.")
@click.option("--description", help="Description of the failure.")
@click.option("--severity", help="critical, high, medium or low.")
@click.option("--downtime", "downtime_minutes", type=float, help="Minutes of downtime.")
@click.option("--feature", "features", multiple=True, help="A feature that did not work; may be repeated.")
@click.option("--minutes", "resolution_minutes", type=float, help="Minutes from start to resolution.")
@click.option("--quality", type=float, help="Quality of the validation, 0..1; computed from its parts by default.")
def validate(
    crash_id: str, on_behalf_of: str | None, wrong: bool, belongs_to: str | None, features: tuple[str, ...], **details: Any
) -> None:
    """Validate a crash: whether it belongs to its pattern, and what is known about the cause."""
    from graph.knowledge.validation import CrashReview
    from resolvers.learning import validate_crash

    review = CrashReview(
        crash_id=crash_id,
        correct=not (wrong or belongs_to),
        belongs_to=belongs_to,
        affected_features=features or None,
        **details,
    )
    learned = asyncio.run(with_graph(lambda graph: validate_crash(graph, review, operator(on_behalf_of))))
    counts = validation_counts(learned.pattern.validation_count, learned.pattern.false_positive_count)
    echo(f"{learned.validation.verdict}; {learned.pattern.name}: {counts}, confidence {learned.pattern.confidence:.0%}")


@pattern.command()
@click.option("--days", type=click.FloatRange(min=0), default=30.0, show_default=True, help="Days without confirmation.")
@click.option("--first", type=click.IntRange(1, 100), default=50, show_default=True, help="Maximum number.")
@OUTPUT
def due(days: float, first: int, output: str) -> None:
    """List patterns with validations or solutions that were not confirmed recently."""
    from resolvers.knowledge import revalidation_candidates

    candidates = asyncio.run(with_graph(lambda graph: revalidation_candidates(graph, days=days, first=first))).items
    if output == "jsonl":
        printed(candidates)
        return
    for one in candidates:
        last = f"{one.pattern.validated_at:%Y-%m-%d}" if one.pattern.validated_at else "never"
        echo(f"{one.pattern.pattern_id}  {one.pattern.name}  confirmed {last}, confidence {one.current_confidence:.0%}")
    if not candidates:
        echo("no patterns are due")


def _state(change: Callable[[Graph], Awaitable[Any]]) -> None:
    changed = asyncio.run(with_graph(change))
    where = f" in {changed.resolved_version}" if changed.resolved_version else ""
    echo(f"{changed.name}: {changed.status}{where}")


def _lines(known: PatternKnowledge) -> Iterator[str]:
    yield f"{known.name}  [{known.pattern_id}]"
    yield f"  {_state_of(known)}, {known.severity}, {known.confidence:.0%} confident that its crashes are one bug"
    yield f"  seen {times(known.occurrence_count)}, first {moment(known.first_seen)}, last {moment(known.last_seen)}"
    for what, places in (("sites", known.sites), ("versions", known.versions)):
        if places:
            yield f"  {what}: " + ", ".join(f"{one.name} ({one.crashes:,})" for one in places)
    for text in (known.description, known.root_cause):
        if text:
            yield f"  {text}"
    for solution in known.solutions:
        yield from solution_lines(solution)
    yield f"  {validation_counts(known.validation_count, known.false_positive_count)}"


def _state_of(known: PatternKnowledge) -> str:
    resolved = f", resolved in {known.resolved_version}" if known.resolved_version else ""
    again = f", seen again in {known.regressed_version}" if known.regressed_version else ""
    return f"{known.status}{resolved}{again}"
