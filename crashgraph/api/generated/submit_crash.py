"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import Problem, ReceiptShape


class SubmitCrash(BaseModel):
    submit_crash: "SubmitCrashSubmitCrash" = Field(alias="submitCrash")


class SubmitCrashSubmitCrash(BaseModel):
    receipts: list[Optional["SubmitCrashSubmitCrashReceipts"]]
    user_errors: list["SubmitCrashSubmitCrashUserErrors"] = Field(alias="userErrors")


SubmitCrashSubmitCrashReceipts = ReceiptShape
SubmitCrashSubmitCrashUserErrors = Problem
SubmitCrash.model_rebuild()
SubmitCrashSubmitCrash.model_rebuild()
