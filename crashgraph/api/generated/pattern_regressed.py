"""Made by `make client`; change the operations beside, not this file."""

from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape


class PatternRegressed(BaseModel):
    pattern_regressed: "PatternRegressedPatternRegressed" = Field(alias="patternRegressed")


class PatternRegressedPatternRegressed(BaseModel):
    position: int
    at: datetime
    pattern_id: str = Field(alias="patternId")
    version: Optional[str]
    crash_id: str = Field(alias="crashId")
    pattern: Optional["PatternRegressedPatternRegressedPattern"]


PatternRegressedPatternRegressedPattern = PatternShape
PatternRegressed.model_rebuild()
PatternRegressedPatternRegressed.model_rebuild()
