"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from .base_model import BaseModel
from .fragments import (
    CrashShape,
    CrashShapePattern,  # noqa: F401
)


class Crash(BaseModel):
    crash: Optional["CrashCrash"]


class CrashCrash(CrashShape):
    report: Optional[str]
    environment: Optional["CrashCrashEnvironment"]


class CrashCrashEnvironment(BaseModel):
    title: str


Crash.model_rebuild()
CrashCrash.model_rebuild()
