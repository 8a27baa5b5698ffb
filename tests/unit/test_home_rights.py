"""A home that cannot be written is named, whatever is done first in it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crashgraph.http_ingest.keys import Keys
from crashgraph.settings import Settings
from graph.model.errors import CrashgraphError
from graph.server import HomeLock

NOBODY = 65534


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that this process may read, but not write."""
    if os.name != "posix":
        pytest.skip("rights of files are different there")
    # The folder that pytest makes is closed to other users.
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize("begin", [lambda home: HomeLock(home, "up").acquire(), lambda home: Keys(Settings(home=home))])
def test_it_is_named(home: Path, begin: Callable[[Path], object]) -> None:
    with pytest.raises(CrashgraphError, match="CRASHGRAPH_HOME") as raised:
        begin(home)
    assert str(home) in str(raised.value)


def test_so_is_one_whose_folders_may_not_be_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with HomeLock(home, "up"):
        pass
    (home / "run").rename(home / "kept")
    (home / "run").write_text("a file in the place of a folder")
    with pytest.raises(CrashgraphError, match="CRASHGRAPH_HOME"):
        HomeLock(home, "up").acquire()
