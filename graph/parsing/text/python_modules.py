"""Module of a Python file, and whether it is application code."""

from __future__ import annotations

import re
from functools import lru_cache

from graph.rules import frame_rules

# Longer names are not cached, so that hostile input cannot fill memory.
CACHED_LENGTH = 512

PACKAGES = frozenset({"site-packages", "dist-packages"})
SOURCES = (".py", ".pyw", ".pyc", ".pyi", ".pyx", ".so", ".pyd")
LIBRARY = re.compile(r"(?:python|pypy)\d[\d.]*t?", re.IGNORECASE)
ZIPPED = re.compile(r"python\d+\.zip", re.IGNORECASE)
ANGLED = re.compile(r"<frozen ([^<>]+)>")


def module_and_in_app(file: str) -> tuple[str, bool | None]:
    """Module of a file, and whether it is in-app; ``None`` if the file name does not show it."""
    return _cached(file) if len(file) <= CACHED_LENGTH else _module_and_in_app(file)


def _module_and_in_app(file: str) -> tuple[str, bool | None]:
    if file.startswith("<"):
        frozen = ANGLED.fullmatch(file)
        module = frozen[1] if frozen else file
        return module, False if frame_rules("python").library_files.search(file) else None
    return module_of(file), not frame_rules("python").library_files.search(file)


_cached = lru_cache(maxsize=8192)(_module_and_in_app)


def module_of(file: str) -> str:
    """Dotted name below the last package folder of the path, else the file name without its ending."""
    parts = [part for part in file.replace("\\", "/").split("/") if part]
    if not parts:
        return ""
    root = _root_index(parts)
    if root is None:
        return _module_of_file_name(parts[-1]) or (parts[-2] if len(parts) > 1 else parts[-1])
    names = [part for part in parts[root + 1 : -1] if not part.endswith((".egg", ".zip", ".whl")) and part != "lib-dynload"]
    last = _module_of_file_name(parts[-1])
    return ".".join([*names, last] if last else names) or parts[-2]


def _root_index(parts: list[str]) -> int | None:
    """Index of the folder that module names start below, or ``None``."""
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


def _module_of_file_name(name: str) -> str:
    """Module name of a file name; empty for ``__init__``, where the folder is the module."""
    stem = name
    for ending in SOURCES:
        if name.endswith(ending):
            stem = name[: -len(ending)]
            if ending in {".so", ".pyd"}:
                stem = stem.split(".", 1)[0]
            break
    return "" if stem == "__init__" else stem
