"""Demangle simple C++ and legacy Rust symbols: ``_ZNK4shop6Basket5totalEv`` is ``shop::Basket::total``.

The Itanium C++ ABI (section 5.1, external names) encodes a nested name as ``N``, qualifiers, the length and characters of
each part, and ``E``. Only such parts, constructors and destructors are decoded. Symbols with template arguments,
substitutions, operators or lambdas are returned unchanged: a partial name would be wrong.
"""

from __future__ import annotations

import re

# Longer symbols are returned unchanged.
SYMBOL_LIMIT = 2_000
LENGTH = re.compile(r"[1-9]\d{0,3}")
QUALIFIERS = re.compile(r"[rVK]{0,3}[RO]?")
SPECIAL = re.compile(r"C[123]|D[0125]")
ANONYMOUS = "_GLOBAL__N"
HASH = re.compile(r"h[0-9a-f]{16}\Z")
# Escapes of the legacy Rust mangling.
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
    """Return the qualified function of a mangled symbol, or the symbol itself if it is not mangled or not simple."""
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
    """Return the name part at ``position`` and the position after it, or ``None`` if it is not a simple one."""
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
    return _unescape(name), end


def _unescape(name: str) -> str:
    if "$" not in name and ".." not in name:
        return name
    for escape, letter in ESCAPES.items():
        name = name.replace(escape, letter)
    return name.replace("..", "::").removeprefix("_")


def _end_of_match(pattern: re.Pattern[str], symbol: str, position: int) -> int:
    match = pattern.match(symbol, position)
    return match.end() if match else position
