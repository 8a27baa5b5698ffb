"""Functions in symbols of Swift, Objective-C and Kotlin, as Apple's and Swift's tools demangle them.

Closures, blocks, thunks and specialisations are named after the function they belong to: their numbers change with every
edit. Every step is linear in the text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from graph.parsing.native.kotlin_symbols import SYMBOL, kotlin_name
from graph.parsing.native.names import SYMBOL_LIMIT, function_of
from graph.parsing.native.swift_mangling import demangled_name

# What the demangler of Swift puts before the name of the function concerned.
SWIFT_PREFIX = re.compile(
    r"(?:\(\d{1,4}\) (?:await|suspend) resume partial function for |async function pointer to "
    r"|partial apply (?:forwarder )?for |(?:implicit |autoclosure |defer )?closure #\d{1,6} "
    r"(?:\([^()\n]{0,400}\) (?:(?:async |throws ){0,2}-> [\w.()?]{1,80} )?)?in |closure in "
    r"|\$?defer #\d{1,6} (?:<[^<>\n]{0,200}>)?(?:\([^()\n]{0,200}\) (?:-> \(\) )?)?in |\$defer in "
    r"|variable initialization expression of |default argument \d{1,4} of "
    r"|one-time initialization (?:function|token) for |(?:generic |function signature )?specialized "
    r"|(?:generic |function signature )(?:not re-abstracted )?specialization <[^\n]{0,400}?> of "
    r"|merged |@objc |@nonobjc |dispatch thunk of |static |protocol witness for |override "
    r"|key path (?:getter|setter) for |implicit |deduplicated_symbol )"
)
PROTOCOL_WITNESS = "protocol witness for "
CONFORMANCE = re.compile(r" in conformance ([^\n]{1,400})$")
PRIVATE = re.compile(r"\(([\w$`]{1,200}) in _[0-9A-F]{8,40}\)")
EXTENSION = re.compile(r"\(extension in [\w.]{1,200}\):")
ACCESSOR = re.compile(r"\.(?:getter|setter|modify|read|willset|didset|unsafeMutableAddressor)(?= : |$)")
LOCAL_NAME = re.compile(r"(?<![\w$])([\w$.]{1,200}) #\d{1,6} (?=\()")
LOCAL_IN = re.compile(r"\) (?:-> [^\n]{1,300}? )?in ")
SWIFT_TYPE = re.compile(
    r" -> | throws | async |\(_:|\w:\)|\w:_:|\.(?:getter|setter|modify|init|deinit|subscript)\b|__(?:de)?allocating"
)
BLOCK = re.compile(r"_{2,4}\d{0,6}([-+]\[[^\[\]\n]{1,800}\])_block_invoke")
BLOCK_OF_FUNCTION = re.compile(r"_{2}(\w{1,400}?)_block_invoke(?:_\d{1,6}|\.\d{1,6}){0,4}$")
THUNKS = ("thunk for ", "reabstraction thunk ", "outlined ", "Swift runtime failure: ", "lazy ", "type metadata ")
LAYERS = 12
CACHED_LENGTH = 1_000


def apple_function_of(symbol: str) -> str:
    """The function of a demangled symbol without parameters, type and what the compiler put around it."""
    return _cached_function(symbol) if len(symbol) <= CACHED_LENGTH else _function(symbol)


def _function(symbol: str) -> str:
    text = symbol[:SYMBOL_LIMIT].strip()
    if text.startswith("_") and "_block_invoke" in text:
        block = BLOCK.match(text) or BLOCK_OF_FUNCTION.match(text)
        return block[1] if block else text
    if text.startswith(("-[", "+[")):
        return text[: text.find("]") + 1] or text
    if text.startswith(SYMBOL):
        return ".".join(filter(None, kotlin_name(text.removeprefix(SYMBOL))))
    if text.startswith(THUNKS):
        return text
    if text.startswith(("$", "_$", "_T")):
        return demangled_name(text) or text
    bare, is_swift = _without_wrappers(text)
    if is_swift or SWIFT_TYPE.search(bare):
        return _swift_name(bare) or text
    return function_of(bare)


_cached_function = lru_cache(maxsize=16_384)(_function)


def _without_wrappers(text: str) -> tuple[str, bool]:
    """The symbol without the demangler's descriptions before it, and whether there were any."""
    position = 0
    witness = False
    for _ in range(LAYERS):
        match = SWIFT_PREFIX.match(text, position)
        if not match:
            break
        witness = witness or match[0] == PROTOCOL_WITNESS
        position = match.end()
    rest = text[position:]
    if witness:
        conformance = CONFORMANCE.search(rest[-500:])
        rest = rest[: len(rest) - len(rest[-500:]) + conformance.start()] if conformance else rest
    return rest, position > 0


def _swift_name(text: str) -> str:
    """The qualified name: up to its parameters or type, without generic arguments."""
    local = LOCAL_NAME.match(text)
    if local:
        # A local function: `helper #1 (x: Int) in Nest.open()`.
        inside = LOCAL_IN.search(text, local.end())
        text = text[inside.end() :] if inside else local[1]
    text = EXTENSION.sub("", PRIVATE.sub(r"\1", text)) if "(" in text else text
    text = ACCESSOR.sub("", text.partition(" : ")[0], count=1) if ACCESSOR.search(text) else text
    name: list[str] = []
    depth = 0
    for position, character in enumerate(text):
        if character == "<" and name and not text.startswith(("<-", "< ", "<("), position):
            depth += 1
        elif character == ">" and depth:
            depth -= 1
        elif depth:
            continue
        elif character in "( " and name and name[-1:] != ["."]:
            break
        else:
            name.append(character)
    return "".join(name).strip()
