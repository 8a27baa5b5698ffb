"""Normalise names of functions, modules, files and error types: remove what a build or a run adds to them."""

from __future__ import annotations

import re
from functools import lru_cache

from graph.fingerprint.normalisation.generated import GENERATED
from graph.fingerprint.normalisation.steps import ANY_DIGIT, NormalisationStep, NormalisationSteps, step
from graph.fingerprint.normalisation.templates import without_arguments

CACHED_LENGTH = 300
"""Maximum length of a cached name, so that hostile input cannot fill the memory."""

# Fast path: a name without any of these is normalised already, as nearly all names are.
_MAY_CHANGE = re.compile(r"[0-9$<{(\[@/\\ ?|'`+]|\.cold|\.localalias|nonymous|nnamed|_block_")

# A frame without a symbol is known by its offset in the module, whatever the load address. Larger numbers are addresses.
_MODULE_OFFSET = re.compile(r"\+0x0{0,16}+([0-9a-fA-F]{1,9})")

_ANONYMOUS = frozenset(
    {"(anonymous)", "(anonymous function)", "Anonymous function", "anonymous", "<unknown>", "?", "<anonymous>"}
)
_HASHED = re.compile(r"[0-9]")
_HEX_ONLY = re.compile(r"[0-9a-f]+")


def _anonymous(text: str) -> str:
    return "<anonymous>" if text in _ANONYMOUS else text


def _bundle_hash(match: re.Match[str]) -> str:
    token = match[2]
    mixed = token != token.lower() and token != token.upper()
    is_hash = _HASHED.search(token) is not None and (mixed or _HEX_ONLY.fullmatch(token) is not None)
    return f"{match[1]}<hash>" if is_hash else match[0]


_PATHS = (
    step("query of an address cut", "?", r"(?<=[\w/])\?[\w=&.%~-]{0,500}$", ""),
    step(
        "folder of a path cut",
        ("/", "\\"),
        r"^(?:[a-zA-Z][a-zA-Z0-9+.-]{1,20}:/{1,3}|[A-Za-z]:[\\/]|~?/|\\\\)(?:[^/\\\n]*+[/\\])*+(?=[^/\\\n])",
        "",
    ),
    step(
        "bundle hash replaced",
        "js",
        r"([.~_-])([0-9A-Za-z_]{6,40})(?=\.(?:chunk\.|bundle\.|min\.|esm\.)?[mc]?js\b)",
        _bundle_hash,
    ),
)

_BUILDS = (
    step("offset cut", "+0x", r"(?<=[\w)>\]'])\+0x[0-9a-fA-F]+(?:/0x[0-9a-fA-F]+)?", ""),
    step("library's name cut", "]", r"(?<=\S) \[[\w$.-]{1,64}\]$", ""),
    step("symbol hash cut", "::h", r"::h[0-9a-f]{16}(?![0-9a-zA-Z])", ""),
    step("symbol hash cut", "17h", r"17h[0-9a-f]{16}E", "E"),
    step("symbol hash cut", "[", r"(?<=\w)\[[0-9a-f]{8,16}\](?=::)", ""),
    step(
        "build suffix cut",
        (".part.", ".constprop.", ".isra.", ".lto_priv.", ".llvm.", ".clone.", ".cold", ".localalias"),
        r"(?:\.(?:part|constprop|isra|lto_priv|llvm|clone|cold)(?:\.[0-9]+)++|\.cold(?![\w.])|\.localalias)(?!\w)",
        "",
    ),
    step("version of a symbol cut", "@", r"@{1,2}[A-Z][A-Za-z]{2,12}_[0-9.]{1,16}$|@plt$|\[abi:[\w:]{1,40}\]", ""),
    step("version of a symbol cut", "[abi:", r"\[abi:[\w:]{1,40}\]", ""),
    step("version of a library cut", "@", r"(?<=[\w-])@v?[0-9][\w.+-]{0,60}(?=/|$)", ""),
    step("version of a library cut", ".so.", r"\.so(?:\.[0-9]+)++(?!\w)", ".so"),
    step(
        "version of a library cut",
        "-",
        r"(?<=[A-Za-z_])-v?[0-9]+(?:\.[0-9]+)+(?:[-.+][A-Za-z][A-Za-z0-9]{0,20}){0,2}?(?=\.(?:jar|war|dll|so|dylib|exe|egg|gem)\b|/|$)",
        "",
    ),
)

_NUMBERS = (
    step(
        "symbol hash replaced",
        ANY_DIGIT,
        r"(?<![A-Za-z0-9])h?(?=[0-9a-f]*+(?<=[0-9a-f]{8}))(?=[a-f]{0,40}[0-9])(?=[0-9]{0,40}[a-f])[0-9a-f]{8,}+(?![A-Za-z0-9])",
        "<hex>",
    ),
    step("address replaced", ("0x", "0X"), r"0[xX][0-9a-fA-F]+", "<hex>"),
    step("number replaced", ANY_DIGIT, r"[0-9]{4,}+", "<n>"),
)

STEPS = NormalisationSteps(
    (
        NormalisationStep("local scope dropped", (".<locals>",), lambda text: text.replace(".<locals>", "")),
        NormalisationStep("anonymous function written one way", ("nonymous", "?", "<unknown>"), _anonymous),
        *_PATHS,
        *_BUILDS,
        *GENERATED,
        NormalisationStep("template arguments dropped", ("<",), without_arguments),
        *_NUMBERS,
    )
)


def normalise_symbol(text: str) -> str:
    """A function, module, file or type name without generated parts, hashes, addresses, versions and long numbers."""
    if _MAY_CHANGE.search(text) is None:
        return text
    return _cached(text) if len(text) <= CACHED_LENGTH else _normalised(text)


def symbol_hints(text: str) -> tuple[str, ...]:
    """Hints of the steps that change a name."""
    if _MAY_CHANGE.search(text) is None:
        return ()
    return _cached_hints(text) if len(text) <= CACHED_LENGTH else tuple(STEPS.hints(text))


def _normalised(text: str) -> str:
    offset = _MODULE_OFFSET.fullmatch(text) if text.startswith("+0x") else None
    return f"+0x{offset[1].lower()}" if offset else STEPS.run(text).strip()


_cached = lru_cache(maxsize=65_536)(_normalised)


@lru_cache(maxsize=8_192)
def _cached_hints(text: str) -> tuple[str, ...]:
    return tuple(STEPS.hints(text))
