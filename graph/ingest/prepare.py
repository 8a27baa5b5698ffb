"""Build the crashes of a submission: parsed, redacted, fingerprinted, with a deterministic id.

Identity of a crash:

- sent with an id or a time: the id, the time, the text, and the product, version, site, user and session that the sender
  states;
- with a time of its own, as a dump has: the text alone, whatever file it comes in;
- otherwise: the file and the position in it. Without a file, every submission is a crash of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeAlias

from graph.diagnosis.taxonomy import taxonomy
from graph.fingerprint.compute import Fingerprint, fingerprint
from graph.ingest.process import ProcessedReport, ReportProcessor
from graph.model.bounds import bounded
from graph.model.environment import environment_of, other_facts
from graph.model.errors import InvalidInputError
from graph.model.integrity import sha256
from graph.model.nodes import Crash, Environment
from graph.model.report import MESSAGE_LIMIT, ParsedReport
from graph.redaction.redactor import Redactor
from graph.rules.severity import decide as decide_severity
from graph.sources.submission import STATED, Submission
from graph.sources.surrogates import wellformed

TITLE_LIMIT = 240
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
CLOCK_ERROR = timedelta(days=1)
"""How far the clock of a sender may be ahead. A time beyond it would be the last one of its pattern for good."""
STATED_TIME = "stated_time"
"""Fact with a time that is not believed."""
STATED_LIMIT = 1_000
"""Maximum length of what the sender stated about a report that the server refused."""
CACHED_ENVIRONMENTS = 4_096

_Pairs: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PreparedCrash:
    """A crash ready to be stored. ``fingerprint`` and ``parsed`` are ``None`` for an unparsed one."""

    crash: Crash
    fingerprint: Fingerprint | None
    environment: Environment | None
    source: str
    parsed: ParsedReport | None = None

    @property
    def seen_at(self) -> datetime:
        """When it happened, or when it was received if that is unknown."""
        return self.crash.occurred_at or self.crash.received_at


class CrashBuilder:
    """Builds crashes from submissions, with one installation's redaction key."""

    def __init__(self, redactor: Redactor, make: Callable[[ParsedReport], Fingerprint] = fingerprint) -> None:
        """``redactor`` processes every text before it is stored; ``make`` computes the fingerprint of a report.

        ``InvalidInputError`` if the taxonomy is invalid.
        """
        taxonomy()  # fail on an invalid taxonomy at start-up, not for each report
        self._processor = ReportProcessor(redactor, make)
        # Thousands of crashes share an environment.
        self._environments = lru_cache(maxsize=CACHED_ENVIRONMENTS)(self._redacted_environment)

    def prepare(self, submission: Submission, received_at: datetime, first: int = 0) -> list[PreparedCrash]:
        """One crash per report in the submission, at least one: input that cannot be parsed is kept as ``unparsed``.

        ``first`` is the number of reports before these in a text of which the submission is a part.
        """
        submission = wellformed(submission)
        try:
            return self._prepared(submission, received_at, first)
        except InvalidInputError as error:
            return [self.unparsed(submission, received_at, str(error))]

    def _prepared(self, submission: Submission, received_at: datetime, first: int) -> list[PreparedCrash]:
        if submission.error is not None:
            return [self.unparsed(submission, received_at, submission.error)]
        structured = submission.structured()
        if structured is not None:
            return [self._matched(submission, self._processor.process_parsed(structured, submission.text()), 0, received_at)]
        processed = self._processor.process(submission.report or "", submission.format)
        if processed.reason is not None:
            return [self.unparsed(submission, received_at, processed.reason)]
        # An id belongs to one crash, so only the first report counts; the text is stored whole.
        reports = processed.reports[:1] if submission.id is not None else processed.reports
        return [self._matched(submission, one, ordinal, received_at) for ordinal, one in enumerate(reports, first)]

    def _matched(
        self, submission: Submission, processed: ProcessedReport, ordinal: int, received_at: datetime
    ) -> PreparedCrash:
        if submission.user:
            processed = self._processor.without_user(processed, submission.user)
        report, diagnosis = processed.report, processed.diagnosis
        severity = decide_severity(submission.severity or report.severity, report.error_type, report.message)
        crash = Crash(
            **self._common(submission, report, severity, received_at),
            crash_id=crash_id_of(submission, processed.text_hash, report.occurred_at, ordinal),
            status="matched",
            title=_title(report.error_type, report.message),
            error_type=report.error_type or None,
            message=report.message[:MESSAGE_LIMIT] or None,
            fault=_title(report.fault.error_type, report.fault.message) if report.inner_fault else None,
            format=report.format,
            report=processed.text,
            report_hash=processed.text_hash,
            stored_hash=processed.stored_hash,
            error_code=diagnosis.error_code if diagnosis else None,
            cluster_id=diagnosis.cluster_id if diagnosis else None,
            diagnosis_confidence=diagnosis.confidence if diagnosis else None,
            top_frame=report.frames[0].qualified if report.frames else None,
            culprit=report.culprit.qualified if report.culprit else None,
            frame_count=report.frame_count,
        )
        facts = {**report.environment, **submission.environment}
        return PreparedCrash(crash, processed.fingerprint, self._environment(crash, facts), submission.source, report)

    def unparsed(self, submission: Submission, received_at: datetime, reason: str) -> PreparedCrash:
        """The crash of a submission that cannot be read, for this reason; its text is kept, redacted."""
        submission = wellformed(submission)
        text = submission.text()
        title = next((line.strip() for line in text.splitlines() if line.strip()), "empty report")
        text_hash = sha256(text)
        stored = self._processor.redact_unparsed(text, submission.user)
        crash = Crash(
            **self._common(submission, None, _stated_severity(submission) or "low", received_at),
            crash_id=crash_id_of(submission, text_hash, None, 0),
            status="unparsed",
            reason=self._processor.redact(reason),
            title=_shortened(self._processor.redact(title[: TITLE_LIMIT * 4])),
            format="unparsed",
            report=stored,
            report_hash=text_hash,
            stored_hash=sha256(stored),
        )
        return PreparedCrash(crash, None, self._environment(crash, submission.environment), submission.source)

    def without_text(self, submission: Submission, received_at: datetime, reason: str) -> PreparedCrash:
        """The same where redacting it takes too long: its hash is kept, but neither its text nor what the sender states."""
        submission = wellformed(submission)
        text_hash = sha256(submission.text())
        crash = Crash(
            crash_id=crash_id_of(submission, text_hash, None, 0),
            status="unparsed",
            reason=reason,
            title="a report whose text is not stored",
            severity="low",
            format="unparsed",
            occurred_at=_utc(submission.timestamp),
            received_at=received_at,
            report="",
            report_hash=text_hash,
            stored_hash=sha256(""),
        )
        return PreparedCrash(crash, None, None, submission.source)

    def refused(self, item: PreparedCrash, reason: str) -> PreparedCrash:
        """A crash that the server refused to store, as one that it takes: ``unparsed``, without what was made of the report."""
        crash = item.crash
        stated = {one.stored_as: getattr(crash, one.stored_as) for one in STATED}
        kept = Crash(
            **{name: value and value[:STATED_LIMIT] for name, value in stated.items()},
            crash_id=crash.crash_id,
            status="unparsed",
            reason=self._processor.redact(reason),
            title=crash.title,
            format="unparsed",
            occurred_at=crash.occurred_at,
            received_at=crash.received_at,
            source=crash.source,
            report=crash.report,
            report_hash=crash.report_hash,
            stored_hash=crash.stored_hash,
        )
        return PreparedCrash(kept, None, None, item.source)

    def _common(
        self, submission: Submission, report: ParsedReport | None, severity: str, received_at: datetime
    ) -> dict[str, Any]:
        """The properties of every crash: what the sender states, and when and where it was received."""
        values: dict[str, Any] = {one.stored_as: self._stated(one.name, one.value(submission, report)) for one in STATED}
        stated_at = _utc(submission.timestamp or (report.occurred_at if report else None))
        return {
            **values,
            "severity": severity,
            "occurred_at": stated_at if is_believable(stated_at, received_at) else None,
            "received_at": received_at,
            "source": self._word(submission.source),
            "file_hash": submission.file_hash,
            "facts": self._other_facts(submission, report, None if is_believable(stated_at, received_at) else stated_at),
        }

    def _stated(self, name: str, value: str | None) -> str | None:
        if not value:
            return None
        return bounded(self._processor.user(value) if name == "user" else self._processor.word(value))

    def _word(self, text: str | None) -> str | None:
        return self._processor.word(text) if text else None

    def _other_facts(
        self, submission: Submission, report: ParsedReport | None, wrong_time: datetime | None
    ) -> tuple[str, ...] | None:
        """Facts that do not identify the environment. Those of a report are redacted already, along with its text."""
        facts = {**report.environment, **report.extra} if report else {}
        redacted = {self._processor.word(name): value for name, value in facts.items()}
        redacted |= {
            self._processor.word(key): self._processor.fact(key, value) for key, value in submission.environment.items()
        }
        if wrong_time is not None:
            redacted[STATED_TIME] = wrong_time.isoformat()
        return other_facts(redacted)

    def _environment(self, crash: Crash, facts: Mapping[str, str]) -> Environment | None:
        return self._environments(crash.product, crash.version, crash.site, tuple(facts.items()))

    def _redacted_environment(
        self, product: str | None, version: str | None, site: str | None, facts: _Pairs
    ) -> Environment | None:
        return environment_of(product, version, site, {key: self._processor.fact(key, value) for key, value in facts})


def crash_id_of(submission: Submission, text_hash: str, own_time: datetime | None, ordinal: int) -> str:
    """The crash id. ``own_time`` is the report's own; ``ordinal`` its position among the reports of the submission."""
    if submission.id is not None or submission.timestamp is not None:
        time = _utc(submission.timestamp or own_time)
        stated = (submission.product, submission.version, submission.site, submission.user, submission.session)
        sent = [submission.id or "", time.isoformat() if time else "", *(part or "" for part in stated)]
        parts = ["sent", *sent, str(ordinal), text_hash]
    elif own_time is not None:
        parts = ["timed", text_hash]
    else:
        place = submission.file_hash or submission.marked or uuid.uuid4().hex
        parts = ["placed", place, str(submission.ordinal), str(ordinal), text_hash]
    return sha256("\x1f".join(parts))[:32]


def is_believable(stated_at: datetime | None, received_at: datetime) -> bool:
    """Whether a crash may have happened then: since :data:`EARLIEST`, and not after it was received, give or take a clock."""
    return stated_at is None or EARLIEST <= stated_at <= received_at + CLOCK_ERROR


def _utc(time: datetime | None) -> datetime | None:
    """The time in UTC: Neo4j orders equal moments of different zones differently."""
    return None if time is None else time.astimezone(UTC)


def _stated_severity(submission: Submission) -> str | None:
    """The sender's severity; ``None`` if there is none or the word is unknown."""
    with suppress(InvalidInputError):
        return decide_severity(submission.severity, "", "") if submission.severity else None
    return None


def _title(error_type: str, message: str) -> str:
    first_line = message.split("\n", 1)[0]
    return _shortened(": ".join(part for part in (error_type or "Error", first_line) if part))


def _shortened(title: str) -> str:
    return title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1] + "…"
