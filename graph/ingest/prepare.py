"""From a submission to what will be stored: redacted, parsed, fingerprinted, with an id that is always the same.

Identity. A report that is sent with an id or a time is known by that, its text and what its sender says of it; one id
is one crash. One that tells its own time, as a dump does, is known by its text alone, in whatever file it comes. One without
either is known by the file it came in and its place there; sent through an interface, each sending is a crash of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

from graph.diagnosis.taxonomy import taxonomy
from graph.fingerprint.compute import Fingerprint, fingerprint
from graph.ingest.process import ProcessedReport, ReportProcessor
from graph.model.environment import environment_of
from graph.model.errors import InvalidInputError
from graph.model.integrity import sha256
from graph.model.nodes import Crash, Environment
from graph.model.report import ParsedReport
from graph.parsing.protocol import OCCURRENCE_FACTS
from graph.redaction.redactor import Redactor
from graph.rules.severity import decide as decide_severity
from graph.sources.submission import Submission
from graph.sources.surrogates import wellformed

MESSAGE_LIMIT = 16_384
TITLE_LIMIT = 240
ENVIRONMENTS_KEPT = 4_096

_Pairs: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PreparedCrash:
    """One crash that is ready to be stored. ``fingerprint`` and ``parsed`` are ``None`` when it was not understood."""

    crash: Crash
    fingerprint: Fingerprint | None
    environment: Environment | None
    source: str
    parsed: ParsedReport | None = None

    @property
    def seen(self) -> datetime:
        """When it happened, or when it arrived if it does not say."""
        return self.crash.occurred_at or self.crash.received_at


class CrashBuilder:
    """Prepares submissions of one installation."""

    def __init__(self, redactor: Redactor, make: Callable[[ParsedReport], Fingerprint] = fingerprint) -> None:
        """``redactor`` sees every text before it is stored, ``make`` gives a report its fingerprint.

        ``InvalidInputError`` when the taxonomy cannot be used.
        """
        taxonomy()  # a mistake in that file is told here, not once for each report
        self._processor = ReportProcessor(redactor, make)
        # Thousands of crashes share an environment.
        self._environments = lru_cache(maxsize=ENVIRONMENTS_KEPT)(self._redacted_environment)

    def prepare(self, submission: Submission, received_at: datetime) -> list[PreparedCrash]:
        """One item for each report in the submission, at least one: what is not understood is kept as such."""
        submission = wellformed(submission)
        try:
            return self._prepared(submission, received_at)
        except InvalidInputError as error:
            return [self._unparsed(submission, received_at, str(error))]

    def _prepared(self, submission: Submission, received_at: datetime) -> list[PreparedCrash]:
        if submission.error is not None:
            return [self._unparsed(submission, received_at, submission.error)]
        structured = submission.structured()
        if structured is not None:
            return [self._matched(submission, self._processor.structured(structured, submission.text()), 0, received_at)]
        found = self._processor.read(submission.report or "", submission.format)
        if found.reason is not None:
            return [self._unparsed(submission, received_at, found.reason)]
        # A sender that gives an id speaks of one crash; the text is kept whole whatever else stands in it.
        reports = found.reports[:1] if submission.id is not None else found.reports
        return [self._matched(submission, one, ordinal, received_at) for ordinal, one in enumerate(reports)]

    def _matched(
        self, submission: Submission, understood: ProcessedReport, ordinal: int, received_at: datetime
    ) -> PreparedCrash:
        if submission.user:
            understood = self._processor.without_user(understood, submission.user)
        report, diagnosis = understood.report, understood.diagnosis
        user, session = submission.user or report.user, submission.session or report.session
        crash = Crash(
            crash_id=_identity(submission, understood.text_hash, report.occurred_at, ordinal),
            status="matched",
            title=_title(report.error_type, report.message),
            error_type=report.error_type or None,
            message=report.message[:MESSAGE_LIMIT] or None,
            severity=decide_severity(submission.severity or report.severity, report.error_type, report.message),
            occurred_at=_utc(submission.timestamp or report.occurred_at),
            received_at=received_at,
            format=report.format,
            report=understood.text,
            report_hash=understood.text_hash,
            stored_hash=understood.stored_hash,
            error_code=diagnosis.error_code if diagnosis else None,
            cluster_id=diagnosis.cluster_id if diagnosis else None,
            diagnosis_confidence=diagnosis.confidence if diagnosis else None,
            product=self._word(submission.product or report.product),
            version=self._word(submission.version or report.version),
            site=self._word(submission.site or report.site),
            user=self._processor.user(user) if user else None,
            session=self._word(session),
            top_frame=report.frames[0].qualified if report.frames else None,
            culprit=report.culprit.qualified if report.culprit else None,
            frame_count=report.frame_count,
            source=self._word(submission.source),
            file_name=self._word(submission.file_name),
            file_hash=submission.file_hash,
            external_id=self._word(submission.id),
        )
        facts = {**report.environment, **submission.environment}
        lasting = {key: value for key, value in report.extra.items() if key not in OCCURRENCE_FACTS}
        environment = self._environment(crash, facts, lasting)
        return PreparedCrash(crash, understood.fingerprint, environment, submission.source, report)

    def _unparsed(self, submission: Submission, received_at: datetime, reason: str) -> PreparedCrash:
        text = submission.text()
        title = next((line.strip() for line in text.splitlines() if line.strip()), "empty report")
        text_hash = sha256(text)
        stored = self._processor.without(text, submission.user)
        crash = Crash(
            crash_id=_identity(submission, text_hash, None, 0),
            status="unparsed",
            reason=self._processor.redacted(reason),
            title=_shortened(self._processor.redacted(title[: TITLE_LIMIT * 4])),
            severity=_given_severity(submission) or "low",
            occurred_at=_utc(submission.timestamp),
            received_at=received_at,
            format="unparsed",
            report=stored,
            report_hash=text_hash,
            stored_hash=sha256(stored),
            product=self._word(submission.product),
            version=self._word(submission.version),
            site=self._word(submission.site),
            user=self._processor.user(submission.user) if submission.user else None,
            session=self._word(submission.session),
            source=self._word(submission.source),
            file_name=self._word(submission.file_name),
            file_hash=submission.file_hash,
            external_id=self._word(submission.id),
        )
        return PreparedCrash(crash, None, self._environment(crash, submission.environment, {}), submission.source)

    def _word(self, text: str | None) -> str | None:
        return self._processor.word(text) if text else None

    def _environment(self, crash: Crash, facts: Mapping[str, str], extra: Mapping[str, str]) -> Environment | None:
        return self._environments(crash.product, crash.version, crash.site, tuple(facts.items()), tuple(extra.items()))

    def _redacted_environment(
        self, product: str | None, version: str | None, site: str | None, facts: _Pairs, extra: _Pairs
    ) -> Environment | None:
        named = {self._processor.word(key): self._processor.fact(key, value) for key, value in facts}
        others = {self._processor.word(key): self._processor.fact(key, value) for key, value in extra}
        return environment_of(product, version, site, named, others)


def _identity(submission: Submission, text_hash: str, own_time: datetime | None, ordinal: int) -> str:
    """The crash id. ``own_time`` is the report's own; ``ordinal`` its place among the reports of the submission."""
    if submission.id is not None or submission.timestamp is not None:
        time = _utc(submission.timestamp or own_time)
        told = (submission.product, submission.version, submission.site, submission.user, submission.session)
        sent = [submission.id or "", time.isoformat() if time else "", *(part or "" for part in told)]
        parts = ["sent", *sent, str(ordinal), text_hash]
    elif own_time is not None:
        parts = ["timed", text_hash]
    else:
        parts = ["placed", submission.file_hash or uuid.uuid4().hex, str(submission.ordinal), str(ordinal), text_hash]
    return sha256("\x1f".join(parts))[:32]


def _utc(time: datetime | None) -> datetime | None:
    """The same moment in UTC: Neo4j sorts equal moments of different zones apart."""
    return None if time is None else time.astimezone(UTC)


def _given_severity(submission: Submission) -> str | None:
    """The sender's severity; ``None`` where there is none or its word is not one."""
    with suppress(InvalidInputError):
        return decide_severity(submission.severity, "", "") if submission.severity else None
    return None


def _title(error_type: str, message: str) -> str:
    first_line = message.split("\n", 1)[0]
    return _shortened(": ".join(part for part in (error_type or "Error", first_line) if part))


def _shortened(title: str) -> str:
    return title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1] + "…"
