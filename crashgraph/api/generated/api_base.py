"""The base of the generated client; :mod:`tools.api_client` copies it beside the client."""

from crashgraph.api.connection import Connection


class BaseClient(Connection):
    """What all operations are sent by."""
