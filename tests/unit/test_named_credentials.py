"""The name of a credential decides what is redacted, not the shape of its value; expressions of code are kept."""

from __future__ import annotations

import pytest
from growth import assert_linear

from graph.redaction.credential_names import Strength, strength
from graph.redaction.redactor import Redactor

REDACTOR = Redactor(b"0123456789abcdef" * 2)

SURE = [
    *(
        "password",
        "Password",
        "dbPassword",
        "DB_PASSWORD",
        "new_password2",
        "passwordHash",
        "password_confirmation",
        "passwords",
    ),
    *("DB_PASS", "SMTP_PW", "userPass", "admin-pass", "bindpw", "storepass", "PGPASSWORD", "MYSQL_PWD", "keyPassphrase"),
    *("SECRET_KEY_BASE", "clientSecret", "client_secret", "secrets", "api_key", "APIKey", "apiKeys", "x-api-key", "api key"),
    *("client-key-data", "AccountKey", "aws_secret_access_key", "encryption.key", "X-Amz-Signature", "X-Hub-Signature-256"),
    *("accessToken", "refresh_token", "_authToken", "csrf-token", "PHPSESSID", "sessionId", "session id", "connect.sid"),
    *("verification_code", "otpCode", "security code", "psk", "cvv", "credentials", "cred"),
]
NOTHING = [
    *("password_field", "passwordPolicy", "password_file", "token_type", "tokenizer", "tokenUrl", "secret_name", "secretary"),
    *(
        "bypass",
        "compass",
        "encompass",
        "passenger",
        "keyboard",
        "monkey",
        "primary_key",
        "key",
        "public_key",
        "spinning",
        "sidebar",
    ),
    *("error_code", "opcode", "inside", "design", "session_start", "pass_count", "credit", "unpinned"),
]


@pytest.mark.parametrize("name", SURE)
def test_a_name_of_a_credential(name: str) -> None:
    assert strength(name) is Strength.SURE


@pytest.mark.parametrize("name", NOTHING)
def test_a_name_of_something_else(name: str) -> None:
    assert strength(name) is Strength.NONE


@pytest.mark.parametrize(
    "value",
    ["Hunter2zzQ", "a.b.c", "Hun{ter}2", "Hun(ter)2x", "ab]cd", "x[1]y", "12345", "a:b:c", "/a/b", "$2b$10$ab/c.d", "it's1"],
)
@pytest.mark.parametrize(
    "carrier", ["password={}", "password={}: denied", "token: {}\nx", "(DB_PASS={})", "{{Secret:{} Id:3}}"]
)
def test_any_shape_of_value(carrier: str, value: str) -> None:
    redacted = REDACTOR.redact(carrier.format(value))
    assert value not in redacted
    before, after = carrier.replace("{{", "{").replace("}}", "}").split("{}")
    assert redacted.startswith(before)
    assert redacted.endswith(after)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("failed#012pin=4711#012x", "4711"),
        ("failed#012curl -u app:hunter2 https://a", "hunter2"),
        ("GET /a?q=mail%20jane%40shop.test%20now&x=1", "jane"),
        ("CREATE USER x IDENTIFIED BY &#x27;hunter2&#x27;", "hunter2"),
        ("session=abc123def", "abc123def"),
        ("sid=abc123def", "abc123def"),
        ("level=info pass=hunter2", "hunter2"),
        ("GET /a?x=1&sig=ab%2Fcd&se=2", "ab%2Fcd"),
        ("password=[hunter2]", "hunter2"),
        ("PWD={hun;ter2};Database=x", "hun"),
        ('{"name": "DB_PASSWORD", "value": "hunter2"}', "hunter2"),
        ('<add key="DbPassword" value="hunter2"/>', "hunter2"),
        ("- name: DB_PASSWORD\n  value: hunter2", "hunter2"),
        ("password: |\n  hunter2\nx: 1", "hunter2"),
        ("&quot;password&quot;: &quot;hun ter2&quot;", "hun ter2"),
        ("password%3Dhunter2", "hunter2"),
        ("--token 'two words'", "two words"),
        ("['tool', '--db-pass', 'two words']", "two words"),
        ("CREATE USER x IDENTIFIED BY 'ab c;d'", "ab c;d"),
        ("jdbc:oracle:thin:app/ti@ger@h:1521:S", "ti@ger"),
        (r"Login failed for user 'CORP\jdoe'", "jdoe"),
        (r"CORP\jdoe logged in", "jdoe"),
        (r"""tool --detail 'Login failed for user '"'"'CORP\winter4'"'"''""", "winter4"),
        ("level=error sid=Tow.GfBrt.uXdXPw7 retries=4", "GfBrt"),
        ("level=error client_key_data=dHOy.uXdXPw.LNEpKr94127 retries=4", "LNEpKr"),
        ("call +49 30 901820 or +1-212-555-0187", "901820"),
        ("phone: 030 901820", "030 901820"),
        ("refund to de89370400440532013000 failed", "de89370400440532013000"),
        ("refund to be68 5390 0754 7034 gone", "be68 5390 0754 7034"),
    ],
)
def test_plain_forms(text: str, secret: str) -> None:
    redacted = REDACTOR.redact(text)
    assert secret not in redacted
    assert REDACTOR.redact(redacted) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "    password = self.password_field",
        "    token = next(tokens)",
        "    token = lexer.current.value",
        "    login(user, password=cfg.pw)",
        "12 |   const token = store.read(id);",
        "  password: this.form.value,",
        "password=get_password()",
        "def connect(token: str, password: Optional[str] = None):",
        "token::kind std::token::Kind",
        "#forEnvironment:password:skipReset:token:",
        "password=${DB_PASSWORD} token={token} secret=%(secret)s",
        "max_tokens=4096, prompt_tokens: 12",
        "    if token:\n  File",
        "session: closed; session=4; sid: 17; pass: 12, fail: 3; PASS: tests/a1.py",
        "session=requests.Session() session=0x7f3a2b1c",
        "(CONNECT_DATA=(SID=ORCL))",
        "password=[FILTERED] token: <redacted> secret=********",
        "PWD=/srv/app",
        "icon@2x.png photo@3x.jpeg lodash@4.17.21.tgz chunk@v2.js git@github.com getty@tty1.service",
        "/home/app/x /home/node/y /home/runner/z C:\\Users\\runner\\a",
        r"HKLM\software NT AUTHORITY\system App\models FAILED\nTraceback SRC\main.c C:\dir\name",
        "uptime +12345678 lines, offset=+100200300, 10:00+02:00, 2026-11-30T10:00:00+0000",
        "phone: unknown, tel=3, mobile: 2026-11-30",
    ],
)
def test_what_is_no_secret(text: str) -> None:
    assert REDACTOR.redact(text) == text


@pytest.mark.parametrize(
    "bait",
    [
        *(
            "pass",
            "pwd=",
            "token=a.b.",
            "token=(",
            "token=[{",
            "token=)",
            "key ",
            "api key",
            "sid: ",
            "session=a",
            "password='",
            "aKey",
        ),
        *(
            "&quot;password&quot;: &quot;",
            "password\\\\\\",
            "DB_PASS\n value ",
            "--pass '",
            "CORP\\",
            "user CORP\\j",
            "+49 ",
            "+4 9",
        ),
        *(
            "de89 3704 ",
            "DE89",
            "phone: 0 3",
            "tel(",
            "jdbc:oracle:thin:a/b@",
            "identified by 'a",
            "a@1.",
            "pass_word_",
            "password:a:",
        ),
    ],
)
def test_time_is_linear(bait: str) -> None:
    assert_linear(REDACTOR.redact, lambda count: bait * count, 300_000 // len(bait))
