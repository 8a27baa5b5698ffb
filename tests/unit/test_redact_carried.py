"""Secrets that a carrier splits or hides are redacted in the stored text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from growth import assert_linear

from graph.ingest.process import REPORT_LIMIT, ReportProcessor
from graph.parsing.carrier.catalogue import CARRIERS, Carrier
from graph.redaction.carried_text import scrub_carried
from graph.redaction.redactor import Redactor

REDACTOR = Redactor(b"0123456789abcdef" * 2)
PASSWORD, API_KEY = "gr1nd!stone", "k3y-value99"
# Built from parts, so that no scanner takes this file for a leak.
KEY = ("MIIEpAIBAAKCAQEA7bq1", "qR5w9XkLmZp3TfGhYuQa", "Zz8vNcBnWqErTyUiOp12")
TEXT = (
    "Traceback (most recent call last):\n"
    '  File "/srv/mill/store.py", line 31, in weigh\n'
    f"    connect(password='{PASSWORD}')\n"
    f'ValueError: api_key="{API_KEY}" refused\n'
    "-----BEGIN RSA PRIVATE" + " KEY-----\n" + "\n".join(KEY) + "\n-----END RSA PRIVATE" + " KEY-----\n"
)


@pytest.mark.parametrize("carrier", CARRIERS, ids=lambda carrier: carrier.name)
def test_no_secret_is_stored_whatever_carried_it(carrier: Carrier) -> None:
    [processed] = ReportProcessor(REDACTOR).process(carrier.carry(TEXT), "auto").reports
    stored = f"{processed.text}\n{processed.report}"
    assert [secret for secret in (PASSWORD, API_KEY, *KEY) if secret in stored] == []


def test_the_prefixes_of_a_redacted_text_stay() -> None:
    lines = [f"2026-03-05T10:15:22.1Z stderr F {line}" for line in TEXT.splitlines()]
    redacted = scrub_carried(REDACTOR, "\n".join(lines)).text.splitlines()
    assert [line[:32] for line in redacted] == [line[:32] for line in lines]


def test_a_text_without_a_carrier_is_redacted_as_before() -> None:
    assert scrub_carried(REDACTOR, TEXT) == REDACTOR.scrub(TEXT)


BODY = "\n".join(KEY * (REPORT_LIMIT // 90))
LONG = {
    "a key whose header is left out": ("x" * 79 + "\n") * (REPORT_LIMIT // 160)
    + "-----BEGIN RSA PRIVATE"
    + f" KEY-----\n{BODY}\n-----END RSA PRIVATE KEY-----",
    "a name before the cut": "x" * (REPORT_LIMIT * 2) + f" password={PASSWORD}" + "y " * (REPORT_LIMIT // 4 - 4),
    "a secret marked only in the middle": f"{PASSWORD}\n"
    + ("x" * 79 + "\n") * (REPORT_LIMIT // 100)
    + f"password={PASSWORD}\n"
    + ("y" * 79 + "\n") * (REPORT_LIMIT // 100),
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize(
    "carry", [str, lambda text: "".join(f"2026-03-05T10:15:22.1Z stderr F {line}\n" for line in text.split("\n"))]
)
def test_a_long_report_is_redacted_before_it_is_cut(name: str, carry: Callable[[str], str]) -> None:
    stored = ReportProcessor(REDACTOR).redact(carry(LONG[name]))
    assert len(stored) < REPORT_LIMIT + 200
    assert [secret for secret in (PASSWORD[:-1], PASSWORD[1:], *KEY) if secret in stored] == []


@pytest.mark.parametrize(
    "line", ["a password=hunter{0}! b", "user=jane{0}\n", "2026-03-05T10:15:22.1Z stderr F user=jane{0} jane{0}\n"]
)
def test_long_reports_take_linear_time(line: str) -> None:
    process = ReportProcessor(REDACTOR)
    assert_linear(process.redact, lambda count: "".join(line.format(number) for number in range(count)), 600_000 // len(line))
