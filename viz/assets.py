"""The files pages are made of: our own scripts and styles, and the vis-network that pyvis ships.

Served names carry the first 12 hex digits of the content's SHA-256, so they can be cached for good.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

HERE = Path(__file__).parent / "static"

VIS_NETWORK = "vis-network.min.js"
SCRIPTS = (
    VIS_NETWORK,
    "page.js",
    "drawing.js",
    "captions.js",
    "canvas.js",
    "details.js",
    "filters.js",
    "search.js",
    "table.js",
    "doors.js",
    "start.js",
)
"""In the order they must run."""
STYLE = "explorer.css"


def static_files() -> Mapping[str, Path]:
    """Servable files by their hashed name, such as ``explorer.0123456789ab.css``. Nothing else is to be served."""
    return MappingProxyType({hashed(name): path_of(name) for name in (STYLE, *SCRIPTS)})


@cache
def hashed(name: str) -> str:
    """The served name of a file."""
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(path_of(name).read_bytes()).hexdigest()[:12]}.{suffix}"


@cache
def path_of(name: str) -> Path:
    """Where a file lies."""
    return vis_network() if name == VIS_NETWORK else HERE / name


def vis_network() -> Path:
    """The newest vis-network that the installed pyvis ships, found without importing pyvis."""
    spec = importlib.util.find_spec("pyvis")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("pyvis is not installed: install crashgraph's requirements again")
    lib = Path(next(iter(spec.submodule_search_locations))) / "lib"
    found = sorted(lib.glob(f"vis-*/{VIS_NETWORK}"), key=lambda path: version_of(path.parent.name))
    if not found:
        raise FileNotFoundError(f"pyvis ships no {VIS_NETWORK} below its lib folder: install the pinned version of pyvis")
    return found[-1]


def version_of(folder: str) -> tuple[int, ...]:
    """``vis-9.1.2`` as (9, 1, 2)."""
    return tuple(int(part) for part in re.findall(r"\d+", folder))


@cache
def inline_script(name: str) -> str:
    """A script as it may stand between script tags: it cannot close them, and it names no source map."""
    text = path_of(name).read_text(encoding="utf-8")
    text = re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)
    return text.replace("</script", r"<\/script").replace("<!--", r"<\!--")


@cache
def inline_style(name: str = STYLE) -> str:
    """The style sheet as it may stand between style tags."""
    return path_of(name).read_text(encoding="utf-8").replace("</style", r"<\/style")


def source_hash(text: str) -> str:
    """The text as a source expression of a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
