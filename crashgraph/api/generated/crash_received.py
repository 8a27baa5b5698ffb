"""Made by `make client`; change the operations beside, not this file."""

from datetime import datetime

from pydantic import Field

from .base_model import BaseModel
from .fragments import CrashShape


class CrashReceived(BaseModel):
    crash_received: "CrashReceivedCrashReceived" = Field(alias="crashReceived")


class CrashReceivedCrashReceived(BaseModel):
    position: int
    at: datetime
    crash: "CrashReceivedCrashReceivedCrash"


CrashReceivedCrashReceivedCrash = CrashShape
CrashReceived.model_rebuild()
CrashReceivedCrashReceived.model_rebuild()
