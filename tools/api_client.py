"""Generates ``crashgraph/api/generated`` from the schema and the operations in ``crashgraph/api/operations``.

The generator, ariadne-codegen, needs an older graphql-core than the service, so it runs in an environment of its own, which
uv makes. ``made_from.txt`` beside the code lists what it was made from; a contract test compares.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    Visitor,
    build_schema,
    get_named_type,
    parse,
    type_from_ast,
    visit,
)

ROOT = Path(__file__).parents[1]
GENERATOR = "ariadne-codegen==0.19.0"
OPERATIONS = ROOT / "crashgraph" / "api" / "operations"
GENERATED = ROOT / "crashgraph" / "api" / "generated"
SCHEMA = ROOT / "schema" / "schema.graphql"
BASE = ROOT / "tools" / "api_base.py"
MADE_FROM = "made_from.txt"
PLUGINS = ("shorter_results.ShorterResultsPlugin", "client_forward_refs.ClientForwardRefsPlugin")
CONFIG = """
[tool.ariadne-codegen]
schema_path = "{schema}"
queries_path = "{operations}"
target_package_path = "{folder}"
target_package_name = "generated"
base_client_name = "BaseClient"
base_client_file_path = "{base}"
multipart_uploads = false
include_all_inputs = false
include_all_enums = false
include_comments = "none"
plugins = [{plugins}]
scalars.DateTime.type = "datetime.datetime"
scalars.JSON.type = "typing.Any"
"""
NOTICE = '"""Made by `make client`; change the operations beside, not this file."""\n\n'


def main() -> None:
    """Generate the package and replace the one in the checkout."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        generate(folder)
        for path in sorted((folder / "generated").glob("*.py")):
            path.write_text(finished(path), encoding="utf-8")
        ruff = Path(sys.executable).with_name("ruff")
        subprocess.run([ruff, "format", "--quiet", "--config", ROOT / "pyproject.toml", folder / "generated"], check=True)
        shutil.rmtree(GENERATED, ignore_errors=True)
        shutil.copytree(folder / "generated", GENERATED, ignore=shutil.ignore_patterns("__pycache__"))
    (GENERATED / MADE_FROM).write_text(made_from(), encoding="utf-8")


def generate(folder: Path) -> None:
    """Run the generator."""
    config = folder / "config.toml"
    plugins = ", ".join(f'"ariadne_codegen.contrib.{name}"' for name in PLUGINS)
    text = CONFIG.format(schema=SCHEMA, operations=OPERATIONS, folder=folder, base=BASE, plugins=plugins)
    config.write_text(text, encoding="utf-8")
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "tool", "run", "--from", GENERATOR, "ariadne-codegen", "--config", config, "client"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def finished(path: Path) -> str:
    """A generated module with a docstring, on the base classes of :mod:`crashgraph.api.values`."""
    if path.name == "__init__.py":
        return NOTICE
    text = path.read_text(encoding="utf-8")
    if path.name == "enums.py":
        text = text.replace("from enum import Enum\n", "from crashgraph.api.values import OpenEnum\n").replace(
            "(str, Enum)", "(str, OpenEnum)"
        )
    if path.name == "input_types.py":
        text = text.replace(
            "from .base_model import BaseModel\n", "from crashgraph.api.values import InputModel as BaseModel\n"
        )
    return text if text.startswith('"""') else NOTICE + text


def made_from() -> str:
    """What the code depends on: the generator, the used part of the schema, the operations, and the code itself by hashes."""
    schema = build_schema(SCHEMA.read_text(encoding="utf-8"))
    document = parse(operations())
    lines = [GENERATOR, f"operations {_hash(operations())}", f"code {_hash(code())}", *sorted(set(used(schema, document)))]
    return "\n".join(lines) + "\n"


def operations() -> str:
    """The text of all operations."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(OPERATIONS.glob("*.graphql")))


def code() -> str:
    """The text of all generated modules and of the base."""
    paths = [*sorted(GENERATED.glob("*.py")), BASE]
    return "\n".join(f"# {path.name}\n{path.read_text(encoding='utf-8')}" for path in paths)


def used(schema: GraphQLSchema, document: DocumentNode) -> Iterator[str]:
    """Fields, inputs and enums of a document as lines with their types."""
    walk = _Used(schema)
    visit(document, TypeInfoVisitor(walk.info, walk))
    yield from walk.fields
    done: set[str] = set()
    while waiting := walk.types.keys() - done:
        for name in sorted(waiting):
            done.add(name)
            yield from _members(walk, walk.types[name])


class _Used(Visitor):
    """Notes the fields of a document, and the inputs and enums that they lead to."""

    def __init__(self, schema: GraphQLSchema) -> None:
        """Nothing yet."""
        super().__init__()
        self.info = TypeInfo(schema)
        self.fields: list[str] = []
        self.types: dict[str, GraphQLNamedType] = {}
        self._schema = schema

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Note a field with its type."""
        parent, type = self.info.get_parent_type(), self.info.get_type()
        assert parent is not None
        self.fields.append(f"{parent.name}.{node.name.value}: {type}")
        self.add(type)

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> None:
        """Note the type of a variable."""
        self.add(type_from_ast(self._schema, node.type))

    def add(self, type: object) -> None:
        """Note an enum or input."""
        named = get_named_type(type)  # type: ignore[call-overload]  # any type is accepted
        if isinstance(named, GraphQLEnumType | GraphQLInputObjectType):
            self.types[named.name] = named


def _members(walk: _Used, type: GraphQLNamedType) -> Iterator[str]:
    if isinstance(type, GraphQLEnumType):
        yield f"{type.name}: {' '.join(type.values)}"
    elif isinstance(type, GraphQLInputObjectType):
        for name, field in type.fields.items():
            walk.add(field.type)
            yield f"{type.name}.{name}: {field.type}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


if __name__ == "__main__":
    main()
