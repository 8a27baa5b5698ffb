"""``crashgraph solution``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from crashgraph.feedback_options import ON_BEHALF_OF, OUTPUT, WHEN, operator, printed, with_graph
from crashgraph.terminal import echo
from graph.model.quoting import quoted

if TYPE_CHECKING:
    from graph.ports import Graph


@click.group()
def solution() -> None:
    """Record solutions and their uses, and list them."""


@solution.command()
@click.argument("pattern_id")
@click.argument("description")
@ON_BEHALF_OF
@click.option("--kind", help="code, configuration, workaround or prevention.")
@click.option("--steps", help="Steps, or the diff.")
@click.option("--verified", is_flag=True, help="You have checked that it works.")
@click.option(
    "--for", "scope", multiple=True, metavar="NAME=VALUE", help="Environments it applies to, such as os=Windows; repeatable."
)
def add(
    pattern_id: str,
    description: str,
    on_behalf_of: str | None,
    kind: str | None,
    steps: str | None,
    verified: bool,
    scope: tuple[str, ...],
) -> None:
    """Record a fix for a pattern."""
    from graph.knowledge.solutions import NewSolution
    from resolvers.learning import record_solution

    draft = NewSolution(pattern_id=pattern_id, description=description, kind=kind, steps=steps, verified=verified, scope=scope)
    made = asyncio.run(with_graph(lambda graph: record_solution(graph, draft, operator(on_behalf_of))))
    echo(made.solution_id)


@solution.command()
@click.argument("solution_id")
@click.argument("pattern_id")
@click.argument("outcome", type=click.Choice(["worked", "failed"]))
@ON_BEHALF_OF
@click.option("--environment", "environment_id", help="Id of the environment.")
@click.option("--site", help="Site.")
@click.option("--product", help="Product, if the site has several.")
@click.option("--version", help="Version that shipped the solution.")
@click.option("--confidence", type=float, help="Confidence before the use, 0..1.")
@click.option("--minutes", type=float, help="Duration in minutes.")
@click.option("--feedback", type=click.Choice(["helpful", "partly", "not"]), help="Rating.")
@click.option("--at", type=WHEN, help="Time, such as 2026-03-01T08:30+01:00; without a zone UTC, by default now.")
def use(solution_id: str, pattern_id: str, outcome: str, on_behalf_of: str | None, **options: Any) -> None:
    """Record a use of a solution for a pattern, and its outcome."""
    from resolvers.learning import UseReport, use_solution

    given = UseReport(solution_id=solution_id, pattern_id=pattern_id, worked=outcome == "worked", **options)
    used = asyncio.run(with_graph(lambda graph: use_solution(graph, given, operator(on_behalf_of))))
    from crashgraph.solution_text import times

    did = f"worked {times(used.resolves.worked)}, failed {used.resolves.failed}; quality {used.solution.quality:.2f}"
    echo(" ".join((did, *used.solution.tags)))


@solution.command(name="list")
@click.option("--pattern", "pattern_id", help="Solutions of this pattern.")
@click.option("--environment", "environment_id", help="Solutions applied in this environment.")
@click.option("--site", help="Solutions applied at this site.")
@click.option("--product", help="Product, if the site has several.")
@OUTPUT
def list_(pattern_id: str | None, environment_id: str | None, site: str | None, product: str | None, output: str) -> None:
    """List the solutions of a pattern, or those applied at a place."""
    from crashgraph.solution_text import solution_lines
    from graph.model.errors import InvalidInputError, NotFoundError
    from resolvers.knowledge import applied_solutions, knowledge_of

    if sum(one is not None for one in (pattern_id, environment_id, site)) != 1:
        raise InvalidInputError("give one of --pattern, --environment and --site")

    async def read(graph: Graph) -> list[Any]:
        if pattern_id is not None:
            known = (await knowledge_of(graph, [pattern_id])).get(pattern_id)
            if known is None:
                raise NotFoundError(f"no pattern {quoted(pattern_id)}")
            return list(known.solutions)
        applied = await applied_solutions(graph, environment_id=environment_id, site=site, product=product)
        return [one.solution for one in applied.items]

    solutions = asyncio.run(with_graph(read))
    if output == "jsonl":
        printed(solutions)
        return
    for one in solutions:
        echo("\n".join(solution_lines(one)))
    if not solutions:
        echo("no solutions")
