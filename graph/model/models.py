"""Models trained from decisions of people, in versions."""

from __future__ import annotations

from datetime import datetime

from graph.model.choices import ModelKind, ModelState
from graph.model.declare import TextForm, node, prop

MATCHING = "matching"
"""Kind of the model that ranks candidate patterns."""


def model_id(kind: str, version: str) -> str:
    """Key of a version: versions of different kinds may have the same name."""
    return f"{kind}:{version}"


@node(
    "ModelVersion",
    key="model_id",
    help="One trained version of a model. A kind is a model with one purpose, such as `matching`; at most one is in use.",
    written_by="jobs",
    colour="#117733",
    caption="version",
)
class ModelVersion:
    """One trained version of a model."""

    model_id: str = prop("Kind and version, `matching:2026-11-21+3`.", own=True)
    kind: str = prop("What the model is for.", index=True, values=ModelKind)
    version: str = prop("Version of the shipped model, `+`, and `number`.", own=True)
    number: int = prop("Position among the versions of its base, from 1.")
    base: str = prop("Version of the shipped model that it was trained from.", own=True)
    state: str = prop("Whether it is in use.", index=True, values=ModelState)
    parameters: str = prop(
        "What training changed in the base, as JSON; its form depends on the kind.", own=True, form=TextForm.JSON
    )
    follows: str | None = prop("Version that was active before; empty for the shipped model.", default=None, own=True)
    created_at: datetime = prop("When it was trained (UTC).", index=True)
    trained_until: datetime = prop("Time of the latest decision in the training data (UTC).")
    decisions: int = prop("Number of decisions in the training data.")
    held_out: int = prop("Number of those held out to test it, before the final training used them too.")
    loss_before: float = prop("Logarithmic loss of the previous model on the held-out decisions; lower is better.")
    loss_after: float = prop("Logarithmic loss of this version on the same decisions.")
    run_id: str | None = prop("Job run that trained it.", default=None, own=True)
