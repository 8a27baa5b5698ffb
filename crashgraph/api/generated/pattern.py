"""Made by `make client`; change the operations beside, not this file."""

from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import (  # noqa: F401
    KnownShape,
    KnownShapeSites,
    KnownShapeVersions,
    PatternShape,
    SolutionShape,
)


class Pattern(BaseModel):
    pattern: Optional["PatternPattern"]


class PatternPattern(PatternShape):
    known: Optional["PatternPatternKnown"]


class PatternPatternKnown(KnownShape):
    solutions: list["PatternPatternKnownSolutions"]


class PatternPatternKnownSolutions(SolutionShape):
    applied: list["PatternPatternKnownSolutionsApplied"]


class PatternPatternKnownSolutionsApplied(BaseModel):
    site: Optional[str]
    product: Optional[str]
    version: Optional[str]
    since: datetime
    worked: int
    failed: int
    expected: float
    chance: float
    proven: bool
    lost_at: Optional[datetime] = Field(alias="lostAt")


Pattern.model_rebuild()
PatternPattern.model_rebuild()
PatternPatternKnown.model_rebuild()
PatternPatternKnownSolutions.model_rebuild()
