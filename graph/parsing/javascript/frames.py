"""One frame of JavaScript: V8's ``at f (file:line:column)``, and ``f@file:line:column`` of Firefox and Safari."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import LINE_LIMIT, base_name, folded, is_library

ANONYMOUS = "<anonymous>"
BUILTIN = frozenset({ANONYMOUS, "native", "native code", "[native code]", "unknown location", "unknown"})
PLACE = re.compile(r"(.*?[^:\s]):(\d{1,9})(?::(\d{1,9}))?$")
EVAL = re.compile(r"\(([^()\s][^()]*):(\d{1,9}):(\d{1,9})\)")
INDEX = re.compile(r"index \d{1,9}$")
ALIAS = re.compile(r" \[as [^\]]{0,500}\]$")
WASM = re.compile(r"(wasm://\S+?|\S+?\.wasm)(?::wasm-function\[\d{1,9}\])?:0x[0-9a-f]+$")
GECKO = re.compile(r"([^@\n]{0,500})@((?:[a-z-]{2,24}:)?[^@\s]\S{0,2000}?):(\d{1,9})(?::(\d{1,9}))?$")
BARE = re.compile(r"((?:https?|file|webpack|app|blob|capacitor|ionic)://?\S{1,2000}?):(\d{1,9}):(\d{1,9})$")
SCHEME = re.compile(r"[a-z-]{2,24}:/|webpack|\[native code\]|index\.\w+\.bundle|main\.jsbundle")
# What a bundler puts into a file's name so that every build has another one.
BUILD = re.compile(r"[-._](?:(?=[a-f]*\d)[0-9a-f]{6,40}|(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{8})$")
BUILT = re.compile(r"https?:|/(?:static|assets|_next|_nuxt|dist|build|bundles?)/")
ENDING = re.compile(r"\.(?:min\.)?(?:[cm]?[jt]sx?|vue|svelte|bundle)$")
# Other languages print places behind "at" too.
FOREIGN = (
    ".rs",
    ".c",
    ".cc",
    ".cpp",
    ".cxx",
    ".h",
    ".hpp",
    ".m",
    ".mm",
    ".go",
    ".java",
    ".kt",
    ".cs",
    ".swift",
    ".rb",
    ".py",
    ".php",
    ".S",
)
SOURCES = ("/src/", "/lib/", "/dist/", "/app/", "/build/")
MINIFIED_NAME = re.compile(r"[-.]min\.[cm]?js(?:[?#]|$)")
MINIFIED_COLUMN = 500


@dataclass(frozen=True, slots=True)
class Found:
    """A frame, where in its line the error was raised, and whether a block of properties begins behind it."""

    frame: StackFrame
    column: int | None = None
    opens: bool = False

    @property
    def minified(self) -> bool:
        """Whether the frame's code was made for machines: then only line and column tell where it is."""
        file, line, column = self.frame.file or "", self.frame.line or 0, self.column or 0
        return bool(MINIFIED_NAME.search(file)) or (column >= MINIFIED_COLUMN and (line <= 50 or len(self.frame.function) <= 2))


def v8_frame(body: str) -> Found | None:
    """The frame in a line that begins with ``at``; ``None`` for any other line."""
    if not body.startswith("at ") or len(body) >= LINE_LIMIT:
        return None
    rest = body[3:].rstrip()
    opens = rest.endswith(" {")
    rest = rest.removesuffix(" {").removesuffix(",").removeprefix("async ")
    name, place = "", rest
    if rest.endswith(")") and " (" in rest:
        name, _, place = rest[:-1].partition(" (")
        name = ALIAS.sub("", name)
    told = _place(place, named=bool(name))
    if told is None:
        return None
    file, line, column = told
    return Found(_frame(name or ANONYMOUS, file, line), column, opens)


def gecko_frame(body: str, *, among: bool = False) -> Found | None:
    """The frame in a line as Firefox or Safari write it; ``among`` others a bare address is one too."""
    found = GECKO.match(body)
    if found and SCHEME.match(found[2]):
        name = found[1].rpartition("*")[2].strip() or ANONYMOUS
        return Found(_frame(name, found[2], int(found[3])), int(found[4]) if found[4] else None)
    if body.endswith("@[native code]") or (among and body == "[native code]"):
        return Found(_frame(body.removesuffix("[native code]").removesuffix("@") or ANONYMOUS, "[native code]", None))
    bare = BARE.match(body) if among else None
    if bare:
        return Found(_frame(ANONYMOUS, bare[1], int(bare[2])), int(bare[3]))
    return None


def _place(text: str, *, named: bool) -> tuple[str, int | None, int | None] | None:
    text = text.removeprefix("address at ")
    if text in BUILTIN or INDEX.match(text):
        return (ANONYMOUS, None, None) if named else None
    if text.startswith("eval at "):
        origin = EVAL.search(text)
        return (origin[1], int(origin[2]), int(origin[3])) if origin else (ANONYMOUS, None, None)
    wasm = WASM.match(text)
    if wasm:
        return wasm[1], None, None
    found = PLACE.match(text)
    if not found or not (named or found[3]):
        return None
    file = found[1]
    if not named and file.endswith(FOREIGN):
        return None
    if not named and not (
        any(sign in file for sign in "/.\\:<[") and (" " not in file or any(sign in file for sign in "/\\[<"))
    ):
        return None
    return file, int(found[2]), int(found[3]) if found[3] else None


def _frame(name: str, file: str, line: int | None) -> StackFrame:
    name, file = name[:NAME_LIMIT], file[:NAME_LIMIT]
    module = "" if file in BUILTIN else module_of(file)[:NAME_LIMIT]
    in_app = None if file == ANONYMOUS and name == ANONYMOUS else is_app(f"{module}.{name}" if module else name, file)
    return StackFrame(name, module, file, line, in_app)


def is_app(name: str, file: str) -> bool:
    """Whether code is the application's own."""
    return not is_library("javascript", name, file)


def module_of(file: str) -> str:
    """What a file is called where it is imported: ``/srv/shop/src/cart/total.js`` is ``cart/total``.

    A package's file keeps the package's name, and what changes with every build is taken off.
    """
    if file.startswith("node:"):
        return file
    path = file.replace("\\", "/").partition("?")[0].partition("#")[0]
    path = ENDING.sub("", path)
    package = path.rfind("node_modules/")
    if package >= 0:
        return path[package + len("node_modules/") :]
    cut = max((path.rfind(root) + len(root) if root in path else -1) for root in SOURCES)
    own = path[cut:] if cut > 0 and not path.startswith("http") else _last(path)
    return BUILD.sub("", own) if BUILT.search(file) else own


def _last(path: str) -> str:
    name = base_name(path)
    if name == "index" and path.count("/") > 1:
        return "/".join(path.split("/")[-2:])
    return name


def frames_of(found: Iterable[Found]) -> tuple[StackFrame, ...]:
    """The frames, recursion folded."""
    return folded(one.frame for one in found)
