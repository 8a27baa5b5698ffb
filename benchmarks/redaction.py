"""How many planted secrets redaction takes out, what it takes out that it should not, and what it costs.

Planted: made-up values of every kind, in the ways in which logs, dumps and tracebacks of many languages write them.
Harmless: ``--data FOLDER`` names the labelled reports, in which nothing was planted; what goes there is listed with
``--show`` for a person to judge. The baseline of the cost is one pass of the same texts through ``str.lower``.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import random
import re
import string
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import _secrets
from _bench import report as print_report
from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from graph.redaction.carried_text import scrub_carried
from graph.redaction.redactor import Redactor

REDACTOR = Redactor(b"benchmark of redaction, not secret")
PLACEHOLDER = re.compile(r"<([a-z0-9]{2,12}):[0-9a-f]{10}>")
WORDS = (
    "river",
    "copper",
    "meadow",
    "winter",
    "falcon",
    "harbour",
    "velvet",
    "thunder",
    "orchid",
    "lantern",
    "Pepper",
    "Saturn",
)
FIRST = ("Jane", "Ravi", "Ingrid", "Tomás", "Aiko", "Olumide", "Marie-Claire", "Søren", "Priya", "Wojciech", "Fatima", "Li")
LAST = (
    "Doe",
    "Krishnan",
    "Bergström",
    "García",
    "Tanaka",
    "Adeyemi",
    "Dubois",
    "Nørgaard",
    "O'Neill",
    "Kowalski",
    "Haddad",
    "Wang",
)
SETS = ("defects4j", "pymut", "casr", "clusterfuzz", "syzkaller")

Make = Callable[[random.Random], str]


def letters(rng: random.Random, size: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    return "".join(rng.choices(alphabet, k=size))


def password(rng: random.Random) -> str:
    styles = (
        lambda: f"{rng.choice(WORDS)}{rng.randint(10, 9999)}{rng.choice('!#%*?')}",
        lambda: letters(rng, rng.randint(8, 20)),
        lambda: f"{rng.choice(WORDS)}-{rng.choice(WORDS)}-{rng.randint(1, 99)}",
        lambda: rng.choice(WORDS) + rng.choice(WORDS),
    )
    return rng.choice(styles)()


def word_password(rng: random.Random) -> str:
    """A password without the characters that shells and Oracle require to be quoted."""
    return rng.choice(WORDS) + rng.choice(("", "-", "_", "#")) + letters(rng, rng.randint(2, 8))


def jwt(rng: random.Random) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": letters(rng, 8), "iat": rng.randint(10**9, 2 * 10**9)})
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return f"{head}.{body}.{letters(rng, 43)}"


def private_key(rng: random.Random) -> str:
    return "\n".join(letters(rng, 64, string.ascii_letters + string.digits + "+/") for _ in range(4))


def email(rng: random.Random) -> str:
    name = "".join(c for c in f"{rng.choice(FIRST)}.{rng.choice(LAST)}".lower() if c.isascii() and (c.isalnum() or c in ".-"))
    tag, ending = rng.choice(("", "+crash", "77")), rng.choice(("com", "co.uk", "org", "io"))
    return f"{name}{tag}@{rng.choice(WORDS).lower()}.{ending}"


def ipv4(rng: random.Random) -> str:
    first = rng.choice([number for number in range(1, 255) if number != 127])
    return ".".join(str(number) for number in (first, *(rng.randint(1, 254) for _ in range(3))))


def ipv6(rng: random.Random) -> str:
    return "2001:db8:" + ":".join(f"{rng.randint(1, 65535):x}" for _ in range(6))


def card(rng: random.Random) -> str:
    start = rng.choice(("4", "51", "55", "37", "6011"))
    digits = start + letters(rng, (15 if start == "37" else 16) - len(start) - 1, string.digits)
    digits += luhn.calc_check_digit(digits)
    joint = rng.choice(("", " ", "-"))
    return joint.join(digits[i : i + 4] for i in range(0, 16, 4)) if len(digits) == 16 else digits


def iban(rng: random.Random) -> str:
    account = letters(rng, 18, string.digits)
    return f"DE{mod_97_10.calc_check_digits(account + 'DE')}{account}"


def account(rng: random.Random) -> str:
    first = "".join(c for c in rng.choice(FIRST).lower() if c.isascii() and c.isalpha())
    last = "".join(c for c in rng.choice(LAST).lower() if c.isascii() and c.isalpha())
    return rng.choice((f"{first[0]}{last}", f"{first}.{last}", f"{last}{rng.randint(1, 99)}", f"{first}_{last}"))


def person(rng: random.Random) -> str:
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


TOKENS: dict[str, Make] = {
    "aws access key": lambda rng: "AKIA" + letters(rng, 16, string.ascii_uppercase + "234567"),
    "github": lambda rng: rng.choice(("ghp_", "gho_", "ghs_")) + letters(rng, 36),
    "github fine-grained": lambda rng: "github_pat_" + letters(rng, 22) + "_" + letters(rng, 59),
    "gitlab": lambda rng: "glpat-" + letters(rng, 20),
    "slack": lambda rng: f"xoxb-{letters(rng, 12, string.digits)}-{letters(rng, 12, string.digits)}-{letters(rng, 24)}",
    "stripe": lambda rng: "sk_live_" + letters(rng, 24),
    "google api": lambda rng: "AIza" + letters(rng, 35),
    "sendgrid": lambda rng: f"SG.{letters(rng, 22)}.{letters(rng, 43)}",
    "npm": lambda rng: "npm_" + letters(rng, 36),
    "pypi": lambda rng: "pypi-AgEIcHlwaS5vcmc" + letters(rng, 80),
    "digitalocean": lambda rng: "dop_v1_" + letters(rng, 64, "0123456789abcdef"),
    "hugging face": lambda rng: "hf_" + letters(rng, 34, string.ascii_letters),
    "shopify": lambda rng: "shpat_" + letters(rng, 32, "0123456789abcdef"),
    "twilio": lambda rng: "SK" + letters(rng, 32, "0123456789abcdef"),
    "databricks": lambda rng: "dapi" + letters(rng, 32, "0123456789abcdef"),
    "age": lambda rng: "AGE-SECRET-KEY-1" + letters(rng, 58, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
    "grafana": lambda rng: "glsa_" + letters(rng, 32) + "_" + letters(rng, 8, "0123456789abcdef"),
    "linear": lambda rng: "lin_api_" + letters(rng, 40),
    "vault": lambda rng: "hvs." + letters(rng, 95),
    "telegram": lambda rng: f"bot{letters(rng, 9, string.digits)}:AA{letters(rng, 33)}",
}
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
    for kind, carrier, value, text in _secrets.planted(STATED, rounds):
        redacted = scrub_carried(REDACTOR, text).text
        lost = not any(form in redacted for form in _secrets.written(value))
        kinds.add(kind)
        total[carrier] += 1
        gone[carrier] += lost
        if show and not lost:
            print(f"{kind} in {carrier}: {text!r} -> {redacted!r}")
    rows = [
        {"carrier": name, "kinds": len(kinds), "planted": total[name], "recall": gone[name] / total[name]} for name in total
    ]
    return [*rows, {"carrier": "all", "kinds": len(kinds), "planted": total.total(), "recall": gone.total() / total.total()}]


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
    if args.data:
        print_report("harmless reports", harmless(args.data, show=args.show))
    print_report("cost of redaction", cost(5))


if __name__ == "__main__":
    main()
