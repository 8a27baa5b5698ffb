"""Messages quote values of others without a part of a secret."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graph.model.errors import InvalidInputError
from graph.model.quoting import LONGEST, quoted
from graph.redaction.redactor import SHOWN_LENGTH, public_text

ROOT = Path(__file__).parents[2]
CUT = re.compile(r"!r:\.\d+\}|\[:\w+\]!r\}|f\".*\{[\w.]+\[:\d+\]\} (?:is|may|are|has)")
TOKEN = "ghp_" + "a8Bk2" * 7 + "Z"


@pytest.mark.parametrize("before", [40, 70, 78, 300, 395, 1_200, 1_990, 2_060])
def test_a_secret_leaves_no_part_wherever_the_message_is_shortened(before: int) -> None:
    value = "x " * (before // 2) + TOKEN + " y" * 3_000
    text = public_text(InvalidInputError(f"id: {quoted(value)} is not an id"))
    assert not any(TOKEN[at : at + 8] in text for at in range(len(TOKEN) - 7))
    assert text.startswith("id: ")
    assert text.endswith("is not an id")
    assert len(text) < SHOWN_LENGTH + 50


@pytest.mark.parametrize(
    "text",
    [
        "ValueError: refused\npgpass: db.test:5432:shop:app:Hunter7302zq\nend",
        "ValueError: refused\ndefine('NONCE_SALT', 'Hunter7302zq2xwOTaB0EWHYAgxh5NqLp4k3fc9TFeT');\nend",
        "refused\nGET /callback?code=Hunter7302zqx2swOTaB0EWHYAgxh5NqLp4k3&state=xyz 500\nend",
    ],
)
def test_a_quoted_value_is_redacted_as_the_text_it_was(text: str) -> None:
    shown = public_text(InvalidInputError(f"format {quoted(text)} is not known"))
    assert "Hunter7302zq" not in shown
    assert "\n" not in shown
    assert shown.endswith(("end' is not known", 'end" is not known'))


def test_a_path_is_shown_as_it_is() -> None:
    assert public_text(r"C:\temp\new: no such folder") == r"C:\temp\new: no such folder"


def test_a_long_value_costs_no_more_than_its_beginning() -> None:
    assert len(quoted("x" * 10_000_000)) < LONGEST + 50


def test_no_message_shortens_a_value_before_it_is_redacted() -> None:
    rooms = ("graph", "crashgraph", "jobs", "resolvers", "schema", "viz")
    cut = [
        f"{path.relative_to(ROOT)}:{number}"
        for room in rooms
        for path in sorted((ROOT / room).rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CUT.search(line)
    ]
    assert not cut
