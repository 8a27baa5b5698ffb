"""Made by `make client`; change the operations beside, not this file."""

from typing import Literal, Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import MatchedBy
from .fragments import PageShape


class Search(BaseModel):
    search: "SearchSearch"


class SearchSearch(BaseModel):
    edges: list[Optional["SearchSearchEdges"]]
    page_info: "SearchSearchPageInfo" = Field(alias="pageInfo")


class SearchSearchEdges(BaseModel):
    score: float
    matched_by: list[MatchedBy] = Field(alias="matchedBy")
    node: Optional["SearchSearchEdgesNode"]


class SearchSearchEdgesNode(BaseModel):
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
    key: str
    caption: str


SearchSearchPageInfo = PageShape
Search.model_rebuild()
SearchSearch.model_rebuild()
SearchSearchEdges.model_rebuild()
