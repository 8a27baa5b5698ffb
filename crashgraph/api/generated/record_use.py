"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import SolutionKind
from .fragments import Problem


class RecordUse(BaseModel):
    record_use: "RecordUseRecordUse" = Field(alias="recordUse")


class RecordUseRecordUse(BaseModel):
    solution: Optional["RecordUseRecordUseSolution"]
    worked: Optional[int]
    failed: Optional[int]
    user_errors: list["RecordUseRecordUseUserErrors"] = Field(alias="userErrors")


class RecordUseRecordUseSolution(BaseModel):
    id: str
    solution_id: str = Field(alias="solutionId")
    description: str
    kind: Optional[SolutionKind]


RecordUseRecordUseUserErrors = Problem
RecordUse.model_rebuild()
RecordUseRecordUse.model_rebuild()
