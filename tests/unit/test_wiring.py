"""Files that an installation creates once."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from crashgraph.wiring import installation_key


def test_the_redaction_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: installation_key(tmp_path / "home"), range(32)))
    (key,) = keys
    assert len(key) == 32
    (file,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
