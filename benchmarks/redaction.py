"""How many planted secrets redaction takes out, what it takes out that it should not, and what it costs.

Planted: made-up values of every kind, in the ways in which logs, dumps and tracebacks of many languages write them.
Harmless: ``--data FOLDER`` names the labelled reports, in which nothing was planted; what goes there is listed with
``--show`` for a person to judge. The baseline of the cost is one pass of the same texts through ``str.lower``.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from _bench import report as print_report

from graph.redaction.carried_text import scrub_carried
from graph.redaction.redactor import Redactor
from tools.planted import corpus
from tools.planted.forms import forms
from tools.planted.makers import (
    TOKENS,
    Make,
    account,
    card,
    email,
    iban,
    ipv4,
    ipv6,
    jwt,
    letters,
    password,
    person,
    private_key,
    word_password,
)

REDACTOR = Redactor(b"benchmark of redaction, not secret")
PLACEHOLDER = re.compile(r"<([a-z0-9]{2,12}):[0-9a-f]{10}>")
SETS = ("defects4j", "pymut", "casr", "clusterfuzz", "syzkaller")

NAMED = (
    "password={}",
    "Password: {}",
    "'password': '{}'",
    '{{"passwd": "{}", "n": 1}}',
    "DB_PASSWORD={}",
    "export API_TOKEN='{}'",
    "spring.datasource.password={}",
    ':secret_key => "{}"',
    "<password>{}</password>",
    "--password {}",
    "--api-key={}",
    "-Djavax.net.ssl.keyStorePassword={}",
    "Server=db1;Database=shop;User Id=app;Password={};Encrypt=yes",
    "jdbc:postgresql://db:5432/shop?user=app&password={}",
    "https://api.shop.test/v1/orders?access_token={}&page=2",
    "postgresql://app:{}@db.shop.test:5432/orders",
    "amqp://guest:{}@mq:5672//",
    "X-Api-Key: {}",
    "Config(client_id=abc, client_secret={}, retries=3)",
    "login(user, pwd='{}')",
    "secret: '{}'",
    '["auth_token"]=> string(20) "{}"',
    "access_key: {}",
    "Set-Cookie: sessionid={}; Path=/; HttpOnly",
    '\\"refresh_token\\":\\"{}\\"',
)
BARE = ("{}", "value {} was refused", "got '{}'", "x=({},)", "[{}]", '{{"v":"{}"}}', "key {}; retrying", "{}\n")
HEADERS = ("Authorization: Bearer {}", "'Authorization': 'Bearer {}'", '-H "Authorization: token {}"', "authorization=Basic {}")
FIELDS = (
    "USERNAME={}",
    "'username': '{}'",
    '{{"user": {{"username": "{}"}}}}',
    "user={}",
    'user_name: "{}"',
    "Login(userName='{}')",
    "LOGNAME={}",
)
LINES = ("User: {}", "Whats'On User: {}", "User name: {}", "Reported by: {}", "Logged in as: {}")
HOMES = (
    "/home/{}/app/main.py",
    "/Users/{}/Library/x",
    "C:\\Users\\{}\\AppData\\Local\\x.log",
    "file:///home/{}/a.js",
    "C:/Users/{}/x",
)
ORACLE = (
    "jdbc:oracle:thin:app/{}@//db.example:1521/SHOP",
    "jdbc:oracle:thin:app/{}@db.example:1521:SHOP",
    "sqlplus -S app/{}@shop @run.sql",
    "SQL> connect app/{}@shop",
    "userid=app/{}",
    "['expdp', 'system/{}@db', 'full=y']",
    "exp app/{} file=full.dmp owner=app",
)
COMMANDS = (
    "mysql -u root -p{} shop",
    "Command '['mysqldump', '-uroot', '-p{}', 'shop']' returned non-zero exit status 2.",
    "curl -u app:{} https://api.example",
    'exec ["redis-cli", "-a", "{}", "ping"]',
    "sshpass -p {} ssh root@h",
    "sqlcmd -S db -U sa -P {} -Q x",
    "smbclient //h/s -U app%{}",
    "['tool', '--db-password', '{}']",
    '("tool", "--token", "{}")',
    "keytool -list -storepass {} -keystore a.jks",
    "docker login -u app -p {} registry.example",
    r"net use Z: \\nas\share {} /user:corp\app",
)
COOKIES = (
    "Set-Cookie: sid={}; Path=/; HttpOnly",
    "Cookie: theme=dark; sid={}; lang=de",
    "{{'Cookie': 'remember={}'}}",
    '{{"set-cookie":["sid={}; Path=/"]}}',
)
STATEMENTS = (
    "CREATE USER app IDENTIFIED BY '{}'",
    "ALTER USER app IDENTIFIED BY {}",
    "ALTER ROLE app WITH PASSWORD '{}'",
    "argument --password: invalid choice: '{}'",
    "machine h login app password {}",
    "[SQL: INSERT INTO t (a, b) VALUES (%s, %s)] [parameters: (7, '{}')]",
    "insert into t (a) values ($1) failed {{\n  bindings: [ '{}' ]\n}}",
    "binding parameter [1] as [VARCHAR] - [{}]",
)
ADDRESSES = (
    "postgresql://app:x@{}@db:5432/shop",
    "redis://:x/{}@cache:6379/0",
    'could not translate host name "{}@db" to address',
    "getaddrinfo ENOTFOUND {}@db",
)
KINDS: dict[str, tuple[Make, tuple[str, ...]]] = {
    "password or token by name": (password, NAMED),
    "Oracle's user/password": (word_password, ORACLE),
    "argument of a command": (word_password, COMMANDS),
    "cookie": (lambda rng: letters(rng, rng.randint(6, 40)), COOKIES),
    "SQL and messages": (word_password, STATEMENTS),
    "address with a special character": (lambda rng: letters(rng, rng.randint(6, 20)), ADDRESSES),
    "authorization header": (lambda rng: letters(rng, 40), HEADERS),
    "jwt": (jwt, BARE),
    "private key": (private_key, ("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",)),
    "e-mail": (email, BARE),
    "IPv4": (ipv4, ("connect to {}:5432 failed", "peer {}", "('{}', 8080)", "host={}", "{} - - [x] GET /")),
    "IPv6": (ipv6, ("connect to [{}]:443 failed", "peer {} gone", "addr='{}'")),
    "card": (card, BARE),
    "IBAN": (iban, BARE),
    "home folder": (account, HOMES),
    "account in a known field": (account, FIELDS),
    "person in a known field": (person, LINES),
    **{f"token: {name}": (make, BARE) for name, make in TOKENS.items()},
}
AROUND = (
    "{}",
    "2026-03-01 10:00:00,123 ERROR [main] shop.pay - {}",
    "ValueError: {}",
    'Traceback (most recent call last):\n  File "/srv/shop/pay.py", line 3, in pay\n    send(it)\nshop.PayError: {}\n',
    "java.lang.IllegalStateException: {}\n\tat shop.Pay.send(Pay.java:12)\n",
    "goroutine 1 [running]:\npanic: {}\n",
)


def planted(rounds: int) -> Iterator[tuple[str, str, str]]:
    """Kind, value and text."""
    rng = random.Random(2026)
    for kind, (make, carriers) in KINDS.items():
        for carrier in carriers:
            for _ in range(rounds):
                value = make(rng)
                yield kind, value, rng.choice(AROUND).format(carrier.format(value))


def recall(rounds: int, *, show: bool) -> list[dict[str, object]]:
    gone: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for kind, value, text in planted(rounds):
        redacted = REDACTOR.redact(text)
        lost = all(part not in redacted for part in value.split("\n"))
        total[kind] += 1
        gone[kind] += lost
        if show and not lost:
            print(f"{kind}: {text!r} -> {redacted!r}")
    rows = [{"kind": kind, "planted": total[kind], "recall": gone[kind] / total[kind]} for kind in KINDS]
    return [*rows, {"kind": "all", "planted": total.total(), "recall": gone.total() / total.total()}]


def in_carriers(rounds: int, *, show: bool) -> list[dict[str, object]]:
    """Recall of every kind in every carrier, by carrier, as reports are redacted before they are stored."""
    gone: Counter[str] = Counter()
    total: Counter[str] = Counter()
    kinds: set[str] = set()
    for kind, carrier, value, text in corpus.planted(rounds):
        redacted = scrub_carried(REDACTOR, text).text
        lost = not any(form in redacted for form in corpus.written(value))
        kinds.add(kind)
        total[carrier] += 1
        gone[carrier] += lost
        if show and not lost:
            print(f"{kind} in {carrier}: {text!r} -> {redacted!r}")
    rows = [
        {"carrier": name, "kinds": len(kinds), "planted": total[name], "recall": gone[name] / total[name]} for name in total
    ]
    return [*rows, {"carrier": "all", "kinds": len(kinds), "planted": total.total(), "recall": gone.total() / total.total()}]


def in_forms(rounds: int, *, show: bool) -> list[dict[str, object]]:
    """Recall of the forms of products that were written down before the rules were tried on them."""
    rng = random.Random(5)
    found = forms()
    gone = 0
    for form in found:
        values = [form.value(rng) for _ in range(rounds)]
        missed = [value for value in values if value in scrub_carried(REDACTOR, form.text(value)).text]
        gone += not missed
        if show and missed:
            print(f"{form.name}: {form.text(missed[0])!r}")
    return [{"forms": len(found), "without a miss": gone, "recall": gone / len(found)}]


def harmless(data: Path, *, show: bool) -> list[dict[str, object]]:
    """What is taken out of reports in which nothing was planted, per kind of placeholder."""
    rows = []
    for name in SETS:
        with gzip.open(data / "reports" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            texts = [json.loads(line)["report"] for line in lines]
        found: Counter[str] = Counter()
        for text in texts:
            redacted = REDACTOR.redact(text)
            found.update(PLACEHOLDER.findall(redacted))
            if show:
                for line, was in zip(redacted.split("\n"), text.split("\n"), strict=False):
                    if line != was:
                        print(f"{name}: {was[:200]!r} -> {line[:200]!r}")
        size = sum(map(len, texts))
        rows.append({"set": name, "texts": len(texts), "kB": size / 1e3, "taken": found.total(), "kinds": str(dict(found))})
    return rows


def cost(rounds: int) -> list[dict[str, object]]:
    """Time per text of some kB, without and with something to take out."""
    plain = "\n".join(f'  File "/srv/shop/m{i}.py", line {i}, in step_{i}\n    run(next(items))' for i in range(40))
    noisy = plain + "\nConnection to 10.1.2.3 as jane@shop.test failed, password=" + uuid.uuid4().hex
    rows = []
    for name, text in (
        ("nothing in it", plain),
        ("three things in it", noisy),
        ("300 kB", plain * 100),
        ("3 MB", plain * 1_000),
    ):
        times, base = [], []
        for _ in range(rounds):
            repeat = max(1, 300_000 // len(text))
            begin = time.perf_counter()
            for _ in range(repeat):
                REDACTOR.redact(text)
            times.append((time.perf_counter() - begin) / repeat)
            begin = time.perf_counter()
            for _ in range(repeat):
                text.lower()
            base.append((time.perf_counter() - begin) / repeat)
        best = median(times)
        rows.append(
            {
                "text": name,
                "kB": len(text) / 1e3,
                "µs": best * 1e6,
                "MB/s": len(text) / best / 1e6,
                "× lower": best / median(base),
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with the labelled sets")
    parser.add_argument("--rounds", type=int, default=20, help="values per carrier")
    parser.add_argument("--show", action="store_true", help="list what was missed and what was taken")
    args = parser.parse_args()
    print_report("planted secrets", recall(args.rounds, show=args.show))
    print_report("every kind in every carrier", in_carriers(args.rounds, show=args.show))
    print_report("forms of products", in_forms(args.rounds, show=args.show))
    if args.data:
        print_report("harmless reports", harmless(args.data, show=args.show))
    print_report("cost of redaction", cost(5))


if __name__ == "__main__":
    main()
