"""The root types: every query, mutation and subscription."""

from __future__ import annotations

import strawberry

from schema.operations.access import AccessMutation, AccessQuery
from schema.operations.communities import CommunityQuery
from schema.operations.crashes import CrashMutation, CrashQuery
from schema.operations.erasure import ErasureMutation
from schema.operations.events import EventSubscription
from schema.operations.fixes import FixQuery
from schema.operations.jobs import JobMutation, JobQuery, JobSubscription
from schema.operations.learning import LearningMutation, LearningQuery
from schema.operations.nodes import NodeQuery
from schema.operations.past_events import EventQuery
from schema.operations.patterns import PatternQuery
from schema.operations.places import PlaceQuery
from schema.operations.root_causes import RootCauseQuery
from schema.operations.search import SearchQuery
from schema.operations.stacks import StackQuery
from schema.operations.verdicts import VerdictMutation, VerdictQuery


@strawberry.type(description="Reads.")
class Query(
    CrashQuery,
    PatternQuery,
    PlaceQuery,
    StackQuery,
    FixQuery,
    EventQuery,
    SearchQuery,
    NodeQuery,
    CommunityQuery,
    RootCauseQuery,
    LearningQuery,
    VerdictQuery,
    JobQuery,
    AccessQuery,
):
    """Reads."""


@strawberry.type(description="Writes.")
class Mutation(CrashMutation, LearningMutation, VerdictMutation, JobMutation, ErasureMutation, AccessMutation):
    """Writes."""


@strawberry.type(description="Live updates over a WebSocket.")
class Subscription(JobSubscription, EventSubscription):
    """Live updates."""
