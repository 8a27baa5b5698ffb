"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape, Problem


class ValidateCrash(BaseModel):
    validate_crash: "ValidateCrashValidateCrash" = Field(alias="validateCrash")


class ValidateCrashValidateCrash(BaseModel):
    pattern: Optional["ValidateCrashValidateCrashPattern"]
    user_errors: list["ValidateCrashValidateCrashUserErrors"] = Field(alias="userErrors")


ValidateCrashValidateCrashPattern = PatternShape
ValidateCrashValidateCrashUserErrors = Problem
ValidateCrash.model_rebuild()
ValidateCrashValidateCrash.model_rebuild()
