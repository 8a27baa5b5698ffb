"""Made by `make client`; change the operations beside, not this file."""

from datetime import datetime
from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .enums import Role, Scope


class Me(BaseModel):
    me: "MeMe"


class MeMe(BaseModel):
    actor: str
    organisation: Optional[str]
    scopes: list[Scope]
    expires_at: Optional[datetime] = Field(alias="expiresAt")
    user: Optional["MeMeUser"]


class MeMeUser(BaseModel):
    name: str
    role: Optional[Role]


Me.model_rebuild()
MeMe.model_rebuild()
