"""What the matching learned from people's decisions, in versions."""

from __future__ import annotations

from datetime import datetime

from graph.model.declare import node, prop


@node(
    "MatchingModel",
    key="version",
    help="What was learned from decisions of people about how likely a match is; it adjusts the model that is shipped.",
    written_by="jobs",
    colour="#117733",
    caption="version",
)
class MatchingModel:
    """One version of what was learned."""

    version: str = prop("The shipped model that it adjusts, `+` and its number.")
    number: int = prop("Its place among all versions, from 1.", unique=True)
    base: str = prop("Version of the shipped model that it adjusts.")
    state: str = prop("`active`, `replaced` by a later one, or `rolled_back` since it did worse.", index=True)
    learned: str = prop("What is added to the log odds, as JSON: slope, shift, and weights of parts.")
    follows: str | None = prop("The version that was active before; empty for the shipped model.", default=None)
    created_at: datetime = prop("When it was made (UTC).", index=True)
    trained_until: datetime = prop("The latest decision that it learned from (UTC).")
    decisions: int = prop("Number of decisions that it learned from.")
    held_out: int = prop("Number of decisions that it was tested on before it was trained on them too.")
    loss_before: float = prop("Logarithmic loss on those of the model before it; less is better.")
    loss_after: float = prop("The same of this one.")
    run_id: str | None = prop("The run that made it.", default=None)
