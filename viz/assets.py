"""The files that pages load: scripts and styles of this package, the vis-network that pyvis ships, and Swagger UI.

Files are named by their path below ``viz``. They are served below a folder named by the first 12 hex digits of the
SHA-256 of all their contents, so they can be cached for good and modules import each other by relative paths.
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

HERE = Path(__file__).parent

VIS_NETWORK = "static/vis-network.min.js"
"""Comes from pyvis; scripts import it as if it lay in ``static``."""
SWAGGER_UI = ("swagger-ui-bundle.js", "swagger-ui.css")
"""Come from the package flask-swagger-ui, which ships the files of Swagger UI as they are."""
BASE_STYLE = "static/base.css"
SHELL_SCRIPT = "static/shell.js"


@cache
def static_files() -> Mapping[str, Path]:
    """Servable files by served name, such as ``0123456789ab/static/base.css``. Nothing else is to be served."""
    return MappingProxyType({served(name): path for name, path in files().items()})


def served(name: str) -> str:
    """The served name of a file."""
    return f"{version()}/{name}"


@cache
def files() -> Mapping[str, Path]:
    """All scripts and styles by name."""
    own = [path for folder in ("static", "pages") for path in (HERE / folder).rglob("*") if path.suffix in {".js", ".css"}]
    found = {path.relative_to(HERE).as_posix(): path for path in sorted(own)}
    return MappingProxyType(found | {VIS_NETWORK: vis_network()} | swagger_ui())


@cache
def version() -> str:
    """12 hex digits that change with any name or content."""
    digest = hashlib.sha256()
    for name, path in files().items():
        digest.update(f"{name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def vis_network() -> Path:
    """The newest vis-network that the installed pyvis ships; pyvis is not imported."""
    lib = installed("pyvis") / "lib"
    shipped = sorted(lib.glob("vis-*/vis-network.min.js"), key=lambda path: version_of(path.parent.name))
    if not shipped:
        raise FileNotFoundError("pyvis ships no vis-network.min.js below its lib folder: install the pinned version of pyvis")
    return shipped[-1]


def swagger_ui() -> dict[str, Path]:
    """The script and the style of Swagger UI, by name; the package that ships them is not imported."""
    shipped = installed("flask_swagger_ui") / "dist"
    return {f"static/{name}": shipped / name for name in SWAGGER_UI}


def installed(package: str) -> Path:
    """The folder of an installed package, which is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{package} is not installed: install crashgraph's requirements again")
    return Path(next(iter(spec.submodule_search_locations)))


def version_of(folder: str) -> tuple[int, ...]:
    """``vis-9.1.2`` as (9, 1, 2)."""
    return tuple(int(part) for part in re.findall(r"\d+", folder))


@cache
def inline_style(names: tuple[str, ...]) -> str:
    """Style sheets as the content of one style element."""
    return "\n".join(files()[name].read_text(encoding="utf-8") for name in names).replace("</style", r"<\/style")


def source_hash(text: str) -> str:
    """The text as a source expression of a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
