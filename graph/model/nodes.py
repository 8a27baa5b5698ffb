"""The nodes of the crash graph. Colours are of the Okabe-Ito palette, readable with colour blindness."""

from __future__ import annotations

from datetime import datetime

from graph.model.choices import (
    AttributeName,
    CrashStatus,
    MatchStrategy,
    PatternStatus,
    RunState,
    RunTrigger,
    Severity,
    SolutionKind,
    Trust,
    ValidationVerdict,
)
from graph.model.declare import TextForm, node, prop

EMBEDDING_DIMENSIONS = 384
FOUNDING_CONFIDENCE = 0.5
"""Confidence of a pattern with one signature: nothing has confirmed it yet."""


@node(
    "Crash",
    key="crash_id",
    help="One occurrence of a failure, from one report.",
    written_by="ingest",
    colour="#D55E00",
    caption="title",
    together=(
        ("site", "received_at"),
        ("product", "version", "received_at"),
        ("exact", "received_at"),
        ("exact", "occurred_at"),
    ),
)
class Crash:
    """One occurrence."""

    crash_id: str = prop("Stable id, derived from the report, so that ingesting it twice stores it once.", own=True)
    status: str = prop("What became of its report.", index=True, values=CrashStatus)
    reason: str | None = prop("Reason why a report is `unparsed`.", default=None)
    title: str = prop("Error type and message on one line.")
    error_type: str | None = prop("Exception class or error name as reported.", default=None)
    message: str | None = prop("Error message, redacted.", default=None)
    fault: str | None = prop(
        "Type and message of the cause or group member that says what went wrong, if the reported error only wraps it.",
        default=None,
    )
    severity: str = prop("How bad it is.", values=Severity)
    occurred_at: datetime | None = prop(
        "When it happened (UTC), according to the report or its sender; unset for a time before 1990 or more than a day after "
        "the crash was received, which is kept as the fact `stated_time`.",
        default=None,
        index=True,
    )
    received_at: datetime = prop("When crashgraph stored it (UTC).", index=True)
    format: str = prop("The report's format.", own=True)
    report: str = prop("The redacted report.")
    report_hash: str = prop("SHA-256 of the report as received, in hex.", own=True)
    stored_hash: str | None = prop("SHA-256 of `report` as stored, in hex; checked before each use.", default=None, own=True)
    error_code: str | None = prop(
        "Category of the error in the taxonomy, such as `RES.NAME_ERROR`.", default=None, index=True, own=True
    )
    cluster_id: str | None = prop("The category and a discriminator within it: `RES.NAME_ERROR:requests`.", default=None)
    diagnosis_confidence: float | None = prop("Confidence of the diagnosis, 0..1.", default=None)
    source: str | None = prop("File, standard input or interface it was received from.", default=None)
    file_name: str | None = prop("Name of the source file, without its folder.", default=None)
    file_hash: str | None = prop("SHA-256 of the source file, in hex.", default=None, own=True)
    external_id: str | None = prop("Id given by the sender.", default=None, index=True)
    product: str | None = prop("Program that crashed.", default=None)
    version: str | None = prop("Version of the program, as reported.", default=None)
    site: str | None = prop("Installation or customer site.", default=None, index=True)
    user: str | None = prop("Affected user, as reported.", default=None)
    session: str | None = prop("Affected session, as reported.", default=None)
    facts: tuple[str, ...] | None = prop(
        "Further facts as `name=value`, sorted; they do not identify its environment.", default=None
    )
    top_frame: str | None = prop("Innermost frame as reported, `module.function`.", default=None)
    culprit: str | None = prop("Frame of the fault to blame, after wrappers, assertions and runtime frames.", default=None)
    frame_count: int = prop("Number of frames reported, repeated ones included.", default=0)
    exact: str | None = prop(
        "Hash of its signature, so that an index has the crashes of a signature by time.", default=None, own=True
    )
    downtime_minutes: float | None = prop("Business impact: minutes of downtime.", default=None)
    affected_features: tuple[str, ...] | None = prop("Business impact: features that did not work.", default=None)


@node(
    "Signature",
    key="exact",
    help="One distinct normalised cause and stack, shared by all crashes that have it.",
    written_by="ingest",
    colour="#56B4E9",
    caption="title",
    vector={"embedding": EMBEDDING_DIMENSIONS},
    fulltext=("text",),
)
class Signature:
    """One distinct normalised cause and stack."""

    exact: str = prop("SHA-256 of the normalised cause and the first three frames, in hex.", own=True)
    structural: str = prop("SHA-256 of the error type and the function names, in hex.", index=True, own=True)
    fingerprint_version: str = prop("Dated version of the normalisation behind it.", index=True, own=True)
    title: str = prop("Error type and culprit on one line.")
    error_type: str | None = prop("Normalised exception class or error name.", default=None, index=True)
    cause: str = prop("Normalised error type and message.")
    frames: tuple[str, ...] = prop("Normalised frames, innermost first.", default=())
    blamed: int = prop("Position in `frames` of the first frame to blame.", default=0)
    text: str = prop("Input of the embedding and the full-text index.")
    embedding: tuple[float, ...] | None = prop("Unit-length sentence embedding of `text`.", default=None)
    embedding_model: str | None = prop("Name of the model behind `embedding`.", default=None, own=True)
    first_seen: datetime | None = prop("Time of its earliest crash (UTC).", default=None)
    last_seen: datetime | None = prop("Time of its latest crash (UTC).", default=None, index=True)


@node(
    "Pattern",
    key="pattern_id",
    help="One bug: a set of signatures.",
    written_by="ingest",
    colour="#E69F00",
    caption="name",
    fulltext=("name",),
)
class Pattern:
    """One bug."""

    pattern_id: str = prop("Stable id, derived from its first signature.", own=True)
    name: str = prop("Error type and culprit, with the message or the caller where other patterns share them.", index=True)
    error_type: str | None = prop("Exception class or error name.", default=None, index=True)
    taxonomy_code: str | None = prop(
        "Category of the error, such as `RES.NAME_ERROR`, as diagnosed at its first crash.", default=None, index=True, own=True
    )
    cluster_id: str | None = prop("The category and a discriminator within it.", default=None, index=True)
    diagnosis_confidence: float | None = prop("Confidence of that diagnosis, 0..1.", default=None)
    severity: str = prop("The worst severity among its crashes.", index=True, values=Severity)
    confidence: float = prop("Confidence that its crashes are one bug, 0..1.", default=0.5)
    status: str = prop("What people decided about it.", default="open", index=True, values=PatternStatus)
    first_seen: datetime | None = prop("Time of its earliest crash (UTC); updated at each ingest.", default=None, index=True)
    last_seen: datetime | None = prop("Time of its latest crash (UTC); updated at each ingest.", default=None, index=True)
    occurrence_count: int = prop("Number of its crashes; updated at each ingest.", default=0, index=True)
    created_at: datetime | None = prop("When its first signature was stored (UTC).", default=None, index=True)
    description: str | None = prop("What happens, as described by people.", default=None)
    root_cause: str | None = prop("Why it happens, as found by people.", default=None)
    trust: str | None = prop("Trust in name, description, root cause and severity.", default=None, values=Trust)
    severity_by: str | None = prop(
        "The actor who set the severity; empty while it is the worst of its crashes.", default=None, own=True
    )
    validation_count: int = prop("Number of validations of its crashes, at most one per person and crash.", default=0)
    false_positive_count: int = prop("Number of those that found the crash in the wrong pattern.", default=0)
    validated_at: datetime | None = prop("When a person last confirmed a crash of it (UTC).", default=None, index=True)
    avg_resolution_minutes: float | None = prop("Mean minutes to resolution, where recorded.", default=None)
    resolved_at: datetime | None = prop("When it was last marked resolved (UTC).", default=None)
    resolved_product: str | None = prop("Product of the version it is resolved in; empty if unknown.", default=None)
    resolved_version: str | None = prop("First version in which it is resolved.", default=None)
    resolved_order: str | None = prop("Sort key of that version among its product's.", default=None)
    regressed_at: datetime | None = prop("When it last occurred although resolved (UTC).", default=None)
    regressed_version: str | None = prop("Version in which it occurred although resolved.", default=None)
    introduced_in: tuple[str, ...] | None = prop(
        "First version with it, per product, as `product@version`.", default=None, form=TextForm.PRODUCT_VERSION
    )
    last_seen_in: tuple[str, ...] | None = prop(
        "Last version with it, per product, likewise.", default=None, form=TextForm.PRODUCT_VERSION
    )
    returned_in: tuple[str, ...] | None = prop(
        "Versions in which it returned after versions with enough use to show its absence, as `product@version`.",
        default=None,
        form=TextForm.PRODUCT_VERSION,
    )
    influence: float | None = prop(
        "Influence along chains of causes: its share, 0..1, of the PageRank of all patterns with causes.",
        default=None,
        index=True,
    )
    brokerage: float | None = prop(
        "Betweenness: share of the shortest chains of causes between two others that pass through it, 0..1.",
        default=None,
        index=True,
    )


@node(
    "Frame",
    key="key",
    help="A normalised stack frame; two stacks that pass through one function share it.",
    written_by="ingest",
    colour="#0072B2",
    caption="function",
    fulltext=("key",),
)
class Frame:
    """A normalised stack frame."""

    key: str = prop("`module.function`, normalised.")
    function: str = prop("Function, method or selector.", index=True)


@node(
    "Module",
    key="key",
    help="The module or class of frames.",
    written_by="ingest",
    colour="#009E73",
    caption="key",
    fulltext=("key",),
)
class Module:
    """The module or class of frames."""

    key: str = prop("Its normalised name.")


@node(
    "Environment",
    key="environment_id",
    help="Where crashes happened: product, version, site, OS, runtime, databases, memory and disk class.",
    written_by="ingest",
    colour="#CC79A7",
    caption="title",
    fulltext=("title",),
)
class Environment:
    """Where crashes happened."""

    environment_id: str = prop("SHA-256 of the facts that identify it, shortened, in hex.", own=True)
    title: str = prop("Product, version and site on one line.")
    product: str | None = prop("Program.", default=None, index=True)
    version: str | None = prop("Version of the program.", default=None)
    build: str | None = prop("Build of the program.", default=None)
    site: str | None = prop("Installation or customer site.", default=None, index=True)
    os: str | None = prop("Operating system.", default=None)
    runtime: str | None = prop("Language runtime and version.", default=None)
    database: str | None = prop("Database server and version.", default=None)
    database_name: str | None = prop("Name of the database or schema.", default=None)
    database_version: str | None = prop("Version of the application's schema on the database.", default=None)
    database_client: str | None = prop("Database client and version.", default=None)
    host: str | None = prop("Host, as reported.", default=None)
    memory_class: str | None = prop("Memory, as a class such as `4-8 GiB`.", default=None)
    disk_class: str | None = prop("Disk, as a class.", default=None)


@node(
    "Attribute",
    key="key",
    help="One fact of environments, such as an operating system; product, version and site are nodes of their own.",
    written_by="ingest",
    colour="#E8A2C8",
    caption="key",
)
class Attribute:
    """One fact of environments."""

    key: str = prop("`name=value`.")
    name: str = prop("Property of the environment.", index=True, values=AttributeName)
    value: str = prop("Its value there.")


@node(
    "Site",
    key="name",
    help="An installation or customer site.",
    written_by="ingest",
    colour="#8C6BB1",
    caption="name",
    fulltext=("name",),
)
class Site:
    """An installation or customer site."""

    name: str = prop("Its name.")


@node(
    "Version",
    key="version_id",
    help="One version of one product; versions of a product form a chain.",
    written_by="ingest",
    colour="#F0E442",
    caption="title",
    fulltext=("title",),
)
class Version:
    """One version of one product."""

    version_id: str = prop("`product@version`.", form=TextForm.PRODUCT_VERSION)
    title: str = prop("Product and version on one line.")
    product: str = prop("Program; empty if unknown.", index=True)
    version: str = prop("Version as reported.")


@node(
    "Solution",
    key="solution_id",
    help="A fix for patterns.",
    written_by="people",
    colour="#009E73",
    caption="description",
    fulltext=("description", "steps"),
)
class Solution:
    """A fix."""

    solution_id: str = prop(
        "Derived from error code, cluster and description, so one fix is one node whoever records it.", own=True
    )
    description: str = prop("What to do to fix it.")
    error_code: str | None = prop(
        "Category of the errors it fixes, such as `RES.NAME_ERROR`.", default=None, index=True, own=True
    )
    cluster_id: str | None = prop("The category and a discriminator within it.", default=None, index=True)
    kind: str | None = prop("What it changes.", default=None, values=SolutionKind)
    steps: str | None = prop("How to do it, or a diff.", default=None)
    tags: tuple[str, ...] = prop(
        "`GOLD_STANDARD` for a mean confidence of at least 0.9, `HIGH_CONFIDENCE` for at least 0.8.", default=(), own=True
    )
    trust: str = prop("Trust by its source.", default="suggested", values=Trust)
    success_count: int = prop("Number of uses that worked.", default=0)
    failure_count: int = prop("Number of uses that failed.", default=0)
    confidence: float = prop("Confidence that it works: (worked + 1) / (worked + failed + 2), 0..1.", default=0.5)
    avg_confidence: float | None = prop("Mean confidence of the uses that worked, 0..1.", default=None)
    confidence_count: int = prop("Number of uses behind that mean.", default=0)
    feedback_sum: float = prop("Sum of feedback: 1 for helpful, 0.5 for partly, 0 for not.", default=0.0)
    feedback_count: int = prop("Number of times feedback was given.", default=0)
    resolution_minutes: float | None = prop("Mean duration of its uses in minutes, where recorded.", default=None)
    resolution_count: int = prop("Number of uses behind that mean.", default=0)
    quality: float = prop("0.4 feedback + 0.3 resolution time + 0.2 reuse + 0.1 confidence, each 0..1.", default=0.4)
    created_by: str | None = prop("Actor who recorded it, as `kind:name`.", default=None, own=True)
    on_behalf_of: str | None = prop("Person that the actor acted for, as stated by the actor.", default=None, own=True)
    created_at: datetime | None = prop("When it was recorded (UTC).", default=None, index=True)
    last_used_at: datetime | None = prop("When it was last used (UTC).", default=None)


@node(
    "Validation",
    key="validation_id",
    help="A validation of one crash: whether its pattern is right, and its impact.",
    written_by="people",
    colour="#999999",
    caption="by",
)
class Validation:
    """A validation of one crash."""

    validation_id: str = prop("Stable id.", own=True)
    by: str = prop("The validator, as `kind:name`; only a person's validation counts.", own=True)
    on_behalf_of: str | None = prop("Person that the actor acted for, as stated by the actor.", default=None, own=True)
    at: datetime = prop("When (UTC).", index=True)
    verdict: str = prop("Whether the crash belongs to its pattern.", values=ValidationVerdict)
    pattern_id: str = prop("The crash's pattern at that time.", index=True, own=True)
    belongs_to: str | None = prop("The pattern it belongs to instead.", default=None, own=True)
    strategy: str | None = prop("Stage of the cascade that placed it.", default=None, index=True, values=MatchStrategy)
    match_confidence: float | None = prop("Confidence of that stage, 0..1; empty for a known hash.", default=None)
    counts: int = prop("1; 0 once the same person validates the crash again, or if the actor is not a person.", default=1)
    notes: str | None = prop("Notes, redacted.", default=None)
    root_cause: str | None = prop("Root cause, redacted.", default=None)
    severity: str | None = prop("Severity according to the validator.", default=None, values=Severity)
    downtime_minutes: float | None = prop("Business impact: minutes of downtime.", default=None)
    affected_features: tuple[str, ...] | None = prop("Business impact: features that did not work.", default=None)
    resolution_minutes: float | None = prop("Minutes to resolution.", default=None)
    quality: float = prop("Completeness of the validation, 0..1.", default=0.0)


@node(
    "JobRun",
    key="run_id",
    help="One run of one job.",
    written_by="jobs",
    colour="#999999",
    caption="job",
)
class JobRun:
    """One run of one job."""

    run_id: str = prop("Stable id.", own=True)
    job: str = prop("Name of the job.", index=True, own=True)
    job_version: str | None = prop("Version of its algorithm.", default=None, own=True)
    slot: str | None = prop("Schedule slot it fills, `job@time`; one run per slot.", default=None, unique=True, own=True)
    state: str = prop("How far it is.", index=True, values=RunState)
    trigger: str | None = prop("Why it ran.", default=None, values=RunTrigger)
    params: str | None = prop("Its parameters as JSON.", default=None, form=TextForm.JSON)
    waiting: str | None = prop(
        "Job and parameters while requested, so that equal requests are one run.", default=None, unique=True
    )
    worker: str | None = prop("Worker that claimed it.", default=None, own=True)
    requested_at: datetime | None = prop("When it was requested (UTC).", default=None, index=True)
    requested_by: str | None = prop("The requesting actor, as `kind:name`; empty for a scheduled run.", default=None, own=True)
    on_behalf_of: str | None = prop("Person that the actor acted for, as stated by the actor.", default=None, own=True)
    started_at: datetime | None = prop("When it started (UTC).", default=None, index=True)
    heartbeat_at: datetime | None = prop("Last heartbeat of its worker (UTC).", default=None)
    finished_at: datetime | None = prop("When it ended (UTC).", default=None)
    duration_seconds: float | None = prop("Duration in seconds.", default=None)
    attempt: int = prop("Number of the attempt, from 1; 0 before the first.", default=1)
    next_attempt_at: datetime | None = prop("When it will be retried (UTC); `error` has the reason.", default=None)
    cancel_requested_at: datetime | None = prop("When its cancellation was requested (UTC).", default=None)
    progress_done: int | None = prop("Number of steps done.", default=None)
    progress_total: int | None = prop("Total steps; 0 if unknown.", default=None)
    progress_what: str | None = prop("Current step.", default=None)
    read_until: datetime | None = prop("Reception time of the latest crash it could read (UTC).", default=None)
    crashes_seen: int | None = prop("Number of crashes in the graph when it began to read.", default=None)
    edges_written: int | None = prop("Number of relationships it left in the graph.", default=None)
    edges_removed: int | None = prop("Number of its own stale relationships it removed.", default=None)
    nodes_written: int | None = prop("Number of nodes it left in the graph.", default=None)
    nodes_removed: int | None = prop("Number of its own stale nodes it removed.", default=None)
    counts: str | None = prop("Further counts as JSON.", default=None, own=True, form=TextForm.JSON)
    error: str | None = prop("Why it failed.", default=None)
