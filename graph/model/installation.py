"""What a graph remembers of the home that writes to it."""

from __future__ import annotations

from graph.model.declare import node, prop


@node(
    "Installation",
    key="name",
    help="The home that writes to the graph.",
    written_by="every start",
    colour="#999999",
    caption="name",
)
class Installation:
    """The home that writes to the graph. There is one, `home`."""

    name: str = prop("Its name.", own=True)
    key_mark: str = prop("Mark of its redaction key, which does not reveal the key.", own=True)
    derived: int | None = prop("Version of what ingest derives for faster reads, once all that is stored has it.", default=None)
