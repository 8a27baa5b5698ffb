"""One JavaScript frame: V8's ``at f (file:line:column)``, or ``f@file:line:column`` of Firefox and Safari."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from graph.model.report import StackFrame
from graph.parsing.protocol import NAME_LIMIT
from graph.parsing.text.lines import LINE_LIMIT, base_name, fold_repeats, is_library

ANONYMOUS = "<anonymous>"
BUILTIN = frozenset({ANONYMOUS, "native", "native code", "[native code]", "unknown location", "unknown"})
LOCATION = re.compile(r"(.*?[^:\s]):(\d{1,9})(?::(\d{1,9}))?$")
EVAL = re.compile(r"\(([^()\s][^()]*):(\d{1,9}):(\d{1,9})\)")
INDEX = re.compile(r"index \d{1,9}$")
ALIAS = re.compile(r" \[as [^\]]{0,500}\]$")
WASM = re.compile(r"(wasm://\S+?|\S+?\.wasm)(?::wasm-function\[\d{1,9}\])?:0x[0-9a-f]+$")
WASM_FUNCTION = re.compile(r"wasm-function\[\d{1,9}\]")
# A function of a module without a name, and the offset in it.
WASM_PLACE = re.compile(r"wasm-function\[\d{1,9}\]:(?:0x)?[0-9a-f]+$")
# A module without a file is named after its hash, behind its own name if it has one.
WASM_MODULE = re.compile(r"wasm://wasm/(?:(.{1,200})-)?[0-9a-f]{4,16}$")
WASM_NAME = re.compile(r"^[\w.-]{1,200}?\.wasm\.")
GECKO = re.compile(r"([^@\n]{0,500})@((?:[a-z-]{2,24}:)?[^@\s]\S{0,2000}?):(\d{1,9})(?::(\d{1,9}))?$")
# `f@http://host/a.wasm:wasm-function[12]:0x1a` of Firefox, `<?>.wasm-function[f]@[wasm code]` of Safari
GECKO_WASM = re.compile(r"([^@\n]{0,1000})@(?:(\S{1,2000}?\.wasm):(wasm-function\[\d{1,9}\]):0x[0-9a-f]+|\[wasm code\])$")
SAFARI_NAME = re.compile(r"<\?>\.wasm-function\[(\d{1,9}|[^\]\n]{1,500})\]$")
UNNAMED_FILE = re.compile(r"([\w$.<>/\[\]-]{0,200})@(\d{1,7}):(\d{1,9})$")
BARE = re.compile(r"((?:https?|file|webpack|app|blob|capacitor|ionic)://?\S{1,2000}?):(\d{1,9}):(\d{1,9})$")
SCHEME = re.compile(r"[a-z-]{2,24}:/|webpack|\[native code\]|index\.\w+\.bundle|main\.jsbundle")
# The build hash that a bundler adds to a file name.
BUILD = re.compile(r"[-._](?:(?=[a-f]{0,39}\d)[0-9a-f]{6,40}|(?=[\w-]{0,7}\d)(?=[\w-]{0,7}[A-Za-z])[\w-]{8})$")
BUILT = re.compile(r"https?:|/(?:static|assets|_next|_nuxt|dist|build|bundles?)/")
ENDING = re.compile(r"\.(?:min\.)?(?:[cm]?[jt]sx?|vue|svelte|bundle)$")
# Other languages print locations after "at" too.
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
class JavascriptFrame:
    """A frame with its column, and whether a block of properties opens after it."""

    frame: StackFrame
    column: int | None = None
    opens: bool = False

    @property
    def minified(self) -> bool:
        """Whether the code is minified, so that only line and column locate it."""
        file, line, column = self.frame.file or "", self.frame.line or 0, self.column or 0
        return bool(MINIFIED_NAME.search(file)) or (column >= MINIFIED_COLUMN and (line <= 50 or len(self.frame.function) <= 2))


def v8_frame(body: str) -> JavascriptFrame | None:
    """Parse the frame in a line that starts with ``at``; ``None`` for any other line."""
    if not body.startswith("at ") or len(body) >= LINE_LIMIT:
        return None
    rest = body[3:].rstrip()
    opens = rest.endswith(" {")
    rest = rest.removesuffix(" {").removesuffix(",").removeprefix("async ")
    name, location = "", rest
    if rest.endswith(")") and " (" in rest:
        name, _, location = rest[:-1].partition(" (")
        name = ALIAS.sub("", name)
    if WASM_PLACE.match(location):
        return JavascriptFrame(StackFrame(wasm_name(name, location)))
    parsed = _parse_location(location, named=bool(name))
    if parsed is None:
        return None
    file, line, column = parsed
    if "wasm" in location:
        name = wasm_name(name, location)
    return JavascriptFrame(build_frame(name or ANONYMOUS, file, line), column, opens)


def gecko_frame(body: str, *, among: bool = False) -> JavascriptFrame | None:
    """Parse a frame of Firefox or Safari; ``among`` others of its kind a bare address is a frame too."""
    match = GECKO.match(body)
    if match and SCHEME.match(match[2]):
        name = match[1].rpartition("*")[2].strip() or ANONYMOUS
        return JavascriptFrame(build_frame(name, match[2], int(match[3])), int(match[4]) if match[4] else None)
    wasm = GECKO_WASM.match(body)
    if wasm:
        named = SAFARI_NAME.match(wasm[1])
        name = (
            wasm_name(wasm[1], wasm[3] or "") if not named else f"wasm-function[{named[1]}]" if named[1].isdigit() else named[1]
        )
        return JavascriptFrame(build_frame(name, wasm[2], None) if wasm[2] else StackFrame((name or ANONYMOUS)[:NAME_LIMIT]))
    if body.endswith("@[native code]") or (among and body == "[native code]"):
        name = body.removesuffix("[native code]").removesuffix("@") or ANONYMOUS
        return JavascriptFrame(build_frame(name, "[native code]", None))
    placed = UNNAMED_FILE.match(body)
    if placed:
        # A bundle without a name: all code is in its first lines.
        return JavascriptFrame(StackFrame((placed[1] or ANONYMOUS)[:NAME_LIMIT], line=int(placed[2])), int(placed[3]))
    bare = BARE.match(body) if among else None
    if bare:
        return JavascriptFrame(build_frame(ANONYMOUS, bare[1], int(bare[2])), int(bare[3]))
    return None


def wasm_name(name: str, location: str) -> str:
    """Name of a function in WebAssembly, without the module's; a function without a name is called by its number."""
    number = WASM_FUNCTION.search(location)
    known = WASM_NAME.sub("", name)
    return known if known not in {"", ANONYMOUS} and not WASM_FUNCTION.fullmatch(known) else number[0] if number else known


def _parse_location(text: str, *, named: bool) -> tuple[str, int | None, int | None] | None:
    text = text.removeprefix("address at ")
    if text in BUILTIN or INDEX.match(text):
        return (ANONYMOUS, None, None) if named else None
    if text.startswith("eval at "):
        origin = EVAL.search(text)
        return (origin[1], int(origin[2]), int(origin[3])) if origin else (ANONYMOUS, None, None)
    wasm = WASM.match(text)
    if wasm:
        return wasm[1], None, None
    match = LOCATION.match(text)
    if not match or not (named or match[3]):
        return None
    file = match[1]
    if not named and file.endswith(FOREIGN):
        return None
    if not named and not (
        any(sign in file for sign in "/.\\:<[") and (" " not in file or any(sign in file for sign in "/\\[<"))
    ):
        return None
    return file, int(match[2]), int(match[3]) if match[3] else None


def build_frame(name: str, file: str, line: int | None) -> StackFrame:
    """Build the frame of a function in a file; a builtin has no module."""
    name, file = name[:NAME_LIMIT], file[:NAME_LIMIT]
    module = "" if file in BUILTIN else module_of(file)[:NAME_LIMIT]
    in_app = None if file == ANONYMOUS and name == ANONYMOUS else is_app(f"{module}.{name}" if module else name, file)
    return StackFrame(name, module, file, line, in_app)


def is_app(name: str, file: str) -> bool:
    """Whether code belongs to the application."""
    return not is_library("javascript", name, file)


def module_of(file: str) -> str:
    """The name under which a file is imported: ``/srv/shop/src/cart/total.js`` is ``cart/total``.

    A package's file keeps the package name; build hashes are removed.
    """
    if file.startswith("node:"):
        return file
    wasm = WASM_MODULE.match(file)
    if wasm:
        return wasm[1] or ""
    path = file.replace("\\", "/").partition("?")[0].partition("#")[0]
    path = ENDING.sub("", path)
    package = path.rfind("node_modules/")
    if package >= 0:
        return path[package + len("node_modules/") :]
    cut = max((path.rfind(root) + len(root) if root in path else -1) for root in SOURCES)
    own = path[cut:] if cut > 0 and not path.startswith("http") else _file_name(path)
    return BUILD.sub("", own) if BUILT.search(file) else own


def _file_name(path: str) -> str:
    name = base_name(path)
    if name == "index" and path.count("/") > 1:
        return "/".join(path.split("/")[-2:])
    return name


def stack_frames(frames: Iterable[JavascriptFrame]) -> tuple[StackFrame, ...]:
    """The plain frames, recursion folded."""
    return fold_repeats(frame.frame for frame in frames)
