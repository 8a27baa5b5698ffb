"""What the generated classes are made of: enums that accept values of newer services, and inputs that refuse misspelt names."""

from __future__ import annotations

from enum import Enum

from pydantic import BaseModel, ConfigDict


class OpenEnum(Enum):
    """An enum of texts. A service newer than this client may answer further values: each becomes a member by its text."""

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)  # type: ignore[type-var]  # all enums here are texts
        member._name_ = member._value_ = value
        return member


class InputModel(BaseModel):
    """An input of an operation, with names as in Python (`client_mutation_id`) or as in GraphQL."""

    model_config = ConfigDict(populate_by_name=True, validate_assignment=True, extra="forbid", protected_namespaces=())
