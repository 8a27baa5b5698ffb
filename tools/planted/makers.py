"""Makes secrets of every kind at random."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable

from stdnum import luhn
from stdnum.iso7064 import mod_97_10

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

Make = Callable[[random.Random], str]


def letters(rng: random.Random, size: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Characters of an alphabet."""
    return "".join(rng.choices(alphabet, k=size))


def password(rng: random.Random) -> str:
    """A password of people."""
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
    """A JSON Web Token."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": letters(rng, 8), "iat": rng.randint(10**9, 2 * 10**9)})
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return f"{head}.{body}.{letters(rng, 43)}"


def private_key(rng: random.Random) -> str:
    """The lines of a private key."""
    return "\n".join(letters(rng, 64, string.ascii_letters + string.digits + "+/") for _ in range(4))


def email(rng: random.Random) -> str:
    """An e-mail address."""
    name = "".join(c for c in f"{rng.choice(FIRST)}.{rng.choice(LAST)}".lower() if c.isascii() and (c.isalnum() or c in ".-"))
    tag, ending = rng.choice(("", "+crash", "77")), rng.choice(("com", "co.uk", "org", "io"))
    return f"{name}{tag}@{rng.choice(WORDS).lower()}.{ending}"


def ipv4(rng: random.Random) -> str:
    """An IPv4 address that is no loopback."""
    first = rng.choice([number for number in range(1, 255) if number != 127])
    return ".".join(str(number) for number in (first, *(rng.randint(1, 254) for _ in range(3))))


def ipv6(rng: random.Random) -> str:
    """An IPv6 address."""
    return "2001:db8:" + ":".join(f"{rng.randint(1, 65535):x}" for _ in range(6))


def card(rng: random.Random) -> str:
    """A card's number."""
    start = rng.choice(("4", "51", "55", "37", "6011"))
    digits = start + letters(rng, (15 if start == "37" else 16) - len(start) - 1, string.digits)
    digits += luhn.calc_check_digit(digits)
    joint = rng.choice(("", " ", "-"))
    return joint.join(digits[i : i + 4] for i in range(0, 16, 4)) if len(digits) == 16 else digits


def iban(rng: random.Random) -> str:
    """A German IBAN."""
    account = letters(rng, 18, string.digits)
    return f"DE{mod_97_10.calc_check_digits(account + 'DE')}{account}"


def account(rng: random.Random) -> str:
    """The name of a person's account."""
    first = "".join(c for c in rng.choice(FIRST).lower() if c.isascii() and c.isalpha())
    last = "".join(c for c in rng.choice(LAST).lower() if c.isascii() and c.isalpha())
    return rng.choice((f"{first[0]}{last}", f"{first}.{last}", f"{last}{rng.randint(1, 99)}", f"{first}_{last}"))


def person(rng: random.Random) -> str:
    """The name of a person."""
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
