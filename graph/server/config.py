"""The content of ``neo4j.conf``, which is rewritten at each start."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from graph.server.layout import Layout
from graph.server.ports import HOST

LOG_FILE_MB, LOGS_MB = 32, 128
"""Size of one transaction log and of all."""
HEADER = "# Written by crashgraph at each start; changes are lost. Use crashgraph's settings.\n"


def render_config(layout: Layout, bolt_port: int, http_port: int, page_cache_mb: int, post_connect: Iterable[str] = ()) -> str:
    """Configuration for one home. The Browser runs the commands ``post_connect`` once it is connected.

    Neo4j refuses to start with an unknown name, so all names are those of 2026.08.
    """
    values = {
        # Relative to --home-dir: Neo4j misreads letters outside ASCII in the paths of this file.
        "server.directories.data": _relative(layout, layout.data),
        "server.directories.logs": _relative(layout, layout.logs),
        "server.directories.plugins": _relative(layout, layout.plugins),
        "server.directories.import": _relative(layout, layout.neo4j / "import"),
        "server.directories.run": _relative(layout, layout.run),
        "server.default_listen_address": HOST,
        "server.default_advertised_address": HOST,
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": f"{HOST}:{bolt_port}",
        # The Browser's first connection fails if this differs from the listen address.
        "server.bolt.advertised_address": f"{HOST}:{bolt_port}",
        "server.http.enabled": "true",
        "server.http.listen_address": f"{HOST}:{http_port}",
        "server.http.advertised_address": f"{HOST}:{http_port}",
        # There is no proxy in front of a server on loopback.
        "server.http.x_forward.enabled": "false",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": f"{page_cache_mb}m",
        "dbms.security.procedures.unrestricted": "gds.*",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        # Fleet discovery would broadcast on the network.
        "server.fleet_discovery.enabled": "false",
        "dbms.fleet_manager.enabled": "false",
        # Otherwise two logs of 256 MB each are allocated before the first crash is stored.
        "db.tx_log.preallocate": "false",
        # Transaction logs hold what was deleted, and as many bytes per crash as the store; a restart needs only the last ones.
        "db.tx_log.rotation.size": f"{LOG_FILE_MB}m",
        "db.tx_log.rotation.retention_policy": f"1 days {LOGS_MB}m",
        # How long shutdown waits for idle Bolt threads; by default 10 s.
        "internal.server.bolt.thread_pool_shutdown_wait_time": "1s",
    }
    commands = "; ".join(post_connect)
    if commands:
        values["browser.post_connect_cmd"] = commands
        values["browser.remote_content_hostname_whitelist"] = f"localhost,{HOST}"
    return HEADER + "".join(f"{name}={value}\n" for name, value in values.items())


def _relative(layout: Layout, path: Path) -> str:
    return path.relative_to(layout.home).as_posix()
