"""Forms in which products write their secrets, and texts of the same shapes that hold none."""

from __future__ import annotations

import json
import random

import pytest

from graph.redaction.carried_text import scrub_carried
from graph.redaction.redactor import Redactor
from tools.planted.forms import Form, forms

REDACTOR = Redactor(b"k" * 32)


@pytest.mark.parametrize("form", forms(), ids=lambda form: form.name)
def test_the_secret_of_a_form_is_redacted(form: Form) -> None:
    rng = random.Random(form.name)
    values = [form.value(rng) for _ in range(10)]
    left = [value for value in values if value in scrub_carried(REDACTOR, f"RuntimeError: no\n{form.text(value)}").text]
    assert left == []


HARMLESS = """\
GET /orders?code=404&state=open
GET /cb?error=access_denied&code=ERR_MODULE_NOT_FOUND_22
exit code=137, code: 0x80070005, code=SQLSTATE_23505
"auth": "basic"
"auth": "oauth2-client-credentials-v2"
auth=PLAIN auth: none auth=kerberos5
"salt": "sodium-chloride-2024-01-05"
GET /app/hooks/useCreateOrderDraft2.tsx
GET /static/hooks/index-3f2a9b1c4d5e6f7a8b9c.js
GET /docs/reset-password/how-to-reset-it-in-3-steps
POST /invitations/2024-05-17-12-30-00/accept
echo "$1$2$3" and ${1}${22}
t('password', 'Enter your password')
define('TOKEN_TYPE', 'bearer7')
zip(password, tokens9)
pluck('password', 'remember_token')
std::string Password::value2 (const char*)
Auth::attempt2 failed in Token::read3
<auth mechanism="PLAIN"/> <password/> <token type="x">
user default on host db7 > out.txt
: EAP "
ticket=4711 nonce: 42
assertion: expected-3-but-was-4"""


@pytest.mark.parametrize("line", HARMLESS.split("\n"))
def test_what_only_looks_like_such_a_form_is_kept(line: str) -> None:
    assert scrub_carried(REDACTOR, f"RuntimeError: no\n{line}").text == f"RuntimeError: no\n{line}"


def test_an_authorization_code_beside_a_status_code_is_redacted() -> None:
    text = "GET /cb?code=404 then /cb?code=SplxlOBeZQQYbYS6WxSbIA&state=xyz"
    assert "SplxlOBe" not in REDACTOR.redact(text)
    assert "code=404" in REDACTOR.redact(text)


@pytest.mark.parametrize("line", ["pass = {}", "sessionId: {}", "  jwtSecret: {}", "HMAC_KEY={}"])
def test_a_secret_behind_an_escaped_line_end_is_redacted(line: str) -> None:
    for value in ("Sqpo.nfEKXjp.aGBQAG69549", "ejvk2sAxwlQZJoVc"):
        text = f"shop:\n{line.format(value)}\nretries: 3"
        for written in (json.dumps(text), repr(text), f'{{"exception": {{"values": [\n  {{"value": {json.dumps(text)}}}]}}}}'):
            assert value not in REDACTOR.redact(written)
            assert value not in scrub_carried(REDACTOR, written).text
