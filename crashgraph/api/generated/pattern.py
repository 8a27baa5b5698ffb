"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from .base_model import BaseModel
from .fragments import KnownShape, PatternShape


class Pattern(BaseModel):
    pattern: Optional["PatternPattern"]


class PatternPattern(PatternShape):
    known: Optional["PatternPatternKnown"]


PatternPatternKnown = KnownShape
Pattern.model_rebuild()
PatternPattern.model_rebuild()
