"""``crashgraph verdict``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

from crashgraph.feedback_options import ON_BEHALF_OF, OUTPUT, operator, printed, who, with_graph

if TYPE_CHECKING:
    from graph.knowledge.verdicts.decide import VerdictResult, Verdicts
    from graph.model.actor import Actor
    from graph.model.verdicts import Verdict

F = TypeVar("F", bound=Callable[..., object])

REASON = click.option("--reason", default="", help="Why, for the history.")


def _decision(command: F) -> F:
    """The options of everything that is decided."""
    return ON_BEHALF_OF(REASON(OUTPUT(command)))


@click.group()
def verdict() -> None:
    """Say what is one bug and what is not, and take that back.

    A pattern, a signature or a crash is named by its id, or as Pattern:ID, Signature:HASH, Crash:ID; a crash stands for its
    signature. The matcher and every job obey until the verdict is undone.
    """


@verdict.command()
@click.argument("a")
@click.argument("b")
@_decision
def same(a: str, b: str, on_behalf_of: str | None, reason: str, output: str) -> None:
    """A and B are one bug: the pattern of B becomes part of that of A."""
    _give(lambda verdicts, actor: verdicts.same(a, b, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command()
@click.argument("a")
@click.argument("b")
@_decision
def different(a: str, b: str, on_behalf_of: str | None, reason: str, output: str) -> None:
    """A and B are different bugs; of two in one pattern, B leaves it."""
    _give(lambda verdicts, actor: verdicts.different(a, b, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command()
@click.argument("patterns", nargs=-1, required=True)
@_decision
def merge(patterns: tuple[str, ...], on_behalf_of: str | None, reason: str, output: str) -> None:
    """All PATTERNS become part of the first."""
    _give(lambda verdicts, actor: verdicts.merge(patterns, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command()
@click.argument("pattern")
@click.argument("signatures", nargs=-1, required=True)
@click.option("--name", help="What the new pattern is to be called.")
@_decision
def split(
    pattern: str, signatures: tuple[str, ...], name: str | None, on_behalf_of: str | None, reason: str, output: str
) -> None:
    """Make SIGNATURES of PATTERN a pattern of their own."""
    _give(
        lambda verdicts, actor: verdicts.split(pattern, signatures, actor=actor, reason=reason, name=name), on_behalf_of, output
    )


@verdict.command()
@click.argument("signature")
@click.argument("pattern")
@_decision
def move(signature: str, pattern: str, on_behalf_of: str | None, reason: str, output: str) -> None:
    """Put SIGNATURE, or that of a crash, into PATTERN."""
    _give(lambda verdicts, actor: verdicts.move(signature, pattern, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command("not-caused-by")
@click.argument("effect")
@click.argument("cause")
@_decision
def not_caused_by(effect: str, cause: str, on_behalf_of: str | None, reason: str, output: str) -> None:
    """The pattern EFFECT is not caused by the pattern CAUSE, whatever a job finds."""
    _give(lambda verdicts, actor: verdicts.not_caused_by(effect, cause, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command()
@click.argument("verdict_id")
@_decision
def undo(verdict_id: str, on_behalf_of: str | None, reason: str, output: str) -> None:
    """Take a verdict back: what it changed is as it was before."""
    _give(lambda verdicts, actor: verdicts.undo(verdict_id, actor=actor, reason=reason), on_behalf_of, output)


@verdict.command(name="list")
@click.argument("about", required=False)
@click.option("--active", is_flag=True, help="Omit verdicts that were undone.")
@click.option("--first", type=click.IntRange(1, 100), default=50, show_default=True, help="How many at most.")
@click.option("--after", help="Go on behind this cursor, which the page before told on standard error.")
@OUTPUT
def list_(about: str | None, active: bool, first: int, after: str | None, output: str) -> None:
    """List verdicts, the last first; those about one pattern, signature or crash when it is named."""
    from resolvers.verdicts import list_verdicts

    page = asyncio.run(with_graph(lambda graph: list_verdicts(graph, first, after, about=about, active=active)))
    if output == "jsonl":
        printed(_told(one) for one in page.items)
    else:
        click.echo("\n".join(map(_line, page.items)) or "no verdict was given")
    if page.has_next:
        click.echo(f"there are more: --after {page.cursors[-1]}", err=True)


def _give(decide: Callable[[Verdicts, Actor], Awaitable[VerdictResult]], on_behalf_of: str | None, output: str) -> None:
    from resolvers.verdicts import give_verdict

    async def work() -> VerdictResult:
        return await with_graph(lambda graph: give_verdict(graph, decide, operator(on_behalf_of)))

    outcome = asyncio.run(work())
    if output == "jsonl":
        told = {"pattern_id": outcome.pattern_id, "pattern_ids": outcome.pattern_ids}
        printed([_told(outcome.verdict) | told])
        return
    click.echo(_line(outcome.verdict))
    if outcome.pattern_id:
        click.echo(f"  now in pattern {outcome.pattern_id}")
    others = [one for one in outcome.pattern_ids if one != outcome.pattern_id]
    if others:
        click.echo(f"  also about {', '.join(others)}")


def _told(one: Verdict) -> dict[str, object]:
    names = ("verdict_id", "ordinal", "kind", "by", "on_behalf_of", "at", "reason", "subjects", "undone_at", "undone_by")
    return {name: getattr(one, name) for name in names}


def _line(one: Verdict) -> str:
    about = ", ".join(one.subjects[:4]) + (f" and {len(one.subjects) - 4} more" if len(one.subjects) > 4 else "")
    reason = f": {one.reason}" if one.reason else ""
    undone = f"  (taken back by {one.undone_by} on {one.undone_at:%Y-%m-%d})" if one.undone_at else ""
    return f"{one.verdict_id}  {one.at:%Y-%m-%d %H:%M}  {one.kind.replace('_', ' ')}  {about}  by {who(one)}{reason}{undone}"
