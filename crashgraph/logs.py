"""Log lines on standard error, in one format for crashgraph and its libraries."""

from __future__ import annotations

import logging
import sys

QUIET = ("apscheduler", "asyncio", "httpx", "neo4j", "sentence_transformers", "transformers", "uvicorn", "websockets")
"""Libraries that log warnings only, whatever the level: some would log every query with its parameters."""


def configure_logging(level: str) -> None:
    """Configure structlog and the standard library. Standard output stays free for results.

    Tracebacks never show local variables, which hold reports, headers and tokens.
    """
    import structlog

    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for library in QUIET:
        logging.getLogger(library).setLevel(logging.WARNING)
    # While Neo4j is away these warn of each retry of each request, and of each poll that is skipped.
    for library in ("neo4j.session", "apscheduler.scheduler"):
        logging.getLogger(library).setLevel(logging.ERROR)


def ensure_logging(level: str) -> None:
    """Configure logging unless that has been done."""
    import structlog

    if not structlog.is_configured():
        configure_logging(level)
