"""Made by `make client`; change the operations beside, not this file."""

from typing import Literal, Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import DerivedType, Direction


class Related(BaseModel):
    pattern: Optional["RelatedPattern"]


class RelatedPattern(BaseModel):
    related: "RelatedPatternRelated"


class RelatedPatternRelated(BaseModel):
    edges: list[Optional["RelatedPatternRelatedEdges"]]


class RelatedPatternRelatedEdges(BaseModel):
    direction: Direction
    node: "RelatedPatternRelatedEdgesNode"
    evidence: "RelatedPatternRelatedEdgesEvidence"


class RelatedPatternRelatedEdgesNode(BaseModel):
    id: str
    pattern_id: str = Field(alias="patternId")
    name: str


class RelatedPatternRelatedEdgesEvidence(BaseModel):
    typename__: Literal[
        "Causes",
        "CoOccursWith",
        "CorrelatesWith",
        "Evidence",
        "EvolvesFrom",
        "RelatedTo",
        "SimilarFix",
    ] = Field(alias="__typename")
    type_: DerivedType = Field(alias="type")
    score: float
    support: int
    algorithm: str
    run_id: str = Field(alias="runId")


Related.model_rebuild()
RelatedPattern.model_rebuild()
RelatedPatternRelated.model_rebuild()
RelatedPatternRelatedEdges.model_rebuild()
