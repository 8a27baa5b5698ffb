"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PageShape, VerdictShape


class Verdicts(BaseModel):
    verdicts: "VerdictsVerdicts"


class VerdictsVerdicts(BaseModel):
    nodes: list[Optional["VerdictsVerdictsNodes"]]
    page_info: "VerdictsVerdictsPageInfo" = Field(alias="pageInfo")


VerdictsVerdictsNodes = VerdictShape
VerdictsVerdictsPageInfo = PageShape
Verdicts.model_rebuild()
VerdictsVerdicts.model_rebuild()
