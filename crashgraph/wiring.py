"""Builds the implementations and connects them; the only module that does."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from crashgraph.create_once import create_once
from crashgraph.logs import ensure_logging
from crashgraph.settings import Settings, installation_home, job_variables, organisations_in
from graph.access.tokens import DEFAULT_ORGANISATION
from graph.model.errors import InvalidInputError
from graph.server import EmbeddedServer, Endpoint, ProgressCallback, ServerSettings

if TYPE_CHECKING:
    from crashgraph.access.callers import Access
    from crashgraph.access.rate_limits import RateLimits
    from crashgraph.http_ingest.intake import Intake
    from graph.erasure.waiting import WaitingReports
    from graph.ingest.match_report import ReportMatcher
    from graph.ingest.pipeline import IngestPipeline
    from graph.ingest.preparer import Preparer
    from graph.ingest.process_pool import PoolPreparer
    from graph.knowledge.verdicts.decide import Verdicts
    from graph.ports import Embedder, Ports
    from graph.redaction.redactor import Redactor
    from graph.store import Neo4jGraph
    from jobs.claims import Jobs

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Container:
    """The implementations that commands and the service use. ``endpoint`` is the address of Neo4j."""

    settings: Settings
    graph: Neo4jGraph
    endpoint: Endpoint
    receiver: IngestPipeline
    matcher: ReportMatcher
    embedder: Embedder
    redactor: Redactor
    verdicts: Verdicts
    ports: Ports
    waiting: WaitingReports

    def reading_with(self, preparer: Preparer) -> Container:
        """The same, with reports prepared by ``preparer``."""
        receiver, matcher = self.receiver.with_preparer(preparer), self.matcher.with_preparer(preparer)
        return replace(self, receiver=receiver, matcher=matcher)

    @property
    def password_path(self) -> Path:
        """The file with the embedded server's password."""
        return password_path(self.settings)


def configured_jobs() -> Jobs:
    """The jobs with their settings applied; ``InvalidInputError`` names an invalid variable."""
    from jobs.options import tuned
    from jobs.registry import JOBS

    return tuned(JOBS, job_variables())


def build_ports(settings: Settings, endpoint: Endpoint) -> Ports:
    """The outside world of jobs and consumers; nothing is connected yet."""
    from crashgraph import backups
    from graph.ports import Ports
    from jobs.adapters.backups import BackupFolder
    from jobs.adapters.clock import SystemClock
    from jobs.adapters.gds import GdsClient

    science = GdsClient(endpoint.bolt_uri, endpoint.user, endpoint.password, database=settings.neo4j_database)
    folder = BackupFolder(
        settings.home.expanduser() / "backups",
        write=lambda path: backups.back_up_from(settings, endpoint, path),
        verify=lambda path: _verify_backup(settings, path),
    )
    return Ports(clock=SystemClock(), data_science=science, backups=folder)


async def _verify_backup(settings: Settings, path: Path) -> None:
    """Restore a backup on trial; only read it where there is no embedded Neo4j, which would have to be downloaded first."""
    from crashgraph import backups
    from graph.store.backup.file import check_file

    if settings.neo4j_uri is None:
        await backups.verify(settings, server_settings(settings), path)
    else:
        await asyncio.to_thread(check_file, path)


def server_settings(settings: Settings) -> ServerSettings:
    """The settings of the embedded server."""
    return ServerSettings(
        home=settings.home,
        cache_dir=settings.cache,
        java_home=settings.java_home,
        bolt_port=settings.bolt_port,
        http_port=settings.http_port,
        keeps_ports=settings.organisation != DEFAULT_ORGANISATION,
        heap_mb=settings.heap_mb,
        page_cache_mb=settings.page_cache_mb,
        share=1 + len(organisations_in(installation_home(settings))),
        start_timeout=settings.start_timeout,
    )


def password_path(settings: Settings) -> Path:
    """The file with the embedded server's password."""
    return EmbeddedServer(server_settings(settings)).password_path


@asynccontextmanager
async def neo4j_endpoint(settings: Settings, progress: ProgressCallback | None = None) -> AsyncIterator[Endpoint]:
    """The address of the configured Neo4j, or of the embedded one, which is started if needed and released at the end."""
    ensure_logging(settings.log_level)
    if (configured := configured_endpoint(settings)) is not None:
        yield configured
        return
    server = EmbeddedServer(server_settings(settings), progress)
    endpoint = await asyncio.to_thread(server.acquire)
    try:
        await asyncio.to_thread(server.check)
        yield endpoint
    finally:
        await asyncio.shield(asyncio.to_thread(server.release))


@asynccontextmanager
async def open_graph(settings: Settings, progress: ProgressCallback | None = None) -> AsyncIterator[Neo4jGraph]:
    """The graph as it is, without the schema of the model applied."""
    async with neo4j_endpoint(settings, progress) as endpoint:
        from graph.store import Neo4jGraph

        async with await Neo4jGraph.connect(
            endpoint.bolt_uri, endpoint.user, endpoint.password, database=settings.neo4j_database
        ) as graph:
            yield graph


@asynccontextmanager
async def open_container(
    settings: Settings, progress: ProgressCallback | None = None, embedder: Embedder | None = None
) -> AsyncIterator[Container]:
    """All implementations, on a graph with the schema of the model. See :func:`build_container`."""
    async with neo4j_endpoint(settings, progress) as endpoint:
        from graph.store import Neo4jGraph, apply_schema

        graph = await Neo4jGraph.connect(endpoint.bolt_uri, endpoint.user, endpoint.password, database=settings.neo4j_database)
        async with graph:
            await apply_schema(graph)
            container = build_container(settings, graph, endpoint, embedder)
            await note_installation(container)
            yield container


@asynccontextmanager
async def open_reader(settings: Settings, progress: ProgressCallback | None = None) -> AsyncIterator[Container]:
    """As :func:`open_container`, for a command whose main thread reads reports: each for a limited time."""
    from graph.ingest.main_thread import MainThreadPreparer

    async with open_container(settings, progress) as container:
        preparer = MainThreadPreparer(container.receiver.crash_builder, seconds=settings.read_seconds)
        yield container.reading_with(preparer)


async def note_installation(container: Container) -> None:
    """Note in a graph which redaction key it is written with, complain if it is another one, and bring it up to date."""
    from graph.cypher import query
    from graph.store import derive_missing

    [[row]] = await container.graph.write(query("installation/note_key", mark=container.redactor.key_mark))
    if row["key_mark"] != container.redactor.key_mark:
        log.error("the graph was written with another redaction.key than that of %s", container.settings.home)
    await derive_missing(container.graph)


async def check_organisation(container: Container) -> None:
    """``InvalidInputError`` if the graph has users of another organisation."""
    from graph.cypher import query

    own = container.settings.organisation
    others = [row["name"] for row in await container.graph.read(query("access/organisations")) if row["name"] != own]
    if others:
        raise InvalidInputError(f"the graph belongs to organisation {others[0]}, not to {own}; it needs one of its own")


@asynccontextmanager
async def open_unready(settings: Settings, endpoint: Endpoint, embedder: Embedder) -> AsyncIterator[Container]:
    """As :func:`open_container`, on a Neo4j that need not answer yet; the caller applies the schema."""
    from graph.store import Neo4jGraph

    graph = Neo4jGraph.open(endpoint.bolt_uri, endpoint.user, endpoint.password, database=settings.neo4j_database)
    async with graph:
        yield build_container(settings, graph, endpoint, embedder)


def build_container(settings: Settings, graph: Neo4jGraph, endpoint: Endpoint, embedder: Embedder | None = None) -> Container:
    """All implementations on an open graph. By default the embedder loads PyTorch into this process when it needs it."""
    from crashgraph.spool_changes import SpoolChanges
    from graph.embedding.sentence_transformer import MiniLmEmbedder
    from graph.ingest.match_report import ReportMatcher
    from graph.ingest.pipeline import IngestPipeline
    from graph.ingest.prepare import CrashBuilder
    from graph.knowledge.verdicts.decide import Verdicts
    from graph.matching.cascade import Costs, Policy, Thresholds
    from graph.matching.ranking_model import shipped_model
    from graph.matching.signature_matcher import SignatureMatcher
    from graph.redaction.redactor import Redactor

    embedder = embedder or MiniLmEmbedder()
    thresholds = Thresholds(
        exact=settings.match_exact,
        structural=settings.match_structural,
        semantic=settings.match_semantic,
        fuzzy=settings.match_fuzzy,
    )
    redactor = Redactor(installation_key(settings.home))
    crash_builder = CrashBuilder(redactor)
    costs = Costs(merge=settings.cost_of_wrong_merge, split=settings.cost_of_wrong_split)
    policy = Policy(thresholds, costs, shipped_model() if settings.match_model else None)
    signature_matcher = SignatureMatcher(graph, embedder, policy)
    receiver = IngestPipeline(graph, crash_builder, signature_matcher, model=embedder.name)
    return Container(
        settings=settings,
        graph=graph,
        endpoint=endpoint,
        receiver=receiver,
        matcher=ReportMatcher(graph, receiver.preparer, signature_matcher),
        embedder=embedder,
        redactor=redactor,
        verdicts=Verdicts(graph, redactor.redact),
        ports=build_ports(settings, endpoint),
        waiting=SpoolChanges(spool_path(settings)),
    )


def build_preparer(settings: Settings) -> PoolPreparer:
    """Prepares what a service receives, in processes of their own."""
    from graph.ingest.process_pool import PoolPreparer, builder_with

    return PoolPreparer(partial(builder_with, installation_key(settings.home)), seconds=settings.read_seconds)


def build_intake(container: Container, ready: asyncio.Event | None = None, preparer: Preparer | None = None) -> Intake:
    """The way of every report into the graph, over the spool of the home. Nothing is stored before ``ready`` is set.

    By default a thread prepares the reports.
    """
    from crashgraph.http_ingest.intake import Intake
    from crashgraph.spool import Spool

    settings = container.settings
    spool = Spool(spool_path(settings), settings.spool_mb << 20)
    return Intake(container.receiver, spool, batch_size=settings.batch_size, ready=ready, preparer=preparer)


def build_access(container: Container, limits: RateLimits | None = None) -> Access:
    """Access to the graph; without users, loopback needs no credentials.

    ``limits`` are those of all organisations where there are several: then each needs credentials, with users or without.
    """
    from crashgraph.access.callers import Access

    settings = container.settings
    return Access(container.graph, settings.organisation, settings, limits=limits, closed=limits is not None)


async def check_users(container: Container) -> None:
    """``InsecureError`` on an address that others can reach, if there is no user."""
    from crashgraph.access.start import is_public, no_users
    from graph.access.principals import access_is_on

    host = container.settings.host
    if is_public(host) and not await access_is_on(container.graph):
        raise no_users(host)


def spool_path(settings: Settings) -> Path:
    """The file with the reports that wait to be stored."""
    return settings.home.expanduser() / "spool.db"


def installation_key(home: Path) -> bytes:
    """The secret from which redaction derives its placeholders."""
    return create_once(home.expanduser() / "redaction.key", lambda: secrets.token_bytes(32))


def configured_endpoint(settings: Settings) -> Endpoint | None:
    """The address of the configured Neo4j; ``None`` to run the embedded one."""
    if settings.neo4j_uri is None:
        return None
    if settings.neo4j_password is None:
        raise InvalidInputError("CRASHGRAPH_NEO4J_URI is set but CRASHGRAPH_NEO4J_PASSWORD is not; set both")
    return Endpoint(
        bolt_uri=settings.neo4j_uri,
        http_uri="",
        browser_url="",
        user=settings.neo4j_user,
        password=settings.neo4j_password.get_secret_value(),
    )
