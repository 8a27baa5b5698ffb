"""Made by `make client`; change the operations beside, not this file."""

from typing import Literal, Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import RelationshipType


class Path(BaseModel):
    path: "PathPath"


class PathPath(BaseModel):
    length: Optional[int]
    complete: bool
    nodes: list[Optional["PathPathNodes"]]
    edges: list["PathPathEdges"]


class PathPathNodes(BaseModel):
    typename__: Literal[
        "ApiKey",
        "Attribute",
        "AuditEvent",
        "Community",
        "Consumer",
        "Crash",
        "Environment",
        "Event",
        "EventLog",
        "Frame",
        "IdempotencyKey",
        "Installation",
        "JobRun",
        "ModelVersion",
        "Module",
        "Node",
        "Organisation",
        "Pattern",
        "Revision",
        "Session",
        "Signature",
        "Site",
        "Solution",
        "User",
        "Validation",
        "Verdict",
        "Version",
    ] = Field(alias="__typename")
    id: str
    caption: str


class PathPathEdges(BaseModel):
    type_: Optional[RelationshipType] = Field(alias="type")


Path.model_rebuild()
PathPath.model_rebuild()
