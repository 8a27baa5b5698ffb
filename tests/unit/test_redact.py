"""Redaction replaces secrets and personal data, and keeps the rest."""

from __future__ import annotations

import random
import time

import pytest
from growth import assert_linear
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.parsing.read import read
from graph.redaction.redactor import Redactor

REDACTOR = Redactor(b"0123456789abcdef" * 2)

# Built from parts, so that no scanner takes this file for a leak.
JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP"
SECRETS = {
    "password": ("login failed: password=hunter2!x for bob", "hunter2!x"),
    "colon": ("Password: correcthorse", "correcthorse"),
    "quoted": ("{'password': 'two words, really'}", "two words, really"),
    "json": ('{"api_key": "k3y-value", "n": 1}', "k3y-value"),
    "json in json": ('{"body": "{\\"client_secret\\": \\"shhh-42\\"}"}', "shhh-42"),
    "escaped quote": ('DB_PASSWORD="abc\\"def"', 'abc\\"def'),
    "camel": ("accessToken=ab12cd34ef", "ab12cd34ef"),
    "hash rocket": (":secret => 's3cr3t'", "s3cr3t"),
    "connection string": ("Server=db;Uid=sa;Pwd=Tr0ub4dor;Database=x", "Tr0ub4dor"),
    "azure": ("AccountName=a;AccountKey=Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA==;Endpoint=x", "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA=="),
    "url": ("could not connect to postgresql://app:p4ss-w0rd@db.example:5432/shop", "p4ss-w0rd"),
    "url without user": ("redis://:redispass1@cache:6379/0", "redispass1"),
    "option": ("mysqldump --user=root --password Sup3r --all", "Sup3r"),
    "bearer": ("Authorization: Bearer abcdef0123456789.xyz", "abcdef0123456789.xyz"),
    "basic": ("-H 'Authorization: Basic dXNlcjpwYXNzd29yZA=='", "dXNlcjpwYXNzd29yZA=="),
    "header in a dict": ("{'Authorization': 'token 0f0f0f0f0f'}", "0f0f0f0f0f"),
    "session": ("Cookie: sessionid=38afes7a8; PHPSESSID=r2t5uvjq435r4q7ib3vtdjq120", "38afes7a8"),
    "aws": ("key AKIA" + "IOSFODNN7EXAMPLE used", "AKIA" + "IOSFODNN7EXAMPLE"),
    "github": ("remote: ghp_" + "a1B2" * 9, "ghp_" + "a1B2" * 9),
    "slack": ("xoxb-" + "123456789012-" + "abcdefghijklmnopqrstuvwx", "xoxb-" + "123456789012-" + "abcdefghijklmnopqrstuvwx"),
    "stripe": ("sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc", "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"),
    "google": ("AIza" + "SyA1234567890abcdefghijklmnopqrstuv", "AIza" + "SyA1234567890abcdefghijklmnopqrstuv"),
    "jwt": (f"token {JWT} expired", JWT),
    "private key": ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC==\n-----END RSA PRIVATE KEY-----", "MIIEow\nIBAAKC=="),
    "email": ("mail to Jane.Doe+x@mail.example.co.uk bounced", "Jane.Doe+x@mail.example.co.uk"),
    "ipv4": ("connect to 10.20.30.40:5432 failed", "10.20.30.40"),
    "ipv6": ("from [2001:db8:85a3::8a2e:370:7334]:443", "2001:db8:85a3::8a2e:370:7334"),
    "full ipv6": ("peer fe80:0:0:0:1ff:fe23:4567:890a gone", "fe80:0:0:0:1ff:fe23:4567:890a"),
    "card": ("charge 4111 1111 1111 1111 declined", "4111 1111 1111 1111"),
    "linux home": ('File "/home/jdoe/app/x.py", line 3', "jdoe"),
    "mac home": ("/Users/jane.doe/Library", "jane.doe"),
    "windows home": ("C:\\Users\\Jane Doe\\AppData\\x.txt", "Jane Doe"),
    "iban": ("refund to GB82 WEST 1234 5698 7654 32 failed", "GB82 WEST 1234 5698 7654 32"),
    "user in json": ("{'user': 'jdoe', 'n': 1}", "jdoe"),
    "user in a variable": ("USERNAME=jdoe2\nTZ=x", "jdoe2"),
    "user on a line": ("Whats'On User: Jane Doe\nSite: x", "Jane Doe"),
    "known service": ("dop_v1_" + "0a1b2c3d" * 8 + " refused", "dop_v1_" + "0a1b2c3d" * 8),
    "bound values": ("[SQL: INSERT INTO t (a, b) VALUES (%s, %s)]\n[parameters: (7, 'b1nd-weed', 'x')]", "b1nd-weed"),
    "bound values of a mapping": ("[SQL: UPDATE t SET a=:a]\n[parameters: {'a': 'b1nd-weed'}]", "b1nd-weed"),
    "bindings": ('update "t" set "a" = $1 - too long {\n  bindings: [ "b1nd-weed", 4 ]\n}', "b1nd-weed"),
    "parameters before a command": ("[Parameters=[@p0='b1nd-weed' (Size = 9)], CommandType='Text']", "b1nd-weed"),
    "numbered parameters": ("DETAIL:  parameters: $1 = 'b1nd-weed', $2 = '4'", "b1nd-weed"),
    "one bound parameter": ("binding parameter [1] as [VARCHAR] - [b1nd-weed]", "b1nd-weed"),
    "typed parameters": ("==> Parameters: 4(Integer), b1nd-weed(String)", "b1nd-weed"),
    "net use": (r"Command 'net use Z: \\nas\share b1nd-weed /user:corp\kim' failed", "b1nd-weed"),
    "net use in a list": (r"['net', 'use', 'Z:', '\\\\nas\\share', 'b1nd-weed']", "b1nd-weed"),
    "export": ("failed: exp scott/b1ndweed file=full.dmp owner=scott", "b1ndweed"),
    "export alone": ("$ exp scott/b1ndweed", "b1ndweed"),
    "windows home, escaped": ("'C:\\\\Users\\\\jdoe\\\\x'", "jdoe"),
}

HARMLESS = [
    "Oracle Database 19c Enterprise Edition Release 19.0.0.0.0 - Production",
    "Oracle Client Version: 12.1.0.2.0",
    "VisualWorks 9.1.1, version 1.2.3.4, release 10.0.0.1",
    "==2024/12/3==9:21:32==BEGIN RUNTIME DIAGNOSTIC DUMP",
    "[1] \tA(B)>>forEnvironment:password:skipReset:token:",
    "KeyError: 'password'",
    "password: None, token=null, secret: required",
    "    token = self.lexer.next_token(block)",
    "    password = get_password()",
    "SyntaxError: Unexpected token: punc",
    "SyntaxError: Unexpected token } in JSON at position 3",
    "std::vector<int>::at abc::def Foo::Bar::baz 10:04:34 ::1 127.0.0.1 0.0.0.0",
    "id 4111111111111112 oid = 14774448334527 0x7fffffffffff 1234567890123456",
    "@pytest.mark.parametrize a @ b user@localhost",
    "sorted(key=lambda x: 3) monkey: banana keyboard=us",
    'File "/home", line 1; /home/ ; C:\\Users\\Public\\x; /Users/Shared/y',
    "550e8400-e29b-41d4-a716-446655440000 d41d8cd98f00b204e9800998ecf8427e",
    "select one of the parameters: width, height; exp a/b, imp/exp c/d",
    "ValueError: bad parameters: ['width', 'height']",
    "//input[@id='main'] toString(String), equals(String)",
    r"net use Z: \\nas\share /persistent:no",
    "tests/test_ssl_key.py::test_it pin_memory spinning: yes",
]


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_are_replaced(name: str) -> None:
    text, secret = SECRETS[name]
    redacted = REDACTOR.redact(text)
    assert secret not in redacted
    assert "<" in redacted
    assert REDACTOR.redact(redacted) == redacted
    inside = f"ValueError: {text}\nnext line"
    assert secret not in REDACTOR.redact(inside)


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_is_kept(text: str) -> None:
    assert REDACTOR.redact(text) == text


def test_the_text_around_a_secret_is_kept() -> None:
    redacted = REDACTOR.redact("postgres://app:s3cret@10.1.2.3:5432/shop as joe@example.com, card 4111111111111111.")
    kinds = [part.split(":")[0] for part in redacted.split("<")[1:]]
    assert kinds == ["secret", "ip", "email", "card"]
    assert redacted.startswith("postgres://app:<secret:")
    assert ":5432/shop as <email:" in redacted


def test_the_same_value_gets_the_same_placeholder_in_one_installation() -> None:
    first, second = (REDACTOR.redact(text) for text in ("user Joe@Example.com", "again joe@example.com"))
    assert first.split()[1] == second.split()[1]
    assert REDACTOR.redact("joe@example.com") != REDACTOR.redact("jim@example.com")
    assert Redactor(b"another key, also long").redact("joe@example.com") != REDACTOR.redact("joe@example.com")
    assert REDACTOR.redact("4111-1111-1111-1111") == REDACTOR.redact("4111111111111111")


def test_a_key_must_be_long() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        Redactor(b"short")


def test_a_redacted_report_is_still_parsed() -> None:
    text = (
        'Traceback (most recent call last):\n  File "/home/joe/app/shop.py", line 3, in pay\n    send(password="x1y2z3")\n'
        "shop.PaymentError: joe@example.com could not pay with 4111 1111 1111 1111\n"
    )
    before, after = (read(one).reports[0] for one in (text, REDACTOR.redact(text)))
    assert [(frame.qualified, frame.line) for frame in after.frames] == [
        (frame.qualified, frame.line) for frame in before.frames
    ]
    assert after.error_type == before.error_type


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400))
def test_no_text_raises(text: str) -> None:
    once = REDACTOR.redact(text)
    assert REDACTOR.redact(once) == once


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([*(text for text, _ in SECRETS.values()), *HARMLESS, " ", "\n", "=", ":", "'", '"', "İ"]), max_size=12
    )
)
def test_redacting_twice_changes_nothing(parts: list[str]) -> None:
    once = REDACTOR.redact(" ".join(parts))
    assert REDACTOR.redact(once) == once


BAIT = ["password", "password=", "a@", "a@a.", "://a:", "1.", "1:", "::", "4111 ", "eyJ", "-", "/home/", "C:\\Users\\"]
BAIT += [
    "Bearer ",
    "authorization:",
    "<secret:",
    "token: '",
    'secret="\\',
    "PRIVATE KEY-----",
    "--a ",
    "key",
    "api_",
    "İpassword=",
]


BAIT += [
    "Cookie: a=b; ",
    "sid=x;",
    "://a:@",
    "://:a/",
    "mysql -p",
    "mysql ",
    "sqlplus a/b",
    "connect a/",
    "a/b@",
    "-x ",
    "--pass 'a', ",
]
BAIT += [
    "identified by '",
    "password 'x",
    "password: invalid x ",
    "login a password ",
    "host a@",
    "curl -u a:",
    "openssl -k pass:",
]


@pytest.mark.parametrize("bait", BAIT)
def test_time_is_linear(bait: str) -> None:
    assert_linear(REDACTOR.redact, lambda count: bait * count, 300_000 // len(bait))


def test_random_text_is_fast() -> None:
    rng = random.Random(1)
    text = "".join(rng.choices("abcdefghijklmnopqrstuvwxyz ABC 0123456789 .:=/@\n", k=300_000))
    started = time.process_time()
    REDACTOR.redact(text)
    assert time.process_time() - started < 3
