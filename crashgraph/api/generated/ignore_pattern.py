"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape, Problem


class IgnorePattern(BaseModel):
    ignore_pattern: "IgnorePatternIgnorePattern" = Field(alias="ignorePattern")


class IgnorePatternIgnorePattern(BaseModel):
    pattern: Optional["IgnorePatternIgnorePatternPattern"]
    user_errors: list["IgnorePatternIgnorePatternUserErrors"] = Field(alias="userErrors")


IgnorePatternIgnorePatternPattern = PatternShape
IgnorePatternIgnorePatternUserErrors = Problem
IgnorePattern.model_rebuild()
IgnorePatternIgnorePattern.model_rebuild()
