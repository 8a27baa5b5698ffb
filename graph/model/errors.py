"""All errors that crashgraph raises on purpose.

::

    CrashgraphError
    ├── UsageError              the request is not valid as it is
    │   ├── InvalidInputError   an invalid value, file or report
    │   ├── NotFoundError       an id or name that is not in the graph
    │   │   └── DocumentNotFoundError  the id of a GraphQL document that is not stored
    │   ├── PersistedQueryError the hash of a GraphQL document that is not stored; clients may not add any
    │   ├── ContradictionError  contradicts an active verdict; carries its id
    │   ├── AccessError         a missing or unknown key
    │   ├── ForbiddenError      an actor without the permission for it
    │   └── LimitError          exceeds the limits of one request
    │       ├── TooLargeError   the request body is too large
    │       └── BusyError       the queue is full; retry later
    │           └── RateLimitedError  more requests than the rate limit
    ├── GraphError              the graph could not answer
    │   ├── UnavailableError    no connection, or the connection was lost
    │   │   └── WrongPasswordError  Neo4j refused the user name or password
    │   ├── ConflictError       another writer was first
    │   ├── IntegrityError      a stored report is not what was stored
    │   └── QueryError          the server refused the query
    ├── InsecureError           others could reach a service that lets everyone do everything
    ├── ServiceGoneError        the running service of this home stopped while a command asked it
    ├── ApiError                a service that a client asks answered with errors; carries them
    │   └── UnreachableError    it did not answer
    ├── ServerError             the embedded Neo4j
    │   ├── AlreadyRunningError another crashgraph owns this home
    │   ├── PortTakenError      an explicitly configured port is in use
    │   ├── DownloadError       a jar could not be fetched or has a wrong checksum
    │   ├── StartError          the server did not start; carries its last log lines
    │   └── UncleanStopError    the graph was not shut down cleanly and cannot be copied
    └── JobError                a job failed or is unknown
        ├── LostClaimError      another worker took the run over
        └── CancelledRunError   the run was cancelled on request

``code`` is stable and safe to show; the message states what is wrong, with what, and what to do, and
never contains a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class CrashgraphError(Exception):
    """Base of the tree. ``exit_code`` is the exit code of the command line."""

    code: ClassVar[str] = "CRASHGRAPH"
    exit_code: ClassVar[int] = 1


class UsageError(CrashgraphError):
    """The request is not valid as it is."""

    code = "USAGE"
    exit_code = 2


class InvalidInputError(UsageError):
    """An invalid value, file or report."""

    code = "INVALID_INPUT"


class NotFoundError(UsageError):
    """No node has this id or name."""

    code = "NOT_FOUND"


class DocumentNotFoundError(NotFoundError):
    """No stored GraphQL document has this id."""

    code = "DOCUMENT_NOT_FOUND"


class PersistedQueryError(UsageError):
    """Apollo's automatic persisted queries are not supported; clients that read this code send the text from then on."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"


class ContradictionError(UsageError):
    """Contradicts an active verdict, which must be undone first."""

    code = "CONTRADICTION"

    def __init__(self, message: str, verdict_id: str) -> None:
        """``verdict_id`` is the verdict to undo first."""
        super().__init__(message)
        self.verdict_id = verdict_id


class LimitError(UsageError):
    """Exceeds the limits of one request."""

    code = "LIMIT"


class AccessError(UsageError):
    """A missing or unknown key."""

    code = "ACCESS"

    def __init__(self, message: str, *, missing: bool = False) -> None:
        """``missing``: the request had no key."""
        super().__init__(message)
        self.missing = missing


class ForbiddenError(UsageError):
    """The actor is known and lacks the permission for what was asked."""

    code = "FORBIDDEN"


class TooLargeError(LimitError):
    """The request body is too large."""

    code = "TOO_LARGE"


class BusyError(LimitError):
    """The queue is full; retry after ``retry_after`` seconds."""

    code = "BUSY"

    def __init__(self, message: str, retry_after: int = 1) -> None:
        """``retry_after`` is in whole seconds, at least 1."""
        super().__init__(message)
        self.retry_after = max(1, retry_after)


class RateLimitedError(BusyError):
    """More requests than the rate limit."""

    code = "RATE_LIMITED"


class GraphError(CrashgraphError):
    """The graph could not answer."""

    code = "GRAPH"


class UnavailableError(GraphError):
    """No connection to Neo4j, or the connection was lost."""

    code = "UNAVAILABLE"


class WrongPasswordError(UnavailableError):
    """Neo4j refused the user name or password."""

    code = "WRONG_PASSWORD"


class ConflictError(GraphError):
    """Another writer was first: a uniqueness constraint refused the write."""

    code = "CONFLICT"


class IntegrityError(GraphError):
    """A stored report does not have its recorded SHA-256, so nothing is derived from it."""

    code = "INTEGRITY"


class QueryError(GraphError):
    """The server refused the query."""

    code = "QUERY"


class InsecureError(CrashgraphError):
    """Others could reach a service without users; it does not start. ``exit_code`` is ``EX_CONFIG`` of sysexits.h."""

    code = "INSECURE"
    exit_code = 78


class ServiceGoneError(CrashgraphError):
    """The running service of this home stopped, or cannot reach its graph, while a command asked it."""

    code = "SERVICE_GONE"


class ApiError(CrashgraphError):
    """A service that a client asks answered with errors.

    ``errors`` are those of the answer, ``data`` what it has besides, and ``codes`` the codes of all errors.
    """

    code = "API"

    def __init__(
        self, message: str, *, errors: Sequence[Mapping[str, Any]] = (), status: int | None = None, data: object = None
    ) -> None:
        """``status`` is that of the HTTP response."""
        super().__init__(message)
        self.errors = tuple(errors)
        self.codes = tuple(str((one.get("extensions") or {}).get("code", "")) for one in errors)
        self.status = status
        self.data = data


class UnreachableError(ApiError):
    """The service did not answer, or the connection to it was lost."""

    code = "UNREACHABLE"


class ServerError(CrashgraphError):
    """The embedded Neo4j."""

    code = "SERVER"


class AlreadyRunningError(ServerError):
    """Another crashgraph owns this home."""

    code = "ALREADY_RUNNING"


class PortTakenError(ServerError):
    """An explicitly configured port is in use."""

    code = "PORT_TAKEN"


class DownloadError(ServerError):
    """A jar could not be fetched, or has a wrong checksum."""

    code = "DOWNLOAD"


class StartError(ServerError):
    """The server did not start; the message ends with its last log lines."""

    code = "START"

    def __init__(self, message: str, *, killed: bool = False) -> None:
        """``killed``: a signal ended it, so the same may work at once."""
        super().__init__(message)
        self.killed = killed


class UncleanStopError(ServerError):
    """The graph was not shut down cleanly and cannot be copied; a start and a stop repair it."""

    code = "UNCLEAN_STOP"


class JobError(CrashgraphError):
    """A job failed or is unknown."""

    code = "JOB"


class LostClaimError(JobError):
    """Another worker took the run over."""

    code = "LOST_CLAIM"


class CancelledRunError(JobError):
    """The run was cancelled on request."""

    code = "CANCELLED"
