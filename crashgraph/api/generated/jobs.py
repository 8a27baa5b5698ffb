"""Made by `make client`; change the operations beside, not this file."""

from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import RunShape


class Jobs(BaseModel):
    jobs: list["JobsJobs"]


class JobsJobs(BaseModel):
    name: str
    help: str
    limitations: str
    schedule: str
    next_due_at: Optional[datetime] = Field(alias="nextDueAt")
    last_run: Optional["JobsJobsLastRun"] = Field(alias="lastRun")


JobsJobsLastRun = RunShape
Jobs.model_rebuild()
JobsJobs.model_rebuild()
