"""Names in mangled symbols of C++ and Rust, where they are plain: ``_ZNK4shop6Basket5totalEv`` is ``shop::Basket::total``.

The Itanium C++ ABI (section 5.1, external names) writes a nested name as ``N``, qualifiers, the length and the letters of
each part, and ``E``. Only such parts, constructors and destructors are read; a symbol with template arguments,
substitutions, operators or lambdas stays as it is: half a name would be a wrong one.
"""

from __future__ import annotations

import re

# Longer symbols are left as they are.
SYMBOL_LIMIT = 2_000
LENGTH = re.compile(r"[1-9]\d{0,3}")
QUALIFIERS = re.compile(r"[rVK]{0,3}[RO]?")
SPECIAL = re.compile(r"C[123]|D[0125]")
ANONYMOUS = "_GLOBAL__N"
HASH = re.compile(r"h[0-9a-f]{16}\Z")
# How Rust writes what is no letter.
ESCAPES = {
    "$LT$": "<",
    "$GT$": ">",
    "$RF$": "&",
    "$BP$": "*",
    "$LP$": "(",
    "$RP$": ")",
    "$C$": ",",
    "$u20$": " ",
    "$u7b$": "{",
    "$u7d$": "}",
}


def demangle_cpp(symbol: str) -> str:
    """The qualified function of a mangled symbol; the symbol itself where it is not mangled or not plain."""
    start = symbol.find("_Z", 0, 3)
    if start < 0 or symbol[:start].strip("_") or len(symbol) > SYMBOL_LIMIT:
        return symbol
    position = start + 2
    nested = symbol.startswith("N", position)
    if nested:
        position = _end_of_match(QUALIFIERS, symbol, position + 1)
    parts: list[str] = []
    if symbol.startswith("St", position):
        parts, position = ["std"], position + 2
    while part := _read_part(symbol, position, parts):
        parts.append(part[0])
        position = part[1]
        if not nested:
            break
    ends = symbol.startswith("E", position) if nested else not symbol.startswith(("I", "B"), position)
    if not parts or not ends or parts == ["std"]:
        return symbol
    if len(parts) > 1 and HASH.match(parts[-1]):
        parts.pop()
    return "::".join(parts)


def _read_part(symbol: str, position: int, before: list[str]) -> tuple[str, int] | None:
    """The part of a name at ``position`` and where the next one begins, or ``None`` where there is none that is plain."""
    special = SPECIAL.match(symbol, position)
    if special and before:
        name = before[-1] if special[0].startswith("C") else f"~{before[-1]}"
        return name, special.end()
    length = LENGTH.match(symbol, position)
    if not length:
        return None
    end = length.end() + int(length[0])
    name = symbol[length.end() : end]
    if end > len(symbol) or not name.replace("$", "_").replace(".", "_").isidentifier():
        return None
    if name.startswith(ANONYMOUS):
        return "(anonymous namespace)", end
    return _unescaped(name), end


def _unescaped(name: str) -> str:
    if "$" not in name and ".." not in name:
        return name
    for escape, letter in ESCAPES.items():
        name = name.replace(escape, letter)
    return name.replace("..", "::").removeprefix("_")


def _end_of_match(pattern: re.Pattern[str], symbol: str, position: int) -> int:
    match = pattern.match(symbol, position)
    return match.end() if match else position
