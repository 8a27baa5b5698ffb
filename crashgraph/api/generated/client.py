"""Made by `make client`; change the operations beside, not this file."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Optional, Union

from .api_base import BaseClient
from .base_model import UNSET

if TYPE_CHECKING:
    from .base_model import UnsetType
    from .cancel_job import CancelJobCancelJob
    from .crash import CrashCrash
    from .crash_received import CrashReceivedCrashReceived
    from .crashes import CrashesCrashes
    from .enums import (
        CrashOrder,
        DerivedType,
        EventKind,
        PathLabel,
        PatternOrder,
        SearchKind,
    )
    from .event import EventEvent
    from .events import EventsEvents
    from .ignore_pattern import IgnorePatternIgnorePattern
    from .input_types import (
        CancelJobInput,
        CrashFilterInput,
        CrashInput,
        EventFilterInput,
        IgnorePatternInput,
        MarkDifferentInput,
        MarkNotCausedByInput,
        MarkSameInput,
        MergePatternsInput,
        MoveSignatureInput,
        PatternFilterInput,
        ReopenPatternInput,
        RequestJobInput,
        ResolvePatternInput,
        SolutionInput,
        SplitPatternInput,
        SubmitCrashesInput,
        SubmitCrashInput,
        UndoVerdictInput,
        UseInput,
        ValidationInput,
    )
    from .job_progress import JobProgressJobProgress
    from .job_run import JobRunJobRun
    from .job_runs import JobRunsJobRuns
    from .jobs import JobsJobs
    from .mark_different import MarkDifferentMarkDifferent
    from .mark_not_caused_by import MarkNotCausedByMarkNotCausedBy
    from .mark_same import MarkSameMarkSame
    from .match_crash import MatchCrashMatchCrash
    from .me import MeMe
    from .merge_patterns import MergePatternsMergePatterns
    from .move_signature import MoveSignatureMoveSignature
    from .path import PathPath
    from .pattern import PatternPattern
    from .pattern_as_of import PatternAsOfPatternAsOf
    from .pattern_discovered import PatternDiscoveredPatternDiscovered
    from .pattern_regressed import PatternRegressedPatternRegressed
    from .patterns import PatternsPatterns
    from .record_solution import RecordSolutionRecordSolution
    from .record_use import RecordUseRecordUse
    from .related import RelatedPattern
    from .reopen_pattern import ReopenPatternReopenPattern
    from .request_job import RequestJobRequestJob
    from .resolve_pattern import ResolvePatternResolvePattern
    from .search import SearchSearch
    from .split_pattern import SplitPatternSplitPattern
    from .submit_crash import SubmitCrashSubmitCrash
    from .submit_crashes import SubmitCrashesSubmitCrashes
    from .undo_verdict import UndoVerdictUndoVerdict
    from .validate_crash import ValidateCrashValidateCrash
    from .verdicts import VerdictsVerdicts


def gql(q: str) -> str:
    return q


class Client(BaseClient):
    async def crash_received(
        self,
        filter_: Union[Optional["CrashFilterInput"], "UnsetType"] = UNSET,
        after: Union[Optional[int], "UnsetType"] = UNSET,
        **kwargs: Any,
    ) -> AsyncIterator["CrashReceivedCrashReceived"]:
        from .crash_received import CrashReceived

        query = gql("""
            subscription CrashReceived($filter: CrashFilterInput, $after: Int) {
              crashReceived(filter: $filter, after: $after) {
                position
                at
                crash {
                  ...CrashShape
                }
              }
            }

            fragment CrashShape on Crash {
              id
              crashId
              title
              status
              reason
              errorType
              message
              severity
              occurredAt
              receivedAt
              product
              version
              site
              format
              topFrame
              culprit
              externalId
              pattern {
                id
                patternId
                name
              }
            }
            """)
        variables: dict[str, object] = {"filter": filter_, "after": after}
        async for data in self.execute_ws(query=query, operation_name="CrashReceived", variables=variables, **kwargs):
            yield CrashReceived.model_validate(data).crash_received

    async def pattern_discovered(
        self, after: Union[Optional[int], "UnsetType"] = UNSET, **kwargs: Any
    ) -> AsyncIterator["PatternDiscoveredPatternDiscovered"]:
        from .pattern_discovered import PatternDiscovered

        query = gql("""
            subscription PatternDiscovered($after: Int) {
              patternDiscovered(after: $after) {
                position
                at
                patternId
                name
                pattern {
                  ...PatternShape
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }
            """)
        variables: dict[str, object] = {"after": after}
        async for data in self.execute_ws(
            query=query,
            operation_name="PatternDiscovered",
            variables=variables,
            **kwargs,
        ):
            yield PatternDiscovered.model_validate(data).pattern_discovered

    async def pattern_regressed(
        self, after: Union[Optional[int], "UnsetType"] = UNSET, **kwargs: Any
    ) -> AsyncIterator["PatternRegressedPatternRegressed"]:
        from .pattern_regressed import PatternRegressed

        query = gql("""
            subscription PatternRegressed($after: Int) {
              patternRegressed(after: $after) {
                position
                at
                patternId
                version
                crashId
                pattern {
                  ...PatternShape
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }
            """)
        variables: dict[str, object] = {"after": after}
        async for data in self.execute_ws(
            query=query,
            operation_name="PatternRegressed",
            variables=variables,
            **kwargs,
        ):
            yield PatternRegressed.model_validate(data).pattern_regressed

    async def event(
        self,
        kinds: Union[Optional[list["EventKind"]], "UnsetType"] = UNSET,
        after: Union[Optional[int], "UnsetType"] = UNSET,
        **kwargs: Any,
    ) -> AsyncIterator["EventEvent"]:
        from .event import Event

        query = gql("""
            subscription Event($kinds: [EventKind!], $after: Int) {
              event(kinds: $kinds, after: $after) {
                ...EventShape
              }
            }

            fragment EventShape on Event {
              position
              kind
              at
              actor
              onBehalfOf
              subjects
              count
              payload
            }
            """)
        variables: dict[str, object] = {"kinds": kinds, "after": after}
        async for data in self.execute_ws(query=query, operation_name="Event", variables=variables, **kwargs):
            yield Event.model_validate(data).event

    async def job_progress(self, run_id: str, **kwargs: Any) -> AsyncIterator["JobProgressJobProgress"]:
        from .job_progress import JobProgress

        query = gql("""
            subscription JobProgress($runId: ID!) {
              jobProgress(runId: $runId) {
                ...RunShape
              }
            }

            fragment RunShape on JobRun {
              id
              runId
              job
              state
              trigger
              requestedAt
              requestedBy
              startedAt
              finishedAt
              durationSeconds
              attempt
              progressDone
              progressTotal
              progressWhat
              edgesWritten
              edgesRemoved
              nodesWritten
              nodesRemoved
              error
            }
            """)
        variables: dict[str, object] = {"runId": run_id}
        async for data in self.execute_ws(query=query, operation_name="JobProgress", variables=variables, **kwargs):
            yield JobProgress.model_validate(data).job_progress

    async def request_job(self, input: "RequestJobInput", **kwargs: Any) -> "RequestJobRequestJob":
        from .request_job import RequestJob

        query = gql("""
            mutation RequestJob($input: RequestJobInput!) {
              requestJob(input: $input) {
                run {
                  ...RunShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment Problem on UserError {
              code
              field
              message
            }

            fragment RunShape on JobRun {
              id
              runId
              job
              state
              trigger
              requestedAt
              requestedBy
              startedAt
              finishedAt
              durationSeconds
              attempt
              progressDone
              progressTotal
              progressWhat
              edgesWritten
              edgesRemoved
              nodesWritten
              nodesRemoved
              error
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="RequestJob", variables=variables, **kwargs)
        data = self.get_data(response)
        return RequestJob.model_validate(data).request_job

    async def cancel_job(self, input: "CancelJobInput", **kwargs: Any) -> "CancelJobCancelJob":
        from .cancel_job import CancelJob

        query = gql("""
            mutation CancelJob($input: CancelJobInput!) {
              cancelJob(input: $input) {
                run {
                  ...RunShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment Problem on UserError {
              code
              field
              message
            }

            fragment RunShape on JobRun {
              id
              runId
              job
              state
              trigger
              requestedAt
              requestedBy
              startedAt
              finishedAt
              durationSeconds
              attempt
              progressDone
              progressTotal
              progressWhat
              edgesWritten
              edgesRemoved
              nodesWritten
              nodesRemoved
              error
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="CancelJob", variables=variables, **kwargs)
        data = self.get_data(response)
        return CancelJob.model_validate(data).cancel_job

    async def patterns(
        self,
        first: Union[Optional[int], "UnsetType"] = UNSET,
        after: Union[Optional[str], "UnsetType"] = UNSET,
        filter_: Union[Optional["PatternFilterInput"], "UnsetType"] = UNSET,
        order: Union[Optional["PatternOrder"], "UnsetType"] = UNSET,
        **kwargs: Any,
    ) -> "PatternsPatterns":
        from .patterns import Patterns

        query = gql("""
            query Patterns($first: Int = 20, $after: String, $filter: PatternFilterInput, $order: PatternOrder = OCCURRENCES) {
              patterns(first: $first, after: $after, filter: $filter, order: $order) {
                nodes {
                  ...PatternShape
                }
                pageInfo {
                  ...PageShape
                }
              }
            }

            fragment PageShape on PageInfo {
              hasNextPage
              endCursor
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }
            """)
        variables: dict[str, object] = {
            "first": first,
            "after": after,
            "filter": filter_,
            "order": order,
        }
        response = await self.execute(query=query, operation_name="Patterns", variables=variables, **kwargs)
        data = self.get_data(response)
        return Patterns.model_validate(data).patterns

    async def pattern(self, id: str, **kwargs: Any) -> Optional["PatternPattern"]:
        from .pattern import Pattern

        query = gql("""
            query Pattern($id: ID!) {
              pattern(id: $id) {
                ...PatternShape
                known {
                  ...KnownShape
                  solutions {
                    ...SolutionShape
                    applied {
                      site
                      product
                      version
                      since
                      worked
                      failed
                      expected
                      chance
                      proven
                      lostAt
                    }
                  }
                }
              }
            }

            fragment KnownShape on PatternKnowledge {
              status
              severity
              confidence
              description
              rootCause
              firstSeen
              lastSeen
              occurrenceCount
              validationCount
              falsePositiveCount
              resolvedVersion
              regressedVersion
              sites {
                name
                crashes
              }
              versions {
                name
                crashes
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment SolutionShape on KnownSolution {
              solutionId
              description
              kind
              steps
              worked
              failed
              confidence
              trust
              tags
              avgConfidence
              quality
              lastSuccessAt
              scope
              fits
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(query=query, operation_name="Pattern", variables=variables, **kwargs)
        data = self.get_data(response)
        return Pattern.model_validate(data).pattern

    async def pattern_as_of(self, id: str, at: datetime, **kwargs: Any) -> Optional["PatternAsOfPatternAsOf"]:
        from .pattern_as_of import PatternAsOf

        query = gql("""
            query PatternAsOf($id: ID!, $at: DateTime!) {
              patternAsOf(id: $id, at: $at) {
                name
                status
                severity
                confidence
                occurrenceCount
                description
                rootCause
                resolvedVersion
                signatureCount
              }
            }
            """)
        variables: dict[str, object] = {"id": id, "at": at}
        response = await self.execute(query=query, operation_name="PatternAsOf", variables=variables, **kwargs)
        data = self.get_data(response)
        return PatternAsOf.model_validate(data).pattern_as_of

    async def crashes(
        self,
        first: Union[Optional[int], "UnsetType"] = UNSET,
        after: Union[Optional[str], "UnsetType"] = UNSET,
        filter_: Union[Optional["CrashFilterInput"], "UnsetType"] = UNSET,
        order: Union[Optional["CrashOrder"], "UnsetType"] = UNSET,
        **kwargs: Any,
    ) -> "CrashesCrashes":
        from .crashes import Crashes

        query = gql("""
            query Crashes($first: Int = 20, $after: String, $filter: CrashFilterInput, $order: CrashOrder = RECEIVED) {
              crashes(first: $first, after: $after, filter: $filter, order: $order) {
                nodes {
                  ...CrashShape
                }
                pageInfo {
                  ...PageShape
                }
              }
            }

            fragment CrashShape on Crash {
              id
              crashId
              title
              status
              reason
              errorType
              message
              severity
              occurredAt
              receivedAt
              product
              version
              site
              format
              topFrame
              culprit
              externalId
              pattern {
                id
                patternId
                name
              }
            }

            fragment PageShape on PageInfo {
              hasNextPage
              endCursor
            }
            """)
        variables: dict[str, object] = {
            "first": first,
            "after": after,
            "filter": filter_,
            "order": order,
        }
        response = await self.execute(query=query, operation_name="Crashes", variables=variables, **kwargs)
        data = self.get_data(response)
        return Crashes.model_validate(data).crashes

    async def crash(self, id: str, **kwargs: Any) -> Optional["CrashCrash"]:
        from .crash import Crash

        query = gql("""
            query Crash($id: ID!) {
              crash(id: $id) {
                ...CrashShape
                report
                environment {
                  title
                }
              }
            }

            fragment CrashShape on Crash {
              id
              crashId
              title
              status
              reason
              errorType
              message
              severity
              occurredAt
              receivedAt
              product
              version
              site
              format
              topFrame
              culprit
              externalId
              pattern {
                id
                patternId
                name
              }
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(query=query, operation_name="Crash", variables=variables, **kwargs)
        data = self.get_data(response)
        return Crash.model_validate(data).crash

    async def search(
        self,
        text: str,
        first: Union[Optional[int], "UnsetType"] = UNSET,
        after: Union[Optional[str], "UnsetType"] = UNSET,
        kinds: Union[Optional[list["SearchKind"]], "UnsetType"] = UNSET,
        **kwargs: Any,
    ) -> "SearchSearch":
        from .search import Search

        query = gql("""
            query Search($text: String!, $first: Int = 20, $after: String, $kinds: [SearchKind!]) {
              search(text: $text, first: $first, after: $after, kinds: $kinds) {
                edges {
                  score
                  matchedBy
                  node {
                    __typename
                    id
                    key
                    caption
                  }
                }
                pageInfo {
                  ...PageShape
                }
              }
            }

            fragment PageShape on PageInfo {
              hasNextPage
              endCursor
            }
            """)
        variables: dict[str, object] = {
            "text": text,
            "first": first,
            "after": after,
            "kinds": kinds,
        }
        response = await self.execute(query=query, operation_name="Search", variables=variables, **kwargs)
        data = self.get_data(response)
        return Search.model_validate(data).search

    async def path(
        self,
        from_: str,
        to: str,
        exclude: Union[Optional[list["PathLabel"]], "UnsetType"] = UNSET,
        **kwargs: Any,
    ) -> "PathPath":
        from .path import Path

        query = gql("""
            query Path($from: ID!, $to: ID!, $exclude: [PathLabel!]) {
              path(from: $from, to: $to, exclude: $exclude) {
                length
                complete
                nodes {
                  __typename
                  id
                  caption
                }
                edges {
                  type
                }
              }
            }
            """)
        variables: dict[str, object] = {"from": from_, "to": to, "exclude": exclude}
        response = await self.execute(query=query, operation_name="Path", variables=variables, **kwargs)
        data = self.get_data(response)
        return Path.model_validate(data).path

    async def related(
        self,
        id: str,
        first: Union[Optional[int], "UnsetType"] = UNSET,
        types: Union[Optional[list["DerivedType"]], "UnsetType"] = UNSET,
        min_score: Union[Optional[float], "UnsetType"] = UNSET,
        **kwargs: Any,
    ) -> Optional["RelatedPattern"]:
        from .related import Related

        query = gql("""
            query Related($id: ID!, $first: Int = 20, $types: [DerivedType!], $minScore: Float = 0) {
              pattern(id: $id) {
                related(first: $first, types: $types, minScore: $minScore) {
                  edges {
                    direction
                    node {
                      id
                      patternId
                      name
                    }
                    evidence {
                      __typename
                      type
                      score
                      support
                      algorithm
                      runId
                    }
                  }
                }
              }
            }
            """)
        variables: dict[str, object] = {
            "id": id,
            "first": first,
            "types": types,
            "minScore": min_score,
        }
        response = await self.execute(query=query, operation_name="Related", variables=variables, **kwargs)
        data = self.get_data(response)
        return Related.model_validate(data).pattern

    async def verdicts(
        self,
        first: Union[Optional[int], "UnsetType"] = UNSET,
        after: Union[Optional[str], "UnsetType"] = UNSET,
        about: Union[Optional[str], "UnsetType"] = UNSET,
        active: Union[Optional[bool], "UnsetType"] = UNSET,
        **kwargs: Any,
    ) -> "VerdictsVerdicts":
        from .verdicts import Verdicts

        query = gql("""
            query Verdicts($first: Int = 20, $after: String, $about: ID, $active: Boolean = false) {
              verdicts(first: $first, after: $after, about: $about, active: $active) {
                nodes {
                  ...VerdictShape
                }
                pageInfo {
                  ...PageShape
                }
              }
            }

            fragment PageShape on PageInfo {
              hasNextPage
              endCursor
            }

            fragment VerdictShape on Verdict {
              id
              verdictId
              ordinal
              kind
              by
              onBehalfOf
              at
              reason
              subjects
              undoneAt
              undoneBy
            }
            """)
        variables: dict[str, object] = {
            "first": first,
            "after": after,
            "about": about,
            "active": active,
        }
        response = await self.execute(query=query, operation_name="Verdicts", variables=variables, **kwargs)
        data = self.get_data(response)
        return Verdicts.model_validate(data).verdicts

    async def events(
        self,
        first: Union[Optional[int], "UnsetType"] = UNSET,
        after: Union[Optional[str], "UnsetType"] = UNSET,
        filter_: Union[Optional["EventFilterInput"], "UnsetType"] = UNSET,
        **kwargs: Any,
    ) -> "EventsEvents":
        from .events import Events

        query = gql("""
            query Events($first: Int = 20, $after: String, $filter: EventFilterInput) {
              events(first: $first, after: $after, filter: $filter) {
                nodes {
                  ...EventShape
                }
                pageInfo {
                  ...PageShape
                }
              }
            }

            fragment EventShape on Event {
              position
              kind
              at
              actor
              onBehalfOf
              subjects
              count
              payload
            }

            fragment PageShape on PageInfo {
              hasNextPage
              endCursor
            }
            """)
        variables: dict[str, object] = {
            "first": first,
            "after": after,
            "filter": filter_,
        }
        response = await self.execute(query=query, operation_name="Events", variables=variables, **kwargs)
        data = self.get_data(response)
        return Events.model_validate(data).events

    async def jobs(self, **kwargs: Any) -> list["JobsJobs"]:
        from .jobs import Jobs

        query = gql("""
            query Jobs {
              jobs {
                name
                help
                limitations
                schedule
                nextDueAt
                lastRun {
                  ...RunShape
                }
              }
            }

            fragment RunShape on JobRun {
              id
              runId
              job
              state
              trigger
              requestedAt
              requestedBy
              startedAt
              finishedAt
              durationSeconds
              attempt
              progressDone
              progressTotal
              progressWhat
              edgesWritten
              edgesRemoved
              nodesWritten
              nodesRemoved
              error
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(query=query, operation_name="Jobs", variables=variables, **kwargs)
        data = self.get_data(response)
        return Jobs.model_validate(data).jobs

    async def job_runs(
        self,
        first: Union[Optional[int], "UnsetType"] = UNSET,
        after: Union[Optional[str], "UnsetType"] = UNSET,
        job: Union[Optional[str], "UnsetType"] = UNSET,
        **kwargs: Any,
    ) -> "JobRunsJobRuns":
        from .job_runs import JobRuns

        query = gql("""
            query JobRuns($first: Int = 20, $after: String, $job: String) {
              jobRuns(first: $first, after: $after, job: $job) {
                nodes {
                  ...RunShape
                }
                pageInfo {
                  ...PageShape
                }
              }
            }

            fragment PageShape on PageInfo {
              hasNextPage
              endCursor
            }

            fragment RunShape on JobRun {
              id
              runId
              job
              state
              trigger
              requestedAt
              requestedBy
              startedAt
              finishedAt
              durationSeconds
              attempt
              progressDone
              progressTotal
              progressWhat
              edgesWritten
              edgesRemoved
              nodesWritten
              nodesRemoved
              error
            }
            """)
        variables: dict[str, object] = {"first": first, "after": after, "job": job}
        response = await self.execute(query=query, operation_name="JobRuns", variables=variables, **kwargs)
        data = self.get_data(response)
        return JobRuns.model_validate(data).job_runs

    async def job_run(self, id: str, **kwargs: Any) -> Optional["JobRunJobRun"]:
        from .job_run import JobRun

        query = gql("""
            query JobRun($id: ID!) {
              jobRun(id: $id) {
                ...RunShape
              }
            }

            fragment RunShape on JobRun {
              id
              runId
              job
              state
              trigger
              requestedAt
              requestedBy
              startedAt
              finishedAt
              durationSeconds
              attempt
              progressDone
              progressTotal
              progressWhat
              edgesWritten
              edgesRemoved
              nodesWritten
              nodesRemoved
              error
            }
            """)
        variables: dict[str, object] = {"id": id}
        response = await self.execute(query=query, operation_name="JobRun", variables=variables, **kwargs)
        data = self.get_data(response)
        return JobRun.model_validate(data).job_run

    async def me(self, **kwargs: Any) -> "MeMe":
        from .me import Me

        query = gql("""
            query Me {
              me {
                actor
                organisation
                scopes
                expiresAt
                user {
                  name
                  role
                }
              }
            }
            """)
        variables: dict[str, object] = {}
        response = await self.execute(query=query, operation_name="Me", variables=variables, **kwargs)
        data = self.get_data(response)
        return Me.model_validate(data).me

    async def match_crash(
        self,
        input: "CrashInput",
        candidates: Union[Optional[int], "UnsetType"] = UNSET,
        **kwargs: Any,
    ) -> list["MatchCrashMatchCrash"]:
        from .match_crash import MatchCrash

        query = gql("""
            query MatchCrash($input: CrashInput!, $candidates: Int = 5) {
              matchCrash(input: $input, candidates: $candidates) {
                patternId
                patternName
                strategy
                confidence
                isNew
                status
                reason
                format
                errorType
                topFrame
                culprit
                frameCount
                explanation
                candidates {
                  patternId
                  score
                  evidence {
                    part
                    value
                    contribution
                    meaning
                  }
                }
                diagnosis {
                  errorCode
                  clusterId
                  family
                  title
                  severity
                  difficulty
                  hint
                  confidence
                }
                components {
                  part
                  reported
                  normalised
                  levels
                  hints
                }
                solutions {
                  ...SolutionShape
                }
                known {
                  ...KnownShape
                }
                trackRecord {
                  low
                  high
                  cases
                  right
                  share
                  shareLow
                  shareHigh
                }
              }
            }

            fragment KnownShape on PatternKnowledge {
              status
              severity
              confidence
              description
              rootCause
              firstSeen
              lastSeen
              occurrenceCount
              validationCount
              falsePositiveCount
              resolvedVersion
              regressedVersion
              sites {
                name
                crashes
              }
              versions {
                name
                crashes
              }
            }

            fragment SolutionShape on KnownSolution {
              solutionId
              description
              kind
              steps
              worked
              failed
              confidence
              trust
              tags
              avgConfidence
              quality
              lastSuccessAt
              scope
              fits
            }
            """)
        variables: dict[str, object] = {"input": input, "candidates": candidates}
        response = await self.execute(query=query, operation_name="MatchCrash", variables=variables, **kwargs)
        data = self.get_data(response)
        return MatchCrash.model_validate(data).match_crash

    async def submit_crash(self, input: "SubmitCrashInput", **kwargs: Any) -> "SubmitCrashSubmitCrash":
        from .submit_crash import SubmitCrash

        query = gql("""
            mutation SubmitCrash($input: SubmitCrashInput!) {
              submitCrash(input: $input) {
                receipts {
                  ...ReceiptShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment Problem on UserError {
              code
              field
              message
            }

            fragment ReceiptShape on Receipt {
              crashId
              externalId
              patternId
              patternName
              strategy
              confidence
              isNew
              status
              reason
              format
              errorType
              topFrame
              culprit
              frameCount
              candidates {
                patternId
                score
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="SubmitCrash", variables=variables, **kwargs)
        data = self.get_data(response)
        return SubmitCrash.model_validate(data).submit_crash

    async def submit_crashes(self, input: "SubmitCrashesInput", **kwargs: Any) -> "SubmitCrashesSubmitCrashes":
        from .submit_crashes import SubmitCrashes

        query = gql("""
            mutation SubmitCrashes($input: SubmitCrashesInput!) {
              submitCrashes(input: $input) {
                results {
                  receipts {
                    ...ReceiptShape
                  }
                  userErrors {
                    ...Problem
                  }
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment Problem on UserError {
              code
              field
              message
            }

            fragment ReceiptShape on Receipt {
              crashId
              externalId
              patternId
              patternName
              strategy
              confidence
              isNew
              status
              reason
              format
              errorType
              topFrame
              culprit
              frameCount
              candidates {
                patternId
                score
              }
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="SubmitCrashes", variables=variables, **kwargs)
        data = self.get_data(response)
        return SubmitCrashes.model_validate(data).submit_crashes

    async def validate_crash(self, input: "ValidationInput", **kwargs: Any) -> "ValidateCrashValidateCrash":
        from .validate_crash import ValidateCrash

        query = gql("""
            mutation ValidateCrash($input: ValidationInput!) {
              validateCrash(input: $input) {
                pattern {
                  ...PatternShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment Problem on UserError {
              code
              field
              message
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="ValidateCrash", variables=variables, **kwargs)
        data = self.get_data(response)
        return ValidateCrash.model_validate(data).validate_crash

    async def record_solution(self, input: "SolutionInput", **kwargs: Any) -> "RecordSolutionRecordSolution":
        from .record_solution import RecordSolution

        query = gql("""
            mutation RecordSolution($input: SolutionInput!) {
              recordSolution(input: $input) {
                solution {
                  id
                  solutionId
                  description
                  kind
                }
                worked
                failed
                userErrors {
                  ...Problem
                }
              }
            }

            fragment Problem on UserError {
              code
              field
              message
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="RecordSolution", variables=variables, **kwargs)
        data = self.get_data(response)
        return RecordSolution.model_validate(data).record_solution

    async def record_use(self, input: "UseInput", **kwargs: Any) -> "RecordUseRecordUse":
        from .record_use import RecordUse

        query = gql("""
            mutation RecordUse($input: UseInput!) {
              recordUse(input: $input) {
                solution {
                  id
                  solutionId
                  description
                  kind
                }
                worked
                failed
                userErrors {
                  ...Problem
                }
              }
            }

            fragment Problem on UserError {
              code
              field
              message
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="RecordUse", variables=variables, **kwargs)
        data = self.get_data(response)
        return RecordUse.model_validate(data).record_use

    async def resolve_pattern(self, input: "ResolvePatternInput", **kwargs: Any) -> "ResolvePatternResolvePattern":
        from .resolve_pattern import ResolvePattern

        query = gql("""
            mutation ResolvePattern($input: ResolvePatternInput!) {
              resolvePattern(input: $input) {
                pattern {
                  ...PatternShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment Problem on UserError {
              code
              field
              message
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="ResolvePattern", variables=variables, **kwargs)
        data = self.get_data(response)
        return ResolvePattern.model_validate(data).resolve_pattern

    async def reopen_pattern(self, input: "ReopenPatternInput", **kwargs: Any) -> "ReopenPatternReopenPattern":
        from .reopen_pattern import ReopenPattern

        query = gql("""
            mutation ReopenPattern($input: ReopenPatternInput!) {
              reopenPattern(input: $input) {
                pattern {
                  ...PatternShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment Problem on UserError {
              code
              field
              message
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="ReopenPattern", variables=variables, **kwargs)
        data = self.get_data(response)
        return ReopenPattern.model_validate(data).reopen_pattern

    async def ignore_pattern(self, input: "IgnorePatternInput", **kwargs: Any) -> "IgnorePatternIgnorePattern":
        from .ignore_pattern import IgnorePattern

        query = gql("""
            mutation IgnorePattern($input: IgnorePatternInput!) {
              ignorePattern(input: $input) {
                pattern {
                  ...PatternShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment Problem on UserError {
              code
              field
              message
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="IgnorePattern", variables=variables, **kwargs)
        data = self.get_data(response)
        return IgnorePattern.model_validate(data).ignore_pattern

    async def mark_same(self, input: "MarkSameInput", **kwargs: Any) -> "MarkSameMarkSame":
        from .mark_same import MarkSame

        query = gql("""
            mutation MarkSame($input: MarkSameInput!) {
              markSame(input: $input) {
                verdict {
                  ...VerdictShape
                }
                pattern {
                  ...PatternShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment Problem on UserError {
              code
              field
              message
            }

            fragment VerdictShape on Verdict {
              id
              verdictId
              ordinal
              kind
              by
              onBehalfOf
              at
              reason
              subjects
              undoneAt
              undoneBy
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="MarkSame", variables=variables, **kwargs)
        data = self.get_data(response)
        return MarkSame.model_validate(data).mark_same

    async def mark_different(self, input: "MarkDifferentInput", **kwargs: Any) -> "MarkDifferentMarkDifferent":
        from .mark_different import MarkDifferent

        query = gql("""
            mutation MarkDifferent($input: MarkDifferentInput!) {
              markDifferent(input: $input) {
                verdict {
                  ...VerdictShape
                }
                pattern {
                  ...PatternShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment Problem on UserError {
              code
              field
              message
            }

            fragment VerdictShape on Verdict {
              id
              verdictId
              ordinal
              kind
              by
              onBehalfOf
              at
              reason
              subjects
              undoneAt
              undoneBy
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="MarkDifferent", variables=variables, **kwargs)
        data = self.get_data(response)
        return MarkDifferent.model_validate(data).mark_different

    async def merge_patterns(self, input: "MergePatternsInput", **kwargs: Any) -> "MergePatternsMergePatterns":
        from .merge_patterns import MergePatterns

        query = gql("""
            mutation MergePatterns($input: MergePatternsInput!) {
              mergePatterns(input: $input) {
                verdict {
                  ...VerdictShape
                }
                pattern {
                  ...PatternShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment Problem on UserError {
              code
              field
              message
            }

            fragment VerdictShape on Verdict {
              id
              verdictId
              ordinal
              kind
              by
              onBehalfOf
              at
              reason
              subjects
              undoneAt
              undoneBy
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="MergePatterns", variables=variables, **kwargs)
        data = self.get_data(response)
        return MergePatterns.model_validate(data).merge_patterns

    async def split_pattern(self, input: "SplitPatternInput", **kwargs: Any) -> "SplitPatternSplitPattern":
        from .split_pattern import SplitPattern

        query = gql("""
            mutation SplitPattern($input: SplitPatternInput!) {
              splitPattern(input: $input) {
                verdict {
                  ...VerdictShape
                }
                pattern {
                  ...PatternShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment Problem on UserError {
              code
              field
              message
            }

            fragment VerdictShape on Verdict {
              id
              verdictId
              ordinal
              kind
              by
              onBehalfOf
              at
              reason
              subjects
              undoneAt
              undoneBy
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="SplitPattern", variables=variables, **kwargs)
        data = self.get_data(response)
        return SplitPattern.model_validate(data).split_pattern

    async def move_signature(self, input: "MoveSignatureInput", **kwargs: Any) -> "MoveSignatureMoveSignature":
        from .move_signature import MoveSignature

        query = gql("""
            mutation MoveSignature($input: MoveSignatureInput!) {
              moveSignature(input: $input) {
                verdict {
                  ...VerdictShape
                }
                pattern {
                  ...PatternShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment Problem on UserError {
              code
              field
              message
            }

            fragment VerdictShape on Verdict {
              id
              verdictId
              ordinal
              kind
              by
              onBehalfOf
              at
              reason
              subjects
              undoneAt
              undoneBy
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="MoveSignature", variables=variables, **kwargs)
        data = self.get_data(response)
        return MoveSignature.model_validate(data).move_signature

    async def mark_not_caused_by(self, input: "MarkNotCausedByInput", **kwargs: Any) -> "MarkNotCausedByMarkNotCausedBy":
        from .mark_not_caused_by import MarkNotCausedBy

        query = gql("""
            mutation MarkNotCausedBy($input: MarkNotCausedByInput!) {
              markNotCausedBy(input: $input) {
                verdict {
                  ...VerdictShape
                }
                pattern {
                  ...PatternShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment Problem on UserError {
              code
              field
              message
            }

            fragment VerdictShape on Verdict {
              id
              verdictId
              ordinal
              kind
              by
              onBehalfOf
              at
              reason
              subjects
              undoneAt
              undoneBy
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="MarkNotCausedBy", variables=variables, **kwargs)
        data = self.get_data(response)
        return MarkNotCausedBy.model_validate(data).mark_not_caused_by

    async def undo_verdict(self, input: "UndoVerdictInput", **kwargs: Any) -> "UndoVerdictUndoVerdict":
        from .undo_verdict import UndoVerdict

        query = gql("""
            mutation UndoVerdict($input: UndoVerdictInput!) {
              undoVerdict(input: $input) {
                verdict {
                  ...VerdictShape
                }
                pattern {
                  ...PatternShape
                }
                userErrors {
                  ...Problem
                }
              }
            }

            fragment PatternShape on Pattern {
              id
              patternId
              name
              errorType
              clusterId
              severity
              status
              confidence
              occurrenceCount
              firstSeen
              lastSeen
              description
              rootCause
              resolvedVersion
              regressedVersion
              validationCount
              falsePositiveCount
            }

            fragment Problem on UserError {
              code
              field
              message
            }

            fragment VerdictShape on Verdict {
              id
              verdictId
              ordinal
              kind
              by
              onBehalfOf
              at
              reason
              subjects
              undoneAt
              undoneBy
            }
            """)
        variables: dict[str, object] = {"input": input}
        response = await self.execute(query=query, operation_name="UndoVerdict", variables=variables, **kwargs)
        data = self.get_data(response)
        return UndoVerdict.model_validate(data).undo_verdict
