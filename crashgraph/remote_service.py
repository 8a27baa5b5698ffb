"""Asks a service elsewhere through the typed client, for the commands ``match`` and ``ingest`` with ``--service``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from crashgraph.api import Client, checked, inputs
from crashgraph.match_text import render_answers
from graph.ingest.receipt import MatchAnswer, Receipt, as_json
from graph.model.errors import ApiError

if TYPE_CHECKING:
    from crashgraph.api.generated.match_crash import MatchCrashMatchCrash
    from crashgraph.local_service.client import ReceiptRow
    from graph.model.report import StackFrame
    from graph.sources.submission import Submission

MOST_CRASHES = 500
"""In one request; the service takes 1,000."""
MOST_CHARACTERS = 8_000_000
STATED = ("id", "product", "version", "site", "user", "session", "severity", "file_name")


class RemoteService:
    """A service at an address, as :class:`crashgraph.local_service.client.LocalService` is that of this home.

    Nothing is done here instead when it does not answer: ``ApiError`` and ``UnreachableError`` end the command.
    """

    def __init__(self, url: str, key: str | None) -> None:
        """Connects with the first request."""
        self._runner = asyncio.Runner()
        self._client = Client(url, key=key)

    def match(self, submission: Submission, *, candidates: int, explain: bool, jsonl: bool) -> bytes:
        """What ``crashgraph match`` prints for a submission."""
        answers = self._runner.run(self._answers(submission, candidates))
        return render_answers(submission, answers, explain=explain, jsonl=jsonl)

    async def _answers(self, submission: Submission, candidates: int) -> list[MatchAnswer]:
        return [await self._answer(one) for one in await self._client.match_crash(_crash(submission), candidates=candidates)]

    async def _answer(self, found: MatchCrashMatchCrash) -> MatchAnswer:
        """The answer as the service has it. Places of solutions are asked for apart: all at once are too many fields."""
        facts = _plain(found)
        if found.solutions and found.pattern_id:
            pattern = await self._client.pattern(found.pattern_id)
            asked = _plain(pattern)["known"] if pattern else None
            places = {one["solution_id"]: one["applied"] for one in asked["solutions"]} if asked else {}
            for solution in facts["solutions"]:
                solution["applied"] = places.get(solution["solution_id"], [])
        if known := facts["known"]:
            known |= {"pattern_id": facts["pattern_id"], "name": facts["pattern_name"], "solutions": facts["solutions"]}
            facts |= {name: known[name] for name in ("first_seen", "last_seen", "occurrence_count")}
        return TypeAdapter(MatchAnswer).validate_python(facts)

    def batches(self, submissions: Iterable[Submission]) -> Iterator[tuple[list[Submission], list[Submission]]]:
        """Submissions in groups that fit one request."""
        group: list[Submission] = []
        size = 0
        for submission in submissions:
            group.append(submission)
            size += len(submission.report or "")
            if len(group) >= MOST_CRASHES or size >= MOST_CHARACTERS:
                yield group, group
                group, size = [], 0
        if group:
            yield group, group

    def store(self, submissions: list[Submission], *, candidates: int, person: str) -> list[ReceiptRow]:  # as the other has it
        """Receipts of submissions; they are stored for the user of the key. ``ApiError`` if one was refused."""
        crashes = [_crash(one) for one in submissions]
        sent = self._client.submit_crashes(inputs.SubmitCrashesInput(crashes=crashes, candidates=candidates))
        rows: list[ReceiptRow] = []
        for submission, result in zip(submissions, checked(self._runner.run(sent)).results, strict=True):
            if result is None or result.user_errors:
                reason = "; ".join(one.message for one in result.user_errors) if result else "no result"
                raise ApiError(f"{submission.source}: the service did not take it: {reason}")
            rows += [_row(submission, one, with_candidates=candidates > 0) for one in result.receipts if one is not None]
        return rows

    def close(self) -> None:
        """Close the connection."""
        with suppress(RuntimeError):
            self._runner.run(self._client.close())
        self._runner.close()


def _crash(submission: Submission) -> inputs.CrashInput:
    """A submission as the schema takes it."""
    facts: dict[str, Any] = {name: getattr(submission, name) for name in STATED if getattr(submission, name)}
    if submission.report is not None:
        facts["report"] = submission.report
    elif submission.exception_type is not None:
        facts["exception"] = {"type": submission.exception_type, "message": submission.exception_message or ""}
    if submission.frames:
        facts["frames"] = [_frame(frame) for frame in submission.frames]
    if submission.environment:
        facts["environment"] = [{"name": name, "value": value} for name, value in submission.environment.items()]
    if submission.timestamp is not None:
        facts["timestamp"] = submission.timestamp
    if submission.format != "structured":
        facts["format"] = submission.format
    return inputs.CrashInput(**facts)


def _frame(frame: StackFrame) -> inputs.FrameInput:
    return inputs.FrameInput(
        function=frame.function, module=frame.module or "", file=frame.file, line=frame.line, in_app=frame.in_app
    )


def _row(submission: Submission, found: Any, *, with_candidates: bool) -> ReceiptRow:
    facts = _plain(found)
    facts |= {"source": submission.source, "id": facts.pop("external_id")}
    return as_json(TypeAdapter(Receipt).validate_python(facts), with_candidates=with_candidates)


def _plain(model: Any) -> dict[str, Any]:
    """The facts of an answer; the names of enums are the texts of the graph in capitals."""
    facts: dict[str, Any] = _lowered(model.model_dump())
    return facts


def _lowered(value: Any) -> Any:
    if isinstance(value, Enum):
        return str(value.value).lower()
    if isinstance(value, dict):
        return {name: _lowered(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_lowered(one) for one in value]
    return value
