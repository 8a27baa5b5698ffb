"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape, Problem


class ReopenPattern(BaseModel):
    reopen_pattern: "ReopenPatternReopenPattern" = Field(alias="reopenPattern")


class ReopenPatternReopenPattern(BaseModel):
    pattern: Optional["ReopenPatternReopenPatternPattern"]
    user_errors: list["ReopenPatternReopenPatternUserErrors"] = Field(alias="userErrors")


ReopenPatternReopenPatternPattern = PatternShape
ReopenPatternReopenPatternUserErrors = Problem
ReopenPattern.model_rebuild()
ReopenPatternReopenPattern.model_rebuild()
