"""Made by `make client`; change the operations beside, not this file."""

from pydantic import Field

from .base_model import BaseModel
from .fragments import RunShape


class JobProgress(BaseModel):
    job_progress: "JobProgressJobProgress" = Field(alias="jobProgress")


JobProgressJobProgress = RunShape
JobProgress.model_rebuild()
