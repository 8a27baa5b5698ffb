"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape, Problem, VerdictShape


class MarkSame(BaseModel):
    mark_same: "MarkSameMarkSame" = Field(alias="markSame")


class MarkSameMarkSame(BaseModel):
    verdict: Optional["MarkSameMarkSameVerdict"]
    pattern: Optional["MarkSameMarkSamePattern"]
    user_errors: list["MarkSameMarkSameUserErrors"] = Field(alias="userErrors")


MarkSameMarkSameVerdict = VerdictShape
MarkSameMarkSamePattern = PatternShape
MarkSameMarkSameUserErrors = Problem
MarkSame.model_rebuild()
MarkSameMarkSame.model_rebuild()
