"""Demangle Rust symbols: ``_RNvNtCs5_6ledger4sync3run`` is ``ledger::sync::run``.

The grammar is that of Rust RFC 2603 (symbol name mangling v0). Symbols with types that no function name needs, such as
function pointers and trait objects, are returned unchanged, as are truncated and too deeply nested ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

SYMBOL = re.compile(r"_{1,2}R(?=[A-Z])")
DISAMBIGUATOR = re.compile(r"s[0-9A-Za-z]{0,16}_")
NUMBER = re.compile(r"[0-9A-Za-z]{0,16}_")
HEX = re.compile(r"(n?)([0-9a-f]{0,16})_")
INTEGER_TYPES = "abhijlmnostxy"
"""Basic types with numeric constants: the integers and ``bool``."""
LENGTH = re.compile(r"(u?)(0|[1-9]\d{0,3})_?")
SYMBOL_LIMIT = 2_000
STEP_LIMIT = 2_000
"""Maximum productions decoded per symbol: back references may repeat parts that contain back references."""
DEPTH_LIMIT = 60
BASIC = {
    "a": "i8",
    "b": "bool",
    "c": "char",
    "d": "f64",
    "e": "str",
    "f": "f32",
    "h": "u8",
    "i": "isize",
    "j": "usize",
    "l": "i32",
    "m": "u32",
    "n": "i128",
    "o": "u128",
    "p": "_",
    "s": "i16",
    "t": "u16",
    "u": "()",
    "v": "...",
    "x": "i64",
    "y": "u64",
    "z": "!",
}
POINTERS = {"R": "&", "Q": "&mut ", "P": "*const ", "O": "*mut "}


class _UnreadableError(Exception):
    """The symbol is not supported."""


@lru_cache(maxsize=4_096)
def demangle_rust(symbol: str) -> str:
    """Return the path of the function that a v0 symbol names, or the symbol itself if it is not supported."""
    start = SYMBOL.match(symbol)
    if not start or len(symbol) > SYMBOL_LIMIT:
        return symbol
    try:
        name = _SymbolReader(symbol[start.end() :]).path(0)
    except (_UnreadableError, IndexError):
        return symbol
    return name if len(name) <= SYMBOL_LIMIT else symbol


class _SymbolReader:
    """Recursive descent over a symbol, one method per production of the grammar."""

    def __init__(self, text: str) -> None:
        """Start at the beginning of ``text``, a symbol without its ``_R``."""
        self.text = text
        self.at = 0
        self.steps = 0

    def path(self, depth: int, joint: str = "::") -> str:
        """Decode a path: a crate root, a nested item, an impl, or an item with generic arguments.

        ``joint`` precedes generic arguments: ``::`` in an expression, empty in a type.
        """
        self._charge(depth)
        kind = self._next()
        if kind == "C":
            return self._identifier()
        if kind in "MX":
            self._skip(DISAMBIGUATOR)
            self.path(depth + 1)
        if kind == "M":
            return f"<{self._type(depth + 1)}>"
        if kind in "XY":
            return f"<{self._type(depth + 1)} as {self.path(depth + 1, '')}>"
        if kind == "N":
            return self._nested(depth, joint)
        if kind == "I":
            return f"{self.path(depth + 1, joint)}{joint}<{', '.join(self._read_list(depth))}>"
        if kind == "B":
            return self._back(lambda: self.path(depth + 1, joint))
        raise _UnreadableError

    def _nested(self, depth: int, joint: str) -> str:
        space = self._next()
        outer, number, name = self.path(depth + 1, joint), self._disambiguator(), self._bare_identifier()
        if space.islower():
            return f"{outer}::{name}" if name else outer
        label = {"C": "closure", "S": "shim"}.get(space, space)
        return f"{outer}::{{{label}{f':{name}' if name else ''}#{number}}}"

    def _type(self, depth: int) -> str:
        self._charge(depth)
        kind = self.text[self.at]
        if kind in "CMXYNI":
            return self.path(depth + 1, "")
        self.at += 1
        if kind in BASIC:
            return BASIC[kind]
        if kind in POINTERS:
            self._lifetime()
            return POINTERS[kind] + self._type(depth + 1)
        if kind == "S":
            return f"[{self._type(depth + 1)}]"
        if kind == "T":
            members = self._read_list(depth)
            return f"({members[0]},)" if len(members) == 1 else f"({', '.join(members)})"
        if kind == "A":
            return f"[{self._type(depth + 1)}; {self._constant(depth)}]"
        if kind == "B":
            return self._back(lambda: self._type(depth + 1))
        raise _UnreadableError

    def _read_list(self, depth: int) -> list[str]:
        items = []
        while self.text[self.at] != "E":
            if self.text[self.at] == "K":
                self.at += 1
                items.append(self._constant(depth))
            elif not self._lifetime():
                items.append(self._type(depth + 1))
        self.at += 1
        return items

    def _constant(self, depth: int) -> str:
        self._charge(depth)
        kind = self._next()
        if kind == "B":
            return self._back(lambda: self._constant(depth + 1))
        match = HEX.match(self.text, self.at)
        if kind not in INTEGER_TYPES or not match:
            raise _UnreadableError
        self.at = match.end()
        value = int(match[2] or "0", 16)
        return str(bool(value)).lower() if kind == "b" else f"{'-' if match[1] else ''}{value}"

    def _back(self, read: Callable[[], str]) -> str:
        """Decode a back reference: ``read`` at an earlier position of the symbol."""
        place, here = self._number(), self.at
        if place >= here:
            raise _UnreadableError
        self.at = place
        value = read()
        self.at = here
        return value

    def _identifier(self) -> str:
        self._disambiguator()
        return self._bare_identifier()

    def _bare_identifier(self) -> str:
        match = LENGTH.match(self.text, self.at)
        if not match or match[1]:
            raise _UnreadableError
        begin = match.end()
        self.at = begin + int(match[2])
        if self.at > len(self.text):
            raise _UnreadableError
        return self.text[begin : self.at]

    def _disambiguator(self) -> int:
        if self.text[self.at] != "s" or not DISAMBIGUATOR.match(self.text, self.at):
            return 0
        self.at += 1
        return self._number() + 1

    def _lifetime(self) -> bool:
        if self.text[self.at] != "L":
            return False
        self.at += 1
        self._number()
        return True

    def _number(self) -> int:
        """Decode a base-62 number terminated by an underscore: ``_`` is 0, ``0_`` is 1."""
        match = NUMBER.match(self.text, self.at)
        if not match:
            raise _UnreadableError
        self.at = match.end()
        value = 0
        for letter in match[0][:-1]:
            value = value * 62 + (int(letter, 36) if not letter.isupper() else ord(letter) - ord("A") + 36)
        return value + 1 if len(match[0]) > 1 else 0

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()

    def _next(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def _charge(self, depth: int) -> None:
        self.steps += 1
        if self.steps > STEP_LIMIT or depth > DEPTH_LIMIT:
            raise _UnreadableError
