"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import SolutionKind
from .fragments import Problem


class RecordSolution(BaseModel):
    record_solution: "RecordSolutionRecordSolution" = Field(alias="recordSolution")


class RecordSolutionRecordSolution(BaseModel):
    solution: Optional["RecordSolutionRecordSolutionSolution"]
    worked: Optional[int]
    failed: Optional[int]
    user_errors: list["RecordSolutionRecordSolutionUserErrors"] = Field(alias="userErrors")


class RecordSolutionRecordSolutionSolution(BaseModel):
    id: str
    solution_id: str = Field(alias="solutionId")
    description: str
    kind: Optional[SolutionKind]


RecordSolutionRecordSolutionUserErrors = Problem
RecordSolution.model_rebuild()
RecordSolutionRecordSolution.model_rebuild()
