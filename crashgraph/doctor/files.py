"""Checks of the embedded Neo4j's files, which no server may use meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from crashgraph.doctor import Check
from graph.model.errors import ServerError, StartError, UncleanStopError
from graph.server import EmbeddedServer
from graph.store.consistency import RESTORE

NAME = "files of the graph"


def check_files(server: EmbeddedServer) -> Iterator[Check]:
    """Whether a restore was interrupted, and what Neo4j's own check says."""
    if server.restore_was_interrupted:
        detail = "a restore did not end; this start of Neo4j puts back the graph from before it: restore again"
        yield Check("restore", ok=False, detail=detail)
        return
    if server.runs:
        yield Check(NAME, ok=True, detail="not checked, since Neo4j runs; stop it to have its files checked too")
        return
    if server.is_new:
        yield Check(NAME, ok=True, detail="there is no graph yet")
        return
    try:
        damage = server.check_files()
    except UncleanStopError:
        yield Check(NAME, ok=True, detail="not checked, since Neo4j was killed; it repairs them when it starts")
    except StartError:
        # There is no password, or no Java: the start will say so too.
        raise
    except ServerError as error:
        yield Check(NAME, ok=False, detail=f"{error}; {RESTORE}")
    else:
        where = f"{server.data_path}: "
        yield Check(NAME, ok=damage is None, detail=f"{where}{damage}; {RESTORE}" if damage else f"{where}consistent")
