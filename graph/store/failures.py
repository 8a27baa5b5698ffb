"""Translate the driver's errors to ours. No message contains a parameter's value."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from neo4j.exceptions import (
    AuthError,
    ClientError,
    ConstraintError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph.model.errors import ConflictError, GraphError, LimitError, QueryError, UnavailableError, WrongPasswordError

RATE_LIMIT = "Neo.ClientError.Security.AuthenticationRateLimit"

GONE = frozenset({"Neo.ClientError.Statement.EntityNotFound"})
"""Codes of the server for a node or relationship that was deleted after it was read."""

TIMED_OUT = frozenset(
    {
        "Neo.ClientError.Transaction.TransactionTimedOut",
        "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
    }
)
"""Codes of the server for a transaction that it ended by a limit: its own, or one that came with the transaction."""


@contextmanager
def translated(name: object) -> Iterator[None]:
    """Run a block that uses the server; ``name``, formatted on failure, names the operation in the message."""
    try:
        yield
    except AuthError as error:
        raise WrongPasswordError(
            f"{name}: Neo4j refused the user name or password; check CRASHGRAPH_NEO4J_USER and _PASSWORD, "
            "or the file password in the home of the embedded Neo4j"
        ) from error
    except (ServiceUnavailable, SessionExpired, OSError) as error:
        reason = _first_line(error)
        raise UnavailableError(f"{name}: Neo4j does not answer ({reason}); is it running at that address?") from error
    except ConstraintError as error:
        # The server's message quotes the offending value, so it stays out.
        raise ConflictError(f"{name}: a uniqueness constraint refused the write") from error
    except TransientError as error:
        raise UnavailableError(f"{name}: Neo4j gave up after retries ({error.code})") from error
    except ClientError as error:
        if error.code in GONE:
            raise ConflictError(f"{name}: another transaction deleted what it reads") from error
        if error.code in TIMED_OUT:
            raise LimitError(f"{name}: Neo4j ended it, because it took too long; ask for less at once") from error
        if error.code == RATE_LIMIT:
            raise UnavailableError(f"{name}: Neo4j refuses every login for a few seconds, after several failed") from error
        raise QueryError(f"{name}: {error.code}: {_first_line(error)}") from error
    except UnicodeEncodeError as error:
        raise QueryError(f"{name}: a text holds a character that is not Unicode (a lone surrogate)") from error
    except (Neo4jError, DriverError) as error:
        raise GraphError(f"{name}: {type(error).__name__}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    text = getattr(error, "message", None) or str(error)
    return str(text).splitlines()[0][:300].rstrip(":")
