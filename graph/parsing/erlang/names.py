"""Names of functions on the Erlang virtual machine, without what the compiler generates."""

from __future__ import annotations

import re

# `-open/1-fun-0-` is a function within open/1, `-open/1-lc$^0/1-0-` a list comprehension.
GENERATED = re.compile(r"[\"']?-(?:inlined-)?(\w[^/\n\"']{0,200})/(\d{1,3})-[^\n]{0,200}?-[\"']?(?:/\d{1,3})?$")
ELIXIR = "Elixir."


def enclosing_function(function: str, arity: str) -> str:
    """``name/arity``; a generated function counts as the one that contains it."""
    generated = GENERATED.match(function)
    if generated:
        return f"{generated[1]}/{generated[2]}"
    return f"{function}/{arity}"


def erlang_name(module: str, function: str, arity: str) -> str:
    """``module:function/arity``, in Elixir's spelling for a module of Elixir."""
    module, function = module.strip("'"), function.strip("'")
    inner = enclosing_function(function, arity)
    if module.startswith(ELIXIR):
        return f"{module.removeprefix(ELIXIR)}.{inner}"
    return f"{module}:{inner}"


def count_arguments(text: str) -> int:
    """Number of arguments in the text between the brackets of a call; nested brackets and texts are passed over."""
    if not text.strip():
        return 0
    depth, commas, quote = 0, 0, ""
    escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif quote:
            escaped = character == "\\"
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth <= 0:
            commas += 1
    return commas + 1
