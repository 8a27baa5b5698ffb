"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import CrashShape, PageShape


class Crashes(BaseModel):
    crashes: "CrashesCrashes"


class CrashesCrashes(BaseModel):
    nodes: list[Optional["CrashesCrashesNodes"]]
    page_info: "CrashesCrashesPageInfo" = Field(alias="pageInfo")


CrashesCrashesNodes = CrashShape
CrashesCrashesPageInfo = PageShape
Crashes.model_rebuild()
CrashesCrashes.model_rebuild()
