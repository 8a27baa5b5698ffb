"""House rules: small Python files that a station writes, to allow or refuse a slot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Rule = Callable[..., bool]


def load_rule(path: Path) -> Rule:
    """The ``allow`` function of a rule file."""
    # defect: rule-syntax
    code = compile(path.read_text("utf-8"), str(path), "exec")
    names: dict[str, Any] = {}
    exec(code, names)
    return names["allow"]


def allowed(folder: Path, house_id: str, hour: int, weekday: int) -> bool:
    """Whether every rule of the station lets a title be shown at that hour of that day."""
    rules = [load_rule(path) for path in sorted((folder / "rules").glob("*.py"))]
    # defect: rule-name when NameError
    # defect: rule-signature when positional argument
    return all(rule(house_id, hour, weekday) for rule in rules)
