"""Small files created once per installation, such as keys."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from graph.model.errors import InvalidInputError


def create_home(home: Path) -> None:
    """Create the home if there is none, accessible to its owner only."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)


def create_once(path: Path, make: Callable[[], bytes]) -> bytes:
    """The content of a file, created by ``make`` if it does not exist; readable by its owner only, as a new folder is.

    Raises ``InvalidInputError`` if the folder cannot be written.
    """
    try:
        return _create_once(path, make)
    except OSError as error:
        raise InvalidInputError(
            f"cannot create or read {path} ({error.strerror}); make its folder writable for this user, or choose another home "
            "with CRASHGRAPH_HOME"
        ) from error


def _create_once(path: Path, make: Callable[[], bytes]) -> bytes:
    create_home(path.parent)
    if not path.exists():
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
        with os.fdopen(handle, "wb") as file:
            file.write(make())
        # Linking is atomic, so of several processes the first one wins.
        with suppress(FileExistsError):
            os.link(fresh, path)
        Path(fresh).unlink()
    return path.read_bytes()
