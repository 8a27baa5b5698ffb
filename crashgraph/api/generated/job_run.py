"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import RunShape


class JobRun(BaseModel):
    job_run: Optional["JobRunJobRun"] = Field(alias="jobRun")


JobRunJobRun = RunShape
JobRun.model_rebuild()
