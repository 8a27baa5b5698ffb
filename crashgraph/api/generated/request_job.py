"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import Problem, RunShape


class RequestJob(BaseModel):
    request_job: "RequestJobRequestJob" = Field(alias="requestJob")


class RequestJobRequestJob(BaseModel):
    run: Optional["RequestJobRequestJobRun"]
    user_errors: list["RequestJobRequestJobUserErrors"] = Field(alias="userErrors")


RequestJobRequestJobRun = RunShape
RequestJobRequestJobUserErrors = Problem
RequestJob.model_rebuild()
RequestJobRequestJob.model_rebuild()
