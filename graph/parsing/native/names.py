"""Names of native code: the function in a symbol as tools print it, and file and line of a source location.

Every step is linear in the text. Results for short symbols are cached, since reports repeat them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.rules import frame_rules

# Longer symbols are not cached, so that hostile input cannot fill the memory; beyond the limit they are not parsed.
CACHED_LENGTH = 1_000
SYMBOL_LIMIT = 20_000
LINE_LIMIT = 10_000_000

THUNKS = ("non-virtual thunk to ", "virtual thunk to ", "[thunk]:", "[thunk]: ", "guard variable for ")
SWIFT_WORDS = (
    "specialized ",
    "merged ",
    "@objc ",
    "static ",
    "partial apply for ",
    "protocol witness for ",
    "dispatch thunk of ",
)
# An operator is one token: its brackets and angle brackets open nothing.
TOKEN = re.compile(
    r"(?<![\w$])operator(?![\w$])(?:\(\)|\[\]|<=>|<<=?|>>=?|->\*?|&&|\|\||\+\+|--|[-+*/%^&|~!=<>]=?|,"
    r'|""\s?\w+|\s(?:new|delete)(?![\w$])(?:\[\])?|\sco_await)?(?:\s(?=<))?'
    r"|->|[<>(){}\[\] `']"
)
CLOSERS = {")": "(", "}": "{", "]": "[", ">": "<", "'": "`"}
# Matches between the parameters of a function and the name of an entity local to it.
LOCAL = re.compile(r"(?:\s(?:const|volatile)|\s?&{1,2})*+(?:\[abi:\w++\])?(?=::)")
QUALIFIER = re.compile(r"\s?(?:const|volatile|noexcept|restrict|&{1,2}|\[|\.|@|\(|\+0x|$|requires\b)")
ABI_TAG = re.compile(r"\[abi:\w{0,80}+\]")
CLONE = re.compile(
    r"(?:\sconst|\s?\(\.llvm\.\d{1,40}+\)|\s?\[clone [^\]\n]{0,200}+\]|\s?\[inlined?\]"
    r"|\.(?:isra|constprop|part|cold|lto_priv|localalias|llvm|clone|resolver|warm|hot|__uniq|artificial|ifunc)(?:\.\d{1,40}+)?"
    r"|@plt|@{1,2}[A-Z]\w{0,40}+[\d.]{0,20}+|\+0x[0-9a-fA-F]{1,16}+(?:/0x[0-9a-fA-F]{1,16}+)?)$"
)
PLACE = re.compile(r"(.+?):(\d{1,9})(?::\d{1,9})?\Z|(.+?)\((\d{1,9})(?:,\d{1,9})?\)\Z", re.DOTALL)


def function_of(symbol: str) -> str:
    """Fully qualified function of a C or C++ symbol as debuggers print it.

    Parameter lists, return type, trailing qualifiers, clone suffixes, ABI tags and offset are removed; template arguments,
    operators, lambdas and anonymous namespaces are kept. A symbol of another form is returned stripped.
    """
    return _cached_function(symbol) if len(symbol) <= CACHED_LENGTH else _function(symbol)


def place_of(text: str) -> tuple[str | None, int | None]:
    """Split ``file:line``, ``file:line:column`` or ``file(line)`` into file and line; a Windows drive belongs to the file.

    The line is ``None`` if it is missing or 0; the file is ``None`` for an empty text.
    """
    text = text.strip()[:SYMBOL_LIMIT]
    tail = text[-24:]
    cut = len(text) - len(tail)
    # Match the end only, so that the cost does not depend on the length of the path.
    match = PLACE.match(tail) if tail[-1:].isdigit() or tail[-1:] == ")" else None
    if not match:
        return text[:NAME_LIMIT] or None, None
    file, line = (match[1], match[2]) if match[2] else (match[3], match[4])
    return (text[:cut] + file)[:NAME_LIMIT], int(line) or None


def frame_of(symbol: str, place: str = "", library: str = "", offset: str = "") -> StackFrame:
    """Build a frame of native code; ``in_app`` is ``False`` if ``rules/native.toml`` lists it as library code, else ``None``.

    A frame without a symbol is named by its library and the offset in it, both as reported.
    """
    length = len(symbol) + len(place) + len(library) + len(offset)
    return (_cached_frame if length <= CACHED_LENGTH else _frame)(symbol, place, library, offset)


def _frame(symbol: str, place: str, library: str, offset: str) -> StackFrame:
    file, line = place_of(place)
    function, module = function_of(symbol)[:NAME_LIMIT], ""
    if not function:
        module = library.replace("\\", "/").rpartition("/")[2][:NAME_LIMIT]
        function = f"+{offset}" if offset else "<unknown>"
    name = f"{module}.{function}" if module else function
    rules = frame_rules("native")
    known = rules.is_library(name, file) or (bool(library) and rules.is_library(name, library)) or _is_variadic(symbol)
    return StackFrame(function, module, file, line, False if known else None)


_cached_frame = lru_cache(maxsize=16_384)(_frame)


def _is_variadic(symbol: str) -> bool:
    """Whether a function takes a variable number of arguments: it formats messages for others."""
    return symbol.endswith(("...)", "...) const"))


def _function(symbol: str) -> str:
    text = symbol[:SYMBOL_LIMIT].strip()
    # Objective-C methods are written in brackets and have no parameter list.
    if text.startswith(("-[", "+[")):
        return text[: text.find("]") + 1] or text
    for thunk in THUNKS:
        text = text.removeprefix(thunk)
    if _is_swift(text):
        return _swift_name(text)
    if "[abi:" in text:
        text = ABI_TAG.sub("", text)
    text = _strip_suffixes(text)
    if not any(character in text for character in "(< "):
        return text
    return _qualified_name(text).strip() or text


def _is_swift(text: str) -> bool:
    """Whether a symbol is one of Swift, demangled: it has the result after the parameters, or the type of a property."""
    if "::" in text:
        return False
    return " -> " in text or ".getter" in text or ".setter" in text or "closure #" in text or text.startswith("Swift.")


def _swift_name(text: str) -> str:
    """Return ``closure #1 in Wren.Nest.fold`` of ``closure #1 (Swift.Int) -> () in Wren.Nest.fold(index: Swift.Int) -> ()``."""
    names = []
    for part in text.split(" in "):
        stop = min((at for at in (part.find("("), part.find(" : "), part.find(" -> ")) if at >= 0), default=len(part))
        name = part[:stop].strip()
        for word in SWIFT_WORDS:
            name = name.removeprefix(word)
        names.append(name)
    return " in ".join(name for name in names if name) or text


_cached_function = lru_cache(maxsize=16_384)(_function)


def _strip_suffixes(text: str) -> str:
    """Remove up to eight suffixes that compilers and linkers append to a symbol."""
    for _ in range(8):
        tail = text[-260:]
        match = CLONE.search(tail)
        if not match or len(tail) - match.start() == len(text):
            break
        text = text[: len(text) - len(tail) + match.start()].rstrip()
    return text


def _qualified_name(text: str) -> str:
    """Return the name in a symbol, without the return type before it and the parameters after it."""
    tokens = list(TOKEN.finditer(text))
    closing = _match_brackets(tokens)
    # A space ends a return type only before this position: beyond it, no parameters or qualified name follow.
    types_end = len(text) if text.endswith(">") else max(text.rfind("("), text.rfind("::"))
    enclosing = ""
    start = index = 0
    converting = False
    while index < len(tokens):
        token = tokens[index]
        at, word = token.start(), token[0]
        end = closing.get(index)
        stop = at + 1 if end is None else tokens[end].end()
        index = index + 1 if end is None else end + 1
        if at < start:
            continue
        if word.startswith("operator"):
            converting = word == "operator"
        elif word == " " and not converting and at < types_end:
            enclosing, start = "", at + 1
        elif word == "(" and not _is_part_of_name(text, at, stop, start):
            local = LOCAL.match(text, stop)
            if local:
                enclosing, start, converting = enclosing + text[start:at], local.end(), False
            elif end is None or QUALIFIER.match(text, stop):
                return enclosing + text[start:at]
    return enclosing + text[start:]


def _match_brackets(tokens: list[re.Match[str]]) -> dict[int, int]:
    """Map the index of each opening token to that of its closing token; unmatched tokens are absent."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for number, token in enumerate(tokens):
        word = token[0]
        if word in {"<", "(", "{", "[", "`"}:
            opened.append(number)
            continue
        wanted = CLOSERS.get(word)
        if wanted is None or not opened:
            continue
        if wanted == "<" and tokens[opened[-1]][0] != "<":
            continue
        if wanted == "`" and tokens[opened[-1]][0] != "`":
            continue
        # An angle bracket still open at the bracket around it was a comparison.
        while opened and tokens[opened[-1]][0] != wanted and tokens[opened[-1]][0] == "<":
            opened.pop()
        if opened and tokens[opened[-1]][0] == wanted:
            pairs[opened.pop()] = number
    return pairs


def _is_part_of_name(text: str, at: int, stop: int, start: int) -> bool:
    """Whether a round bracket is part of the name, as in an anonymous namespace."""
    return text.startswith("::", stop) and (at == start or text.startswith("::", at - 2))
