"""Settings come from the environment and are checked before anything starts."""

import pytest

from crashgraph.settings import catalogue, effective, load
from graph.model.errors import InvalidInputError


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRASHGRAPH_PORT", "9000")
    monkeypatch.setenv("CRASHGRAPH_MATCH_FUZZY", "0.9")
    assert load().port == 9000
    assert load().match_fuzzy == 0.9


@pytest.mark.parametrize(
    ("name", "value"), [("CRASHGRAPH_PORT", "seventy"), ("CRASHGRAPH_PORT", "70000"), ("CRASHGRAPH_HEAP_MB", "1")]
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInputError, match=name):
        load()


def test_the_default_thresholds_are_those_of_the_requirements() -> None:
    settings = load()
    found = (settings.match_exact, settings.match_structural, settings.match_semantic, settings.match_fuzzy)
    assert found == (0.95, 0.85, 0.75, 0.70)


def test_every_setting_is_explained() -> None:
    assert all(setting.help and setting.variable.startswith("CRASHGRAPH_") for setting in catalogue())


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRASHGRAPH_NEO4J_PASSWORD", "very-secret-word")
    assert "very-secret-word" not in str(effective(load()))
