"""The text of ``neo4j.conf``, written at each start; nothing in it is kept between starts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from graph.server.layout import Layout
from graph.server.ports import HOST

HEADER = "# Written by crashgraph at each start; changes are lost. Use crashgraph's settings.\n"


def render_config(layout: Layout, bolt_port: int, http_port: int, page_cache_mb: int, post_connect: Iterable[str] = ()) -> str:
    """Settings for one home. ``post_connect`` are commands that the Browser runs after it connected.

    Neo4j refuses to start over a name it does not know, so only names that 2026.08 has stand here.
    """
    values = {
        # Relative to --home-dir: Neo4j misreads non-ASCII letters of paths in this file.
        "server.directories.data": _relative(layout, layout.data),
        "server.directories.logs": _relative(layout, layout.logs),
        "server.directories.plugins": _relative(layout, layout.plugins),
        "server.directories.import": _relative(layout, layout.neo4j / "import"),
        "server.directories.run": _relative(layout, layout.run),
        "server.default_listen_address": HOST,
        "server.default_advertised_address": HOST,
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": f"{HOST}:{bolt_port}",
        # The Browser's first connection fails when this differs from the listen address.
        "server.bolt.advertised_address": f"{HOST}:{bolt_port}",
        "server.http.enabled": "true",
        "server.http.listen_address": f"{HOST}:{http_port}",
        "server.http.advertised_address": f"{HOST}:{http_port}",
        # No proxy is in front of a loopback server.
        "server.http.x_forward.enabled": "false",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": f"{page_cache_mb}m",
        "dbms.security.procedures.unrestricted": "gds.*",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        # Fleet discovery would broadcast on the network.
        "server.fleet_discovery.enabled": "false",
        "dbms.fleet_manager.enabled": "false",
        # Otherwise two logs of 256 MB each are laid out before the first crash is stored.
        "db.tx_log.preallocate": "false",
        # Shutdown waits this long for idle Bolt threads; with the default a stop takes 10 s.
        "internal.server.bolt.thread_pool_shutdown_wait_time": "1s",
    }
    commands = "; ".join(post_connect)
    if commands:
        values["browser.post_connect_cmd"] = commands
        values["browser.remote_content_hostname_whitelist"] = f"localhost,{HOST}"
    return HEADER + "".join(f"{name}={value}\n" for name, value in values.items())


def _relative(layout: Layout, path: Path) -> str:
    return path.relative_to(layout.home).as_posix()
