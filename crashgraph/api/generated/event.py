"""Made by `make client`; change the operations beside, not this file."""

from .base_model import BaseModel
from .fragments import EventShape


class Event(BaseModel):
    event: "EventEvent"


EventEvent = EventShape
Event.model_rebuild()
