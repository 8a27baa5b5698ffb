"""ES modules: which ones a page needs, and all of them as one script for a page without a server.

A browser refuses to import modules from a file on disk. :func:`bundle` wraps each module in a function, in the order of
their imports, which needs no build step because our modules keep to a small part of the syntax: named imports with double
quotes from relative paths at the start, and ``export`` in front of ``const``, ``function`` or ``async function``.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache
from graphlib import TopologicalSorter

from viz.assets import VIS_NETWORK, files

IMPORT = re.compile(r'^import (?:\{(?P<names>[^}]*)\} from )?"(?P<path>\.[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|(?:async )?function) (?P<name>\w+))", re.MULTILINE)
UNREADABLE = re.compile(r"^(?:import|export)\b.*|\bimport\(.*", re.MULTILINE)


@cache
def needed(entries: tuple[str, ...]) -> tuple[str, ...]:
    """The modules that these import, directly or not, and they themselves: each after all that it imports.

    Raises ``graphlib.CycleError`` for modules that import each other.
    """
    imports: dict[str, list[str]] = {}
    waiting = list(entries)
    while waiting:
        name = waiting.pop()
        if name not in imports:
            imports[name] = [] if name == VIS_NETWORK else imported(name)
            waiting += imports[name]
    return tuple(TopologicalSorter(imports).static_order())


def imported(name: str) -> list[str]:
    """Names of the files that a module imports."""
    return [resolved(name, match["path"]) for match in IMPORT.finditer(source(name))]


def resolved(name: str, path: str) -> str:
    """The file that a relative import path refers to; ``FileNotFoundError`` if there is none."""
    target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
    if target not in files():
        raise FileNotFoundError(f"{name} imports {path}, which is not a file of viz")
    return target


@cache
def bundle(entries: tuple[str, ...]) -> str:
    """The entries and all that they import as the content of one inline module script."""
    text = "const modules = {};\n" + "".join(wrapped(name) for name in needed(entries))
    return text.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def wrapped(name: str) -> str:
    """A module as a function call that registers what it exports. vis-network sets a global by itself."""
    if name == VIS_NETWORK:
        return re.sub(r"^//# sourceMappingURL=.*$", "", source(name), flags=re.MULTILINE)

    def constant(match: re.Match[str]) -> str:
        names = (match["names"] or "").replace(" as ", ": ")
        return f'const {{{names}}} = modules["{resolved(name, match["path"])}"];\n' if names else ""

    exports = [match["name"] for match in EXPORT.finditer(source(name))]
    body = EXPORT.sub("", IMPORT.sub(constant, source(name)))
    if unreadable := UNREADABLE.search(body):
        raise ValueError(f"{name}: cannot bundle {unreadable.group()!r}; see viz/modules.py for the syntax that it reads")
    return f'modules["{name}"] = (() => {{\n{body}return {{ {", ".join(exports)} }};\n}})();\n'


@cache
def source(name: str) -> str:
    """The text of a script."""
    return files()[name].read_text(encoding="utf-8")
