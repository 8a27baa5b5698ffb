"""Reports a program's own exceptions to crashgraph, using only the standard library.

::

    from crashgraph.client import install_excepthook
    install_excepthook("http://127.0.0.1:8321", product="shop", version="1.4.2")

    from crashgraph.client import CrashgraphMiddleware
    app.add_middleware(CrashgraphMiddleware, url="http://127.0.0.1:8321", product="shop")

Reporting never raises into the program and never blocks it: reports go through a bounded queue to a background thread;
those that cannot be delivered are dropped and counted.
"""

from crashgraph.client.hooks import install_excepthook, watch_loop
from crashgraph.client.middleware import CrashgraphMiddleware
from crashgraph.client.reporter import Reporter

__all__ = ["CrashgraphMiddleware", "Reporter", "install_excepthook", "watch_loop"]
