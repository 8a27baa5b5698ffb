"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape, Problem, VerdictShape


class MergePatterns(BaseModel):
    merge_patterns: "MergePatternsMergePatterns" = Field(alias="mergePatterns")


class MergePatternsMergePatterns(BaseModel):
    verdict: Optional["MergePatternsMergePatternsVerdict"]
    pattern: Optional["MergePatternsMergePatternsPattern"]
    user_errors: list["MergePatternsMergePatternsUserErrors"] = Field(alias="userErrors")


MergePatternsMergePatternsVerdict = VerdictShape
MergePatternsMergePatternsPattern = PatternShape
MergePatternsMergePatternsUserErrors = Problem
MergePatterns.model_rebuild()
MergePatternsMergePatterns.model_rebuild()
