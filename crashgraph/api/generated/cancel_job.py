"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import Problem, RunShape


class CancelJob(BaseModel):
    cancel_job: "CancelJobCancelJob" = Field(alias="cancelJob")


class CancelJobCancelJob(BaseModel):
    run: Optional["CancelJobCancelJobRun"]
    user_errors: list["CancelJobCancelJobUserErrors"] = Field(alias="userErrors")


CancelJobCancelJobRun = RunShape
CancelJobCancelJobUserErrors = Problem
CancelJob.model_rebuild()
CancelJobCancelJob.model_rebuild()
