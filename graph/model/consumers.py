"""Long-running consumers of the worker."""

from __future__ import annotations

from datetime import datetime

from graph.model.choices import ConsumerState
from graph.model.declare import node, prop


@node(
    "Consumer",
    key="name",
    help="A long-running consumer: which worker runs it, and how far it has read.",
    written_by="jobs",
    colour="#999999",
    caption="name",
)
class Consumer:
    """A long-running consumer."""

    name: str = prop("Its name.", own=True)
    version: str | None = prop("Version that ran last.", default=None, own=True)
    state: str = prop("What it does.", values=ConsumerState)
    worker: str | None = prop("Worker that runs it.", default=None, own=True)
    started_at: datetime | None = prop("When that worker started it (UTC).", default=None)
    heartbeat_at: datetime | None = prop("When its worker last gave a sign of life (UTC).", default=None)
    watermark: str | None = prop("How far it has read; its form is the consumer's own.", default=None, own=True)
    advanced_at: datetime | None = prop("When the watermark was last stored (UTC).", default=None)
    failures: int = prop("Failures in a row.", default=0)
    error: str | None = prop("Why it failed last.", default=None)
    next_attempt_at: datetime | None = prop("When it may be started again (UTC).", default=None)
