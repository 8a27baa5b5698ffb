"""Process a text: parse it, redact, fingerprint and diagnose each report in it.

The result depends on the text alone, not on who sent it when, so it is cached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graph.diagnosis.diagnose import Diagnosis, diagnose
from graph.fingerprint.compute import Fingerprint, fingerprint
from graph.model.integrity import sha256
from graph.model.report import ParsedReport
from graph.parsing.read import read
from graph.redaction.carried_text import scrub_carried
from graph.redaction.parsed_report import clean_fact, scrub_report
from graph.redaction.redactor import Redactor
from graph.sources.surrogates import may_hold_surrogates, wellformed

REPORT_LIMIT = 262_144
"""Maximum length in characters of a stored report; the middle of a longer one is left out."""
CACHED_TEXTS = 2_048
CACHED_LENGTH = 16_384
"""Maximum length in characters of a cached text; bounds the cache to some 60 MB."""


@dataclass(frozen=True, slots=True)
class ProcessedReport:
    """One report of a text.

    ``text`` is its redacted part and ``stored_hash`` the SHA-256 of that; ``text_hash`` is the SHA-256 of the part as received.
    """

    report: ParsedReport
    fingerprint: Fingerprint
    diagnosis: Diagnosis | None
    text: str
    text_hash: str
    stored_hash: str


@dataclass(frozen=True, slots=True)
class ProcessedText:
    """All reports of a text, in order; ``reason`` explains why there are none."""

    reports: tuple[ProcessedReport, ...]
    reason: str | None = None


class ReportProcessor:
    """Processes texts with one installation's redaction key.

    A recurring fault sends the same text again and again, so results for short texts are cached.
    """

    def __init__(self, redactor: Redactor, make: Callable[[ParsedReport], Fingerprint] = fingerprint) -> None:
        """``redactor`` processes every returned text; ``make`` computes the fingerprint of a redacted report."""
        self._redactor = redactor
        self._make = make
        self._cached = lru_cache(maxsize=CACHED_TEXTS)(self._process)
        self.word = lru_cache(maxsize=CACHED_TEXTS)(redactor.redact)
        """Redacts a short text, such as a name; cached."""

    def process(self, text: str, format: str) -> ProcessedText:
        """The reports in a text. ``InvalidInputError`` for an unknown format."""
        return self._cached(text, format) if len(text) <= CACHED_LENGTH else self._process(text, format)

    def process_parsed(self, report: ParsedReport, text: str) -> ProcessedReport:
        """A report submitted as an exception with frames; ``text`` is its rendering."""
        return self._processed(report, text)

    def redact(self, text: str) -> str:
        """A text for storage, redacted and at most :data:`REPORT_LIMIT` long."""
        return scrub_carried(self._redactor, text, shorten=_shortened).text

    def redact_unparsed(self, text: str, user: str | None) -> str:
        """The same for a whole unparsed report; the name of the stated user is replaced too."""
        return scrub_carried(self._redactor, text, user, _shortened).text

    def without_user(self, processed: ProcessedReport, user: str) -> ProcessedReport:
        """The report with every occurrence of the stated user's name replaced."""
        scrubbed = self._redactor.scrub(processed.text, user)
        if scrubbed.text == processed.text:
            return processed
        clean = scrub_report(processed.report, self._redactor, scrubbed)
        return self._finished(clean, scrubbed.text, processed.text_hash)

    def user(self, name: str) -> str:
        """The placeholder of a user."""
        return self._redactor.user(name)

    def fact(self, name: str, value: str) -> str:
        """A named value, redacted."""
        return clean_fact(name, value, self.word)

    def _process(self, text: str, format: str) -> ProcessedText:
        reading = read(text, format)
        if not reading.reports:
            return ProcessedText((), reading.reason or "no report was found")
        return ProcessedText(tuple(self._processed(one, _part(text, one, reading.reports)) for one in reading.reports))

    def _processed(self, report: ParsedReport, text: str) -> ProcessedReport:
        if may_hold_surrogates(text):
            report = wellformed(report)
        scrubbed = scrub_carried(self._redactor, text, report.user, _shortened)
        return self._finished(scrub_report(report, self._redactor, scrubbed), scrubbed.text, sha256(text))

    def _finished(self, redacted: ParsedReport, text: str, text_hash: str) -> ProcessedReport:
        return ProcessedReport(redacted, self._make(redacted), diagnose(redacted), text, text_hash, sha256(text))


def _shortened(text: str) -> str:
    if len(text) <= REPORT_LIMIT:
        return text
    half = REPORT_LIMIT // 2
    return f"{text[:half]}\n[… {len(text) - REPORT_LIMIT} characters left out …]\n{text[-half:]}"


def _part(text: str, report: ParsedReport, reports: Sequence[ParsedReport]) -> str:
    """The text of one report: its part if there are several, else the whole text."""
    return report.part_of(text) if len(reports) > 1 and report.span[1] > report.span[0] else text
