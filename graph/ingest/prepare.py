"""From a submission to what will be stored: redacted, parsed, fingerprinted, with an id that is always the same.

Identity. A report that carries an id or a time of its own is known by its content, so the same report in
another file is the same crash. One that carries neither is known by the file it came in and its place
there; sent through an interface without either, each sending is a crash of its own.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

from graph.ingest.environment import environment_of
from graph.ingest.fingerprint import Fingerprint, fingerprint
from graph.ingest.parsers import read
from graph.ingest.parsers.base import OCCURRENCE_FACTS
from graph.ingest.redact import Redactor
from graph.ingest.severity import decide as decide_severity
from graph.ingest.submission import Submission
from graph.model.errors import InvalidInputError
from graph.model.nodes import Crash, Environment
from graph.model.report import ParsedReport

REPORT_LIMIT = 262_144
MESSAGE_LIMIT = 16_384
TITLE_LIMIT = 240
ENVIRONMENTS_KEPT = 4_096

_Pairs: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One crash that is ready to be stored. ``fingerprint`` is ``None`` when it was not understood."""

    crash: Crash
    fingerprint: Fingerprint | None
    environment: Environment | None
    source: str

    @property
    def seen(self) -> datetime:
        """When it happened, or when it arrived if it does not say."""
        return self.crash.occurred_at or self.crash.received_at


class Preparer:
    """Prepares submissions of one installation, whose key makes the redaction's placeholders."""

    def __init__(self, redactor: Redactor) -> None:
        """``redactor`` sees every text before it is stored."""
        self._redactor = redactor
        # Thousands of crashes share an environment.
        self._environments = lru_cache(maxsize=ENVIRONMENTS_KEPT)(self._redacted_environment)

    def prepare(self, submission: Submission, received_at: datetime) -> list[Prepared]:
        """One item for each report in the submission, at least one: what is not understood is kept as such."""
        try:
            return list(self._understood(submission, received_at))
        except InvalidInputError as error:
            return [self._unparsed(submission, received_at, str(error))]

    def _understood(self, submission: Submission, received_at: datetime) -> Iterator[Prepared]:
        if submission.error is not None:
            yield self._unparsed(submission, received_at, submission.error)
            return
        structured = submission.structured()
        if structured is not None:
            yield self._matched(submission, structured, submission.text(), 0, received_at)
            return
        text = submission.report or ""
        reading = read(text, submission.format)
        if not reading.reports:
            yield self._unparsed(submission, received_at, reading.reason or "no report was found")
            return
        for ordinal, report in enumerate(reading.reports):
            start, end = report.span
            part = text[start:end] if len(reading.reports) > 1 and end > start else text
            yield self._matched(submission, report, part, ordinal, received_at)

    def _matched(
        self, submission: Submission, report: ParsedReport, text: str, ordinal: int, received_at: datetime
    ) -> Prepared:
        report = self._clean(report)
        occurred_at = _utc(submission.timestamp or report.occurred_at)
        crash = Crash(
            crash_id=_identity(submission, text, report.occurred_at, ordinal),
            status="matched",
            title=_shortened(": ".join(part for part in (report.error_type or "Error", _first_line(report.message)) if part)),
            error_type=report.error_type or None,
            message=report.message[:MESSAGE_LIMIT] or None,
            severity=_severity(submission, report),
            occurred_at=occurred_at,
            received_at=received_at,
            format=report.format,
            report=self._report(text),
            report_hash=_sha256(text),
            product=submission.product or report.product,
            version=submission.version or report.version,
            site=submission.site or report.site,
            user=submission.user or report.user,
            session=submission.session or report.session,
            top_frame=report.frames[0].qualified if report.frames else None,
            culprit=report.culprit.qualified if report.culprit else None,
            frame_count=report.frame_count,
            source=submission.source,
            file_name=submission.file_name,
            file_hash=submission.file_hash,
            external_id=submission.id,
        )
        facts = {**report.environment, **submission.environment}
        lasting = {key: value for key, value in report.extra.items() if key not in OCCURRENCE_FACTS}
        return Prepared(crash, fingerprint(report), self._environment(crash, facts, lasting), submission.source)

    def _unparsed(self, submission: Submission, received_at: datetime, reason: str) -> Prepared:
        text = submission.text()
        title = next((line.strip() for line in text.splitlines() if line.strip()), "empty report")
        crash = Crash(
            crash_id=_identity(submission, text, None, 0),
            status="unparsed",
            reason=self._redactor.redact(reason),
            title=_shortened(self._redactor.redact(title[: TITLE_LIMIT * 4])),
            severity=_given_severity(submission) or "low",
            occurred_at=_utc(submission.timestamp),
            received_at=received_at,
            format="unparsed",
            report=self._report(text),
            report_hash=_sha256(text),
            product=submission.product,
            version=submission.version,
            site=submission.site,
            user=submission.user,
            session=submission.session,
            source=submission.source,
            file_name=submission.file_name,
            file_hash=submission.file_hash,
            external_id=submission.id,
        )
        return Prepared(crash, None, self._environment(crash, submission.environment, {}), submission.source)

    def _environment(self, crash: Crash, facts: Mapping[str, str], extra: Mapping[str, str]) -> Environment | None:
        return self._environments(crash.product, crash.version, crash.site, tuple(facts.items()), tuple(extra.items()))

    def _redacted_environment(
        self, product: str | None, version: str | None, site: str | None, facts: _Pairs, extra: _Pairs
    ) -> Environment | None:
        named = {key: self._redactor.redact(value) for key, value in facts}
        others = {key: self._redactor.redact(value) for key, value in extra}
        return environment_of(product, version, site, named, others)

    def _clean(self, report: ParsedReport) -> ParsedReport:
        message = self._redactor.redact(report.message)
        if message == report.message:
            return report
        values = {name: getattr(report, name) for name in ParsedReport.__slots__}
        return ParsedReport(**{**values, "message": message})

    def _report(self, text: str) -> str:
        """The redacted text, its middle left out when it is longer than the limit."""
        if len(text) > REPORT_LIMIT:
            half = REPORT_LIMIT // 2
            text = f"{text[:half]}\n[… {len(text) - REPORT_LIMIT} characters left out …]\n{text[-half:]}"
        return self._redactor.redact(text)


def _identity(submission: Submission, text: str, own_time: datetime | None, ordinal: int) -> str:
    """The crash id. ``own_time`` is the report's own; ``ordinal`` its place among the reports of the submission."""
    time = _utc(submission.timestamp or own_time)
    told = (submission.product, submission.version, submission.site, submission.user, submission.session)
    parts = [submission.id or "", time.isoformat() if time else "", *(part or "" for part in told), text]
    if own_time is None:
        parts.append(str(ordinal))
        if submission.id is None and submission.timestamp is None:
            parts += [submission.file_hash or uuid.uuid4().hex, str(submission.ordinal)]
    return _sha256("\x1f".join(parts))[:32]


def _utc(time: datetime | None) -> datetime | None:
    """The same moment in UTC: Neo4j sorts equal moments of different zones apart."""
    return None if time is None else time.astimezone(UTC)


def _severity(submission: Submission, report: ParsedReport) -> str:
    return decide_severity(submission.severity or report.severity, report.error_type, report.message)


def _given_severity(submission: Submission) -> str | None:
    """The sender's severity; ``None`` where there is none or its word is not one."""
    with suppress(InvalidInputError):
        return decide_severity(submission.severity, "", "") if submission.severity else None
    return None


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else ""


def _shortened(title: str) -> str:
    return title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1] + "…"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


__all__ = ["Prepared", "Preparer"]
