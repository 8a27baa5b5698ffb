"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PageShape, RunShape


class JobRuns(BaseModel):
    job_runs: "JobRunsJobRuns" = Field(alias="jobRuns")


class JobRunsJobRuns(BaseModel):
    nodes: list[Optional["JobRunsJobRunsNodes"]]
    page_info: "JobRunsJobRunsPageInfo" = Field(alias="pageInfo")


JobRunsJobRunsNodes = RunShape
JobRunsJobRunsPageInfo = PageShape
JobRuns.model_rebuild()
JobRunsJobRuns.model_rebuild()
