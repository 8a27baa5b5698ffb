"""Made-up secrets of every kind in every carrier, as the message of an event of Sentry's protocol, are not stored."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crashgraph.http_ingest.sentry import submission_of
from crashgraph.spool import Portion, encode
from graph.ingest.prepare import CrashBuilder
from graph.model.actor import INGEST
from graph.redaction.redactor import Redactor
from tools.planted import corpus

AT = datetime(2026, 3, 1, tzinfo=UTC)
AROUND = (
    "{}",
    "2026-03-01 10:00:00,123 ERROR [main] shop.pay - {}",
    f"refused after 3 attempts {'of which all waited as long as the pool allows ' * 6}: {{}}",
)
CRASHES = CrashBuilder(Redactor(b"k" * 32))


@pytest.mark.parametrize("around", AROUND)
def test_what_is_planted_in_events_is_not_stored(around: str) -> None:
    leaks = []
    for kind, carrier, value, text in corpus.planted(1):
        frames = [{"filename": "pay.py", "function": "pay", "module": "shop.pay", "lineno": 3}]
        exception = {"type": "PayError", "value": around.format(text), "stacktrace": {"frames": frames}}
        event = {"event_id": "0" * 32, "platform": "python", "exception": {"values": [exception]}}
        stored = encode(Portion(INGEST, tuple(CRASHES.prepare(submission_of(event, "0" * 32, "shop"), AT)))).decode()
        if any(form in stored for form in corpus.written(value)):
            leaks.append((kind, carrier, text))
    assert leaks == []


@pytest.mark.parametrize(
    "text",
    [
        "Stripe-Signature: t=1492774577,v1=FtEXMegtX2D6HscXNLgZW6OpfGoDEKPIoglxrZ7c,v0=x",
        '{"github-oauth": {"github.com": "FtEXMegtX2D6HscXNLgZW6OpfGoDEKPIoglxrZ7c"}}',
        r"{\"gitlab-token\": {\"gitlab.corp.test\": \"FtEXMegtX2D6HscXNLgZW6OpfGoDEKPIoglxrZ7c\"}}",
        "refused: ALTER USER app IDENTIFIED BY '\\\"'\\\"'FtEXMegtX2D6HscXNLgZW6OpfGoDEKPIoglxrZ7c'\\\"'\\\"'",
        r"Login failed for user 'CORP\\\\FtEXMegtX2D6HscXNLgZW6OpfGoDEKPIoglxrZ7c'",
    ],
)
def test_forms_that_were_missed(text: str) -> None:
    assert "FtEXMegtX2D6" not in Redactor(b"k" * 32).redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "  token = settings.tokens.first(request)\n",
        '    "password": settings.password,\n',
        "    secret: vault.read.first;\n",
        "HKEY_LOCAL_MACHINE\\\\SOFTWARE\\\\Shop",
        "signature mismatch of lib.so, v2=expected",
    ],
)
def test_code_and_paths_stay(text: str) -> None:
    assert Redactor(b"k" * 32).redact(text) == text
