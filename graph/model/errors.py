"""Everything crashgraph raises on purpose.

::

    CrashgraphError
    ├── UsageError              what was asked cannot be asked this way
    │   ├── InvalidInputError   a value, file or report that is not what it must be
    │   ├── NotFoundError       an id or name that is not in the graph
    │   ├── ContradictionError  a person's verdict stands against it; carries which
    │   ├── AccessError         a key that is missing or is none of ours
    │   ├── ForbiddenError      an actor without the permission for it
    │   └── LimitError          more was asked than one request may have
    │       ├── TooLargeError   what was sent has more bytes than are read
    │       └── BusyError       too much waits already; the same works a little later
    ├── GraphError              the graph could not answer
    │   ├── UnavailableError    no connection, or it went away
    │   ├── ConflictError       another writer was first
    │   ├── IntegrityError      a stored report is not what was stored
    │   └── QueryError          the server refused the query
    ├── ServerError             the embedded Neo4j
    │   ├── AlreadyRunningError another crashgraph owns this home
    │   ├── PortTakenError      a port that was asked for by name is in use
    │   ├── DownloadError       a jar could not be fetched or does not have its sum
    │   ├── StartError          the server did not come up; carries its last log lines
    │   └── UncleanStopError    the graph was not shut down in order and cannot be copied as it lies
    └── JobError                a job failed or is unknown
        ├── LostClaimError      another worker took the run over
        └── CancelledRunError   somebody asked for the run to be cancelled

``code`` is stable and safe to show; the message says what was wrong, with what, and what to do, and
never holds a secret.
"""

from __future__ import annotations

from typing import ClassVar


class CrashgraphError(Exception):
    """Base of the tree. ``exit_code`` is what the command line exits with."""

    code: ClassVar[str] = "CRASHGRAPH"
    exit_code: ClassVar[int] = 1


class UsageError(CrashgraphError):
    """What was asked cannot be asked this way."""

    code = "USAGE"
    exit_code = 2


class InvalidInputError(UsageError):
    """A value, file or report that is not what it must be."""

    code = "INVALID_INPUT"


class NotFoundError(UsageError):
    """An id or a name that is not in the graph."""

    code = "NOT_FOUND"


class ContradictionError(UsageError):
    """A person's verdict stands against what was asked; it must be undone first."""

    code = "CONTRADICTION"

    def __init__(self, message: str, verdict_id: str) -> None:
        """``verdict_id`` is that of the verdict to undo first."""
        super().__init__(message)
        self.verdict_id = verdict_id


class LimitError(UsageError):
    """More was asked than one request may have."""

    code = "LIMIT"


class AccessError(UsageError):
    """A key that is missing or is none of ours."""

    code = "ACCESS"

    def __init__(self, message: str, *, missing: bool = False) -> None:
        """``missing``: there was no key at all."""
        super().__init__(message)
        self.missing = missing


class ForbiddenError(UsageError):
    """The actor is known and lacks the permission for what was asked."""

    code = "FORBIDDEN"


class TooLargeError(LimitError):
    """What was sent has more bytes than are read."""

    code = "TOO_LARGE"


class BusyError(LimitError):
    """Too much waits already; the same works after ``retry_after`` seconds."""

    code = "BUSY"

    def __init__(self, message: str, retry_after: int = 1) -> None:
        """``retry_after`` is in whole seconds, at least 1."""
        super().__init__(message)
        self.retry_after = max(1, retry_after)


class GraphError(CrashgraphError):
    """The graph could not answer."""

    code = "GRAPH"


class UnavailableError(GraphError):
    """No connection to Neo4j, or it went away."""

    code = "UNAVAILABLE"


class ConflictError(GraphError):
    """Another writer was first: a uniqueness constraint refused the write."""

    code = "CONFLICT"


class IntegrityError(GraphError):
    """A stored report does not have the SHA-256 it was stored with, so nothing is concluded from it."""

    code = "INTEGRITY"


class QueryError(GraphError):
    """The server refused the query."""

    code = "QUERY"


class ServerError(CrashgraphError):
    """The embedded Neo4j."""

    code = "SERVER"


class AlreadyRunningError(ServerError):
    """Another crashgraph owns this home."""

    code = "ALREADY_RUNNING"


class PortTakenError(ServerError):
    """A port that was asked for by name is in use."""

    code = "PORT_TAKEN"


class DownloadError(ServerError):
    """A jar could not be fetched, or does not have its recorded sum."""

    code = "DOWNLOAD"


class StartError(ServerError):
    """The server did not come up; the message ends with its last log lines."""

    code = "START"


class UncleanStopError(ServerError):
    """The graph was not shut down in order, so it cannot be copied as it lies; a start and a stop mend it."""

    code = "UNCLEAN_STOP"


class JobError(CrashgraphError):
    """A job failed or is unknown."""

    code = "JOB"


class LostClaimError(JobError):
    """A run was taken over by another worker while this one was at it."""

    code = "LOST_CLAIM"


class CancelledRunError(JobError):
    """Somebody asked for a run to be cancelled while it ran."""

    code = "CANCELLED"
