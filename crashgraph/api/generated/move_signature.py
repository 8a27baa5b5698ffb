"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape, Problem, VerdictShape


class MoveSignature(BaseModel):
    move_signature: "MoveSignatureMoveSignature" = Field(alias="moveSignature")


class MoveSignatureMoveSignature(BaseModel):
    verdict: Optional["MoveSignatureMoveSignatureVerdict"]
    pattern: Optional["MoveSignatureMoveSignaturePattern"]
    user_errors: list["MoveSignatureMoveSignatureUserErrors"] = Field(alias="userErrors")


MoveSignatureMoveSignatureVerdict = VerdictShape
MoveSignatureMoveSignaturePattern = PatternShape
MoveSignatureMoveSignatureUserErrors = Problem
MoveSignature.model_rebuild()
MoveSignatureMoveSignature.model_rebuild()
