"""Normalise error messages: replace what varies from crash to crash."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address

from graph.fingerprint.normalisation.generated import JAVA, NATIVE
from graph.fingerprint.normalisation.steps import ANY_DIGIT, NormalisationStep, NormalisationSteps, step

MESSAGE_LIMIT = 2_000
"""Characters of a message that count."""

_TURN = re.compile(r"[0-9](?=[A-Za-z])|[A-Za-z](?=[0-9])")
_SPACE = re.compile(r"\s+")
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
_ZONE = r"(?: ?(?:Z\b|UTC\b|GMT\b|[A-Z]{1,3}[SD]T\b|(?:UTC|GMT)?[+-][0-9]{2}:?[0-9]{2}\b))?"


def _ipv6(match: re.Match[str]) -> str:
    try:
        IPv6Address(match[1])
    except AddressValueError:
        return match[0]
    return "<ip>" if match[1] != "::" else match[0]


def _quoted_id(match: re.Match[str]) -> str:
    return f"{match[1]}<id>{match[1]}" if _turns(match[2]) >= 2 else match[0]


def _long_id(match: re.Match[str]) -> str:
    return "<id>" if _turns(match[0]) >= 3 else match[0]


def _turns(text: str) -> int:
    """Number of changes between letters and digits: words have at most one, generated ids more."""
    return len(_TURN.findall(text))


def _folded(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


_ADDRESSES = (
    step("redacted value", "<", r"<([a-z_-]{2,24}):[0-9a-f]{4,64}>", r"<\1>"),
    step("path replaced", "file:/", r"\bfile:/{1,3}[^\s'\"<>)\]]+", "<path>"),
    step("URL replaced", "://", r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,15}://[^\s'\"<>)\]]+", "<url>"),
    step("UUID replaced", "-", r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", "<uuid>"),
    step(
        "e-mail address replaced",
        "@",
        r"(?<![\w.+-])[\w.+-]{1,64}+@[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,8}+",
        "<email>",
    ),
    step("object reference replaced", "@", r"(?<=[\w\];])@(?=[a-f]{0,15}[0-9])[0-9a-f]{1,16}+(?![\w.])", "@<hex>"),
    step("path replaced", "\\", r"\b[A-Za-z]:\\[^\s'\"<>|:*?]+|(?<![\w\\])\\\\[\w.$-]+\\[^\s'\"<>|:*?]+", "<path>"),
    step("path replaced", ":/", r"\b[A-Za-z]:/(?:[\w.@+~-]+/)*+[\w.@+~-]*+", "<path>"),
    step("MAC address replaced", (":", "-"), r"\b[0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5}\b", "<hex>"),
    step(
        "IP address replaced",
        ":",
        r"(?<![\w:.<])(?=[0-9a-fA-F]{0,4}:)([0-9a-fA-F:]{3,39}+)(?:%\w{1,16})?(?![\w:])",
        _ipv6,
    ),
)

_TIMES = (
    step(
        "date replaced",
        ANY_DIGIT,
        rf"\b[0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}(?:[T _]{_CLOCK}{_ZONE})?",
        "<date>",
    ),
    step(
        "date replaced",
        ANY_DIGIT,
        r"\b(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[T_-]?[0-9]{4,6}(?:[.,][0-9]+)?Z?)?\b",
        "<date>",
    ),
    step(
        "date replaced",
        ANY_DIGIT,
        r"(?<![\w.])[0-9]{1,2}(?:/[0-9]{1,2}/|-[0-9]{1,2}-|\.[0-9]{1,2}\.)(?:19|20)[0-9]{2}"
        rf"(?:,? {_CLOCK}(?: ?[AP]M)?)?(?![\w.])",
        "<date>",
    ),
    step(
        "date replaced",
        tuple(_MONTHS.split("|")),
        rf"\b(?:[A-Z][a-z]{{2,8}},? )?(?:[0-9]{{1,2}}(?:st|nd|rd|th)?[ -])?\b(?:{_MONTHS})[a-z]{{0,6}}\.?[ -][ ]?[0-9]{{1,4}}"
        rf"(?:,? [0-9]{{4}})?(?:,? {_CLOCK}{_ZONE}(?: [0-9]{{4}})?)?\b",
        "<date>",
    ),
    step("time replaced", ":", rf"\b{_CLOCK}\b{_ZONE}(?: ?[AP]M\b)?", "<time>"),
    step("IP address replaced", ".", r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?(?![\w.]*[0-9])", "<ip>"),
)

_IDS = (
    step("path replaced", "/", r"(?<![\w/<])(?:~|\.{1,2})?/(?:[\w.@+~-]+/)++[\w.@+~-]*+", "<path>"),
    step("hexadecimal number replaced", ("0x", "0X"), r"\b0[xX][0-9a-fA-F]++\b", "<hex>"),
    step(
        "hexadecimal number replaced",
        ANY_DIGIT,
        r"\b(?=[a-fA-F]*+[0-9])(?=[0-9]*+[a-fA-F])[0-9a-fA-F]{8,}+\b",
        "<hex>",
    ),
    step("quoted id replaced", ("'", '"', "`"), r"(['\"`])([A-Za-z0-9_-]{6,64}+)\1", _quoted_id),
    step("id replaced", ANY_DIGIT, r"(?<![\w-])[A-Za-z0-9_-]{16,}+", _long_id),
    step("number replaced", ANY_DIGIT, r"[0-9]+(?:[.,][0-9]+)*+", "<n>"),
)

STEPS = NormalisationSteps(
    (*_ADDRESSES, *JAVA, *NATIVE, *_TIMES, *_IDS, NormalisationStep("white space folded", ("",), _folded))
)


def normalise_message(text: str) -> str:
    """The normalised message: one line, of at most :data:`MESSAGE_LIMIT` characters of the original."""
    return _normalised(text[:MESSAGE_LIMIT])


def message_hints(text: str) -> list[str]:
    """Hints of the steps that change a message."""
    hints = STEPS.hints(text[:MESSAGE_LIMIT])
    return [*hints, f"cut after {MESSAGE_LIMIT:,} characters"] if len(text) > MESSAGE_LIMIT else hints


_normalised = lru_cache(maxsize=8_192)(STEPS.run)
