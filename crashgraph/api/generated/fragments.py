"""Made by `make client`; change the operations beside, not this file."""

from datetime import datetime
from typing import Any, Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import (
    CrashStatus,
    EventKind,
    MatchStrategy,
    PatternStatus,
    ReceiptStatus,
    RunState,
    RunTrigger,
    Severity,
    SolutionKind,
    Trust,
    VerdictKind,
)


class CrashShape(BaseModel):
    id: str
    crash_id: str = Field(alias="crashId")
    title: str
    status: Optional[CrashStatus]
    reason: Optional[str]
    error_type: Optional[str] = Field(alias="errorType")
    message: Optional[str]
    severity: Optional[Severity]
    occurred_at: Optional[datetime] = Field(alias="occurredAt")
    received_at: datetime = Field(alias="receivedAt")
    product: Optional[str]
    version: Optional[str]
    site: Optional[str]
    format: str
    top_frame: Optional[str] = Field(alias="topFrame")
    culprit: Optional[str]
    external_id: Optional[str] = Field(alias="externalId")
    pattern: Optional["CrashShapePattern"]


class CrashShapePattern(BaseModel):
    id: str
    pattern_id: str = Field(alias="patternId")
    name: str


class EventShape(BaseModel):
    position: int
    kind: Optional[EventKind]
    at: datetime
    actor: str
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf")
    subjects: list[str]
    count: int
    payload: Optional[Any]


class KnownShape(BaseModel):
    status: Optional[PatternStatus]
    severity: Optional[Severity]
    confidence: float
    description: Optional[str]
    root_cause: Optional[str] = Field(alias="rootCause")
    first_seen: Optional[datetime] = Field(alias="firstSeen")
    last_seen: Optional[datetime] = Field(alias="lastSeen")
    occurrence_count: int = Field(alias="occurrenceCount")
    validation_count: int = Field(alias="validationCount")
    false_positive_count: int = Field(alias="falsePositiveCount")
    resolved_version: Optional[str] = Field(alias="resolvedVersion")
    regressed_version: Optional[str] = Field(alias="regressedVersion")
    sites: list["KnownShapeSites"]
    versions: list["KnownShapeVersions"]


class KnownShapeSites(BaseModel):
    name: str
    crashes: int


class KnownShapeVersions(BaseModel):
    name: str
    crashes: int


class PageShape(BaseModel):
    has_next_page: bool = Field(alias="hasNextPage")
    end_cursor: Optional[str] = Field(alias="endCursor")


class PatternShape(BaseModel):
    id: str
    pattern_id: str = Field(alias="patternId")
    name: str
    error_type: Optional[str] = Field(alias="errorType")
    cluster_id: Optional[str] = Field(alias="clusterId")
    severity: Optional[Severity]
    status: Optional[PatternStatus]
    confidence: float
    occurrence_count: int = Field(alias="occurrenceCount")
    first_seen: Optional[datetime] = Field(alias="firstSeen")
    last_seen: Optional[datetime] = Field(alias="lastSeen")
    description: Optional[str]
    root_cause: Optional[str] = Field(alias="rootCause")
    resolved_version: Optional[str] = Field(alias="resolvedVersion")
    regressed_version: Optional[str] = Field(alias="regressedVersion")
    validation_count: int = Field(alias="validationCount")
    false_positive_count: int = Field(alias="falsePositiveCount")


class Problem(BaseModel):
    code: str
    field: Optional[str]
    message: str


class ReceiptShape(BaseModel):
    crash_id: str = Field(alias="crashId")
    external_id: Optional[str] = Field(alias="externalId")
    pattern_id: Optional[str] = Field(alias="patternId")
    pattern_name: Optional[str] = Field(alias="patternName")
    strategy: Optional[MatchStrategy]
    confidence: Optional[float]
    is_new: bool = Field(alias="isNew")
    status: Optional[ReceiptStatus]
    reason: Optional[str]
    format: str
    error_type: Optional[str] = Field(alias="errorType")
    top_frame: Optional[str] = Field(alias="topFrame")
    culprit: Optional[str]
    frame_count: int = Field(alias="frameCount")
    candidates: list["ReceiptShapeCandidates"]


class ReceiptShapeCandidates(BaseModel):
    pattern_id: str = Field(alias="patternId")
    score: float


class RunShape(BaseModel):
    id: str
    run_id: str = Field(alias="runId")
    job: str
    state: Optional[RunState]
    trigger: Optional[RunTrigger]
    requested_at: Optional[datetime] = Field(alias="requestedAt")
    requested_by: Optional[str] = Field(alias="requestedBy")
    started_at: Optional[datetime] = Field(alias="startedAt")
    finished_at: Optional[datetime] = Field(alias="finishedAt")
    duration_seconds: Optional[float] = Field(alias="durationSeconds")
    attempt: int
    progress_done: Optional[int] = Field(alias="progressDone")
    progress_total: Optional[int] = Field(alias="progressTotal")
    progress_what: Optional[str] = Field(alias="progressWhat")
    edges_written: Optional[int] = Field(alias="edgesWritten")
    edges_removed: Optional[int] = Field(alias="edgesRemoved")
    nodes_written: Optional[int] = Field(alias="nodesWritten")
    nodes_removed: Optional[int] = Field(alias="nodesRemoved")
    error: Optional[str]


class SolutionShape(BaseModel):
    solution_id: str = Field(alias="solutionId")
    description: str
    kind: Optional[SolutionKind]
    steps: Optional[str]
    worked: int
    failed: int
    confidence: float
    trust: Optional[Trust]
    tags: list[str]
    avg_confidence: Optional[float] = Field(alias="avgConfidence")
    quality: float
    last_success_at: Optional[datetime] = Field(alias="lastSuccessAt")
    scope: list[str]
    fits: Optional[bool]


class VerdictShape(BaseModel):
    id: str
    verdict_id: str = Field(alias="verdictId")
    ordinal: int
    kind: Optional[VerdictKind]
    by: str
    on_behalf_of: Optional[str] = Field(alias="onBehalfOf")
    at: datetime
    reason: str
    subjects: list[str]
    undone_at: Optional[datetime] = Field(alias="undoneAt")
    undone_by: Optional[str] = Field(alias="undoneBy")


CrashShape.model_rebuild()
EventShape.model_rebuild()
KnownShape.model_rebuild()
PageShape.model_rebuild()
PatternShape.model_rebuild()
Problem.model_rebuild()
ReceiptShape.model_rebuild()
RunShape.model_rebuild()
SolutionShape.model_rebuild()
VerdictShape.model_rebuild()
