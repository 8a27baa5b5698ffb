"""Rules that find secrets and personal data in a text.

A rule yields the spans of the values to replace. Order matters: later rules see the placeholders of earlier ones. Patterns
are bounded or possessive, so that no text makes them slow, and each has a cheap pre-check: a literal that must occur, or
a hint that begins with a literal.
"""

from __future__ import annotations

import ipaddress
import re

from stdnum import luhn

from graph.redaction.bound_values import BoundValueRule
from graph.redaction.command_lines import CommandRule, OptionRule
from graph.redaction.cookies import CookieRule
from graph.redaction.credentials import CREDENTIAL_RULES
from graph.redaction.domain_accounts import DOMAIN_RULES
from graph.redaction.gitleaks import GitleaksRules
from graph.redaction.named_values import CREDENTIALS, PEOPLE, is_value
from graph.redaction.numbers import PHONE, PHONE_FIELD, IbanRule, digits, is_phone
from graph.redaction.pattern_rule import PatternRule
from graph.redaction.text_view import NOT_PLACEHOLDER, RedactionRule
from graph.rules import words

NOT_NAME = words("redaction", "not_names")


SHARED = words("redaction", "accounts")
NOT_ADDRESS = re.compile(
    r"(?i)(?:git|hg|svn)@.*"
    r"|[^@]*@v?\d[\w-]*(?:\.\d[\w-]*)*\.(?:tar\.)?(?:png|jpe?g|gif|svg|webp|bmp|ico|avif|heic|pdf|[mc]?jsx?|tsx?|s?css|map|html?|json"
    r"|ya?ml|toml|xml|tgz|gz|bz2|xz|tar|zip|jar|whl|gem|deb|rpm|apk|dll|exe|so|dylib|py|rb|php|java|log|txt|wasm)"
    r"|[^@]*@[^@]*\.(?:service|socket|timer|target|mount|slice|scope|device)"
)
"""What has the shape of an e-mail address: the shared user of a server for code, a file with a version or a scale of a
screen in its name, a unit of systemd."""


def _is_address(match: re.Match[str]) -> bool:
    return NOT_ADDRESS.fullmatch(match["value"]) is None


def _is_of_person(match: re.Match[str]) -> bool:
    """Whether a folder belongs to a person, not to the account that runs a program."""
    return match["value"].lower() not in SHARED


def _is_card(match: re.Match[str]) -> bool:
    digits = "".join(character for character in match["value"] if character.isdigit())
    before, after = match.string[: match.start()][-1:], match.string[match.end() : match.end() + 2]
    if (
        before.isalnum()
        or before in {"_", ".", "+", "-"}
        or after[:1].isalnum()
        or (after[:1] in {"-", "."} and after[1:].isdigit())
    ):
        return False
    return bool(CARD.fullmatch(digits)) and len(set(digits)) > 1 and luhn.is_valid(digits)


CARD = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|6(?:011|[45]\d\d)\d{12}|62\d{14,17}|(?:50|5[6-9]|6[37])\d{14}"
)
"""First digits and lengths of the issuers' numbers (ISO/IEC 7812-1)."""


def _is_ipv4(match: re.Match[str]) -> bool:
    """Whether it is an address of a network, not a version number or a local address."""
    before = match.string[max(0, match.start() - 9) : match.start()].lower()
    if before.endswith(("version ", "version=", "version: ", "release ", "build ", "ver ", "ver. ", "==")):
        return False
    try:
        address = ipaddress.IPv4Address(match["value"])
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or int(address) == 0xFFFFFFFF)


def _is_ipv6(match: re.Match[str]) -> bool:
    value = match["value"]
    if not any(character.isdigit() for character in value):
        return False
    try:
        address = ipaddress.IPv6Address(value)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def _is_name(match: re.Match[str]) -> bool:
    """Whether the rest of a line can be a person's name: at most four words, none of which rules that out."""
    words = match["value"].split()
    return len(words) <= 4 and is_value(match) and not NOT_NAME & {word.lower() for word in words}


KEY_STARTS = (
    "akia", "asia", "agpa", "aida", "aroa", "anpa", "anva", "abia", "acca", "ghp_", "gho_", "ghu_", "ghs_", "ghr_",
    "github_pat_", "glpat-", "xox", "_live_", "sk_test_", "pk_test_", "rk_test_", "whsec_", "sk-", "aiza", "ya29.", "sg.",
    "npm_", "pypi-", "hvs.", "hvb.", "hvr.", "hf_", "api:key-", "dop_v1_", ":aa", "hooks.slack",
)  # fmt: skip
"""How keys of known services begin, in lower case, and what is around them."""

RULES: tuple[RedactionRule, ...] = (
    PatternRule(
        "key",
        re.compile(rf"(?:PRIVATE KEY(?: BLOCK)?|Static key V1)-----\s{{0,4}}+{NOT_PLACEHOLDER}(?P<value>[^-]++)"),
        triggers=("private key", "static key"),
    ),
    PatternRule(
        "jwt",
        re.compile(
            r"(?<![A-Za-z0-9_-])(?P<value>eyJ[A-Za-z0-9_-]{8,8192}+\.[A-Za-z0-9_-]{4,8192}+(?:\.[A-Za-z0-9_-]{0,8192}+)?)"
        ),
        triggers=("eyj",),
        long_word=True,
    ),
    PatternRule(
        "secret",
        re.compile(
            r"(?i)authorization\\?['\"]?\s{0,4}+[:=]\s{0,4}+\\?['\"]?(?:(?:basic|bearer|digest|token|negotiate|apikey)\s{1,4}+)?+"
            + NOT_PLACEHOLDER
            + r"(?P<value>[^\s'\",;<>\\]{4,}+)"
        ),
        triggers=("authorization",),
        accepts=is_value,
    ),
    PatternRule(
        "secret",
        re.compile(rf"(?i)(?:bearer|basic)\s{{1,4}}+{NOT_PLACEHOLDER}(?P<value>[a-z0-9._~+/=-]{{12,}}+)"),
        triggers=("bearer ", "basic "),
        accepts=lambda match: any(character.isdigit() for character in match["value"]) or len(match["value"]) >= 24,
    ),
    *CREDENTIAL_RULES,
    CookieRule(),
    PatternRule(
        "key",
        re.compile(
            r"(?<![A-Za-z0-9])(?:bot)?(?P<value>(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA|ABIA|ACCA)[A-Z2-7]{16}|gh[pousr]_[A-Za-z0-9]{30,255}"
            r"|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,64}|xox[abeoprs]-[A-Za-z0-9-]{10,250}"
            r"|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,250}|whsec_[A-Za-z0-9+/=]{20,250}|sk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,250}"
            r"|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,2048}|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}|npm_[A-Za-z0-9]{36}"
            r"|pypi-[A-Za-z0-9_-]{40,400}|hv[sbr]\.[A-Za-z0-9_-]{24,200}|(?<=api:)key-[0-9a-f]{32}|hf_[A-Za-z0-9]{30,64}|dop_v1_[a-f0-9]{64}|\d{8,10}:AA[A-Za-z0-9_-]{32,34}|hooks\.slack\.com/services/[A-Za-z0-9/]{20,120})"
        ),
        triggers=KEY_STARTS,
        long_word=True,
    ),
    PatternRule(
        "key",
        # Hyphens may cut these into short words.
        re.compile(r"(?<![A-Za-z0-9])(?P<value>cg_[a-z][a-z0-9-]{0,30}_[A-Za-z0-9_-]{43})"),
        triggers=("cg_",),
    ),
    GitleaksRules(),
    CREDENTIALS,
    OptionRule(),
    CommandRule(),
    BoundValueRule(),
    PatternRule(
        "email",
        re.compile(r"(?P<value>[\w.+%-]{1,64}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9])"),
        hint=re.compile(r"@[A-Za-z0-9-]{1,63}+\.[A-Za-z]"),
        accepts=_is_address,
        spelling=str.lower,
    ),
    PatternRule(
        "home",
        re.compile(
            rf"/(?:home|Users)/{NOT_PLACEHOLDER}(?!Shared\b)(?P<value>[^\s/\\:*?\"'<>|,;)]{{1,64}})(?=[/\\\s:\"',;)]|$)"
        ),
        triggers=("/home/", "/users/"),
        accepts=_is_of_person,
    ),
    PatternRule(
        "home",
        re.compile(
            rf"(?i)[\\/](?:users|documents and settings)[\\/]{{1,4}}+{NOT_PLACEHOLDER}(?!(?:public|default|shared|all users)\b)"
            r"(?P<value>[^\\/:*?\"'<>|\n,;]{1,64})(?=[\\/\"'\n]|$)"
        ),
        triggers=("\\users\\", ":/users/", "\\documents and settings\\"),
        accepts=_is_of_person,
        spelling=str.lower,
    ),
    PatternRule(
        "ip",
        re.compile(r"(?<![\w.:-])(?P<value>(?:\d{1,3}\.){3}\d{1,3})(?![\w-]|\.\d)"),
        hint=re.compile(r"\.\d{1,3}\.\d{1,3}\.\d"),
        accepts=_is_ipv4,
    ),
    PatternRule(
        "ip",
        re.compile(r"(?<![\w:.])(?P<value>[0-9A-Fa-f:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?)(?![\w:]|\.\d)"),
        hint=re.compile(r":[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]"),
        accepts=_is_ipv6,
        spelling=lambda value: str(ipaddress.IPv6Address(value)),
    ),
    PatternRule(
        "card",
        re.compile(r"(?P<value>\d{4}[ -]?(?:\d{4}[ -]?\d{4}[ -]?\d{1,7}|\d{6}[ -]?\d{5}))"),
        long_number=True,
        accepts=_is_card,
        spelling=digits,
    ),
    IbanRule(),
    PatternRule("phone", PHONE, hint=re.compile(r"\+[1-9][\d ().-]{6}"), accepts=is_phone, spelling=digits),
    PatternRule("phone", PHONE_FIELD, triggers=("phone", "mobile", "fax", "tel", "msisdn", "whatsapp"), spelling=digits),
    *DOMAIN_RULES,
    PEOPLE,
    PatternRule(
        "user",
        re.compile(
            r"(?im)(?:^|[:;|-] )[ \t]{0,16}+(?:[\w'’-]{1,24}+ ){0,3}"
            r"(?:user(?:[ _]?name| id)?|login|operator|reported by|logged in as)"
            r"[ \t]{0,8}+:[ \t]{1,8}+" + NOT_PLACEHOLDER + r"(?P<value>[^\W\d_][^\n:;<>\"(){}\[\]=]{2,80}?)(?=[ \t]*\r?$)"
        ),
        triggers=("user", "login", "operator", "reported by", "logged in as"),
        accepts=_is_name,
        spelling=str.lower,
    ),
)
