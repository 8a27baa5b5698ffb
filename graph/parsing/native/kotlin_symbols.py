"""Names in symbols of Kotlin/Native: ``kfun:org.heron.nest.Nest#open(kotlin.Int){}kotlin.String``."""

from __future__ import annotations

import re

SYMBOL = "kfun:"
GENERATED = re.compile(
    r"\$?([A-Za-z_][\w-]*?)\$lambda.*|\$(\w+)\$.*|(\w+)\$(?:\w+\$)*(?:COROUTINE|FUNCTION_REFERENCE|\d).*",
    re.DOTALL,  # else a line break makes each way to match end in vain
)


def kotlin_name(symbol: str) -> tuple[str, str]:
    """Class or package, and function of a symbol without its prefix; a lambda counts as the function that contains it."""
    name = symbol.partition("(")[0].removesuffix("#internal").replace("#", ".").strip(".")
    parts = [part for part in name.split(".") if part]
    for index, part in enumerate(parts):
        generated = GENERATED.fullmatch(part) if "$" in part else None
        inner = next(filter(None, generated.groups()), "") if generated else ""
        if inner:
            parts[index:] = [inner]
            break
    return ".".join(parts[:-1]), parts[-1] if parts else ""
