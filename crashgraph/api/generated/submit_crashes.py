"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import Problem, ReceiptShape


class SubmitCrashes(BaseModel):
    submit_crashes: "SubmitCrashesSubmitCrashes" = Field(alias="submitCrashes")


class SubmitCrashesSubmitCrashes(BaseModel):
    results: list[Optional["SubmitCrashesSubmitCrashesResults"]]
    user_errors: list["SubmitCrashesSubmitCrashesUserErrors"] = Field(alias="userErrors")


class SubmitCrashesSubmitCrashesResults(BaseModel):
    receipts: list[Optional["SubmitCrashesSubmitCrashesResultsReceipts"]]
    user_errors: list["SubmitCrashesSubmitCrashesResultsUserErrors"] = Field(alias="userErrors")


SubmitCrashesSubmitCrashesResultsReceipts = ReceiptShape
SubmitCrashesSubmitCrashesResultsUserErrors = Problem
SubmitCrashesSubmitCrashesUserErrors = Problem
SubmitCrashes.model_rebuild()
SubmitCrashesSubmitCrashes.model_rebuild()
SubmitCrashesSubmitCrashesResults.model_rebuild()
