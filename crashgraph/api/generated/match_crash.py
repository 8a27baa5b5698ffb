"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import MatchStrategy, ReceiptStatus, Severity
from .fragments import KnownShape, SolutionShape


class MatchCrash(BaseModel):
    match_crash: list["MatchCrashMatchCrash"] = Field(alias="matchCrash")


class MatchCrashMatchCrash(BaseModel):
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
    explanation: list[str]
    candidates: list["MatchCrashMatchCrashCandidates"]
    diagnosis: Optional["MatchCrashMatchCrashDiagnosis"]
    components: list["MatchCrashMatchCrashComponents"]
    solutions: list["MatchCrashMatchCrashSolutions"]
    known: Optional["MatchCrashMatchCrashKnown"]
    track_record: Optional["MatchCrashMatchCrashTrackRecord"] = Field(alias="trackRecord")


class MatchCrashMatchCrashCandidates(BaseModel):
    pattern_id: str = Field(alias="patternId")
    score: float
    evidence: list["MatchCrashMatchCrashCandidatesEvidence"]


class MatchCrashMatchCrashCandidatesEvidence(BaseModel):
    part: str
    value: float
    contribution: float
    meaning: str


class MatchCrashMatchCrashDiagnosis(BaseModel):
    error_code: str = Field(alias="errorCode")
    cluster_id: str = Field(alias="clusterId")
    family: str
    title: str
    severity: Optional[Severity]
    difficulty: float
    hint: str
    confidence: float


class MatchCrashMatchCrashComponents(BaseModel):
    part: str
    reported: str
    normalised: str
    levels: list[str]
    hints: list[str]


MatchCrashMatchCrashSolutions = SolutionShape
MatchCrashMatchCrashKnown = KnownShape


class MatchCrashMatchCrashTrackRecord(BaseModel):
    low: float
    high: float
    cases: int
    right: int
    share: Optional[float]
    share_low: Optional[float] = Field(alias="shareLow")
    share_high: Optional[float] = Field(alias="shareHigh")


MatchCrash.model_rebuild()
MatchCrashMatchCrash.model_rebuild()
MatchCrashMatchCrashCandidates.model_rebuild()
