"""Give distinct names to the patterns that a batch founds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graph.cypher import query
from graph.fingerprint.pattern_names import pattern_names
from graph.matching.candidates import IncomingSignature
from graph.matching.cascade import Decision
from graph.ports import Reader


async def name_founded(graph: Reader, decisions: Sequence[Decision]) -> list[Decision]:
    """The decisions, in order, with a name for each pattern they found that no other pattern has."""
    options = {
        decision.pattern_id: _names(decision.incoming) for decision in decisions if decision.incoming and decision.founds
    }
    if not options:
        return list(decisions)
    rows = await graph.read(
        query("knowledge/taken_names", names=sorted({name for names in options.values() for name in names}))
    )
    taken = {row["name"] for row in rows}
    given: dict[str | None, str] = {}
    for pattern, names in options.items():
        given[pattern] = next((name for name in names if name not in taken), names[-1])
        taken.add(given[pattern])
    return [
        replace(decision, pattern_name=given[decision.pattern_id]) if decision.pattern_id in given else decision
        for decision in decisions
    ]


def _names(incoming: IncomingSignature) -> tuple[str, ...]:
    founder = incoming.fingerprint
    return pattern_names(founder.title, founder.error_type, founder.cause, incoming.frames, founder.exact)
