"""A corpus of made-up secrets: every kind in every carrier, generated."""

from __future__ import annotations

import html
import json
import random
import shlex
import string
from collections.abc import Callable, Iterator
from urllib.parse import quote

from tools.planted.makers import TOKENS, WORDS, Make, card, email, iban, ipv4, ipv6, jwt, letters, private_key, word_password

NAMES = (
    "password", "db password", "new password2", "password hash", "password confirmation", "user passwd", "passphrase",
    "pass code", "db pass", "smtp pw", "mysql pwd", "admin pass", "bind pw", "keystore pass", "store password",
    "ldap bind password", "root password", "client secret", "secret key", "secret key base", "app secret",
    "shared secret", "webhook secret", "jwt secret", "secret value", "api key", "apikey", "x api key", "access key",
    "account key", "private key", "encryption key", "signing key", "master key", "license key", "service key",
    "client key data", "aws secret access key", "storage account key", "subscription key", "hmac key", "token",
    "access token", "refresh token", "auth token", "bearer token", "csrf token", "id token", "bot token",
    "deploy token", "session token", "x auth token", "registration token", "reset token", "session", "session id",
    "sid", "php sessid", "connect sid", "x amz signature", "x hub signature", "webhook signature", "credential",
    "credentials", "db creds", "psk", "wifi psk", "pin", "cvv", "otp", "mfa code", "verification code", "recovery code",
    "security code", "backup code", "tls key passphrase", "vault token",
)  # fmt: skip
PLAIN_CHARACTERS = string.ascii_letters + string.digits + "._-!#*?+/~^"


def plain_value(rng: random.Random) -> str:
    """A secret in one word, of the shapes that look like code as well."""
    a, b, c = ("".join(rng.choices(string.ascii_letters, k=rng.randint(3, 7))) for _ in range(3))
    number = rng.randint(10, 99999)
    return rng.choice((
        f"{a}{number}", f"{a}.{b}.{c}{number}", f"{a}{{{b}}}{number}", f"{a}({b}){number}", f"{a}[{b}]{number}",
        f"{a}:{b}{number}", f"{a}@{b}{number}", f"{a}={number}=", f"${number}${a}/{b}", f"{a}-{b}_{number}",
        a + "".join(rng.choices(PLAIN_CHARACTERS, k=rng.randint(6, 24))) + str(number),
    ))  # fmt: skip


def rich_value(rng: random.Random) -> str:
    """A secret with what only a quoted value can hold."""
    return rng.choice(("{0} {1}", "{0}, {1}", "{0}&{1}", "{0};{1}", "{0}<{1}>")).format(plain_value(rng), plain_value(rng))


def camel(words: list[str]) -> str:
    """A name in camel case."""
    return words[0] + "".join(word.title() for word in words[1:])


def docker(text: str) -> str:
    """A line of Docker's log."""
    return json.dumps({"log": text + "\n", "stream": "stderr", "time": "2026-03-05T10:15:22.123456789Z"})


def syslog(text: str) -> str:
    """A line of syslog, which writes line ends as #012."""
    return "<11>Mar  5 10:15:22 web1 shop[71]: request failed#012" + text.replace("\n", "#012") + "#012at shop.pay"


NAMED: dict[str, tuple[Callable[[list[str], str], str], bool]] = {
    "plain": (lambda words, value: f"login failed: {'_'.join(words)}={value}: denied", False),
    "JSON": (lambda words, value: json.dumps({"level": "error", camel(words): value, "retries": 1}), True),
    "logfmt": (lambda words, value: f"level=error msg=refused {'_'.join(words)}={value} retries=4", False),
    "URL": (lambda words, value: f"GET https://api.shop.test/v1?page=2&{'_'.join(words)}={quote(value)}&x=1 failed", True),
    "header": (lambda words, value: f"Host: api\nX-{'-'.join(word.title() for word in words)}: {value}\nAccept: */*", False),
    "environment": (lambda words, value: f"LANG=C\n{'_'.join(words).upper()}={value}\nTZ=UTC", False),
    "YAML": (lambda words, value: f"shop:\n  {camel(words)}: {value}\n  retries: 3", False),
    "docker": (lambda words, value: docker(f"started with {'_'.join(words)}={value}"), False),
    "syslog": (lambda words, value: syslog(f"{'_'.join(words)}={value}"), False),
    "HTML": (lambda words, value: f"<pre>{html.escape(json.dumps({camel(words): value, 'n': 1}))}</pre>", True),
    "Python": (lambda words, value: repr({"n": 1, "_".join(words): value}), True),
    "command": (lambda words, value: f"$ tool -v --{'-'.join(words)} {shlex.quote(value)} --retries 3", True),
}
"""How each carrier writes a name and its value, and whether the value may hold blanks and commas."""
CARRIED: dict[str, Callable[[str], str]] = {
    "plain": lambda text: f"ValueError: {text}",
    "JSON": lambda text: json.dumps({"level": "error", "message": text}),
    "logfmt": lambda text: f"level=error msg={json.dumps(text)} retries=4",
    "URL": lambda text: f"GET https://api.shop.test/v1?page=2&q={quote(text)}&x=1 failed",
    "header": lambda text: "Host: api\nX-Detail: " + text + "\nAccept: */*",
    "environment": lambda text: f"LANG=C\nDETAIL={text}\nTZ=UTC",
    "YAML": lambda text: "shop:\n  detail: |\n    " + text.replace("\n", "\n    ") + "\n  retries: 3",
    "docker": docker,
    "syslog": syslog,
    "HTML": lambda text: f"<pre>{html.escape(text)}</pre>",
    "Python": lambda text: repr({"n": 1, "detail": text}),
    "command": lambda text: f"$ tool -v --detail {shlex.quote(text)} --retries 3",
}
"""How each carrier writes a text that holds a secret."""


STATED: dict[str, tuple[Make, str]] = {
    **{f"token: {name}": (make, "key {} was refused") for name, make in TOKENS.items()},
    "jwt": (jwt, "rejected {} as expired"),
    "private key": (private_key, "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----"),
    "authorization header": (lambda rng: letters(rng, 40), "Authorization: Bearer {}"),
    "password of a URL": (word_password, "cannot reach postgresql://app:{}@db.shop.test:5432/orders"),
    "Oracle's JDBC": (word_password, "cannot reach jdbc:oracle:thin:app/{}@//db.shop.test:1521/SHOP"),
    "IDENTIFIED BY": (word_password, "refused: ALTER USER app IDENTIFIED BY '{}'"),
    "cookie": (lambda rng: letters(rng, 24), "Cookie: theme=dark; sid={}; lang=de"),
    "curl's user": (word_password, "curl -u app:{} https://api.shop.test"),
    "e-mail": (email, "no mailbox for {} here"),
    "telephone": (lambda rng: f"+49 30 {rng.randint(200000, 999999)}", "no answer from {} today"),
    "IBAN": (iban, "refund to {} failed"),
    "IBAN in small letters": (lambda rng: iban(rng).lower(), "refund to {} failed"),
    "card": (card, "charge of {} declined"),
    "IPv4": (ipv4, "peer {} reset"),
    "IPv6": (ipv6, "peer {} reset"),
    "account of a domain": (
        lambda rng: rng.choice(WORDS).lower() + letters(rng, 3, string.digits),
        r"Login failed for user 'CORP\{}'",
    ),
    "home folder": (lambda rng: rng.choice(WORDS).lower() + letters(rng, 3, string.digits), "cannot open /home/{}/shop.toml"),
}
"""Kinds that are recognised without a name, each with a sentence that holds one."""


def planted(rounds: int) -> Iterator[tuple[str, str, str, str]]:
    """Kind, carrier, value and text."""
    rng = random.Random(2026)
    for name in NAMES:
        for carrier, (write, rich) in NAMED.items():
            for number in range(rounds):
                value = rich_value(rng) if rich and number % 2 else plain_value(rng)
                yield name, carrier, value, write(name.split(), value)
    for kind, (make, sentence) in STATED.items():
        for carrier, carry in CARRIED.items():
            for _ in range(rounds):
                value = make(rng)
                yield kind, carrier, value, carry(sentence.format(value))


def written(value: str) -> set[str]:
    """The ways in which a carrier may write a value."""
    escaped = json.dumps(value)[1:-1]
    return {
        value,
        escaped,
        quote(value),
        html.escape(value),
        html.escape(escaped),
        repr(value)[1:-1],
        value.replace("\n", "#012"),
    }
