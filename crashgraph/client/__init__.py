"""Report a program's own exceptions to crashgraph, with nothing but the standard library.

::

    from crashgraph.client import install_excepthook
    install_excepthook("http://127.0.0.1:8321", product="shop", version="1.4.2")

    from crashgraph.client import CrashgraphMiddleware
    app.add_middleware(CrashgraphMiddleware, url="http://127.0.0.1:8321", product="shop")

Reporting never raises into the program and never makes it wait: reports go through a bounded queue to a thread of their
own, and are dropped and counted when they cannot be delivered.
"""

from crashgraph.client.hooks import install_excepthook, watch_loop
from crashgraph.client.middleware import CrashgraphMiddleware
from crashgraph.client.reporter import Reporter

__all__ = ["CrashgraphMiddleware", "Reporter", "install_excepthook", "watch_loop"]
