"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PageShape, PatternShape


class Patterns(BaseModel):
    patterns: "PatternsPatterns"


class PatternsPatterns(BaseModel):
    nodes: list[Optional["PatternsPatternsNodes"]]
    page_info: "PatternsPatternsPageInfo" = Field(alias="pageInfo")


PatternsPatternsNodes = PatternShape
PatternsPatternsPageInfo = PageShape
Patterns.model_rebuild()
PatternsPatterns.model_rebuild()
