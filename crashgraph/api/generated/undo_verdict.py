"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import PatternShape, Problem, VerdictShape


class UndoVerdict(BaseModel):
    undo_verdict: "UndoVerdictUndoVerdict" = Field(alias="undoVerdict")


class UndoVerdictUndoVerdict(BaseModel):
    verdict: Optional["UndoVerdictUndoVerdictVerdict"]
    pattern: Optional["UndoVerdictUndoVerdictPattern"]
    user_errors: list["UndoVerdictUndoVerdictUserErrors"] = Field(alias="userErrors")


UndoVerdictUndoVerdictVerdict = VerdictShape
UndoVerdictUndoVerdictPattern = PatternShape
UndoVerdictUndoVerdictUserErrors = Problem
UndoVerdict.model_rebuild()
UndoVerdictUndoVerdict.model_rebuild()
