"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import PatternStatus, Severity


class PatternAsOf(BaseModel):
    pattern_as_of: Optional["PatternAsOfPatternAsOf"] = Field(alias="patternAsOf")


class PatternAsOfPatternAsOf(BaseModel):
    name: str
    status: Optional[PatternStatus]
    severity: Optional[Severity]
    confidence: float
    occurrence_count: int = Field(alias="occurrenceCount")
    description: Optional[str]
    root_cause: Optional[str] = Field(alias="rootCause")
    resolved_version: Optional[str] = Field(alias="resolvedVersion")
    signature_count: int = Field(alias="signatureCount")


PatternAsOf.model_rebuild()
