"""Headers of query files match their text, and both name only what the model declares."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from cypher_names import ANY_TYPE, listed, used

from graph.cypher import FOLDER, QueryFile, load, names
from graph.model import NODES, RELATIONSHIPS
from graph.store.ddl import definitions

ROOT = Path(__file__).parents[2]
PROPERTIES = {name: {prop.name for prop in d.properties} for declared in (NODES, RELATIONSHIPS) for name, d in declared.items()}
PROPERTIES[ANY_TYPE] = set.intersection(*(PROPERTIES[name] for name, d in RELATIONSHIPS.items() if d.derived))
TYPES = re.compile(r"(?:LIST<.+>|MAP|STRING|INTEGER|FLOAT|BOOLEAN|ZONED DATETIME|ANY)")
NAME = re.compile(r"[a-z]+(?:_[a-z]+)*(?:/[a-z]+(?:_[a-z]+)*)+")

queries = pytest.mark.parametrize("query", [load(name) for name in names()], ids=names())


@queries
def test_the_header_is_complete(query: QueryFile) -> None:
    """``load`` has rejected files with incomplete headers."""
    assert query.text.startswith("// Answers: ")
    assert query.header["Answers"].endswith(".")
    assert all(query.header.values())


@queries
def test_the_header_names_the_parameters_of_the_text(query: QueryFile) -> None:
    assert set(query.params) == used(query.text).parameters
    assert [type_ for type_ in query.params.values() if not TYPES.fullmatch(type_)] == []


@queries
def test_the_header_names_what_the_model_declares(query: QueryFile) -> None:
    unknown = [
        f"{name}.{prop}" if prop else name
        for field in ("Reads", "Writes")
        for name, props in listed(query.header.get(field, "nothing"))
        for prop in props or ("",)
        if name not in PROPERTIES or (prop and prop not in PROPERTIES[name])
    ]
    assert unknown == []


@queries
def test_the_text_names_what_the_model_declares(query: QueryFile) -> None:
    found = used(query.text)
    assert sorted(found.labels - set(NODES)) == []
    assert sorted(found.types - set(RELATIONSHIPS)) == []
    assert [f"{name}.{prop}" for name, prop in sorted(found.properties) if prop not in PROPERTIES[name]] == []
    assert sorted(found.indexes - {definition.name for definition in definitions()}) == []


@queries
def test_the_header_leaves_out_no_label_or_type_of_the_text(query: QueryFile) -> None:
    found = used(query.text)
    in_header = {name for field in ("Reads", "Writes") for name, _ in listed(query.header.get(field, "nothing"))}
    assert sorted((found.labels | found.types) - in_header) == []


@queries
def test_the_header_states_whether_it_writes(query: QueryFile) -> None:
    assert used(query.text).writes == (query.header.get("Writes", "nothing") != "nothing")


@queries
def test_no_property_is_set_to_itself(query: QueryFile) -> None:
    """Neo4j reads the value before it waits for the lock: what another transaction wrote meanwhile would be lost."""
    assert re.findall(r"\b(\w+\.\w+) = \1(?![\w.]| [-+*/])", query.text) == []


def test_an_undeclared_name_is_detected() -> None:
    found = used(
        "MATCH (c:Crash {id: $id})-[r:HAS_STACK]->(:Stack) // c.no\nWHERE c.when > r.since AND row.x = 'c.not' SET c.y = 1"
    )
    assert found.labels == {"Crash", "Stack"}
    assert found.types == {"HAS_STACK"}
    assert found.properties == {("Crash", "id"), ("Crash", "when"), ("HAS_STACK", "since"), ("Crash", "y")}
    assert found.parameters == {"id"}
    assert found.writes


def test_every_file_is_used_and_every_name_exists() -> None:
    asked = {
        name for package in ("crashgraph", "schema", "viz", "resolvers", "jobs", "graph") for name in _asked(ROOT / package)
    }
    assert sorted(set(names()) - asked) == [], "no code uses these"
    assert sorted(asked - set(names())) == [], "there are no such files"


def _asked(package: Path) -> set[str]:
    """String literals in a package that can only be query names."""
    folders = {path.name for path in FOLDER.iterdir() if path.is_dir()}
    texts = {
        node.value
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if NAME.fullmatch(text) and text.partition("/")[0] in folders}
