"""Files of a home."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.model.errors import StartError
from graph.server.layout import Layout, link_plugins


def test_the_password_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "home")
    layout.create()
    password = layout.make_password()
    assert len(password) >= 24
    # Other characters could be read as an option by the tool that sets it.
    assert password.isalnum()
    assert layout.make_password() == layout.read_password() == password
    assert layout.password.stat().st_mode & 0o777 == 0o600
    other = Layout(tmp_path / "other")
    assert other.make_password() != password


def test_a_lost_password_is_not_replaced_behind_the_owners_back(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="is missing; restore it from a copy, or delete the graph"):
        Layout(tmp_path).read_password()


def test_plugins_are_linked_and_those_of_the_user_stay(tmp_path: Path) -> None:
    cache, plugins = tmp_path / "cache", tmp_path / "plugins"
    cache.mkdir()
    plugins.mkdir()
    old, new = cache / "proc-1.jar", cache / "proc-2.jar"
    for jar in (old, new):
        jar.write_text(jar.name)
    own = plugins / "own.jar"
    own.write_text("mine")
    link_plugins(plugins, [old], cache)
    link_plugins(plugins, [new], cache)
    assert sorted(path.name for path in plugins.iterdir()) == ["own.jar", "proc-2.jar"]
    assert (plugins / "proc-2.jar").read_text() == "proc-2.jar"


def test_the_size_of_a_home_is_what_it_takes_on_disk(tmp_path: Path) -> None:
    assert Layout(tmp_path / "none").size() == 0
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(50_000_000)
    (tmp_path / "full").write_bytes(b"x" * 100_000)
    assert 100_000 <= Layout(tmp_path).size() < 1_000_000
