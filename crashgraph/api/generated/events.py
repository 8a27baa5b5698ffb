"""Made by `make client`; change the operations beside, not this file."""

from typing import Optional

from pydantic import Field

from .base_model import BaseModel
from .fragments import EventShape, PageShape


class Events(BaseModel):
    events: "EventsEvents"


class EventsEvents(BaseModel):
    nodes: list[Optional["EventsEventsNodes"]]
    page_info: "EventsEventsPageInfo" = Field(alias="pageInfo")


EventsEventsNodes = EventShape
EventsEventsPageInfo = PageShape
Events.model_rebuild()
EventsEvents.model_rebuild()
