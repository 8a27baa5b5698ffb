"""Control sequences of a report never reach a terminal, whatever command prints them."""

from __future__ import annotations

import json
from pathlib import Path

import networkx as nx
import pytest

from crashgraph import cli
from crashgraph.console import ServerSteps, errors
from crashgraph.export.graphml import GraphMl
from crashgraph.export.writer import Columns
from crashgraph.receipt_text import ReceiptPrinter
from crashgraph.terminal import echo, harmless, json_line
from graph.server import ServerProgress
from resolvers.export import ExportedNode, ExportedRelationship

ROOT = Path(__file__).parents[2]
EVIL = "a\x1b[2J\x1b]0;title\x07b\x9bc\x7f\u202ed\r"
RECEIPT = {
    "status": "matched",
    "pattern_name": EVIL,
    "reason": None,
    "source": EVIL,
    "is_new": True,
    "pattern_id": "p",
    "strategy": "exact",
}


def is_harmless(text: str) -> bool:
    return all(character in "\n\t" or character.isprintable() for character in text)


def test_control_characters_are_made_visible() -> None:
    assert harmless(EVIL) == r"a\x1b[2J\x1b]0;title\x07b\x9bc\x7f\u202ed\x0d"
    assert harmless("two\r\nlines\tand ümlauts 日本") == "two\nlines\tand ümlauts 日本"


def test_echo(capsys: pytest.CaptureFixture[str]) -> None:
    echo(EVIL)
    echo(EVIL, err=True)
    out, err = capsys.readouterr()
    assert is_harmless(out)
    assert is_harmless(err)
    assert out == err


def test_json_lines_keep_the_value() -> None:
    line = json_line({"name": EVIL})
    assert is_harmless(line.decode())
    assert json.loads(line) == {"name": EVIL}


@pytest.mark.parametrize("jsonl", [True, False])
def test_receipts(capfdbinary: pytest.CaptureFixture[bytes], *, jsonl: bool) -> None:
    printer = ReceiptPrinter(3, jsonl=jsonl)
    printer.add([RECEIPT, {**RECEIPT, "status": "unparsed", "reason": EVIL}], each=True)
    printer.finish()
    out = capfdbinary.readouterr().out.decode()
    assert out
    assert is_harmless(out)


def test_an_error_that_quotes_input(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["ingest", "--site", "x", f"missing{EVIL[:-1]}"])
    assert is_harmless("".join(capsys.readouterr()))


def test_a_step_of_the_server() -> None:
    with errors.capture() as captured:
        ServerSteps()(ServerProgress("start", f"[red]{EVIL}"))
    assert is_harmless(captured.get())
    assert "[red]" in captured.get()


def test_graphml_holds_no_control_character(tmp_path: Path) -> None:
    file = tmp_path / "a.graphml"
    with GraphMl(file, Columns(("Pattern",))) as writer:
        writer.nodes([ExportedNode("Pattern", "p", {"name": EVIL + "\x00\ufffe", "occurrence_count": 3, "confidence": 1})])
        writer.relationships([ExportedRelationship("SIMILAR_FIX", "Pattern:p", "Pattern:p", {"algorithm": EVIL})])
    read = nx.read_graphml(file)
    assert read.nodes["Pattern:p"]["name"].startswith("a\ufffd[2J\ufffd]0;title")
    assert read.nodes["Pattern:p"]["confidence"] == 1.0
    assert read.number_of_edges() == 1


def test_nothing_else_in_the_commands_writes_to_standard_output() -> None:
    writers = ("click.echo", "click.secho", "print(", "sys.stdout.write", "stdout.buffer.write")
    allowed = {"terminal.py": 99, "console.py": 1, "db.py": 1}
    for file in (ROOT / "crashgraph").rglob("*.py"):
        text = file.read_text(encoding="utf-8").replace("_print(", "").replace("errors.print(", "print(")
        used = sum(text.count(writer) for writer in writers)
        assert used <= allowed.get(file.name, 0), f"{file} prints by itself: use crashgraph.terminal"
