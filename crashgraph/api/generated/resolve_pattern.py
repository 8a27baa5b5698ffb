"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape, Problem


class ResolvePattern(BaseModel):
    resolve_pattern: "ResolvePatternResolvePattern" = Field(alias="resolvePattern")


class ResolvePatternResolvePattern(BaseModel):
    pattern: Optional["ResolvePatternResolvePatternPattern"]
    user_errors: list["ResolvePatternResolvePatternUserErrors"] = Field(alias="userErrors")


ResolvePatternResolvePatternPattern = PatternShape
ResolvePatternResolvePatternUserErrors = Problem
ResolvePattern.model_rebuild()
ResolvePatternResolvePattern.model_rebuild()
