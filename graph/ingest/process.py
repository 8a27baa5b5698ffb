"""What a text says, redacted and fingerprinted, before anybody tells when and where it happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graph.diagnosis.diagnose import Diagnosis, diagnose
from graph.fingerprint.compute import Fingerprint, fingerprint
from graph.model.integrity import sha256
from graph.model.report import ParsedReport
from graph.parsing.read import read
from graph.redaction.parsed_report import clean_fact, scrub_report
from graph.redaction.redactor import Redactor
from graph.sources.surrogates import may_hold_surrogates, wellformed

REPORT_LIMIT = 262_144
REMEMBERED = 2_048
REMEMBERED_LENGTH = 16_384
"""Characters of a text that is worth remembering; bounds the memory to some 60 MB."""


@dataclass(frozen=True, slots=True)
class ProcessedReport:
    """One report of a text.

    ``text`` is its redacted part and ``stored_hash`` the SHA-256 of that, ``text_hash`` the SHA-256 of the part as it came.
    """

    report: ParsedReport
    fingerprint: Fingerprint
    diagnosis: Diagnosis | None
    text: str
    text_hash: str
    stored_hash: str


@dataclass(frozen=True, slots=True)
class ProcessedText:
    """All reports of a text in its order; ``reason`` says why there are none."""

    reports: tuple[ProcessedReport, ...]
    reason: str | None = None


class ReportProcessor:
    """Reads texts of one installation, whose key makes the redaction's placeholders.

    One fault that strikes often sends the same text again and again, so what short texts said is remembered.
    """

    def __init__(self, redactor: Redactor, make: Callable[[ParsedReport], Fingerprint] = fingerprint) -> None:
        """``redactor`` sees every text that leaves here; ``make`` is the fingerprint of a report without secrets."""
        self._redactor = redactor
        self._make = make
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._read)
        self.word = lru_cache(maxsize=REMEMBERED)(redactor.redact)
        """Redacts a short text, such as a name; remembered too."""

    def read(self, text: str, format: str) -> ProcessedText:
        """The reports in a text. ``InvalidInputError`` for an unknown format."""
        return self._remembered(text, format) if len(text) <= REMEMBERED_LENGTH else self._read(text, format)

    def structured(self, report: ParsedReport, text: str) -> ProcessedReport:
        """A report that came as an exception with frames; ``text`` is how it reads."""
        return self._understood(report, text)

    def redacted(self, text: str) -> str:
        """A whole report for storage, its middle left out when it is longer than the limit."""
        return self._redactor.redact(_shortened(text))

    def without_user(self, understood: ProcessedReport, user: str) -> ProcessedReport:
        """The same report where the sender's name of the user stands nowhere."""
        scrubbed = self._redactor.scrub(understood.text, user)
        if scrubbed.text == understood.text:
            return understood
        clean = scrub_report(understood.report, self._redactor, scrubbed)
        return self._understanding(clean, scrubbed.text, understood.text_hash)

    def without(self, text: str, user: str | None) -> str:
        """A whole report that was not understood, redacted."""
        return self._redactor.scrub(_shortened(text), user).text

    def user(self, name: str) -> str:
        """What stands for a user."""
        return self._redactor.user(name)

    def fact(self, name: str, value: str) -> str:
        """A named value, redacted."""
        return clean_fact(name, value, self.word)

    def _read(self, text: str, format: str) -> ProcessedText:
        reading = read(text, format)
        if not reading.reports:
            return ProcessedText((), reading.reason or "no report was found")
        return ProcessedText(tuple(self._understood(one, _part(text, one, reading.reports)) for one in reading.reports))

    def _understood(self, report: ParsedReport, text: str) -> ProcessedReport:
        if may_hold_surrogates(text):
            report = wellformed(report)
        scrubbed = self._redactor.scrub(_shortened(text), report.user)
        clean = scrub_report(report, self._redactor, scrubbed)
        return self._understanding(clean, scrubbed.text, sha256(text))

    def _understanding(self, clean: ParsedReport, text: str, text_hash: str) -> ProcessedReport:
        return ProcessedReport(clean, self._make(clean), diagnose(clean), text, text_hash, sha256(text))


def _shortened(text: str) -> str:
    if len(text) <= REPORT_LIMIT:
        return text
    half = REPORT_LIMIT // 2
    return f"{text[:half]}\n[… {len(text) - REPORT_LIMIT} characters left out …]\n{text[-half:]}"


def _part(text: str, report: ParsedReport, all_: Sequence[ParsedReport]) -> str:
    """The text of one report: its span where there are several, else everything."""
    start, end = report.span
    return text[start:end] if len(all_) > 1 and end > start else text
