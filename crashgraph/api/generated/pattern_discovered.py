"""Made by `make client`; change the operations beside, not this file."""

from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape


class PatternDiscovered(BaseModel):
    pattern_discovered: "PatternDiscoveredPatternDiscovered" = Field(alias="patternDiscovered")


class PatternDiscoveredPatternDiscovered(BaseModel):
    position: int
    at: datetime
    pattern_id: str = Field(alias="patternId")
    name: str
    pattern: Optional["PatternDiscoveredPatternDiscoveredPattern"]


PatternDiscoveredPatternDiscoveredPattern = PatternShape
PatternDiscovered.model_rebuild()
PatternDiscoveredPatternDiscovered.model_rebuild()
