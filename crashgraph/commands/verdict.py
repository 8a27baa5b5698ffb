"""``crashgraph verdict``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

from crashgraph.feedback_options import ON_BEHALF_OF, OUTPUT, operator, printed, who, with_graph
from crashgraph.terminal import echo

if TYPE_CHECKING:
    from graph.knowledge.verdicts.decide import VerdictResult, Verdicts
    from graph.model.actor import Actor
    from graph.model.verdicts import Verdict

F = TypeVar("F", bound=Callable[..., object])

REASON = click.option("--reason", default="", help="Why, for the history.")


def _decision(command: F) -> F:
    """The options of every command that gives or undoes a verdict."""
    return ON_BEHALF_OF(REASON(OUTPUT(command)))


@click.group()
def verdict() -> None:
    """Decide which patterns and signatures are one bug, and undo such decisions.

    A pattern, signature or crash is given by its id, or as Pattern:ID, Signature:HASH, Crash:ID; a crash means its signature.
    Matching and every job follow a verdict until it is undone.
    """


@verdict.command()
@click.argument("a")
@click.argument("b")
@_decision
def same(a: str, b: str, on_behalf_of: str | None, reason: str, output: str) -> None:
    """A and B are one bug: merge the pattern of B into that of A."""
    _give(lambda verdicts, actor: verdicts.same(a, b, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command()
@click.argument("a")
@click.argument("b")
@_decision
def different(a: str, b: str, on_behalf_of: str | None, reason: str, output: str) -> None:
    """A and B are different bugs; if they share a pattern, B leaves it."""
    _give(lambda verdicts, actor: verdicts.different(a, b, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command()
@click.argument("patterns", nargs=-1, required=True)
@_decision
def merge(patterns: tuple[str, ...], on_behalf_of: str | None, reason: str, output: str) -> None:
    """Merge PATTERNS into the first of them."""
    _give(lambda verdicts, actor: verdicts.merge(patterns, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command()
@click.argument("pattern")
@click.argument("signatures", nargs=-1, required=True)
@click.option("--name", help="Name of the new pattern.")
@_decision
def split(
    pattern: str, signatures: tuple[str, ...], name: str | None, on_behalf_of: str | None, reason: str, output: str
) -> None:
    """Split SIGNATURES of PATTERN off into a new pattern."""
    _give(
        lambda verdicts, actor: verdicts.split(pattern, signatures, actor=actor, reason=reason, name=name), on_behalf_of, output
    )


@verdict.command()
@click.argument("signature")
@click.argument("pattern")
@_decision
def move(signature: str, pattern: str, on_behalf_of: str | None, reason: str, output: str) -> None:
    """Move SIGNATURE, or that of a crash, to PATTERN."""
    _give(lambda verdicts, actor: verdicts.move(signature, pattern, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command("not-caused-by")
@click.argument("effect")
@click.argument("cause")
@_decision
def not_caused_by(effect: str, cause: str, on_behalf_of: str | None, reason: str, output: str) -> None:
    """The pattern EFFECT is not caused by the pattern CAUSE; no job writes that edge again."""
    _give(lambda verdicts, actor: verdicts.not_caused_by(effect, cause, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command()
@click.argument("verdict_id")
@_decision
def undo(verdict_id: str, on_behalf_of: str | None, reason: str, output: str) -> None:
    """Undo a verdict and restore what it changed."""
    _give(lambda verdicts, actor: verdicts.undo(verdict_id, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command(name="list")
@click.argument("about", required=False)
@click.option("--active", is_flag=True, help="Only verdicts in force.")
@click.option("--first", type=click.IntRange(1, 100), default=50, show_default=True, help="Maximum number.")
@click.option("--after", help="Continue after this cursor, printed on standard error with the previous page.")
@OUTPUT
def list_(about: str | None, active: bool, first: int, after: str | None, output: str) -> None:
    """List verdicts, latest first; with ABOUT those about one pattern, signature or crash."""
    from resolvers.verdicts import list_verdicts

    page = asyncio.run(with_graph(lambda graph: list_verdicts(graph, first, after, about=about, active=active)))
    if output == "jsonl":
        printed(_record(item) for item in page.items)
    else:
        echo("\n".join(map(_line, page.items)) or "no verdicts")
    if page.has_next:
        echo(f"there are more: --after {page.cursors[-1]}", err=True)


def _give(decide: Callable[[Verdicts, Actor], Awaitable[VerdictResult]], on_behalf_of: str | None, output: str) -> None:
    from resolvers.verdicts import give_verdict

    async def work() -> VerdictResult:
        return await with_graph(lambda graph: give_verdict(graph, decide, operator(on_behalf_of)))

    outcome = asyncio.run(work())
    if output == "jsonl":
        patterns = {"pattern_id": outcome.pattern_id, "pattern_ids": outcome.pattern_ids}
        printed([_record(outcome.verdict) | patterns])
        return
    echo(_line(outcome.verdict))
    if outcome.pattern_id:
        echo(f"  now in pattern {outcome.pattern_id}")
    others = [id for id in outcome.pattern_ids if id != outcome.pattern_id]
    if others:
        echo(f"  also about {', '.join(others)}")


def _record(verdict: Verdict) -> dict[str, object]:
    names = ("verdict_id", "ordinal", "kind", "by", "on_behalf_of", "at", "reason", "subjects", "undone_at", "undone_by")
    return {name: getattr(verdict, name) for name in names}


def _line(verdict: Verdict) -> str:
    about = ", ".join(verdict.subjects[:4]) + (f" and {len(verdict.subjects) - 4} more" if len(verdict.subjects) > 4 else "")
    reason = f": {verdict.reason}" if verdict.reason else ""
    undone = f"  (undone by {verdict.undone_by} on {verdict.undone_at:%Y-%m-%d})" if verdict.undone_at else ""
    kind = verdict.kind.replace("_", " ")
    return f"{verdict.verdict_id}  {verdict.at:%Y-%m-%d %H:%M}  {kind}  {about}  by {who(verdict)}{reason}{undone}"
