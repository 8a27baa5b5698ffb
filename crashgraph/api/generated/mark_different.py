"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape, Problem, VerdictShape


class MarkDifferent(BaseModel):
    mark_different: "MarkDifferentMarkDifferent" = Field(alias="markDifferent")


class MarkDifferentMarkDifferent(BaseModel):
    verdict: Optional["MarkDifferentMarkDifferentVerdict"]
    pattern: Optional["MarkDifferentMarkDifferentPattern"]
    user_errors: list["MarkDifferentMarkDifferentUserErrors"] = Field(alias="userErrors")


MarkDifferentMarkDifferentVerdict = VerdictShape
MarkDifferentMarkDifferentPattern = PatternShape
MarkDifferentMarkDifferentUserErrors = Problem
MarkDifferent.model_rebuild()
MarkDifferentMarkDifferent.model_rebuild()
