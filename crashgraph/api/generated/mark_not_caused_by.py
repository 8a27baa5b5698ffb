"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape, Problem, VerdictShape


class MarkNotCausedBy(BaseModel):
    mark_not_caused_by: "MarkNotCausedByMarkNotCausedBy" = Field(alias="markNotCausedBy")


class MarkNotCausedByMarkNotCausedBy(BaseModel):
    verdict: Optional["MarkNotCausedByMarkNotCausedByVerdict"]
    pattern: Optional["MarkNotCausedByMarkNotCausedByPattern"]
    user_errors: list["MarkNotCausedByMarkNotCausedByUserErrors"] = Field(alias="userErrors")


MarkNotCausedByMarkNotCausedByVerdict = VerdictShape
MarkNotCausedByMarkNotCausedByPattern = PatternShape
MarkNotCausedByMarkNotCausedByUserErrors = Problem
MarkNotCausedBy.model_rebuild()
MarkNotCausedByMarkNotCausedBy.model_rebuild()
