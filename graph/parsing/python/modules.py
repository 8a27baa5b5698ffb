"""Where the code of a Python frame lives: its module, and whether it is the application's own."""

from __future__ import annotations

import re
from functools import lru_cache

from graph.rules import frame_rules

# Longer names are not cached, so that hostile input cannot fill the memory.
CACHED_LENGTH = 512

PACKAGES = frozenset({"site-packages", "dist-packages"})
SOURCES = (".py", ".pyw", ".pyc", ".pyi", ".pyx", ".so", ".pyd")
LIBRARY = re.compile(r"(?:python|pypy)\d[\d.]*t?", re.IGNORECASE)
ZIPPED = re.compile(r"python\d+\.zip", re.IGNORECASE)
ANGLED = re.compile(r"<frozen ([^<>]+)>")


def place(file: str) -> tuple[str, bool | None]:
    """The module of a file and whether it is in-app; ``None`` where the file name does not tell."""
    return _cached(file) if len(file) <= CACHED_LENGTH else _place(file)


def _place(file: str) -> tuple[str, bool | None]:
    if file.startswith("<"):
        frozen = ANGLED.fullmatch(file)
        module = frozen[1] if frozen else file
        return module, False if frame_rules("python").library_files.search(file) else None
    return module_of(file), not frame_rules("python").library_files.search(file)


_cached = lru_cache(maxsize=8192)(_place)


def module_of(file: str) -> str:
    """Dotted name below the last package folder in the path, else the name of the file without its ending."""
    parts = [part for part in file.replace("\\", "/").split("/") if part]
    if not parts:
        return ""
    root = _root(parts)
    if root is None:
        return _stem(parts[-1]) or (parts[-2] if len(parts) > 1 else parts[-1])
    names = [part for part in parts[root + 1 : -1] if not part.endswith((".egg", ".zip", ".whl")) and part != "lib-dynload"]
    last = _stem(parts[-1])
    return ".".join([*names, last] if last else names) or parts[-2]


def _root(parts: list[str]) -> int | None:
    """Index of the folder that modules are named from, or ``None``."""
    folders = range(len(parts) - 2, -1, -1)
    for index in folders:
        if parts[index] in PACKAGES:
            return index
    for index in folders:
        above = parts[index - 1] if index else ""
        if LIBRARY.fullmatch(parts[index]) and above.lower() in {"lib", "lib64"}:
            return index
        if ZIPPED.fullmatch(parts[index]) or (parts[index].lower() == "lib" and above.lower().startswith("python")):
            return index
    for index in folders:
        if parts[index] == "src":
            return index
    return None


def _stem(name: str) -> str:
    """The module's name from its file's; empty for ``__init__``, which names its folder."""
    stem = name
    for ending in SOURCES:
        if name.endswith(ending):
            stem = name[: -len(ending)]
            if ending in {".so", ".pyd"}:
                stem = stem.split(".", 1)[0]
            break
    return "" if stem == "__init__" else stem
