"""``crashgraph up``: a small parent that owns the listening socket and keeps three children running.

The children are Neo4j (the process of :class:`graph.server.EmbeddedServer`), the service (``crashgraph serve --attached``) and
the worker (``crashgraph worker --attached``). The parent imports nothing that they compute with, so that it has little that
can fail. See ``docs/adr/0017-supervisor.md``.
"""
