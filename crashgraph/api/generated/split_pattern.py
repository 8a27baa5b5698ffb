"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape, Problem, VerdictShape


class SplitPattern(BaseModel):
    split_pattern: "SplitPatternSplitPattern" = Field(alias="splitPattern")


class SplitPatternSplitPattern(BaseModel):
    verdict: Optional["SplitPatternSplitPatternVerdict"]
    pattern: Optional["SplitPatternSplitPatternPattern"]
    user_errors: list["SplitPatternSplitPatternUserErrors"] = Field(alias="userErrors")


SplitPatternSplitPatternVerdict = VerdictShape
SplitPatternSplitPatternPattern = PatternShape
SplitPatternSplitPatternUserErrors = Problem
SplitPattern.model_rebuild()
SplitPatternSplitPattern.model_rebuild()
